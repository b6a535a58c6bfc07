#include "mime/parse.h"

#include "../tap.h"
#include "base/alloc.h"
#include "events.h"

#include <stdlib.h>
#include <time.h>

static const char *name_of(const char *message, char out[64])
{
	size_t n = 0;
	for (; *message && n < 60; message++)
		out[n++] = (*message < ' ' || *message == '#') ? '.' : *message;
	out[n] = 0;
	return out;
}

/* The same events at every cut. */
static void parses_n(struct span message, int what, const char *want)
{
	static const size_t chunks[] = {0, 1, 3, 7, 64, 1000};
	char name[64];
	char *copy = mem_dup(message.ptr, message.len);
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		struct buf b = BUF_INIT(8u << 20);
		struct err e = ERR_INIT;
		events_write(&b, message, chunks[i], what, NULL, &e);
		if (i == 0 || strcmp(buf_cstr(&b), want) != 0)
			is_str(buf_cstr(&b), want, name_of(copy, name));
		buf_release(&b);
	}
	free(copy);
}

static void parses(const char *message, const char *want)
{
	parses_n(span_of(message), EVENTS_BODY, want);
}

static void fields(const char *message, const char *want)
{
	parses_n(span_of(message), EVENTS_BODY | EVENTS_FIELDS, want);
}

static void test_headers(void)
{
	fields("", "1 text/plain|. no-header-end|");
	fields("\n", "1 text/plain|.|");
	fields("\nhi", "1 text/plain|\"hi\"|.|");
	fields("A: b\n\nhi\n", "A: b|1 text/plain|\"hi\\n\"|.|");
	fields("A: b\r\n\r\nhi\r\n", "A: b|1 text/plain|\"hi\\r\\n\"|.|");
	fields("A: b\r\nB:c\n\nhi\r\nho\n", "A: b|B:c|1 text/plain|\"hi\\r\\nho\\n\"|.|");
	fields("A: b\n c\n\td\nB: e\n\n", "A: b\\n c\\n\\x09d|B: e|1 text/plain|.|");
	fields("A: b\r\n c\r\n\r\n", "A: b\\r\\n c|1 text/plain|.|");
	fields("A: b", "A: b|1 text/plain|. no-header-end|");
	fields("A: b\n", "A: b|1 text/plain|. no-header-end|");
	fields("A: b\r", "A: b\\r|1 text/plain|. no-header-end bare-cr|");
	fields("A : b\n\n", "A: b|1 text/plain|. blank-before-colon|");
	fields("A:\n\n", "A:|1 text/plain|.|");
	fields("A: \xc3\xb6\n\n", "A: \\xc3\\xb6|1 text/plain|. eight-bit-header|");
	fields("A: b\rc\n\n", "A: b\\rc|1 text/plain|. bare-cr|");
	fields("A: b\r\r\n\r\r\nhi", "A: b\\r|1 text/plain|\"hi\"|. bare-cr|");
	/* blanks alone still fold; what follows is no field: the body */
	fields(
	    "A: b\n \nhi there\nyou\n", "A: b\\n |1 text/plain|\"hi there\\nyou\\n\"|. bad-field|");
	/* a body that begins with blanks is no fold of the empty line */
	fields("A: b\n\n hi\n ho\n", "A: b|1 text/plain|\" hi\\n ho\\n\"|.|");
}

