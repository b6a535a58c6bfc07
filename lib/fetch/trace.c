#include "fetch/trace.h"

#include "base/alloc.h"

#include <stdlib.h>

enum { LINE = 4096, QUEUE = 64 };
/* What a POP3 command is answered with. */
enum answer { ONE_LINE, LINES, MESSAGE };

struct fetch_trace {
	bool pop3;
	void (*line)(void *ctx, bool ours, struct span line);
	void *ctx;
	struct buf held[2]; /* theirs, ours: a line that is not whole yet */
	uint64_t skip[2];   /* IMAP: bytes of a literal that are still to come */
	/* POP3: what the commands under way are answered with, the oldest at [first] */
	enum answer queue[QUEUE];
	unsigned first, waiting;
	enum answer inside; /* an answer of more than one line is under way */
	uint64_t message_bytes;
};

struct fetch_trace *fetch_trace_new(
    bool pop3, void (*line)(void *ctx, bool ours, struct span line), void *ctx)
{
	struct fetch_trace *t = mem_new(1, sizeof(*t));
	*t = (struct fetch_trace){.pop3 = pop3, .line = line, .ctx = ctx, .waiting = pop3};
	for (int i = 0; i < 2; i++) {
		buf_init(&t->held[i], LINE);
		t->held[i].secret = true;
	}
	return t;
}

void fetch_trace_free(struct fetch_trace *t)
{
	if (!t)
		return;
	buf_wipe(&t->held[0]);
	buf_wipe(&t->held[1]);
	free(t);
}

static void note_size(struct fetch_trace *t, bool ours, uint64_t n)
{
	struct buf b = BUF_INIT(64);
	buf_addf(&b, "(%llu bytes)", (unsigned long long)n);
	t->line(t->ctx, ours, buf_span(&b));
	buf_release(&b);
}

/* --- IMAP: "{12}" at a line's end --- */

static void imap_literal(struct fetch_trace *t, bool ours, struct span line)
{
	const char *open = line.len ? memrchr(line.ptr, '{', line.len) : NULL;
	if (!open || line.ptr[line.len - 1] != '}')
		return;
	struct span digits = span_make(open + 1, (size_t)(line.ptr + line.len - 1 - (open + 1)));
	uint64_t n;
	if (span_to_u64(digits, UINT64_MAX / 2, &n) && n) {
		t->skip[ours] = n;
		note_size(t, ours, n);
	}
}

/* --- POP3: which answer is a message --- */

static void pop3_asked(struct fetch_trace *t, struct span line)
{
	struct span rest = line, word = SPAN("");
	span_word(&rest, &word);
	enum answer a = ONE_LINE;
	if (span_is_nocase(word, "RETR") || span_is_nocase(word, "TOP"))
		a = MESSAGE;
	else if (span_is_nocase(word, "CAPA") ||
		 ((span_is_nocase(word, "LIST") || span_is_nocase(word, "UIDL")) &&
		     !span_trim(rest).len))
		a = LINES;
	if (t->waiting < QUEUE)
		t->queue[(t->first + t->waiting++) % QUEUE] = a;
}

/* False when the line is part of a message. */
static bool pop3_answered(struct fetch_trace *t, struct span line)
{
	if (t->inside != ONE_LINE) {
		bool message = t->inside == MESSAGE;
		if (span_is(line, ".")) {
			t->inside = ONE_LINE;
			if (message)
				note_size(t, false, t->message_bytes);
			return true;
		}
		t->message_bytes += line.len + 2;
		return !message;
	}
	if (span_starts(line, "+ ") || span_is(line, "+") || !t->waiting)
		return true;
	enum answer a = t->queue[t->first];
	t->first = (t->first + 1) % QUEUE;
	t->waiting--;
	t->message_bytes = 0;
	if (span_starts_nocase(line, "+OK"))
		t->inside = a;
	return true;
}

/* --- secrets --- */

/* The command stays, what follows it goes; a line that is no command goes whole. */
static void masked(struct fetch_trace *t, struct span line)
{
	static const char *const commands[] = {"AUTHENTICATE", "AUTH", "LOGIN", "USER", "PASS"};
	struct span rest = line, word, tag = SPAN("");
	struct buf b = BUF_INIT(256);
	if (!t->pop3)
		span_word(&rest, &tag);
	if (span_word(&rest, &word))
		for (size_t i = 0; i < ARRAY_LEN(commands) && !b.len; i++)
			if (span_is_nocase(word, commands[i]))
				buf_addf(&b, "%.*s%s%s ", SPAN_ARG(tag), tag.len ? " " : "",
				    commands[i]);
	if (b.len && span_starts_nocase(word, "AUTH") && span_word(&rest, &word))
		buf_addf(&b, "%.*s ", SPAN_ARG(word));
	if (b.len && t->pop3)
		pop3_asked(t, line);
	if (!b.len || span_trim(rest).len)
		buf_adds(&b, "(secret)");
	t->line(t->ctx, true, span_trim(buf_span(&b)));
	buf_release(&b);
}

/* --- lines --- */

static void whole_line(struct fetch_trace *t, bool ours, bool secret, struct span line)
{
	if (ours && secret) {
		masked(t, line);
		return;
	}
	if (t->pop3 && ours)
		pop3_asked(t, line);
	if (t->pop3 && !ours && !pop3_answered(t, line))
		return;
	t->line(t->ctx, ours, line);
	if (!t->pop3)
		imap_literal(t, ours, line);
}

void fetch_trace_put(struct fetch_trace *t, bool ours, bool secret, struct span bytes)
{
	struct buf *held = &t->held[ours];
	while (bytes.len) {
		if (t->skip[ours]) {
			size_t n = span_take(bytes, t->skip[ours]).len;
			t->skip[ours] -= n;
			bytes = span_skip(bytes, n);
			continue;
		}
		const char *lf = memchr(bytes.ptr, '\n', bytes.len);
		struct span piece = lf ? span_take(bytes, (size_t)(lf - bytes.ptr) + 1) : bytes;
		buf_add(held,
		    span_take(piece, held->max - held->len)); /* a line longer than that is cut */
		bytes = span_skip(bytes, piece.len);
		if (lf) {
			whole_line(t, ours, secret, span_chomp(buf_span(held)));
			buf_reset(held);
		}
	}
}
