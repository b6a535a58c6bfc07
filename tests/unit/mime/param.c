#include "mime/param.h"

#include "../tap.h"
#include "base/alloc.h"
#include "codec/utf8.h"
#include "mime/header.h"

#include <stdlib.h>
#include <time.h>

static void parses(const char *value, const char *want)
{
	struct arena a = ARENA_INIT(8u << 20);
	struct mime_params p;
	struct span main;
	struct buf b = BUF_INIT(1 << 20);
	char *copy = mem_dup(value, strlen(value));
	mime_params_parse(&a, span_make(copy, strlen(value)), &main, &p);
	buf_add(&b, main);
	for (size_t i = 0; i < p.n; i++)
		buf_addf(&b, "|%.*s=%.*s%s", SPAN_ARG(p.v[i].name), SPAN_ARG(p.v[i].value),
		    p.v[i].duplicate ? " twice" : "");
	if (p.bad)
		buf_adds(&b, " bad");
	is_str(buf_cstr(&b), want, value);
	buf_release(&b);
	arena_release(&a);
	free(copy);
}

static void test_parse(void)
{
	parses("", "");
	parses("text/plain", "text/plain");
	parses(" Text/PLAIN; Charset=UTF-8", "text/plain|charset=UTF-8");
	parses(" text / plain ; charset = \"utf-8\" ", "text/plain|charset=utf-8");
	parses("text/plain (hi; a=b); (x) charset (y) = (z) us-ascii (plain)",
	    "text/plain|charset=us-ascii");
	parses("a/b; x=\"a\\\"b;c\"; y=1;", "a/b|x=a\"b;c|y=1");
	parses("a/b;;; x=1", "a/b|x=1");
	parses("text/plain charset=utf-8", "text/plain|charset=utf-8 bad");
	parses("a/b; x=1 y=2", "a/b|x=1|y=2 bad");
	parses("a/b; x=\"1\" y=2", "a/b|x=1|y=2 bad");
	parses("attachment; filename=my file.txt", "attachment|filename=my file.txt");
	parses("attachment; filename=\"unclosed; a=b", "attachment|filename=unclosed; a=b bad");
	parses("a/b; x", "a/b bad");
	parses("a/b; =x; y=1", "a/b|y=1 bad");
	parses("; x=1", "|x=1");
	parses("a/b; x=1; X=2", "a/b|x=1 twice");
	parses("a/b; x=(open", "a/b|x= bad");
	/* RFC 2231 */
	parses("message/external-body; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu\"",
	    "message/external-body|url=ftp://cs.utk.edu");
	parses("a/x; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
	    "a/x|title=This is ***fun***");
	parses("a/x; title*0*=us-ascii'en'This%20is%20even%20more%20; "
	       "title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
	    "a/x|title=This is even more ***fun*** isn't it!");
	parses("a/x; t*1*=%AC; t*0*=utf-8''%E2%82",
	    "a/x|t=\xe2\x82\xac"); /* any order, a character cut in two */
	parses("a/x; t*=iso-8859-1''%F6", "a/x|t=\xc3\xb6");
	parses("a/x; t=plain; t*=utf-8''%C3%B6", "a/x|t=\xc3\xb6");
	parses("a/x; t*=utf-8''%C3%B6; t=plain", "a/x|t=\xc3\xb6");
	parses("a/x; t*0=a; t*2=c", "a/x|t=ac bad");
	parses("a/x; t*0=a; t*0=b", "a/x|t=a twice");
	parses("a/x; t*99999999999=a; u*x=b; t*=; *=c; *0=d", "a/x|t= bad");
	parses("a/x; t*=nolanguage%20", "a/x|t=nolanguage ");
	parses("a/x; t*=utf-8''%4%zz%", "a/x|t=%4%zz%");
	/* what real mail does instead */
	parses("a/x; name=\"=?utf-8?q?=C3=B6.txt?=\"", "a/x|name=\xc3\xb6.txt");
	parses("a/x; name==?utf-8?q?=C3=B6.txt?=", "a/x|name=\xc3\xb6.txt");
	parses("a/x; name=\"=?utf-8?q?=C3?=\r\n =?utf-8?q?=B6?=\"", "a/x|name=\xc3\xb6");
	parses("a/x; name=\"\xf6.txt\"", "a/x|name=\xc3\xb6.txt");
	parses("a/x; boundary=\"=?utf-8?q?x?=\"", "a/x|boundary==?utf-8?q?x?=");
	parses("a/x; boundary=a b", "a/x|boundary=a b");
}