static void test_odd_headers(void)
{
	fields("From a@b Mon Jan  1\nA: b\n\n", "A: b|1 text/plain|. from-line|");
	fields(">From a@b Mon Jan  1\nA: b\n\n", "A: b|1 text/plain|. from-line|");
	fields("From: a@b\n\n", "From: a@b|1 text/plain|.|");
	fields("From : a@b\n\n", "From: a@b|1 text/plain|. blank-before-colon|");
	fields("Hello Bob,\nhow are you?\n",
	    "1 text/plain|\"Hello Bob,\\nhow are you?\\n\"|. bad-field|");
	fields("junk here\nA: b\n\nhi", "A: b|1 text/plain|\"hi\"|. bad-field|");
	fields(" A: b\nB: c\n\nhi", "B: c|1 text/plain|\"hi\"|. bad-field|");
	fields("A: b\nno fold here\nB: c\n\nhi", "A: b|B: c|1 text/plain|\"hi\"|. bad-field|");
	fields("A: b\nno fold\n\tfolded\nB: c\n\nhi", "A: b|B: c|1 text/plain|\"hi\"|. bad-field|");
	fields("A: b\nHello Bob,\n\nhow", "A: b|1 text/plain|\"Hello Bob,\\n\\nhow\"|. bad-field|");
	fields("A: b\n--x\nB: c\n\nhi", "A: b|1 text/plain|\"--x\\nB: c\\n\\nhi\"|. bad-field|");
	fields(": b\nA: c\n\n", "A: c|1 text/plain|. bad-field|");
	fields("a b: c\nA: c\n\n", "A: c|1 text/plain|. bad-field|");
	fields("\xc3\xb6: c\nA: c\n\n", "A: c|1 text/plain|. bad-field|");
	parses_n(SPAN("A: b\0c\n\nx\0y"), EVENTS_BODY | EVENTS_FIELDS,
	    "A: b\\x00c|1 text/plain|\"x\\x00y\"|. nul|");
}

static void test_types(void)
{
	parses("Content-Type: TEXT/Html; charset=UTF-8\n\n", "1 text/html charset=UTF-8|.|");
	parses("content-type:image/png;name=a.png\n\n", "1 image/png name=a.png|.|");
	parses(
	    "Content-Type: image/png; name=a.png\nContent-Disposition: inline; filename=b.png\n\n",
	    "1 image/png name=b.png inline|.|");
	parses("Content-Type: text/plain; =x; charset=a\n\n",
	    "1 text/plain charset=a|. bad-parameter|");
	parses("Content-Disposition: attachment\n\n", "1 text/plain attachment|.|");
	parses("Content-Disposition: odd; filename=x\n\n", "1 text/plain name=x attachment|.|");
	parses("Content-Type: text\n\n", "1 text/plain|. bad-type|");
	parses("Content-Type: /\n\n", "1 text/plain|. bad-type|");
	parses("Content-Type:\n\n", "1 text/plain|. bad-type|");
	parses("Content-Type: a/b/c\n\n", "1 text/plain|. bad-type|");
	parses("Content-Type: multipart/mixed\n\n--\nx",
	    "1 text/plain|\"--\\nx\"|. missing-boundary|");
	parses("Content-Type: multipart/mixed; boundary=\"\"\n\n--\nx",
	    "1 text/plain|\"--\\nx\"|. missing-boundary !empty-boundary|");
	parses("Content-Type: multipart; boundary=x\n\n--x\n\nhi\n--x--\n",
	    " multipart/mixed| 1 text/plain| \"hi\"| .|. bad-type|");
	parses("Content-Type: text/plain\nContent-Type: text/html\n\n",
	    "1 text/plain|. !duplicate-type|");
	parses("Content-Type : text/html\n\n",
	    "1 text/html|. blank-before-colon !blank-before-colon|");
	parses("Content-Transfer-Encoding: BASE64\nContent-Transfer-Encoding: 7bit\n\n",
	    "1 text/plain base64|. !duplicate-encoding|");
	parses("Content-Transfer-Encoding: x-foo\n\n", "1 text/plain ?|. bad-encoding|");
	parses("Content-Transfer-Encoding:\n\n", "1 text/plain ?|. bad-encoding|");
	parses("Content-Transfer-Encoding: (c) quoted-printable (d)\n\n", "1 text/plain qp|.|");
	parses("Content-Transfer-Encoding: x-uuencode\n\n", "1 text/plain uu|.|");
	parses("Content-ID: <a@b>\n\n", "1 text/plain id=a@b|.|");
	parses("Content-Disposition: inline\nContent-Disposition: attachment\n\n",
	    "1 text/plain inline|. !duplicate-disposition|");
	parses("Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--b\n--a\n\nx\n--a--",
	    " multipart/mixed|preamble \"--b\"| 1 text/plain| \"x\"| .|. !duplicate-boundary|");
}

#define MIXED "Content-Type: multipart/mixed; boundary=x\n\n"

