/* the two forms of RFC 6376 3.4, fields and bodies at every cut, what is signed, and Authentication-Results */
#include "auth/field.h"
#include "auth/message.h"
#include "auth/signature.h"
#include "base/alloc.h"

#include "../tap.h"

#include <stdio.h>

/* For a line of TAP. */
static const char *line_of(const char *text, char out[81])
{
	size_t n = 0;
	for (; text[n] && n < 80; n++)
		out[n] = (char)(text[n] < ' ' ? '.' : text[n]);
	out[n] = '\0';
	return out;
}

/* --- bodies --- */

static void body(const char *what, enum canon how, const char *in, const char *want)
{
	size_t n = strlen(in), chunks[] = {1, 2, 3, n + 1};
	for (size_t k = 0; k < ARRAY_LEN(chunks); k++) {
		struct buf out = BUF_INIT(4096);
		struct sink_buf sink;
		struct canon_body c;
		struct err e = ERR_INIT;
		sink_buf_init(&sink, &out);
		canon_body_init(&c, how, &sink.sink);
		for (size_t i = 0; i < n; i += chunks[k])
			sink_put(&c.sink, span_take(span_make(in + i, n - i), chunks[k]), &e);
		sink_end(&c.sink, &e);
		ok(span_is(buf_span(&out), want), "%s, %s, by %zu", what, canon_word(how),
		    chunks[k]);
		buf_release(&out);
	}
}

static void test_bodies(void)
{
	/* 3.4.5, example 1 */
	body("RFC 6376 3.4.5", CANON_RELAXED, " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n");
	body("RFC 6376 3.4.5", CANON_SIMPLE, " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n");
	body("LF", CANON_RELAXED, " C \nD \t E\n\n\n", " C\r\nD E\r\n");
	body("LF", CANON_SIMPLE, " C \nD \t E\n\n\n", " C \r\nD \t E\r\n");
	body("nothing", CANON_SIMPLE, "", "\r\n");
	body("nothing", CANON_RELAXED, "", "");
	body("empty lines", CANON_SIMPLE, "\r\n\r\n", "\r\n");
	body("empty lines", CANON_RELAXED, "\r\n \r\n", "");
	body("no line end", CANON_SIMPLE, "x", "x\r\n");
	body("no line end", CANON_RELAXED, "x ", "x\r\n");
	body("blanks alone", CANON_RELAXED, "a\r\n \t\r\nb\r\n  ", "a\r\n\r\nb\r\n");
	body("blanks alone", CANON_SIMPLE, "a\n \n", "a\r\n \r\n");
	body("a bare CR", CANON_RELAXED, "a\rb \r\r\n\r", "a\rb \r\r\n\r\r\n");
	body("a bare CR", CANON_SIMPLE, "a\rb\r\r\n", "a\rb\r\r\n");
}

/* --- fields --- */

static void field(const char *raw, enum canon how, const char *want)
{
	char shown[81];
	struct buf out = BUF_INIT(4096);
	canon_field(&out, how, span_of(raw));
	ok(span_is(buf_span(&out), want), "%s: %s", canon_word(how), line_of(want, shown));
	buf_release(&out);
}

static void test_fields(void)
{
	field("A: X", CANON_RELAXED, "a:X");
	field("B : Y\t\r\n\tZ  ", CANON_RELAXED, "b:Y Z");
	field("B : Y\t\n\tZ  ", CANON_RELAXED, "b:Y Z");
	field("B : Y\t\r\n\tZ  ", CANON_SIMPLE, "B : Y\t\r\n\tZ  ");
	field("B : Y\t\n\tZ  ", CANON_SIMPLE, "B : Y\t\r\n\tZ  ");
	field("Subject:", CANON_RELAXED, "subject:");
	field("Subject: a:b", CANON_RELAXED, "subject:a:b");
}

static void unsigned_is(const char *raw, const char *want)
{
	char shown[81];
	struct buf out = BUF_INIT(4096);
	auth_signature_unsigned(&out, CANON_SIMPLE, span_of(raw));
	ok(span_is(buf_span(&out), want), "without b=: %s", line_of(raw, shown));
	buf_release(&out);
}

static void test_unsigned(void)
{
	unsigned_is("DKIM-Signature: v=1; b=xyz; bh=b=", "DKIM-Signature: v=1; b=; bh=b=");
	unsigned_is("DKIM-Signature: b=x\r\n y ; v=1", "DKIM-Signature: b=; v=1");
	unsigned_is("DKIM-Signature: v=1; b = x", "DKIM-Signature: v=1; b =");
	unsigned_is("DKIM-Signature: bb=1; b=x;", "DKIM-Signature: bb=1; b=;");
}

/* --- a message at every cut --- */

static void message(const char *what, const char *text, size_t fields, const char *hash_of)
{
	struct digest d;
	unsigned char want[DIGEST_MAX];
	digest_init(&d, DIGEST_SHA256);
	digest_add(&d, span_of(hash_of));
	digest_final(&d, want);
	size_t n = strlen(text), wrong = 0;
	for (size_t cut = 0; cut <= n; cut++) {
		struct auth_message m;
		struct err e = ERR_INIT;
		auth_message_init(&m);
		auth_body_want(&m.body, CANON_SIMPLE, DIGEST_SHA256, UINT64_MAX);
		sink_put(&m.sink, span_make(text, cut), &e);
		sink_put(&m.sink, span_make(text + cut, n - cut), &e);
		sink_end(&m.sink, &e);
		wrong += m.fields.n != fields || memcmp(m.body.v[0].sum, want, 32) != 0;
		auth_message_release(&m);
	}
	ok(!wrong, "%s: %zu fields at every cut", what, fields);
}

