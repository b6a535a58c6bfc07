#include "../tap.h"

#include "base/clock.h"
#include "query/query.h"

#include <stdlib.h>
#include <time.h>

enum { SEEN = 1, FLAGGED = 4 };

static int flag_by_name(struct span name, unsigned *flag, struct err *e)
{
	*flag = span_is(name, "seen") ? SEEN : span_is(name, "flagged") ? FLAGGED : 0;
	return *flag ? 0 : err_set(e, EX_USAGE, "no flag \"%.*s\"", SPAN_ARG(name));
}

#define LETTER                                                                                     \
	"From: =?utf-8?q?J=C3=BCrgen_Stra=C3=9Fe?= <js@example.org>\n"                             \
	"To: \"Alice Wong\" <alice@example.net>\n"                                                 \
	"Cc: list@lists.example\n"                                                                 \
	"Subject: Quarterly\n =?iso-8859-1?q?Pr=FCfung?= report\n"                                 \
	"Date: Tue, 24 Nov 2026 09:14:00 +0000\n"                                                  \
	"Message-ID: <one.2@example.org>\n"                                                        \
	"List-Id: Friends of mail <friends.example>\n"                                             \
	"MIME-Version: 1.0\n"                                                                      \
	"Content-Type: multipart/mixed; boundary=b\n"                                              \
	"\n"                                                                                       \
	"--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"      \
	"VGhlIGxpZ2h0aG91c2Ugb24gdGhlCmhpbGwgaXMgw5ZTVExJQ0guCg==\n"                               \
	"--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: "                 \
	"quoted-printable\n\n"                                                                     \
	"<p>a har=\nbour, Stra=C3=9Fe, o=EF=AC=83ce</p>\n"                                         \
	"--b\nContent-Type: application/pdf; name=\"Invoice March.PDF\"\n"                         \
	"Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nc2VjcmV0\n"         \
	"--b--\n"

static const struct query_message known = {.flags = FLAGGED,
    .size = 1500,
    .time_s = 1000000,
    .mailbox = {"maildir:/home/a/Maildir/.Work.Old", 33}};

static enum query_answer ask_known(const char *text)
{
	struct query *q;
	struct err e = ERR_INIT;
	if (query_parse(&q, span_of(text), flag_by_name, &e) < 0)
		return (enum query_answer) - 1;
	struct query_run *run = query_run_new(q);
	enum query_answer a = query_known(run, &known);
	query_run_free(run);
	query_free(q);
	return a;
}

/* 1, 0, or -1; with the message in pieces of that size. *left: how much was not read. */
static int ask(const char *text, const char *letter, size_t chunk, size_t *left)
{
	struct query *q;
	struct err e = ERR_INIT;
	if (query_parse(&q, span_of(text), flag_by_name, &e) < 0) {
		printf("# %s\n", e.text);
		return -1;
	}
	struct query_run *run = query_run_new(q);
	struct source_mem in;
	source_mem_init(&in, span_of(letter));
	in.chunk = chunk;
	int r = query_read(run, &known, &in.source, &e);
	*left = in.rest.len;
	query_run_free(run);
	query_free(q);
	return r;
}

static void answers(const char *text, int want)
{
	size_t left;
	int whole = ask(text, LETTER, 0, &left), bytes = ask(text, LETTER, 1, &left);
	ok(whole == want && bytes == want, "%s: %s", want ? "yes" : "no", text);
	if (whole != want || bytes != want)
		printf("#   %d, by single bytes %d\n", whole, bytes);
}

static void refused(const char *text, const char *why)
{
	struct query *q;
	struct err e = ERR_INIT;
	int r = query_parse(&q, span_of(text), flag_by_name, &e);
	ok(r < 0 && e.code == EX_USAGE, "refused: %s", text);
	is_str(e.text, why, "and why");
}

static void fields(void)
{
	static const char *const yes[] = {"", "from:jürgen", "from:JÜRGEN", "from:strasse",
	    "from:js@example", "to:alice", "to:\"alice wong\"", "cc:lists", "subject:prüfung",
	    "subject:\"quarterly prüfung\"", "list:friends.example", "id:one.2@example.org",
	    "id:<one.2@example.org>", "lighthouse", "body:lighthouse", "body:strasse",
	    "body:office", "östlich", "\"the hill is\"", "harbour", "has:attachment",
	    "filename:invoice", "filename:\"invoice march.pdf\"", "march", "type:pdf",
	    "type:application/pdf", "type:text", "type:text/html", "type:application/*",
	    "is:unread", "is:flagged", "flag:flagged", "not is:read", "larger:1k", "smaller:2k",
	    "date:2026", "date:2026-11", "date:2026-11-24", "date:2026-11-24T09:14:00Z",
	    "date:2026-11-01..2026-11-24", "date:2026-12..2027 or date:..2026", "after:2026-11-24",
	    "before:2026-11-25", "after:3d", "before:2h", "in:Old", "in:+Old", "in:work.old",
	    "FROM:js"};
	static const char *const no[] = {"from:alice", "to:js", "subject:lighthouse",
	    "body:quarterly", "body:secret", "secret", "id:one", "id:ONE.2@example.org",
	    "filename:report", "type:image", "type:tex", "is:read", "flag:seen", "larger:1500",
	    "smaller:1500", "date:2025", "date:2026-11-23", "before:2026-11-24", "before:3d",
	    "after:2026-11-25", "date:..2026-11-23", "in:rk.old", "in:Work", "\"hill the\"",
	    "list:alice", "bcc:alice"};
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		answers(yes[i], 1);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		answers(no[i], 0);
}