static void test_multipart(void)
{
	parses(MIXED "--x\n\na\n--x\n\nb\n--x--\n",
	    " multipart/mixed| 1 text/plain| \"a\"| .| 2 text/plain| \"b\"| .|.|");
	parses(MIXED "pre\n--x\n\na\n\n--x--\npost\n",
	    " multipart/mixed|preamble \"pre\"| 1 text/plain| \"a\\n\"| .|epilogue \"post\\n\"|.|");
	parses(
	    "Content-Type: multipart/mixed; boundary=\"x \"\r\n\r\n--x \t\r\n\r\na\r\n--x-- \r\n",
	    " multipart/mixed| 1 text/plain| \"a\"| .|.|");
	parses(MIXED "--x\n\na", " multipart/mixed| 1 text/plain| \"a\"| .|. no-closing-boundary|");
	parses(MIXED "a", " multipart/mixed|preamble \"a\"|. no-closing-boundary|");
	parses(
	    MIXED "--x", " multipart/mixed| 1 text/plain| . no-header-end|. no-closing-boundary|");
	parses(MIXED "--x--", " multipart/mixed|.|");
	parses(MIXED "--x\nA: b\n--x\n--x--\n",
	    " multipart/mixed| 1 text/plain| . no-header-end| 2 text/plain| . no-header-end|.|");
	parses(MIXED "--x\nhi\n--x--", " multipart/mixed| 1 text/plain| \"hi\"| . bad-field|.|");
	parses(MIXED "--xy\n--x\n\n--x-\n-x\n --x\n--x--y\n--x--\n",
	    " multipart/mixed|preamble \"--xy\"| 1 text/plain| \"--x-\\n-x\\n --x\\n--x--y\"| .|. "
	    "!boundary-text|");
	parses(MIXED "--x junk: y\n\na\n--x\n\nb\n--x-- junk\n",
	    " multipart/mixed| 1 text/plain| \"a\"| .| 2 text/plain| \"b\"| .|. !boundary-text|");
	parses(MIXED "--x\n\na\n--x--\n--x\n\nb\n",
	    " multipart/mixed| 1 text/plain| \"a\"| .|epilogue \"--x\\n\\nb\\n\"|. "
	    "!boundary-after-close|");
	parses(MIXED "--x\n\n\n\n--x--", " multipart/mixed| 1 text/plain| \"\\n\"| .|.|");
	parses(MIXED "--x\n\n\n--x--", " multipart/mixed| 1 text/plain| .|.|");
	parses(MIXED "--x\r\r\n\r\na\r\r\n--x--",
	    " multipart/mixed| 1 text/plain| \"a\\r\"| . bare-cr|.|");
}

#define ALT "Content-Type: multipart/alternative; boundary="
#define RFC822 "Content-Type: message/rfc822\n"

static void test_nesting(void)
{
	parses(MIXED "--x\n" ALT "y\n\n--y\n\na\n--y\n\nb\n--y--\n\n--x\n\nc\n--x--\n",
	    " multipart/mixed| 1 multipart/alternative|  1.1 text/plain|  \"a\"|  .|"
	    "  1.2 text/plain|  \"b\"|  .|"
	    " .| 2 text/plain| \"c\"| .|.|");
	/* one boundary begins with the other */
	parses(MIXED "--x\n" ALT "xy\n\n--xy\n\na\n--xy--\n--x\n\nc\n--x--\n",
	    " multipart/mixed| 1 multipart/alternative|  1.1 text/plain|  \"a\"|  .|"
	    " . !boundary-prefix| 2 text/plain| \"c\"| .|.|");
	parses(MIXED "--x\n" ALT "x\n\n--x\n\na\n--x--\n--x--\n",
	    " multipart/mixed| 1 multipart/alternative|  1.1 text/plain|  \"a\"|  .|"
	    " . !boundary-prefix|.|");
	/* the inner one is never closed */
	parses(MIXED "--x\n" ALT "y\n\n--y\n\na\n--x\n\nc\n--x--\n",
	    " multipart/mixed| 1 multipart/alternative|  1.1 text/plain|  \"a\"|  .|"
	    " . no-closing-boundary| 2 text/plain| \"c\"| .|.|");
	/* boundaries of a closed multipart are its epilogue's text; the outer ones count */
	parses(MIXED "--x\n" ALT "y\n\n--y\n\na\n--y--\n--y\nb\n--x--\n",
	    " multipart/mixed| 1 multipart/alternative|  1.1 text/plain|  \"a\"|  .|"
	    " epilogue \"--y\\nb\"| . !boundary-after-close|.|");
}

