/*
 * What the OpenPGP helper says: without integrity there are no bytes and no signatures, and every finding has its reason.
 */
#include "secure/pgp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strv authors = {0};
	struct secure_findings found = {0};
	struct err e = ERR_INIT;
	uint64_t bytes;
	ptrdiff_t decrypted;
	strv_add(&authors, "alice@example.org");
	int r = pgp_answer_read(
	    span_make((const char *)data, size), &authors, "1", &found, &bytes, &decrypted, &e);
	require(r == 0 || (e.code && !bytes && !found.n));
	for (size_t i = 0; i < found.n; i++)
		require(found.v[i].reason != NULL);
	if (decrypted >= 0 && found.v[decrypted].result != SECURE_PASS)
		require(!bytes && found.n == 1);
	secure_findings_release(&found);
	strv_release(&authors);
	return 0;
}
