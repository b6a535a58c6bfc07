#include "mime/address.h"

#include "../tap.h"
#include "base/alloc.h"
#include "mime/lex.h"
#include "mime/word.h"

#include <stdlib.h>
#include <time.h>

/* A list as one line: "name|spec|group;..." then "!bad". */
static char *show(struct span value)
{
	struct arena a = ARENA_INIT(64u << 20);
	struct address_list l = {0};
	struct buf b = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	if (address_list_parse(&a, value, &l, &e) < 0)
		buf_addf(&b, "error %d", e.code);
	for (size_t i = 0; i < l.n; i++)
		buf_addf(&b, "%s%.*s|%.*s%s%.*s%s", i ? "; " : "", SPAN_ARG(l.v[i].name),
		    SPAN_ARG(l.v[i].spec), l.v[i].in_group ? "|" : "", SPAN_ARG(l.v[i].group),
		    l.v[i].obsolete ? " obs" : "");
	if (l.bad)
		buf_addf(&b, " !%zu", l.bad);
	arena_release(&a);
	buf_addc(&b, 0);
	return buf_detach(&b);
}

static void lists(const char *value, const char *want)
{
	char *copy = mem_dup(value, strlen(value)); /* so that ASan sees a step past the end */
	char *got = show(span_make(copy, strlen(value)));
	is_str(got, want, value);
	free(got);
	free(copy);
}

static void test_lists(void)
{
	lists("bob@example.org", "|bob@example.org");
	lists(" Bob <bob@example.org>,\r\n\tEve <eve@x.de>", "Bob|bob@example.org; Eve|eve@x.de");
	lists("\"Doe, J. \\\"X\\\"\" <j@x>", "Doe, J. \"X\"|j@x");
	lists("John Q. Public <j@x>", "John Q. Public|j@x");
	lists("=?utf-8?q?J=C3=B6rg?= <j@x>", "J\xc3\xb6rg|j@x");
	lists("\"=?utf-8?q?J=C3=B6rg?=\" <j@x>", "J\xc3\xb6rg|j@x");
	lists("=?utf-8?q?Doe,_J@rg?= <j@x>, b@y", "Doe, J@rg|j@x; |b@y");
	lists("J\xc3\xb6rg <j\xc3\xb6@x\xc3\xb6.de>", "J\xc3\xb6rg|j\xc3\xb6@x\xc3\xb6.de");
	lists("J\xf6rg <j@x>", "J\xc3\xb6rg|j@x");
	lists("j@x (J\xc3\xb6rg (the \\) one))", "J\xc3\xb6rg (the ) one)|j@x");
	lists("(a(b)c) j (d) @ (e) x.y (f)", "f|j@x.y obs");
	lists("<@a.b,@c:j@x>", "|j@x obs");
	lists("a@[192.0.2.1], b@[IPv6:2001:db8::1]", "|a@[192.0.2.1]; |b@[IPv6:2001:db8::1]");
	lists("j@[1.2 .3.\n 4]", "|j@[1.2.3.4]");
	lists("\"a b\"@x, \"ab\"@x", "|\"a b\"@x; |ab@x");
	lists("a.\"b c\".d@x", "|\"a.b c.d\"@x obs");
	lists("a . b @ c . d", "|a.b@c.d obs");
	lists("a..b@docomo.example, c.@x, .d@x",
	    "|\"a..b\"@docomo.example obs; |\"c.\"@x obs; |\".d\"@x obs");
	lists("A Group: Bob <b@x>, c@y;, d@z", "Bob|b@x|A Group; |c@y|A Group; |d@z");
	lists("undisclosed-recipients:;", "||undisclosed-recipients");
	lists("a: b@x; c: ;", "|b@x|a; ||c");
	lists("a: b@x, c@y", "|b@x|a; |c@y|a");
	lists("", "");
	lists(" ,, , a@b,,", "|a@b");
	lists("a@b; c@d", "|a@b; |c@d");
	lists("root", "|root");
	lists("<root>", "|root");
	lists("undisclosed recipients", " !1");
	lists("nobody at all, a@b", "|a@b !1");
	lists("bob@x.org <bob@x.org>", "bob@x.org|bob@x.org obs");
	lists("[Team] \\o/ Bob: <b@x>", "|b@x|[Team] \\o/ Bob");
	lists("<>, a@b", "|a@b !1");
	lists("<a@b, c@d>", "|a@b obs !1");
	lists("\"unclosed <a@b>, c@d", "\"unclosed|a@b; |c@d");
	lists("(unclosed <a@b>, c@d", "(unclosed|a@b; |c@d");
	lists("a@b c@d, e@f", "|a@b; |e@f !1");
	lists("a@b@c", " !1");
	lists("@b, a@, a@.b, a@b..c", " !4");
	lists("a\001b@c, \"a\001b\"@c, a@b\001c", " !3");
	lists("\xff@x, a@\xff.de", " !2");
	lists("a@b.", " !1");
	lists("x <y z@w>", " !1");
}