/* What matches as a whole wins over what is followed by text, wherever it is. */
static void test_boundaries_with_blanks(void)
{
	parses("Content-Type: multipart/mixed; boundary=\"x y\"\n\n--x y\n" ALT
	       "x\n\n--x\n\na\n--x y\n\nb\n--x y--",
	    " multipart/mixed| 1 multipart/alternative|  1.1 text/plain|  \"a\"|  .|"
	    " . no-closing-boundary !boundary-prefix| 2 text/plain| \"b\"| .|.|");
}

static void test_messages(void)
{
	parses(RFC822 "\nA: b\n\nhi\n", "1 message/rfc822| 1.1 text/plain| \"hi\\n\"| .|.|");
	parses(RFC822 "\n", "1 message/rfc822| 1.1 text/plain| . no-header-end|.|");
	parses("Content-Type: message/global\n\nA: b\n\nhi",
	    "1 message/global| 1.1 text/plain| \"hi\"| .|.|");
	parses(RFC822 "\nFrom a@b\nA: b\n\nhi",
	    "1 message/rfc822| 1.1 text/plain| \"hi\"| . from-line|.|");
	parses(MIXED "--x\n" RFC822 "\n" ALT "y\n\n--y\n\na\n--y\n" RFC822
		     "\n\nb\n--y--\n--x\n\nc\n--x--",
	    " multipart/mixed| 1 message/rfc822|   multipart/alternative|   1.1 text/plain|   "
	    "\"a\"|   .|"
	    "   1.2 message/rfc822|    1.2.1 text/plain|    \"b\"|    .|   .|  .| .| 2 text/plain| "
	    "\"c\"| .|.|");
	parses("Content-Type: multipart/digest; boundary=x\n\n--x\n\nA: "
	       "b\n\nhi\n--x\nContent-Type: text/plain\n\nt\n--x--",
	    " multipart/digest| 1 message/rfc822|  1.1 text/plain|  \"hi\"|  .| .| 2 text/plain| "
	    "\"t\"| .|.|");
	parses(MIXED "--x\n" RFC822 "\n--x--",
	    " multipart/mixed| 1 message/rfc822|  1.1 text/plain|  . no-header-end| .|.|");
	parses(
	    "Content-Type: message/partial\n\nA: b\n\nhi", "1 message/partial|\"A: b\\n\\nhi\"|.|");
}

static void test_encoded_messages(void)
{
	/* "A: b\n\nhi\n" */
	parses(RFC822 "Content-Transfer-Encoding: base64\n\nQTogYgoK\naGkK\n",
	    "1 message/rfc822 base64| 1.1 text/plain| \"hi\\n\"| .|.|");
	parses(RFC822 "Content-Transfer-Encoding: quoted-printable\n\nA=3A b\n\n=68i=\n!\n",
	    "1 message/rfc822 qp| 1.1 text/plain| \"hi!\\n\"| .|.|");
	parses(MIXED "--x\n" RFC822
		     "Content-Transfer-Encoding: base64\n\nQTogYgoKaGkK\n--x\n\nc\n--x--",
	    " multipart/mixed| 1 message/rfc822 base64|  1.1 text/plain|  \"hi\\n\"|  .| .| 2 "
	    "text/plain| \"c\"| .|.|");
	parses(RFC822 "Content-Transfer-Encoding: base64\n\nQTogYgoK!aGkK=x",
	    "1 message/rfc822 base64| 1.1 text/plain| \"hi\\n\"| .|. base64-junk base64-truncated "
	    "!data-after-padding|");
	/* never encoded, whatever it says */
	parses(RFC822 "Content-Transfer-Encoding: base64\n\nA: b\n\nhi",
	    "1 message/rfc822 base64| 1.1 text/plain| \"hi\"| .|. bad-encoding|");
	/* the encoding of a multipart is not looked at */
	parses("Content-Transfer-Encoding: base64\n" MIXED "--x\n\na\n--x--",
	    " multipart/mixed base64| 1 text/plain| \"a\"| .|. encoded-multipart|");
	/* boundaries of the outside do not count inside: "A: b\n\n--x\n" */
	parses(MIXED "--x\n" RFC822 "Content-Transfer-Encoding: base64\n\nQTogYgoKLS14Cg==\n--x--",
	    " multipart/mixed| 1 message/rfc822 base64|  1.1 text/plain|  \"--x\\n\"|  .| .|.|");
}

