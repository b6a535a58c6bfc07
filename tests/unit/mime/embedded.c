/* Files in texts and in winmail.dat: found, named, decoded, the same at every cut; what is none is left alone. */
#include "../tap.h"
#include "base/alloc.h"
#include "events.h"

#include <stdio.h>

static void is_found(struct span message, const char *want, const char *what)
{
	static const size_t chunks[] = {0, 1, 3, 7, 64};
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		struct buf b = BUF_INIT(8u << 20);
		struct err e = ERR_INIT;
		events_write(&b, message, chunks[i], EVENTS_DECODED, NULL, &e);
		/* only what is embedded, and the bits of the end */
		char *files = strstr(buf_cstr(&b), " +");
		if (!files)
			files = strstr(buf_cstr(&b), "|.");
		if (i == 0 || strcmp(files ? files : "", want) != 0)
			is_str(files ? files : "", want, what);
		buf_release(&b);
	}
}

static void text(const char *body, const char *want, const char *what)
{
	struct buf b = BUF_INIT(1 << 20);
	buf_addf(&b, "Subject: x\n\n%s", body);
	is_found(buf_span(&b), want, what);
	buf_release(&b);
}

#define ABC "#86)C\n"

static void test_uuencode(void)
{
	text("Hi\nbegin 644 a.txt\n" ABC "`\nend\nbye\n",
	    " +1:1 application/octet-stream name=a.txt \"abc\" uuencoded|. uuencoded|", "a block");
	text("begin 644 a b.txt\r\n#86)C\r\n \r\nend\r\n",
	    " +1:1 application/octet-stream name=a b.txt \"abc\" uuencoded|. uuencoded|",
	    "with CRLF, a blank in the name, a blank for the line of nothing");
	text("begin 644 a\n" ABC "`\nend\nbegin 755 b\n" ABC "end",
	    " +1:1 application/octet-stream name=a \"abc\" uuencoded|"
	    " +1:2 application/octet-stream name=b \"abc\" uuencoded|. uuencoded|",
	    "two of them, the second without a line of nothing and without a line end");
	text("begin 644 a\n" ABC "bye\n",
	    " +1:1 application/octet-stream name=a \"abc\" uuencoded uuencode-cut|. uuencoded "
	    "uuencode-cut|",
	    "one that breaks off");
	text("begin 644 a\n" ABC,
	    " +1:1 application/octet-stream name=a \"abc\" uuencoded uuencode-cut|. uuencoded "
	    "uuencode-cut|",
	    "one that ends with the message");
	text("begin 644 a\n" ABC "begin 644 b\n" ABC "end\n",
	    " +1:1 application/octet-stream name=a \"abc\" uuencoded uuencode-cut|"
	    " +1:2 application/octet-stream name=b \"abc\" uuencoded|. uuencoded uuencode-cut|",
	    "one that breaks off where the next begins");
	text("begin 644 a\n" ABC "\nend\n",
	    " +1:1 application/octet-stream name=a \"abc\" uuencoded|. uuencoded|",
	    "an empty line in it");
	text("begin 644 \xe4.txt\n" ABC "end\n",
	    " +1:1 application/octet-stream name=\\xc3\\xa4.txt \"abc\" uuencoded|. uuencoded|",
	    "a name that is not UTF-8");
	text("begin 644 a\nbegin 644 b\n" ABC "end\n",
	    " +1:1 application/octet-stream name=b \"abc\" uuencoded|. uuencoded|",
	    "begin twice: the second");
}

static void test_no_uuencode(void)
{
	static const char *const none[] = {"begin 644 a\n\nThe rest is text.\n",
	    "begin here\n#86)C\nend\n", "begin 64 a\n#86)C\nend\n", "begin 644 \n#86)C\nend\n",
	    " begin 644 a\n#86)C\nend\n", "> begin 644 a\n> #86)C\n> end\n", "begin 648 a\n#86)C\n",
	    "begin 644 a\nM short\n", "begin 644 a"};
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		text(none[i], "|.|", "no block");
	struct buf b = BUF_INIT(1 << 20);
	buf_adds(&b, "Subject: x\n\nbegin 644 ");
	for (int i = 0; i < 2000; i++)
		buf_addc(&b, 'a');
	buf_adds(&b, "\n" ABC "end\n");
	is_found(buf_span(&b), "|. long-line|", "a name of 2,000 letters is no block");
	buf_reset(&b);
	buf_adds(&b, "Subject: x\n\n");
	for (int i = 0; i < EMBEDDED_MAX + 1; i++)
		buf_adds(&b, "begin 644 a\n" ABC "end\n");
	struct buf out = BUF_INIT(8u << 20);
	struct err e = ERR_INIT;
	events_write(&out, buf_span(&b), 0, EVENTS_DECODED, NULL, &e);
	char most[32], more[32];
	snprintf(most, sizeof(most), " +1:%d ", EMBEDDED_MAX);
	snprintf(more, sizeof(more), " +1:%d ", EMBEDDED_MAX + 1);
	ok(strstr(buf_cstr(&out), most) != NULL, "so many files are found");
	ok(strstr(buf_cstr(&out), more) == NULL, "and no more");
	buf_release(&out);
	buf_release(&b);
}

/* --- TNEF --- */

static void put(struct buf *b, uint32_t n, size_t bytes)
{
	for (; bytes; bytes--, n >>= 8)
		buf_addc(b, (char)(n & 255));
}

static void attribute(struct buf *b, unsigned level, uint32_t what, struct span data)
{
	put(b, level, 1);
	put(b, what, 4);
	put(b, (uint32_t)data.len, 4);
	buf_add(b, data);
	put(b, 0, 2);
}

