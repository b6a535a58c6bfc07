/* Any message, under every reading: an end, a verdict. Containers are not opened here (the helper has targets of its own), so a message with one is never clean. */
#include "base/alloc.h"
#include "inspect/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	struct inspect_input input;
	struct span bytes;
	struct source_mem source;
	unsigned readings;
};

static struct source *again(struct inspect_input *in)
{
	struct input *i = (struct input *)in;
	i->readings++;
	source_mem_init(&i->source, i->bytes);
	return &i->source.source;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct inspect_limits limits = inspect_limits_default;
	struct inspect_options o = {.limits = &limits, .own = true};
	struct inspect_result found;
	struct inspect_policy policy;
	struct err e = ERR_INIT;
	struct input in = {.input = {again}, .bytes = span_make((const char *)data, size)};
	limits.time_s = 0;
	inspect_result_init(&found);
	inspect_policy_init(&policy, false);
	ENSURE(inspect_message(&found, &o, &in.input, &e) == 0);
	ENSURE(in.readings >= 1 && in.readings <= INSPECT_READINGS_MAX);
	const struct inspect_finding *first;
	enum inspect_verdict v = inspect_result_verdict(&found, &policy, &first);
	ENSURE((v == INSPECT_CLEAN) == (first == NULL));
	inspect_result_release(&found);
	return 0;
}
