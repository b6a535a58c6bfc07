/*
 * CMS structures from strangers: cut the same however they come, then checked and decrypted with a fixed key. First byte: the chunk.
 */
#include "../unit/secure/fixed.h"

#include "base/clock.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct smime_identity me;
static struct trust trust;

static void require(bool good)
{
	if (!good)
		abort();
}

static int slice(struct cms_slice *s, struct span der, size_t chunk)
{
	struct source_mem in;
	struct err e = ERR_INIT;
	source_mem_init(&in, der);
	in.chunk = chunk;
	cms_slice_init(s);
	int r = cms_slice_read(s, &in.source, &e);
	require(r == 0 || e.code == EX_DATAERR);
	return r;
}

static void same(const struct cms_slice *a, const struct cms_slice *b)
{
	require(a->kind == b->kind && a->content.size == b->content.size);
	require(span_eq(buf_span(&a->shell), buf_span(&b->shell)));
}

static void use(struct cms_slice *s)
{
	struct source_spool content;
	struct spool plain;
	struct strv authors = {0};
	struct secure_findings found = {0};
	struct err e = ERR_INIT;
	bool integrity;
	strv_add(&authors, "alice@example.org");
	struct smime_reader reader = {&trust, &authors, &me, 1};
	spool_init(&plain);
	source_spool_init(&content, &s->content);
	if (s->kind == CMS_SIGNED) {
		require(smime_verify(s, &content.source, &reader, "1", &found, &e) == 0);
		require(found.n > 0);
	} else if (s->kind == CMS_ENVELOPED || s->kind == CMS_AUTH_ENVELOPED) {
		struct secure_finding *f =
		    secure_findings_add(&found, SECURE_SMIME, SECURE_ENCRYPTION, "1");
		require(smime_decrypt(s, &reader, &plain.sink, f, &integrity, &e) == 0);
		require(f->result != SECURE_PASS || integrity);
	}
	for (size_t i = 0; i < found.n; i++)
		require(found.v[i].reason != NULL);
	secure_findings_release(&found);
	strv_release(&authors);
	spool_release(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cms_slice whole, cut;
	if (!me.key) {
		clock_fix_s(1800000000);
		fixed_identity(&me);
		fixed_trust(&trust, &me);
	}
	if (!size)
		return 0;
	struct span der = span_make((const char *)data + 1, size - 1);
	int r = slice(&whole, der, 0);
	require(slice(&cut, der, 1u + data[0]) == r);
	if (r == 0) {
		same(&whole, &cut);
		use(&whole);
	}
	cms_slice_release(&whole);
	cms_slice_release(&cut);
	return 0;
}