static void test_messages(void)
{
	message("LF", "A: 1\nB: 2\n 3\n\nx\n", 2, "x\r\n");
	message("CRLF", "A: 1\r\nB: 2\r\n 3\r\n\r\nx\r\n", 2, "x\r\n");
	message("a From line", "From a@b Thu\nA: 1\n\nx\n", 1, "x\r\n");
	message("no body", "A: 1\n", 1, "\r\n");
	message("no empty line: the body begins with what is no field", "A: 1\nno field\n\nx", 1,
	    "no field\r\n\r\nx\r\n");
	message("no header", "\nx\n", 0, "x\r\n");
	message("nothing", "", 0, "\r\n");
}

/* --- l= --- */

static void test_length(void)
{
	struct auth_body b;
	struct err e = ERR_INIT;
	unsigned char want[DIGEST_MAX];
	digest_of(DIGEST_SHA256, SPAN("abc"), want);
	auth_body_init(&b);
	size_t one = auth_body_want(&b, CANON_RELAXED, DIGEST_SHA256, 3);
	size_t two = auth_body_want(&b, CANON_RELAXED, DIGEST_SHA256, UINT64_MAX);
	ok(auth_body_want(&b, CANON_RELAXED, DIGEST_SHA256, 3) == one && one != two,
	    "the same hash is made once");
	for (const char *p = "abcdef\n"; *p; p++)
		sink_put(&b.sink, span_make(p, 1), &e);
	sink_end(&b.sink, &e);
	ok(memcmp(b.v[one].sum, want, 32) == 0 && b.v[one].seen == 8, "l= ends the hash");
	auth_body_release(&b);
}

/* --- Authentication-Results --- */

static void of(const char *value, bool is)
{
	char shown[81];
	ok(auth_field_is_of(span_of(value), "mx.example.org") == is, "%s: %s",
	    is ? "ours" : "not ours", line_of(value, shown));
}

static void result(const char *value, const char *method, const char *want)
{
	struct buf out = BUF_INIT(64);
	auth_field_result(span_of(value), method, &out);
	ok(span_is(buf_span(&out), want), "%s of %s", method, value);
	buf_release(&out);
}

static void property(const char *value, const char *method, const char *name, const char *want)
{
	struct buf out = BUF_INIT(64);
	auth_field_property(span_of(value), method, name, &out);
	ok(span_is(buf_span(&out), want), "%s of %s in %s", name, method, value);
	buf_release(&out);
}

static void test_field(void)
{
	property(
	    " x; dmarc=fail reason=\"a; b=c\" header.from=a.example policy.dmarc=reject; spf=pass",
	    "dmarc", "policy.dmarc", "reject");
	property(
	    " x; spf=pass policy.dmarc=none; dmarc=fail (policy.dmarc=none)\t header.from = \"a\"",
	    "dmarc", "header.from", "a");
	property(" x; dmarc=fail; spf=pass policy.dmarc=none", "dmarc", "policy.dmarc", "");
	property(" x; dmarc=fail = =", "dmarc", "policy.dmarc", "");
	struct auth_results all = {0};
	struct buf out = BUF_INIT(4096);
	of(" mx.example.org; none", true);
	of(" MX.example.ORG 1; none", true);
	of(" (a (nested) comment) \"mx.example.org\" (x) 1 ; none", true);
	of("\n\tmx.example.org;\n\tspf=pass", true);
	of(" \"mx\\.example.org\"; none", true);
	of(" mx.example.org.evil.example; none", false);
	of(" other.example; none", false);
	of(" ; none", true); /* nobody can tell */
	of("", true);
	result(" x; spf=pass smtp.mailfrom=a@b; dkim = fail", "dkim", "fail");
	result(" x; (dkim=pass) spf=\"pass\"; arc/1=pass (i=1)", "arc", "pass");
	result(" x; spf=pass reason=\"; arc=pass\"", "arc", "");
	result(" x 1; arc=fail", "arc", "fail");
	auth_field_write(&out, "mx.example.org", &all);
	ok(span_is(buf_span(&out), "Authentication-Results: mx.example.org; none\n"), "nothing");
	struct auth_result *r = auth_results_add(&all, "dkim");
	auth_say(r, AUTH_PASS, "a \"quoted\"\nline");
	auth_property(r, "header.d", SPAN("example.org"));
	buf_reset(&out);
	auth_field_write(&out, "mx.example.org", &all);
	ok(span_is(buf_span(&out),
	       "Authentication-Results: mx.example.org;\n"
	       "\tdkim=pass reason=\"a \\\"quoted\\\"?line\" header.d=example.org\n"),
	    "text of others stays inside its quotes");
	buf_release(&out);
	auth_results_release(&all);
}

int main(void)
{
	test_bodies();
	test_fields();
	test_unsigned();
	test_messages();
	test_length();
	test_field();
	return tap_done();
}