/* Quoted-printable messages in each other: seven are opened, the eighth is a leaf. */
static void test_too_many_layers(void)
{
	struct buf b = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	for (int i = 0; i < 8; i++)
		buf_adds(&b, RFC822 "Content-Transfer-Encoding: quoted-printable\n\n");
	buf_adds(&b, "A: b\n\nhi");
	for (size_t chunk = 0; chunk <= 7; chunk += 7) {
		struct err e = ERR_INIT;
		buf_reset(&out);
		events_write(&out, buf_span(&b), chunk, 0, NULL, &e);
		const char *bits = strstr(buf_cstr(&out), "not-opened");
		ok(bits != NULL, "the eighth encoded message in each other is not opened: %s",
		    buf_cstr(&out));
		ok(bits && !strstr(bits + 1, "not-opened"), "and no other");
	}
	buf_release(&b);
	buf_release(&out);
}

static void test_offsets(void)
{
	const char *m = "From x\n" MIXED "pre\n--x\nA: b\n\nbody\n--x--\nepi";
	parses_n(span_of(m), EVENTS_OFFSETS,
	    " multipart/mixed 0+50| 1 text/plain 58+64| . -68|. from-line -78|");
}

/* --- limits: the last that passes, the first that does not --- */

static int run(struct buf *m, const struct mime_limits *limits, struct err *e)
{
	struct buf b = BUF_INIT(256u << 20);
	err_clear(e);
	int r = events_write(&b, buf_span(m), 0, 0, limits, e);
	buf_release(&b);
	return r;
}

static void limit(bool passes, struct buf *m, const struct mime_limits *l, const char *what)
{
	struct err e = ERR_INIT;
	int r = run(m, l, &e);
	ok(passes ? r == 0 : r < 0 && e.code == EX_DATAERR, "%s %s (%s)", what,
	    passes ? "passes" : "is refused", e.text);
	buf_reset(m);
}

static void add_n(struct buf *b, const char *s, size_t n)
{
	while (n--)
		buf_adds(b, s);
}

