#include "mime/build.h"

#include "../tap.h"
#include "base/alloc.h"
#include "base/random.h"
#include "events.h"
#include "mime/header.h"

#include <stdlib.h>

static struct spool spool_of(const char *text, size_t len)
{
	struct spool sp;
	spool_init(&sp);
	sink_put(&sp.sink, span_make(text, len), NULL);
	return sp;
}

static void written(struct build *b, struct buf *out)
{
	struct err e = ERR_INIT;
	struct sink_buf to;
	sink_buf_init(&to, out);
	ok(build_settle(b, &e) == 0 && build_write(b, &to.sink, &e) == 0, "it is written %s",
	    e.text);
}

static void line_lengths(struct span s, size_t max, const char *what)
{
	struct span line;
	size_t longest = 0;
	while (span_line(&s, &line))
		longest = line.len > longest ? line.len : longest;
	ok(longest <= max, "%s: no line over %zu (%zu)", what, max, longest);
}

static void test_whole(void)
{
	struct build b;
	struct buf out = BUF_INIT(1 << 20);
	struct spool text = spool_of("Hi Bob,\n\xc3\xb6\n", 11), html = spool_of("<p>Hi\n", 6);
	struct source_mem file;
	random_fix(1);
	source_mem_init(&file, span_make("\0\1\2", 3));
	build_init(&b, 0);
	header_add_text(&b.header, "Subject", span_of("na\xc3\xafve"));
	struct build_part *mixed = build_multipart(&b, NULL, "mixed");
	struct build_part *alt = build_multipart(&b, mixed, "alternative");
	build_text(&b, alt, "plain", "", &text);
	build_text(&b, alt, "html", "", &html);
	struct build_part *f = build_stream(&b, mixed, "image/png", &file.source);
	build_disposition(f, "attachment", span_of("\xc3\xb6.png"));
	written(&b, &out);
	struct buf events = BUF_INIT(1 << 20);
	events_write(&events, buf_span(&out), 0, EVENTS_DECODED, NULL, NULL);
	is_str(buf_cstr(&events),
	    " multipart/mixed| 1 multipart/alternative|  1.1 text/plain qp charset=utf-8|"
	    "  \"Hi Bob,\\n\\xc3\\xb6\\n\"|  .|  1.2 text/html charset=us-ascii|  \"<p>Hi\\n\"|  "
	    ".| .|"
	    " 2 image/png base64 name=\xc3\xb6.png attachment| \"\\x00\\x01\\x02\"| .|.|",
	    "a message as it was meant");
	line_lengths(buf_span(&out), 78, "all of it");
	struct buf again = BUF_INIT(1 << 20);
	build_release(&b);
	buf_release(&events);
	buf_release(&out);
	buf_release(&again);
	spool_release(&text);
	spool_release(&html);
}

/* One text by itself: its encoding, and it comes back. */
static void encodes(const char *text, int flags, const char *encoding, const char *what)
{
	struct build b;
	struct buf out = BUF_INIT(8u << 20), events = BUF_INIT(8u << 20), want = BUF_INIT(8u << 20);
	struct spool sp = spool_of(text, strlen(text));
	build_init(&b, flags);
	build_text(&b, NULL, "plain", "", &sp);
	written(&b, &out);
	events_write(&events, buf_span(&out), 0, EVENTS_DECODED, NULL, NULL);
	bool ascii = true;
	for (const char *p = text; *p; p++)
		ascii &= (unsigned char)*p < 128;
	buf_addf(&want, "1 text/plain%s charset=%s|\"", encoding, ascii ? "us-ascii" : "utf-8");
	events_quote(&want, span_of(text));
	buf_adds(&want, "\"|.|");
	is_str(buf_cstr(&events), buf_cstr(&want), what);
	line_lengths(buf_span(&out), flags & BUILD_8BIT ? 998 : 78, what);
	ok(span_find(buf_span(&out), SPAN("\nFrom ")) < 0, "%s: no line begins with From", what);
	build_release(&b);
	spool_release(&sp);
	buf_release(&out);
	buf_release(&events);
	buf_release(&want);
}

