/* keygen.c - a key for DKIM, and the record that publishes it: RFC 6376 3.6.1, 8463 4. */
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/base64.h"
#include "codec/idna.h"
#include "io/file.h"
#include "report/report.h"
#include "sign.h"

#include <errno.h>
#include <stdio.h>

enum { PEM_MAX = 16 * 1024, TXT_MAX = 255 };

static int make(const char *kind, struct sign_key **out, struct err *e)
{
	uint64_t bits;
	struct span s = span_of(kind);
	if (span_is(s, "ed25519"))
		return sign_key_generate(out, SIGN_ED25519, 0, e);
	if (span_is(s, "rsa"))
		return sign_key_generate(out, SIGN_RSA, 2048, e);
	if (span_starts(s, "rsa") && span_to_u64(span_skip(s, 3), 4096, &bits) && bits >= 2048 &&
	    bits % 1024 == 0)
		return sign_key_generate(out, SIGN_RSA, (unsigned)bits, e);
	return err_set(e, EX_USAGE,
	    _("--dkim-keygen: \"%s\" is none of ed25519, rsa2048, rsa3072, rsa4096"), kind);
}

static void record(const struct sign_key *k, struct buf *out)
{
	struct buf raw = BUF_INIT(PEM_MAX);
	sign_key_write_public(k, &raw);
	buf_addf(out, "v=DKIM1; k=%s; p=", sign_key_kind(k) == SIGN_RSA ? "rsa" : "ed25519");
	base64_encode(out, buf_span(&raw));
	buf_release(&raw);
}

/* NAME._domainkey.DOMAIN, with what was said; the domain may be left to the zone. */
static int name(const struct sign_options *o, struct buf *out, struct err *e)
{
	const char *selector = o->selectors.n ? o->selectors.v[0] : "selector";
	if (idna_to_ascii(out, span_of(selector), e) < 0)
		return err_prefix(e, "--selector: ");
	buf_adds(out, "._domainkey");
	if (!o->dkim.n)
		return 0;
	buf_addc(out, '.');
	if (idna_to_ascii(out, span_of(o->dkim.v[0]), e) < 0)
		return err_prefix(e, "--dkim: ");
	buf_addc(out, '.');
	return 0;
}

/* A string of a TXT record has at most 255 octets. */
static void print_record(struct span at, struct span text)
{
	printf("%.*s IN TXT", SPAN_ARG(at));
	bool many = text.len > TXT_MAX;
	printf("%s", many ? " (" : "");
	for (; text.len; text = span_skip(text, TXT_MAX))
		printf(" \"%.*s\"", SPAN_ARG(span_take(text, TXT_MAX)));
	printf("%s\n", many ? " )" : "");
}

static void print_json(struct span pem, struct span at, struct span text)
{
	json_t *all = json_object();
	if (pem.len)
		json_object_set_new(all, "key", report_json_text(pem));
	json_object_set_new(all, "name", report_json_text(at));
	json_object_set_new(all, "record", report_json_text(text));
	json_dumpf(all, stdout, report_json_flags());
	putchar('\n');
	json_decref(all);
}

static int print(
    const struct sign_options *o, struct span pem, struct span at, struct span text, struct err *e)
{
	if (o->keys.n) {
		/* an existing key is never written over */
		if (file_write(o->keys.v[0], pem, 0600, 0, e) < 0)
			return e->sys == EEXIST ? err_set(e, EX_CANTCREAT,
						      _("%s: is there already"), o->keys.v[0])
						: -1;
		pem = (struct span){0};
	}
	if (o->common.json) {
		print_json(pem, at, text);
		return 0;
	}
	printf("%.*s", SPAN_ARG(pem));
	print_record(at, text);
	return 0;
}

int sign_keygen(const struct sign_options *o, struct err *e)
{
	struct sign_key *k = NULL;
	struct buf pem = {.max = PEM_MAX, .secret = true}, text = BUF_INIT(PEM_MAX),
		   at = BUF_INIT(1024);
	int r = name(o, &at, e);
	if (r == 0)
		r = make(o->keygen, &k, e);
	if (r == 0) {
		sign_key_write(k, &pem);
		record(k, &text);
		r = print(o, buf_span(&pem), buf_span(&at), buf_span(&text), e);
	}
	sign_key_free(k);
	buf_wipe(&pem);
	buf_release(&text);
	buf_release(&at);
	return r;
}
