/* Any answer of clamd's: only its word is a verdict, and what is kept of it is printable. */
#include "base/alloc.h"
#include "clamd/clamd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct clamd_answer a;
	struct span line = span_make((const char *)data, size);
	clamd_parse(line, &a);
	for (const char *p = a.text; *p; p++)
		ENSURE(*p >= ' ' && *p <= '~');
	if (a.verdict == CLAMD_OK)
		ENSURE(span_find(line, SPAN("stream: OK")) >= 0);
	if (a.verdict == CLAMD_FOUND)
		ENSURE(span_find(line, SPAN(" FOUND")) >= 0 && *a.text);
	return 0;
}