static void test_encodings(void)
{
	char longer[1200];
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 2] = '\n';
	longer[sizeof(longer) - 1] = 0;
	encodes("Hi\n.\n-- \nBob\n", 0, "", "ASCII stays");
	encodes("\xc3\xb6 and much that is ASCII\n", 0, " qp", "some UTF-8");
	encodes("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\n", 0,
	    " base64", "Japanese");
	encodes("\xc3\xb6\n", BUILD_8BIT, " 8bit", "8bit on request");
	encodes("From here\nto there\n", 0, " qp", "From at a line's start");
	encodes("a\n>From here\n", 0, "", ">From at a line's start");
	encodes("From \xc3\xb6\n", BUILD_8BIT, " qp", "From with 8bit");
	encodes(longer, 0, " qp", "a long line");
	encodes(longer, BUILD_8BIT, " qp", "a long line with 8bit");
	encodes("a\x01"
		"b\n",
	    0, " qp", "a control character");
	encodes("trailing blanks  \nand\t\n=3D\n", 0, "", "trailing blanks");
	encodes("\xc3\xb6 trailing blanks  \nand\t\n=3D\n", 0, " qp", "trailing blanks, encoded");
}

static void attaches(
    const char *type, const char *bytes, size_t len, const char *encoding, const char *what)
{
	struct build b;
	struct buf out = BUF_INIT(1 << 20), events = BUF_INIT(1 << 20), want = BUF_INIT(1 << 20);
	struct spool sp = spool_of(bytes, len);
	build_init(&b, 0);
	struct build_part *mixed = build_multipart(&b, NULL, "mixed");
	build_bytes(&b, mixed, type, &sp);
	written(&b, &out);
	struct mime_parser p;
	struct mime_event ev;
	struct source_mem in;
	struct mime_decoder d;
	struct sink_buf to;
	source_mem_init(&in, buf_span(&out));
	mime_parser_init(&p, &in.source, NULL);
	sink_buf_init(&to, &events);
	while (mime_next(&p, &ev, NULL) > 0) {
		if (ev.part->leaf && ev.type == MIME_HEADERS_END)
			mime_decoder_init(&d, ev.part, 0, &to.sink);
		if (ev.part->leaf && ev.type == MIME_BODY)
			sink_put(mime_decoder_sink(&d), ev.body, NULL);
		if (ev.part->leaf && ev.type == MIME_PART_END)
			mime_decoder_end(&d, ev.part, NULL);
	}
	mime_parser_release(&p);
	is_mem(events.ptr, events.len, bytes, len, what);
	ok(span_find(buf_span(&out), span_of(encoding)) >= 0, "%s: %s", what, encoding);
	build_release(&b);
	spool_release(&sp);
	buf_release(&out);
	buf_release(&events);
	buf_release(&want);
}

static void test_bytes(void)
{
	attaches("text/plain", "a\nb\n", 4, "charset=us-ascii", "a text file");
	attaches("text/csv", "a;\xc3\xb6\n", 5, "quoted-printable", "a text file with UTF-8");
	attaches("text/plain", "a\r\nb\r\n", 6, "base64", "a text file with CRLF");
	attaches("text/plain", "a\nb", 3, "base64", "a text file without a last line end");
	attaches("text/plain", "\xf6\n", 2, "base64", "a text file of another charset");
	attaches("text/plain", "a\0b\n", 4, "base64", "a text file with NUL");
	attaches("text/plain", "", 0, "text/plain", "an empty file");
	attaches("image/png", "a\nb\n", 4, "base64", "an image");
}

static void includes(
    const char *m, size_t len, const char *type, const char *encoding, const char *what)
{
	struct build b;
	struct buf out = BUF_INIT(1 << 20);
	struct spool sp = spool_of(m, len);
	build_init(&b, 0);
	build_message(&b, build_multipart(&b, NULL, "mixed"), "message/rfc822", &sp);
	written(&b, &out);
	ok(span_find(buf_span(&out), span_of(type)) >= 0 &&
		(!*encoding || span_find(buf_span(&out), span_of(encoding)) >= 0),
	    "%s", what);
	build_release(&b);
	spool_release(&sp);
	buf_release(&out);
}

