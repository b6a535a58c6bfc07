/* Any line that the helper may say. */
#include "base/alloc.h"
#include "inspect/helper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_entry(void *ctx, json_t *entry)
{
	(void)ctx;
	ENSURE(json_is_object(entry));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inspect_result found;
	struct inspect_policy policy;
	struct inspect_place place = {&found, SPAN("2"), SPAN("a.zip")};
	struct inspect_helper h = {.place = &place, .entry = on_entry};
	struct span rest = span_make((const char *)data, size), line;
	struct buf fields = BUF_INIT(1 << 16);
	inspect_result_init(&found);
	inspect_policy_init(&policy, true);
	while (span_line(&rest, &line))
		inspect_helper_line(&h, line);
	inspect_result_fields(&fields, &found, &policy, "archives");
	/* two fields, the second perhaps folded: nothing from outside begins another */
	struct span text = buf_span(&fields);
	unsigned n = 0;
	while (span_line(&text, &line))
		n += line.len && *line.ptr != '\t';
	ENSURE(n == 2);
	buf_release(&fields);
	inspect_result_release(&found);
	return 0;
}