static void test_one(void)
{
	struct arena a = ARENA_INIT(1 << 20);
	struct address m = {0};
	struct err e = ERR_INIT;
	ok(address_parse_one(&a, SPAN("Bob <bob@example.org>"), &m, &e) == 0, "one mailbox");
	is_span(m.name, "Bob", "its name");
	is_span(m.local, "bob", "its local part");
	is_span(m.domain, "example.org", "its domain");
	static const char *const bad[] = {"", "bob", "a@b, c@d", "a@b\n", "a@b\r\nRCPT TO:<x@y>",
	    "g: a@b;", "a..b@c", "a@b c", "a@", "\"a\nb\"@c", "a@b (\x1b)", "\"a\tb\"@c"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		e = (struct err)ERR_INIT;
		ok(address_parse_one(&a, span_of(bad[i]), &m, &e) < 0 && e.code == EX_DATAERR,
		    "refused %zu: %s", i, e.text[0] > 0 ? "with a reason" : "no text");
	}
	arena_release(&a);
}

static void level(const char *text, enum address_level want)
{
	const char *reason = NULL;
	enum address_level got = address_check(span_of(text), &reason);
	ok(got == want && (got == ADDRESS_SMTP) == !reason, "level of %s: %s", text,
	    reason ? reason : "SMTP");
	if (got != want)
		printf("#   got %d, want %d\n", got, want);
}

static void test_levels(void)
{
	char longest[400];
	level("a@b", ADDRESS_SMTP);
	level("a.b+c@d-e.f1", ADDRESS_SMTP);
	level("\"a b\"@x.y", ADDRESS_SMTP);
	level("\"\"@x.y", ADDRESS_SMTP);
	level("a@[192.0.2.1]", ADDRESS_SMTP);
	level("a@[IPv6:::1]", ADDRESS_SMTP);
	level("a@[IPv6:2001:db8::192.0.2.1]", ADDRESS_SMTP);
	level("j\xc3\xb6@x\xc3\xb6.de", ADDRESS_SMTP);
	level("a@[300.0.2.1]", ADDRESS_HEADER);
	level("a@[Tag:x]", ADDRESS_HEADER);
	level("a@b_c", ADDRESS_HEADER);
	level("a@-b", ADDRESS_HEADER);
	level("a (c)@b", ADDRESS_HEADER);
	level(" a@b", ADDRESS_HEADER);
	level("\"a\".b@c", ADDRESS_HEADER);
	level("a@b .c", ADDRESS_HEADER);
	level("a", ADDRESS_NONE);
	level("", ADDRESS_NONE);
	level("@b", ADDRESS_NONE);
	level("a@", ADDRESS_NONE);
	level("a..b@c", ADDRESS_NONE);
	level(".a@c", ADDRESS_NONE);
	level("a.@c", ADDRESS_NONE);
	level("a@b.", ADDRESS_NONE);
	level("a@b@c", ADDRESS_NONE);
	level("a b@c", ADDRESS_NONE);
	level("<a@b>", ADDRESS_NONE);
	level("X <a@b>", ADDRESS_NONE);
	level("a\001@b", ADDRESS_NONE);
	level("\"a\177\"@b", ADDRESS_NONE);
	level("a@[1.2.3.4", ADDRESS_NONE);
	level("\xff@b", ADDRESS_NONE);
	/* RFC 5321 4.5.3.1 at its edges */
	snprintf(longest, sizeof(longest), "%064d@x.y", 0);
	level(longest, ADDRESS_SMTP);
	snprintf(longest, sizeof(longest), "%065d@x.y", 0);
	level(longest, ADDRESS_HEADER);
	snprintf(longest, sizeof(longest), "a@%063d.y", 0);
	level(longest, ADDRESS_SMTP);
	snprintf(longest, sizeof(longest), "a@%064d.y", 0);
	level(longest, ADDRESS_HEADER);
	snprintf(longest, sizeof(longest), "a@%063d.%063d.%063d.%060d", 0, 0, 0, 0);
	level(longest, ADDRESS_SMTP); /* 254 */
	snprintf(longest, sizeof(longest), "a@%063d.%063d.%063d.%061d", 0, 0, 0, 0);
	level(longest, ADDRESS_HEADER);
}