static void nest(struct buf *b, unsigned levels)
{
	for (unsigned i = 0; i < levels; i++)
		buf_addf(b, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
	buf_adds(b, "\nhi\n");
}

static void test_limits(void)
{
	struct buf b = BUF_INIT(64u << 20);
	struct mime_limits l = mime_limits_default;
	nest(&b, 100);
	limit(true, &b, NULL, "a depth of 100");
	nest(&b, 101);
	limit(false, &b, NULL, "a depth of 101");
	add_n(&b, RFC822 "\n", 100);
	limit(true, &b, NULL, "100 messages in messages");
	add_n(&b, RFC822 "\n", 101);
	limit(false, &b, NULL, "101 messages in messages");
	for (size_t n = 9999; n <= 10000; n++) {
		buf_adds(&b, MIXED);
		add_n(&b, "--x\n\n", n);
		limit(n == 9999, &b, NULL, n == 9999 ? "10,000 parts" : "10,001 parts");
	}
	for (size_t n = 10000; n <= 10001; n++) {
		add_n(&b, "A:b\n", n);
		limit(n == 10000, &b, NULL, n == 10000 ? "10,000 fields" : "10,001 fields");
	}
	for (size_t n = 1000; n <= 1001; n++) {
		l.field_bytes = 1000;
		buf_adds(&b, "A:\n ");
		add_n(&b, "x", n - 5);
		buf_adds(&b, "\n\n");
		limit(n == 1000, &b, &l,
		    n == 1000 ? "a field of the limit" : "a field over the limit");
	}
	l = mime_limits_default;
	for (size_t n = 1000; n <= 1001; n++) {
		l.header_bytes = 10 * n - (n == 1001 ? 11 : 0);
		add_n(&b, "A:2345678\n", n);
		limit(n == 1000, &b, &l,
		    n == 1000 ? "a header of the limit" : "a header over the limit");
	}
	l = mime_limits_default;
	for (size_t n = 0; n <= 1; n++) {
		l.total_header_bytes = strlen(MIXED) - 1 + 5 * 100 - n;
		buf_adds(&b, MIXED);
		add_n(&b, "--x\nA:b1\n\n", 100);
		limit(n == 0, &b, &l,
		    n == 0 ? "all headers of the limit" : "all headers over the limit");
	}
	buf_release(&b);
}

/* A boundary line of limits.line_bytes is one, a longer one is text; the memory for it stays bounded. */
static void test_long_lines(void)
{
	struct mime_limits l = mime_limits_default;
	for (size_t n = 65536; n <= 65537; n++) {
		struct buf b = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
		struct err e = ERR_INIT;
		buf_adds(&b, MIXED "--x");
		add_n(&b, " ", n - 3);
		buf_adds(&b, "\n\nhi\n--x--");
		events_write(&out, buf_span(&b), 0, 0, &l, &e);
		is_str(buf_cstr(&out),
		    n == 65536 ? " multipart/mixed| 1 text/plain| .|.|"
			       : " multipart/mixed|. long-line|",
		    n == 65536 ? "a boundary line of 64 KiB" : "one byte more is no boundary");
		buf_reset(&b);
		buf_reset(&out);
		add_n(&b, "x", 998 + n - 65536);
		buf_adds(&b, "\r\n");
		struct buf whole = BUF_INIT(1 << 20);
		buf_adds(&whole, "\n");
		buf_add(&whole, buf_span(&b));
		parses_n(buf_span(&whole), 0,
		    n == 65536 ? "1 text/plain|.|" : "1 text/plain|. long-line|");
		buf_release(&whole);
		buf_release(&b);
		buf_release(&out);
	}
}

/* --- bombs --- */

static void bomb(struct buf *m, const char *what)
{
	struct err e = ERR_INIT;
	clock_t start = clock();
	run(m, NULL, &e);
	double s = (double)(clock() - start) / CLOCKS_PER_SEC;
	ok(s < 5, "%s: %.2f s (%s)", what, s, e.text);
	buf_reset(m);
}

static void test_bombs(void)
{
	struct buf b = BUF_INIT(128u << 20);
	nest(&b, 10000);
	bomb(&b, "10,000 levels");
	buf_adds(&b, "Subject:");
	add_n(&b, " 0123456789abcdef\n", 3000000);
	bomb(&b, "a header of 50 MB in one field");
	add_n(&b, "A: 0123456789abcde\n", 3000000);
	bomb(&b, "a header of 50 MB in many");
	buf_adds(&b, "Subject:");
	add_n(&b, " =?utf-8?q?=C3=B6?=\n", 300000);
	bomb(&b, "300,000 encoded words");
	buf_adds(&b, "Content-Type: a/b");
	for (unsigned i = 0; i < 20000; i++)
		buf_addf(&b, "; x*%u=1", i);
	buf_adds(&b, "\n\n");
	bomb(&b, "20,000 segments");
	buf_adds(&b, MIXED);
	add_n(&b, "--x\n\n", 10000000);
	bomb(&b, "10 million parts");
	nest(&b, 99);
	add_n(&b, "--b\n", 10000000);
	bomb(&b, "lines that are almost boundaries");
	nest(&b, 99);
	add_n(&b, "\r\n\r\r\n\n", 5000000);
	bomb(&b, "line ends");
	buf_adds(&b, MIXED "--x");
	add_n(&b, " ", 50000000);
	bomb(&b, "a boundary with 50 MB of blanks");
	for (unsigned i = 0; i < 90; i++)
		add_n(&b, RFC822 "Content-Transfer-Encoding: quoted-printable\n\n", 1);
	add_n(&b, "x\n", 10000000);
	bomb(&b, "encoded messages in encoded messages");
	buf_release(&b);
}

int main(void)
{
	test_headers();
	test_odd_headers();
	test_types();
	test_multipart();
	test_nesting();
	test_boundaries_with_blanks();
	test_messages();
	test_encoded_messages();
	test_too_many_layers();
	test_offsets();
	test_limits();
	test_long_lines();
	test_bombs();
	return tap_done();
}
