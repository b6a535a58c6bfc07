#include "../tap.h"

#include "mime/subject.h"
#include "mime/thread.h"

#include <stdlib.h>

/* As many as a subject may have: a square of them would not end. */
static void many_blobs(void)
{
	enum { N = 300000 };
	struct buf raw = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
	for (int i = 0; i < N; i++)
		buf_adds(&raw, "[a]");
	ok(!subject_base(&b, buf_span(&raw)), "%d times [a]", (int)N);
	is_str(buf_cstr(&b), "[a]", "leave the last");
	buf_release(&raw);
	buf_release(&b);
}

static void base_is(const char *raw, const char *want, bool reply)
{
	struct buf b = BUF_INIT(10000);
	bool r = subject_base(&b, span_of(raw));
	is_str(buf_cstr(&b), want, raw);
	ok(r == reply, "%s", reply ? "an answer" : "none");
	buf_release(&b);
}

static void subjects(void)
{
	base_is("Agenda", "Agenda", false);
	base_is("Re: Agenda", "Agenda", true);
	base_is("RE : re: Fwd: FW: Agenda", "Agenda", true);
	base_is("Re[2]: Agenda", "Agenda", true);
	base_is("[list] Re: [list] Agenda", "Agenda", true);
	base_is("[list] Agenda", "Agenda", false);
	base_is("[list]", "[list]", false);
	base_is("Agenda (fwd) (FWD) ", "Agenda", true);
	base_is("[Fwd: Re: Agenda]", "Agenda", true);
	base_is("Re: [Fwd: [a] Agenda (fwd)]", "Agenda", true);
	base_is("  two \t  words\r\n here ", "two words here", false);
	base_is("=?utf-8?q?Re=3A?= =?iso-8859-1?q?_caf=E9?=", "café", true);
	base_is("Re:", "", true);
	base_is("", "", false);
	base_is("Reply: x", "Reply: x", false);
	base_is("re", "re", false);
}

/* "(1 2)(3)": as RFC 5256 writes them. */
static void write_node(struct buf *b, const struct thread_node *x, const struct thread_message *v)
{
	buf_addc(b, '(');
	if (x->message)
		buf_addf(b, "%d", (int)(x->message - v) + 1);
	for (const struct thread_node *c = x->child; c; c = c->next)
		write_node(b, c, v);
	buf_addc(b, ')');
}

static void threads_are(
    const struct thread_message *v, size_t n, const char *want, const char *what)
{
	struct buf b = BUF_INIT(100000);
	struct thread *t = thread_new(v, n);
	for (const struct thread_node *x = thread_first(t); x; x = x->next)
		write_node(&b, x, v);
	is_str(buf_cstr(&b), want, what);
	thread_free(t);
	buf_release(&b);
}

#define M(id_, references_, subject_, date_)                                                       \
	{                                                                                          \
		.id = SPAN(id_), .references = SPAN(references_), .subject = SPAN(subject_),       \
		.date_s = (date_)                                                                  \
	}
#define THREADS(v, want, what) threads_are(v, sizeof(v) / sizeof(*(v)), want, what)

