/* S/MIME's pieces without a program around them: structures cut while they stream, canonical line ends, entities made safe, fields, addresses. */
#include "../tap.h"
#include "fixed.h"

#include "base/clock.h"
#include "secure/canon.h"
#include "secure/fields.h"
#include "secure/folder.h"
#include "secure/protect.h"
#include "secure/seven.h"

static struct smime_identity me;

static void canon(const char *in, const char *want)
{
	for (size_t chunk = 0; chunk < 5; chunk++)
		for (size_t room = 1; room < 7; room++) {
			struct source_mem mem;
			struct source_canon c;
			struct buf got = BUF_INIT(1000);
			char p[8];
			ssize_t n;
			source_mem_init(&mem, span_of(in));
			mem.chunk = chunk;
			source_canon_init(&c, &mem.source);
			while ((n = c.source.read(&c.source, p, room, NULL)) > 0)
				buf_addn(&got, p, (size_t)n);
			if (!span_is(buf_span(&got), want))
				is_str(buf_cstr(&got), want, "canonical line ends, cut");
			buf_release(&got);
		}
	ok(true, "line ends of %zu octets", strlen(want));
}

static void seven(const char *in, const char *want, const char *what)
{
	struct spool sp;
	struct buf got = BUF_INIT(10000);
	struct sink_buf to;
	struct err e = ERR_INIT;
	spool_init(&sp);
	sink_buf_init(&to, &got);
	sink_put(&sp.sink, span_of(in), &e);
	int r = seven_make(&sp, &to.sink, &e);
	is_str(r > 0 ? buf_cstr(&got) : r == 0 ? in : e.text, want, what);
	spool_release(&sp);
	buf_release(&got);
}

static void test_seven(void)
{
	seven("Content-Type: text/plain\n\nplain\n", "Content-Type: text/plain\n\nplain\n",
	    "what is safe stays as it is");
	seven("\nFrom me\n", "Content-Transfer-Encoding: quoted-printable\n\n=46rom me\n",
	    "without a header too");
	seven("A: b\nContent-Transfer-Encoding: 8bit\nC: d\n\n\xc3\xbc \n",
	    "A: b\nC: d\nContent-Transfer-Encoding: quoted-printable\n\n=C3=BC=20\n",
	    "8-bit text, blanks at the end");
	seven(
	    "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n--b\n\n"
	    "one\n--b\nContent-Transfer-Encoding: 8bit\n\n\xc3\xbc\n--b--\n",
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n=C3=BC\n--b--\n",
	    "a part of a multipart, which says 8bit no longer");
	seven("Content-Type: application/octet-stream\nContent-Transfer-Encoding: 8bit\n\na\rb\n",
	    "Content-Type: application/octet-stream\nContent-Transfer-Encoding: "
	    "base64\n\nYQ1iCg==\n",
	    "a stray CR needs base64");
	seven("Content-Type: message/rfc822\n\nSubject: x\nContent-Transfer-Encoding: "
	      "8bit\n\n\xc3\xbc\n",
	    "Content-Type: message/rfc822\n\nSubject: x\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n=C3=BC\n",
	    "in an attached message");
}

static void sign_and_cut(void)
{
	struct buf der = BUF_INIT(100000);
	struct sink_buf to;
	struct source_mem in;
	struct err e = ERR_INIT;
	unsigned bad = 0;
	source_mem_init(&in, SPAN("hello\r\n"));
	sink_buf_init(&to, &der);
	is_int(smime_sign(&me, false, &in.source, &to.sink, &e), 0, "an opaque signature");
	for (size_t n = 0; n <= der.len; n++) {
		struct cms_slice s;
		cms_slice_init(&s);
		source_mem_init(&in, span_take(buf_span(&der), n));
		int r = cms_slice_read(&s, &in.source, &e);
		if (n == der.len) {
			is_int(r, 0, "whole it is read");
			is_int((long long)s.content.size, 7, "with its content");
			is_int(s.kind, CMS_SIGNED, "and its kind");
		} else if (r == 0 || e.code != EX_DATAERR) {
			bad++;
		}
		cms_slice_release(&s);
	}
	is_int(bad, 0, "cut anywhere, it is not");
	buf_release(&der);
}

/* Encrypted, one octet after another changed: never the plain text, never a success. */
static void tamper(void)
{
	struct buf der = BUF_INIT(100000);
	struct sink_buf to;
	struct source_mem in;
	struct err e = ERR_INIT;
	struct trust trust;
	unsigned passed = 0;
	fixed_trust(&trust, &me);
	struct smime_reader reader = {&trust, NULL, &me, 1};
	source_mem_init(&in, SPAN("attack at dawn\r\n"));
	sink_buf_init(&to, &der);
	is_int(smime_encrypt(&me.chain, SMIME_GCM, &in.source, &to.sink, &e), 0, "encrypted");
	for (size_t n = 0; n <= der.len; n++) {
		struct cms_slice s;
		struct spool plain;
		struct secure_finding f = {0};
		bool integrity = false;
		cms_slice_init(&s);
		spool_init(&plain);
		if (n < der.len)
			der.ptr[n] ^= 0x15;
		source_mem_init(&in, buf_span(&der));
		if (cms_slice_read(&s, &in.source, &e) == 0 &&
		    (s.kind == CMS_AUTH_ENVELOPED || s.kind == CMS_ENVELOPED))
			smime_decrypt(&s, &reader, &plain.sink, &f, &integrity, &e);
		char text[16] = "";
		spool_pread(&plain, text, 14, 0, &e);
		if (n == der.len)
			ok(f.result == SECURE_PASS && integrity && !strcmp(text, "attack at dawn"),
			    "decrypted");
		else
			passed += f.result == SECURE_PASS && strcmp(text, "attack at dawn");
		if (n < der.len)
			der.ptr[n] ^= 0x15;
		secure_finding_release(&f);
		spool_release(&plain);
		cms_slice_release(&s);
	}
	is_int(passed, 0, "changed anywhere, nothing else passes for it");
	trust_close(&trust);
	buf_release(&der);
}

static void test_fields(void)
{
	ok(field_same(SPAN(" a\r\n b"), SPAN("a b ")), "folds do not make a field another");
	ok(!field_same(SPAN("a"), SPAN("ab")), "letters do");
	ok(field_is_structural(SPAN("content-FOO")), "Content-... says what the body is");
	ok(field_is_transport(SPAN("ARC-Seal")) && !field_is_transport(SPAN("Archive")),
	    "families of fields");
	ok(cert_same_address(SPAN("Ana@EXAMPLE.org"), SPAN("ana@example.ORG")), "case");
	ok(cert_same_address(SPAN("a@b\xc3\xbcro.example"), SPAN("a@xn--bro-hoa.example")),
	    "U-labels and A-labels");
	ok(!cert_same_address(SPAN("a@x"), SPAN("b@x")) && !cert_same_address(SPAN("x"), SPAN("x")),
	    "others");
	ok(cert_has_address(me.chain.v[0], SPAN("alice@example.org")), "whose it is");
}

int main(void)
{
	clock_fix_s(1800000000);
	fixed_identity(&me);
	canon("a\nb\r\nc\rd\n\n\r\n", "a\r\nb\r\nc\rd\r\n\r\n\r\n");
	canon("\n", "\r\n");
	canon("", "");
	canon("x\r", "x\r");
	test_seven();
	sign_and_cut();
	tamper();
	test_fields();
	smime_identity_release(&me);
	return tap_done();
}
