/* Any compound file: an end, findings that are text, and streams that end. */
#include "base/alloc.h"
#include "inspect/ole.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int each(void *ctx, struct span name, struct source *bytes, struct err *e)
{
	char piece[4096];
	uint64_t *total = ctx;
	ssize_t n;
	ENSURE(name.len < 200);
	while ((n = bytes->read(bytes, piece, sizeof(piece), e)) > 0)
		*total += (size_t)n;
	return n < 0 ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inspect_bytes_mem mem;
	struct inspect_result found;
	struct inspect_place place = {&found, SPAN(""), SPAN("")};
	struct err e = ERR_INIT;
	uint64_t total = 0;
	inspect_result_init(&found);
	inspect_bytes_mem_init(&mem, span_make((const char *)data, size));
	struct inspect_ole o = {.in = &mem.bytes, .place = &place, .stream = each, .ctx = &total};
	ENSURE(inspect_ole(&o, &e) == 0);
	/* however its chains go round and share */
	ENSURE(total <= 5 * (uint64_t)size + (1 << 20));
	inspect_result_release(&found);
	return 0;
}