static void test_messages(void)
{
	includes("A: b\n\nhi\n", 9, "message/rfc822\n\nA: b\n\nhi\n\n--", "", "a message");
	includes("A: b\r\n\r\nhi\r\n", 12, "message/rfc822\n\nA: b\n\nhi\n\n--", "",
	    "a message with CRLF");
	includes("A: b\n\n\xc3\xb6\n", 9, "message/rfc822\nContent-Transfer-Encoding: 8bit", "",
	    "an 8-bit message");
	includes("A: b\n\n\xc3\xb6\n", 9, "\"\nContent-Transfer-Encoding: 8bit\n\n--=_", "",
	    "and the multipart says so");
	includes(
	    "A: b\n\na\rb\n", 10, "application/octet-stream", "base64", "a message with a bare CR");
	includes("A: b\n\na\0b\n", 10, "application/octet-stream", "base64", "a message with NUL");
}

/* A message made with the same seed is included: its boundaries must not be ours. */
static void test_seed(void)
{
	struct buf m[3] = {BUF_INIT(1 << 20), BUF_INIT(1 << 20), BUF_INIT(1 << 20)};
	for (int i = 0; i < 3; i++) {
		struct build b;
		struct spool sp = i == 2 ? spool_of(m[0].ptr, m[0].len) : spool_of("hi\n", 3);
		random_fix(7);
		build_init(&b, 0);
		struct build_part *mixed = build_multipart(&b, NULL, "mixed");
		build_text(&b, mixed, "plain", "", &sp);
		if (i == 2)
			build_message(&b, mixed, "message/rfc822", &sp);
		written(&b, &m[i]);
		build_release(&b);
		spool_release(&sp);
	}
	is_mem(m[0].ptr, m[0].len, m[1].ptr, m[1].len, "the same seed gives the same bytes");
	struct buf events = BUF_INIT(1 << 20);
	events_write(&events, buf_span(&m[2]), 0, 0, NULL, NULL);
	is_str(buf_cstr(&events),
	    " multipart/mixed| 1 text/plain charset=us-ascii| .| 2 message/rfc822|   "
	    "multipart/mixed|"
	    "   2.1 text/plain charset=us-ascii|   .|  .| .|.|",
	    "unless they are in what is included");
	buf_release(&events);
	for (int i = 0; i < 3; i++)
		buf_release(&m[i]);
}

static void adds(struct header_out *h, const char *want)
{
	char name[64];
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(want, "\n"), want);
	is_str(buf_cstr(&h->b), want, name);
	header_out_release(h);
}

static void test_fields(void)
{
	struct header_out h = HEADER_OUT_INIT;
	struct arena a = ARENA_INIT(1 << 20);
	struct address_list l = {0};
	header_add_text(&h, "Subject", SPAN("Hi\r\nBcc: x@y"));
	adds(&h, "Subject: Hi  Bcc: x@y\n");
	header_add_text(&h, "Subject", SPAN(""));
	adds(&h, "Subject:\n");
	header_add_tokens(&h, "References", SPAN("<a@b>\r\n <c@d>\x01 \xc3\xb6"));
	adds(&h, "References: <a@b> <c@d>? ??\n");
	for (int i = 0; i < 3; i++)
		buf_adds(&h.b, "");
	header_add_tokens(&h, "References",
	    SPAN("<0123456789012345678901234567890123456789@example.org> <1@example.org> <2@b>"));
	adds(&h, "References: <0123456789012345678901234567890123456789@example.org>\n "
		 "<1@example.org> <2@b>\n");
	header_add_date(&h, "Date", 0, 60);
	adds(&h, "Date: Thu, 1 Jan 1970 01:00:00 +0100\n");
	address_list_parse(
	    &a, SPAN("Ana <a@b>, x@y, Friends: p@q, \"R, r\" <r@s>;, none:;"), &l, NULL);
	header_add_addresses(&h, "To", l.v, l.n);
	adds(&h, "To: Ana <a@b>, x@y, Friends: p@q, \"R, r\" <r@s>;, none:;\n");
	header_add_addresses(&h, "To", l.v, 0);
	is_int((long long)h.b.len, 0, "no addresses, no field");
	ok(header_name_valid(SPAN("X-A")) && !header_name_valid(SPAN("")) &&
		!header_name_valid(SPAN("a b")) && !header_name_valid(SPAN("a:")) &&
		!header_name_valid(SPAN("\xc3\xb6")) && !header_name_valid(SPAN("a\n")),
	    "names of fields");
	arena_release(&a);
}

int main(void)
{
	test_fields();
	test_whole();
	test_encodings();
	test_bytes();
	test_messages();
	test_seed();
	return tap_done();
}