static void test_limits(void)
{
	struct arena a = ARENA_INIT(64u << 20);
	struct mime_params p;
	struct span main;
	for (size_t n = 100; n <= 101; n++) {
		struct buf b = BUF_INIT(1 << 20);
		buf_adds(&b, "a/b");
		for (size_t i = 0; i < n; i++)
			buf_addf(&b, "; x%zu=1", i);
		mime_params_parse(&a, buf_span(&b), &main, &p);
		ok(p.n == 100 && p.bad == (n > 100), "%zu parameters", n);
		buf_reset(&b);
		buf_adds(&b, "a/b");
		for (size_t i = 0; i < n; i++)
			buf_addf(&b, "; x*%zu=1", i);
		mime_params_parse(&a, buf_span(&b), &main, &p);
		ok(p.n == 1 && p.v[0].value.len == 100 && p.bad == (n > 100), "%zu segments", n);
		buf_release(&b);
	}
	arena_release(&a);
}

static void writes(const char *name, const char *value, const char *want)
{
	struct buf b = BUF_INIT(1 << 16);
	size_t column = 24;
	mime_param_write(&b, &column, name, span_of(value));
	is_str(buf_cstr(&b), want, want);
	buf_release(&b);
}

static void test_write(void)
{
	writes("charset", "utf-8", "; charset=utf-8");
	writes("filename", "my file.txt", "; filename=\"my file.txt\"");
	writes("filename", "a\"b\\", "; filename=\"a\\\"b\\\\\"");
	writes("filename", "", "; filename=\"\"");
	writes("filename", "\xc3\xb6.txt", "; filename*=utf-8''%C3%B6.txt");
	writes("filename", "a\r\nX: y", "; filename*=utf-8''a%0D%0AX%3A%20y");
	writes("boundary", "----------------------------------------------------------",
	    ";\n boundary=----------------------------------------------------------");
}

static void test_round_trip(void)
{
	static const char *const pieces[] = {"a", "\"", "\\", "\xc3\xb6", "\xe2\x82\xac", " ",
	    "=?utf-8?q?x?=", ";", "%41", "'", "*", "(", "longername", "\xf0\x9f\x98\x80", "=",
	    "\t"};
	unsigned seed = 3, wrong = 0, lines = 0;
	for (int round = 0; round < 20000; round++) {
		struct buf value = BUF_INIT(1 << 16), out = BUF_INIT(1 << 18);
		struct arena a = ARENA_INIT(8u << 20);
		struct mime_params p;
		struct span main, line;
		size_t column = 30;
		for (int i = rand_r(&seed) % (round % 10 ? 12 : 200); i > 0; i--)
			buf_adds(&value, pieces[(size_t)rand_r(&seed) % ARRAY_LEN(pieces)]);
		buf_adds(&out, "Content-Type: text/plain000000");
		mime_param_write(&out, &column, "filename", buf_span(&value));
		mime_params_parse(&a, span_skip(buf_span(&out), 14), &main, &p);
		struct span got = mime_params_get(&p, "filename");
		if ((!span_eq(got, buf_span(&value)) || p.bad || p.duplicate) && !wrong++)
			printf("# %s\n# %s\n# %.*s\n", buf_cstr(&value), buf_cstr(&out),
			    SPAN_ARG(got));
		for (struct span rest = buf_span(&out); span_line(&rest, &line);)
			lines += line.len > 78;
		buf_release(&value);
		buf_release(&out);
		arena_release(&a);
	}
	is_int(wrong, 0, "20,000 values come back as they were");
	is_int(lines, 0, "and no line is longer than 78");
}

static void fast(const char *unit, size_t n, const char *what)
{
	struct buf b = BUF_INIT(64u << 20);
	struct arena a = ARENA_INIT(8u << 20);
	struct mime_params p;
	struct span main;
	buf_adds(&b, "a/b; ");
	for (size_t i = 0; i < n; i++)
		buf_adds(&b, unit);
	clock_t start = clock();
	mime_params_parse(&a, buf_span(&b), &main, &p);
	double s = (double)(clock() - start) / CLOCKS_PER_SEC;
	ok(s < 2, "%s: linear (%.2f s)", what, s);
	buf_release(&b);
	arena_release(&a);
}

int main(void)
{
	test_parse();
	test_limits();
	test_write();
	test_round_trip();
	fast("x*1=a;", 200000, "the same segment");
	fast("x*0*=%;", 200000, "the same segment, extended");
	fast("x=(", 200000, "open comments");
	fast("x=\"", 200000, "quotes");
	fast("x=a ", 200000, "no semicolons");
	fast("x ", 200000, "words");
	fast("a b c", 200000, "words without end");
	return tap_done();
}