static void logic(void)
{
	static const char *const yes[] = {"from:js to:alice", "from:zz or to:alice",
	    "(from:zz or from:js) subject:report", "not from:zz", "not not from:js",
	    "from:zz and from:yy or to:alice", "to:alice or from:zz and from:yy",
	    "from:js AND NOT (to:zz OR cc:zz)", "not (lighthouse tower)", "((((from:js))))",
	    "\"and\" or report", "(subject:report)", "from:js)", "subject:\"report\""};
	static const char *const no[] = {"from:js to:zz", "not from:js", "from:js not lighthouse",
	    "(to:alice or from:zz) from:yy", "not (from:js or to:zz)", "\"or\" from:js zebra",
	    "zebra harbour"};
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		answers(yes[i], strcmp(yes[i], "from:js)") != 0);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		answers(no[i], 0);
	refused("from:", "query: from: wants a value");
	refused("(from:x", "query: a parenthesis is not closed");
	refused("\"x", "query: a quote is not closed");
	refused("not", "query: something must follow \"not\"");
	refused("x or", "query: something is missing at its end");
	refused("or x", "query: something must stand before \"or\"");
	refused("form:alice", "query: there is no key \"form:\"");
	refused("is:purple", "query: no flag \"purple\"");
	refused("larger:big", "query: \"big\" is no size");
	refused("has:money", "query: has:attachment is all there is of has:");
}

static void limits(void)
{
	char text[4096] = "", *p = text;
	struct query *q = NULL;
	struct err e = ERR_INIT;
	for (int i = 0; i < 1001; i++)
		p += sprintf(p, "a ");
	is_int(query_parse(&q, span_of(text), flag_by_name, &e), -1, "too many terms");
	p[-2] = '\0';
	is_int(query_parse(&q, span_of(text), flag_by_name, &e), 0, "as many as may be");
	query_free(q);
	memset(text, '(', 2000);
	text[2000] = '\0';
	is_int(query_parse(&q, span_of(text), flag_by_name, &e), -1, "too deep");
	is_int(e.code, EX_USAGE, "is said");
	for (p = text; p < text + 4000; p += 4)
		memcpy(p, "not ", 5);
	is_int(query_parse(&q, span_of(text), flag_by_name, &e), -1, "too many times not");
}

/* No more is read than decides. */
static void laziness(void)
{
	enum { SIZE = 300000 };
	char *letter = malloc(SIZE + 1);
	size_t left, head = strlen(LETTER);
	memset(letter, '.', SIZE);
	memcpy(letter, LETTER, head);
	letter[SIZE] = '\0';
	is_int(ask_known("is:flagged larger:1k"), QUERY_YES, "flags and size need no reading");
	is_int(ask_known("is:read from:js"), QUERY_NO, "nor does what is decided already");
	is_int(ask_known("is:flagged or lighthouse"), QUERY_YES, "in both ways");
	is_int(ask_known("in:nowhere lighthouse"), QUERY_NO, "a mailbox too");
	is_int(ask_known("is:flagged from:js"), QUERY_UNKNOWN, "what is open needs it");
	ask("from:nobody lighthouse", letter, 64, &left);
	ok(left > SIZE / 2, "the header was enough: %zu of %d bytes left", left, SIZE);
	ask("quarterly", letter, 64, &left);
	ok(left > SIZE / 2, "a word in the subject too");
	ask("lighthouse", letter, 64, &left);
	ok(left > SIZE / 2, "a word in the first part too");
	ask("zebra", letter, 64, &left);
	is_int((long long)left, 0, "a word that is nowhere reads all");
	free(letter);
}

/* What is looked for stands across each border of what is searched at a time. */
static void borders(void)
{
	enum { SIZE = 100000 };
	char *letter = malloc(SIZE + 100);
	size_t left;
	bool good = true, two = true;
	for (size_t at = 32700; at < 32900; at++) {
		memcpy(letter, "Subject: x\n\n", 12);
		memset(letter + 12, '.', SIZE - 12);
		for (size_t i = 80; i < SIZE; i += 80)
			letter[i] = '\n';
		memcpy(letter + at, "Näedle \n heap", 14);
		letter[SIZE] = '\0';
		good = good && ask("body:NÄEDLE", letter, 0, &left) == 1;
		two = two && ask("body:\"näedle heap\"", letter, 4096, &left) == 1;
	}
	ok(good, "a word across the border of two windows");
	ok(two, "two words across it, and across a line");
	free(letter);
}

static void broken(void)
{
	size_t left;
	is_int(ask("body:here", "no header at all, but here it is", 0, &left), 1, "no header");
	is_int(ask("x", "", 0, &left), 0, "nothing");
	is_int(ask("body:inner", "Content-Type: multipart/mixed; boundary=z\n\n--z\n\ninner text",
		   0, &left),
	    1, "no end");
	char *deep = malloc(3000000), *p = deep;
	for (int i = 0; i < 10000; i++)
		p += sprintf(p, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	is_int(
	    ask("body:needle", deep, 0, &left), 0, "10,000 levels end the search, not the program");
	free(deep);
}

static void operands(void)
{
	ok(query_is_term(SPAN("from:x")) && query_is_term(SPAN("NOT")) &&
		query_is_term(SPAN("(a")) && query_is_term(SPAN("\"a b\"")),
	    "parts of queries are known on sight");
	ok(!query_is_term(SPAN("maildir:x")) && !query_is_term(SPAN("+Archive")) &&
		!query_is_term(SPAN("from")) && !query_is_term(SPAN("")),
	    "mailboxes are not taken for them");
	ok(query_wants_more(SPAN("or")) && query_wants_more(SPAN("(")) &&
		!query_wants_more(SPAN("x")),
	    "and what must go on");
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	clock_fix_s(1795600000); /* 2026-11-25T07:06:40Z */
	fields();
	logic();
	limits();
	laziness();
	borders();
	broken();
	operands();
	return tap_done();
}
