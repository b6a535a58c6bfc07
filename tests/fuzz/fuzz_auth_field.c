/* Authentication-Results, signatures and policy records as they come: read to some end, and what was read is inside what came. */
#include "auth/dmarc_record.h"
#include "auth/field.h"
#include "auth/signature.h"
#include "auth/spf_macro.h"
#include "auth/spf_record.h"
#include "base/alloc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void results(struct span value)
{
	struct auth_field_parts p;
	struct buf out = BUF_INIT(4096);
	auth_field_read(&p, value);
	ENSURE(p.results.len < value.len || !value.len);
	auth_field_release(&p);
	auth_field_result(value, "dkim", &out);
	auth_field_property(value, "dkim", "header.d", &out);
	buf_release(&out);
}

static void signature(struct span value)
{
	static const enum auth_signature_kind kinds[] = {
	    AUTH_SIGNATURE_DKIM, AUTH_SIGNATURE_ARC, AUTH_SIGNATURE_SEAL};
	struct buf name = BUF_INIT(SIZE_MAX / 4);
	buf_adds(&name, "X:");
	buf_add(&name, value);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct auth_field f = {.raw = buf_span(&name), .value = value};
		struct auth_signature s;
		if (auth_signature_parse(&s, kinds[i], &f, NULL) < 0)
			continue;
		struct buf out = BUF_INIT(SIZE_MAX / 4);
		ENSURE(s.domain && s.selector && s.signature.len);
		auth_signature_unsigned(&out, CANON_RELAXED, f.raw);
		ENSURE(out.len <= name.len);
		buf_release(&out);
		auth_signature_release(&s);
	}
	buf_release(&name);
}

static void macro(struct span text)
{
	struct spf_values v = {.ip = {192, 0, 2, 1},
	    .local = "ana",
	    .sender_domain = "example.org",
	    .domain = "mail.example.org",
	    .helo = "mx.example.org"};
	char *name = spf_expand_domain(&v, text);
	ENSURE(strlen(name) <= 253);
	free(name);
}

static void records(struct span text)
{
	struct spf_record r;
	struct dmarc_received d;
	if (spf_record_parse(&r, text, NULL) == 0) {
		for (size_t i = 0; i < r.n; i++)
			macro(r.v[i].domain);
		spf_record_release(&r);
	}
	dmarc_record_receive(&d, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span value = span_make((const char *)data, size);
	results(value);
	signature(value);
	records(value);
	return 0;
}
