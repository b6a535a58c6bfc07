/*
 * Whole messages: multipart/signed sliced, layers opened with a fixed key, protected headers read, the decrypted message written. Whatever is written has exactly one
 * record of ours, and is looked at again.
 */
#include "../unit/secure/fixed.h"
#include "secure/look.h"

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

static void check(const struct secure_look *l)
{
	for (size_t i = 0; i < l->found.n; i++)
		require(l->found.v[i].reason && l->found.v[i].part);
	for (size_t i = 0; i < l->layer_n; i++)
		require(l->layers[i].parent < (ptrdiff_t)i &&
			l->layers[i].first + l->layers[i].n <= l->found.n);
	for (size_t i = 0; i < l->part_n; i++) {
		require(l->parts[i].layer < (ptrdiff_t)l->layer_n && l->parts[i].number);
		secure_covered(l, l->parts[i].layer, SECURE_SIGNATURE);
	}
	for (size_t i = 0; i < l->field_n; i++)
		require(l->fields[i].name && (l->fields[i].value || l->fields[i].outer));
}

static void look(const struct spool *message, int again)
{
	struct secure_look l;
	struct spool out;
	struct err e = ERR_INIT;
	struct secure_want want = {
	    .smime = true, .decrypt = true, .reader = {&trust, NULL, &me, 1}};
	secure_look_init(&l);
	spool_init(&out);
	if (secure_look(&l, message, &want, &e) == 0) {
		check(&l);
		if (secure_look_write(&l, message, &out.sink, &e) == 0 && again)
			look(&out, again - 1);
	}
	secure_look_release(&l);
	spool_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spool message;
	if (!me.key) {
		clock_fix_s(1800000000);
		fixed_identity(&me);
		fixed_trust(&trust, &me);
	}
	spool_init(&message);
	require(sink_put(&message.sink, span_make((const char *)data, size), NULL) == 0);
	look(&message, 1);
	spool_release(&message);
	return 0;
}
