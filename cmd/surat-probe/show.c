#include "codec/inert.h"
#include "crypto/digest.h"
#include "probe.h"
#include "report/report.h"

enum { TEXT_MAX = 64 * 1024 };

static json_t *text(struct span s)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	inert_add(&b, s, 0);
	json_t *j = report_json_text(buf_span(&b));
	buf_release(&b);
	return j;
}

static json_t *lines(const char *s)
{
	struct span rest = span_of(s), line;
	json_t *a = json_array();
	span_line(&rest, &line); /* the first one greets */
	while (span_line(&rest, &line))
		json_array_append_new(a, text(line));
	return a;
}

static json_t *hex(const unsigned char *p, size_t n)
{
	struct buf b = BUF_INIT(256);
	digest_hex(&b, p, n);
	json_t *j = json_string(buf_cstr(&b));
	buf_release(&b);
	return j;
}

static json_t *certificate(const struct tls_look_cert *c)
{
	json_t *o = json_object(), *names = json_array();
	for (size_t i = 0; i < c->names.n; i++)
		json_array_append_new(names, text(span_of(c->names.v[i])));
	json_object_set_new(o, "subject", text(span_of(c->subject)));
	json_object_set_new(o, "issuer", text(span_of(c->issuer)));
	json_object_set_new(o, "names", names);
	json_object_set_new(o, "not_before", report_json_time(c->not_before_s));
	json_object_set_new(o, "not_after", report_json_time(c->not_after_s));
	json_object_set_new(o, "key", json_string(c->key));
	json_object_set_new(o, "bits", json_integer(c->bits));
	json_object_set_new(o, "signature", json_string(c->signature));
	json_object_set_new(o, "sha256", hex(c->sha256, sizeof(c->sha256)));
	json_object_set_new(o, "key_sha256", hex(c->key_sha256, sizeof(c->key_sha256)));
	return o;
}

static json_t *match(bool good, const char *why)
{
	json_t *o = json_object();
	json_object_set_new(o, "match", json_boolean(good));
	if (!good)
		json_object_set_new(o, "reason", text(span_of(why)));
	return o;
}

static void add_look(json_t *o, const struct tls_look *l, const struct target *to)
{
	json_t *chain = json_array(), *tlsa;
	json_object_set_new(o, "version", json_string(l->version));
	json_object_set_new(o, "cipher", json_string(l->cipher));
	if (*l->group)
		json_object_set_new(o, "group", json_string(l->group));
	for (size_t i = 0; i < l->chain_len; i++)
		json_array_append_new(chain, certificate(&l->chain[i]));
	json_object_set_new(o, "chain", chain);
	if (*l->ocsp)
		json_object_set_new(o, "ocsp", json_string(l->ocsp));
	if (to->pin_count) {
		tlsa = match(l->dane_matches, l->dane_why);
		if (l->dane_matches) {
			json_object_set_new(tlsa, "usage", json_integer(l->usage));
			json_object_set_new(tlsa, "selector", json_integer(l->selector));
			json_object_set_new(tlsa, "matching", json_integer(l->matching));
			json_object_set_new(tlsa, "depth", json_integer(l->dane_depth));
		}
		json_object_set_new(o, "tlsa", tlsa);
	}
	json_object_set_new(o, "pkix", match(l->pkix_good, l->pkix_why));
}

static void add_error(json_t *o, const struct err *e)
{
	json_t *error = json_object();
	json_object_set_new(error, "code", json_integer(e->code));
	json_object_set_new(error, "text", text(span_of(e->text)));
	json_object_set_new(o, "error", error);
}

json_t *show_cell(const struct talk *t, const struct target *to, const char *word)
{
	json_t *o = json_object();
	json_object_set_new(o, "client", json_string(word));
	if (t->secured) {
		add_look(o, &t->look, to);
		json_object_set_new(o, "starttls_ms", json_integer(t->ms.starttls));
		json_object_set_new(o, "handshake_ms", json_integer(t->ms.handshake));
	}
	if (t->error.code)
		add_error(o, &t->error);
	return o;
}

void show_address(json_t *o, const struct talk *t)
{
	if (t->banner && *t->banner)
		json_object_set_new(o, "banner", text(span_of(t->banner)));
	if (t->extensions) {
		json_object_set_new(o, "starttls", json_boolean(t->starttls));
		json_object_set_new(o, "extensions", lines(t->extensions));
	}
	if (t->extensions_tls)
		json_object_set_new(o, "extensions_tls", lines(t->extensions_tls));
	if (t->size)
		json_object_set_new(o, "size", json_integer((json_int_t)t->size));
	if (!t->banner) {
		add_error(o, &t->error);
		return;
	}
	json_object_set_new(o, "connect_ms", json_integer(t->ms.connect));
	json_object_set_new(o, "greeting_ms", json_integer(t->ms.greeting));
	json_object_set_new(o, "ehlo_ms", json_integer(t->ms.ehlo));
	if (t->error.code && !t->secured && !t->starttls)
		add_error(o, &t->error);
}