static void references(void)
{
	static const struct thread_message chain[] = {
	    M("<a>", "", "one", 1), M("<b>", "<a>", "two", 2), M("<c>", "<a> <b>", "three", 3)};
	THREADS(chain, "(1(2(3)))", "each below what it answers");
	static const struct thread_message backwards[] = {
	    M("<c>", "<a> <b>", "three", 3), M("<b>", "<a>", "two", 2), M("<a>", "", "one", 1)};
	THREADS(backwards, "(3(2(1)))", "in whatever order they come");
	static const struct thread_message missing[] = {
	    M("<b>", "<a>", "two", 2), M("<c>", "<a>", "three", 1)};
	THREADS(
	    missing, "((2)(1))", "answers to a message that is not there stay together, by date");
	static const struct thread_message alone[] = {
	    M("<b>", "<x> <y> <a>", "two", 2), M("<q>", "", "q", 1)};
	THREADS(alone, "(2)(1)", "places without a message vanish");
	static const struct thread_message loop[] = {
	    M("<a>", "<b>", "one", 1), M("<b>", "<a>", "two", 2)};
	THREADS(loop, "(2(1))", "a loop is not closed");
	static const struct thread_message self[] = {
	    M("<a>", "<a>", "one", 1), M("<b>", "<b> <a>", "two", 2)};
	THREADS(self, "(2(1))", "nor a message put below itself");
	static const struct thread_message twice[] = {
	    M("<a>", "", "one", 1), M("<a>", "", "other", 2), M("<b>", "<a>", "three", 3)};
	THREADS(twice, "(1(3))(2)", "two messages with one id");
	static const struct thread_message bare[] = {
	    M("", "", "x", 2), M("no id", "", "y", 1), M("<>", "junk <", "z", 3)};
	THREADS(bare, "(2)(1)(3)", "none at all; the conversations by date");
	static const struct thread_message other_parent[] = {M("<a>", "", "1", 1),
	    M("<c>", "<a> <b>", "3", 3), M("<z>", "", "0", 0), M("<b>", "<z>", "2", 2)};
	THREADS(
	    other_parent, "(3(4(2)))(1)", "its own word counts more than what another one says");
	struct thread_message in_reply[] = {M("<a>", "", "one", 1), M("<b>", "", "two", 2)};
	in_reply[1].in_reply_to = SPAN("Your message of <a> and <x>");
	THREADS(in_reply, "(1(2))", "In-Reply-To where there are no References");
}

static void by_subject(void)
{
	static const struct thread_message answer[] = {
	    M("<a>", "", "Agenda", 1), M("<b>", "", "Re: agenda", 2)};
	THREADS(answer, "(1(2))", "an answer without References finds its subject");
	static const struct thread_message same[] = {
	    M("<a>", "", "Agenda", 1), M("<b>", "", "Agenda", 2), M("<c>", "", "agenda", 3)};
	THREADS(same, "((1)(2)(3))", "the same subject twice: side by side");
	static const struct thread_message empty[] = {M("<a>", "", "", 1), M("<b>", "", "Re:", 2)};
	THREADS(empty, "(1)(2)", "no subject joins nothing");
	static const struct thread_message mixed[] = {M("<a>", "<gone>", "x", 1),
	    M("<b>", "<gone>", "x", 2), M("<c>", "", "Re: x", 3), M("<d>", "<gone2>", "x", 4),
	    M("<e>", "<gone2>", "x", 5)};
	THREADS(mixed, "((1)(2)(3)(4)(5))", "conversations whose first message is missing");
}

/* Every message once, in bounded time, whatever the fields say. */
static void hostile(void)
{
	enum { N = 20000 };
	struct thread_message *v = calloc(N, sizeof(*v));
	char(*id)[32] = calloc(N, sizeof(*id)), (*ref)[64] = calloc(N, sizeof(*ref));
	for (int shape = 0; shape < 4; shape++) {
		for (int i = 0; i < N; i++) {
			snprintf(id[i], sizeof(*id), "<%d>", i);
			int up = shape == 0   ? i - 1
				 : shape == 1 ? (i + 1) % N
				 : shape == 2 ? 0
					      : (i * 7919) % N;
			snprintf(ref[i], sizeof(*ref), "<%d> <%d>", up / 2, up);
			v[i] = (struct thread_message){.id = span_of(id[i]),
			    .references = span_of(ref[i]),
			    .subject = SPAN("same"),
			    .date_s = -i};
		}
		struct thread *t = thread_new(v, N);
		unsigned depth = 0, n = 0;
		for (const struct thread_node *x = thread_first(t); x; x = thread_next(x, &depth))
			n += x->message != NULL;
		is_int(n, N, "each of 20,000 messages once");
		is_int(depth, 0, "and back at the top");
		thread_free(t);
	}
	char *many = malloc(2000000), *p = many;
	for (int i = 0; i < 100000; i++)
		p += sprintf(p, "<r%d> ", i);
	v[0] = (struct thread_message){
	    .id = SPAN("<m>"), .references = span_of(many), .subject = SPAN("x")};
	struct thread *t = thread_new(v, 1);
	ok(thread_first(t)->message == v && !thread_first(t)->next,
	    "100,000 references of one message");
	thread_free(t);
	free(many);
	free(v);
	free(id);
	free(ref);
}

int main(void)
{
	subjects();
	references();
	by_subject();
	many_blobs();
	hostile();
	return tap_done();
}