static void begin_tnef(struct buf *b)
{
	buf_reset(b);
	buf_adds(b, "Content-Type: application/ms-tnef\nContent-Transfer-Encoding: binary\n\n");
	put(b, 0x223e9f78, 4);
	put(b, 1, 2);
}

static void attachment(struct buf *b, struct span title, struct span data)
{
	attribute(b, 2, 0x00069002, SPAN("rendering data"));
	if (title.len)
		attribute(b, 2, 0x00018010, title);
	if (data.len)
		attribute(b, 2, 0x0006800f, data);
}

static void property(struct buf *b, unsigned type, unsigned id, struct span value)
{
	put(b, type, 2);
	put(b, id, 2);
	put(b, 1, 4);
	put(b, (uint32_t)value.len, 4);
	buf_add(b, value);
	put(b, 0, -value.len & 3);
}

static void test_tnef(void)
{
	struct buf b = BUF_INIT(1 << 20), properties = BUF_INIT(1 << 20);
	begin_tnef(&b);
	is_found(buf_span(&b), "|. nul tnef|", "TNEF with nothing in it");

	begin_tnef(&b);
	attachment(&b, SPAN("a.txt\0rest"), SPAN("abc"));
	attachment(&b, SPAN("b.txt"), SPAN("def"));
	is_found(buf_span(&b),
	    " +1:1 application/octet-stream name=a.txt \"abc\"| +1:2 application/octet-stream "
	    "name=b.txt \"def\"|. nul tnef|",
	    "two attachments");

	begin_tnef(&b);
	attribute(&b, 1, 0x00069007, SPAN("\xe3\x04\0\0\0\0\0\0")); /* 1251 */
	attachment(&b, SPAN("\xcc"), SPAN("abc"));
	is_found(buf_span(&b), " +1:1 application/octet-stream name=\\xd0\\x9c \"abc\"|. nul tnef|",
	    "a name in the code page that is said");

	begin_tnef(&b);
	attachment(&b, SPAN("SHORT~1"), SPAN("abc"));
	put(&properties, 4, 4);
	put(&properties, 3, 2); /* a number, of no interest */
	put(&properties, 0x0e20, 2);
	put(&properties, 99, 4);
	put(&properties, 0x1e, 2); /* a property with a name of its own */
	put(&properties, 0x8001, 2);
	buf_adds(&properties, "0123456789abcdef");
	put(&properties, 1, 4);
	put(&properties, 3, 4);
	buf_addn(&properties, "x\0\0\0", 4);
	put(&properties, 1, 4);
	put(&properties, 2, 4);
	buf_addn(&properties, "y\0\0\0", 4);
	property(&properties, 0x1f, 0x3707, SPAN("l\0o\0n\0g\0\0\0"));
	property(&properties, 0x1e, 0x370e, SPAN("Image/PNG\0"));
	attribute(&b, 2, 0x00069005, buf_span(&properties));
	is_found(buf_span(&b), " +1:1 image/png name=long \"abc\"|. nul tnef|",
	    "the long name and the type of its properties");

	begin_tnef(&b);
	attachment(&b, SPAN("inner"), SPAN(""));
	buf_reset(&properties);
	put(&properties, 1, 4);
	property(&properties, 0x0d, 0x3701, SPAN("0123456789abcdefobject"));
	attribute(&b, 2, 0x00069005, buf_span(&properties));
	is_found(buf_span(&b),
	    " +1:1 application/octet-stream name=inner \"object\"|. nul bare-cr tnef|",
	    "an embedded object");
	buf_release(&properties);
	buf_release(&b);
}

static void test_damaged_tnef(void)
{
	struct buf b = BUF_INIT(1 << 20), cut = BUF_INIT(1 << 20);
	begin_tnef(&b);
	size_t head = b.len - 6;
	attachment(&b, SPAN("a"), SPAN(""));
	size_t whole = b.len; /* up to here; to be cut between two attributes cannot be seen */
	attribute(&b, 2, 0x0006800f, SPAN("abcdef"));
	for (size_t n = head; n < b.len; n++) { /* at every byte */
		buf_reset(&cut);
		buf_add(&cut, span_take(buf_span(&b), n));
		struct buf out = BUF_INIT(1 << 20);
		struct err e = ERR_INIT;
		events_write(&out, buf_span(&cut), 0, EVENTS_DECODED, NULL, &e);
		if (n > whole)
			ok(strstr(buf_cstr(&out), "tnef-damaged") != NULL, "cut at %zu: said", n);
		buf_release(&out);
	}
	buf_cut(&b, b.len - 5);
	is_found(buf_span(&b),
	    " +1:1 application/octet-stream name=a \"abc\" tnef-damaged|. nul tnef tnef-damaged|",
	    "what is there of it is given");
	buf_reset(&b);
	buf_adds(&b, "Content-Type: application/ms-tnef; name=winmail.dat\n\nno TNEF");
	is_found(buf_span(&b), "|.|", "what only says it is TNEF");
	buf_reset(&b);
	buf_adds(
	    &b, "Content-Type: application/octet-stream; name=WinMail.dat\n\n\x78\x9f\x3e\x22");
	buf_addn(&b, "\1\0", 2);
	is_found(buf_span(&b), "|. nul tnef|", "known by its name");
	buf_release(&b);
	buf_release(&cut);
}

int main(void)
{
	test_uuencode();
	test_no_uuencode();
	test_tnef();
	test_damaged_tnef();
	return tap_done();
}