static void test_envelope(void)
{
	struct err e = ERR_INIT;
	ok(address_envelope_check(SPAN("a@b"), false, &e) == 0, "envelope takes a@b");
	ok(address_envelope_check(SPAN(""), true, &e) == 0, "envelope takes <> where allowed");
	ok(address_envelope_check(SPAN("Postmaster"), false, &e) == 0, "envelope takes postmaster");
	ok(address_envelope_check(SPAN(""), false, &e) < 0, "envelope refuses <> elsewhere");
	static const char *const bad[] = {
	    "a@b>\r\nNOOP <x", "a@b\n", "root", "a @b", "\"a\tb\"@c", "a@b_c", "X <a@b>"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(address_envelope_check(span_of(bad[i]), true, &e) < 0 && e.code == EX_DATAERR,
		    "envelope refuses %zu", i);
	ok(address_envelope_check(span_make("a\0@b", 4), true, &e) < 0, "envelope refuses a NUL");
	ok(address_is_utf8(SPAN("\xc3\xb6@x")) && !address_is_utf8(SPAN("o@x")),
	    "who needs SMTPUTF8");
}

static void writes(const char *name, const char *spec, size_t column, const char *want)
{
	struct buf b = BUF_INIT(4096);
	address_write(&b, &column, span_of(name), span_of(spec), false);
	is_str(buf_cstr(&b), want, want);
	buf_release(&b);
}

static void test_write(void)
{
	writes("", "a@b", 4, "a@b");
	writes("Bob", "a@b", 4, "Bob <a@b>");
	writes("Doe, J", "a@b", 4, "\"Doe, J\" <a@b>");
	writes("a\"\\", "a@b", 4, "\"a\\\"\\\\\" <a@b>");
	writes("J\xc3\xb6rg", "a@b", 4, "=?utf-8?q?J=C3=B6rg?= <a@b>");
	writes("a\r\nBcc: x@y", "a@b", 4, "\"a  Bcc: x@y\" <a@b>");
	writes("", "a@b\r\nBcc: x", 4, "a@b??Bcc: x");
	writes("Bob", "bob@example.org", 70, "\n Bob <bob@example.org>");
}

/* A name written is the name read. */
static void test_names(void)
{
	static const char *const pieces[] = {"a", "B.", ",", "\"", "\\", "(", ")", "\xc3\xb6",
	    "\xe2\x82\xac", "=?", "?=", "@", "<", ">", " ", "  ", "word", "\xf0\x9f\x98\x80", ";",
	    ":", "=?utf-8?q?x?=", "averyveryverylongwordindeed"};
	unsigned seed = 1, bad = 0, lines = 0;
	for (int round = 0; round < 20000; round++) {
		struct buf name = BUF_INIT(4096), out = BUF_INIT(65536);
		struct arena a = ARENA_INIT(1 << 20);
		struct address_list l = {0};
		size_t column = 4;
		for (int i = rand_r(&seed) % 20 + 1; i > 0; i--)
			buf_adds(&name, pieces[(size_t)rand_r(&seed) % ARRAY_LEN(pieces)]);
		struct span want = span_trim(buf_span(&name));
		address_write(&out, &column, want, SPAN("bob@example.org"), rand_r(&seed) % 2);
		if (address_list_parse(&a, buf_span(&out), &l, NULL) < 0 || l.n != 1 || l.bad ||
		    !span_is(l.v[0].spec, "bob@example.org") || !span_eq(l.v[0].name, want)) {
			if (!bad++)
				printf("# %.*s\n# %s\n# %.*s\n", SPAN_ARG(want), buf_cstr(&out),
				    l.n ? (int)l.v[0].name.len : 0, l.n ? l.v[0].name.ptr : "");
		}
		struct span rest = buf_span(&out), line;
		for (size_t start = 4; span_line(&rest, &line); start = 0)
			lines += start + line.len > 78;
		arena_release(&a);
		buf_release(&name);
		buf_release(&out);
	}
	is_int(bad, 0, "20,000 names come back as they were");
	is_int(lines, 0, "and no line is longer than 78");
}

static void fast(const char *unit, size_t n, const char *what)
{
	struct buf b = BUF_INIT(64u << 20);
	for (size_t i = 0; i < n; i++)
		buf_adds(&b, unit);
	clock_t start = clock();
	free(show(buf_span(&b)));
	double s = (double)(clock() - start) / CLOCKS_PER_SEC;
	ok(s < 3, "%s: linear (%.2f s)", what, s);
	buf_release(&b);
}

int main(void)
{
	test_lists();
	test_one();
	test_levels();
	test_envelope();
	test_write();
	test_names();
	fast("(", 1000000, "a million open comments");
	fast("()", 500000, "many comments");
	fast("\",", 500000, "quotes");
	fast("[,", 500000, "literals");
	fast("=?a?q?,", 300000, "open encoded words");
	fast("<", 1000000, "angles");
	fast("a@b<", 300000, "angles behind addresses");
	fast("a.", 500000, "dots");
	fast("a:", 500000, "groups");
	fast("@a,", 300000, "routes");
	fast("\"a b\" ", 200000, "words");
	fast("a@b,", 100001, "more addresses than allowed");
	return tap_done();
}
