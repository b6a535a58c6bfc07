/*
 * fuzz_query.c - a query up to the first NUL, and the message behind it. Any text is a query or a usage error; and the answer does not depend on how the
 * message's bytes are cut.
 */
#include "query/query.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int flag_by_name(struct span name, unsigned *flag, struct err *e)
{
	*flag = span_is(name, "seen") ? 1 : 2;
	return name.len < 20 ? 0 : err_set(e, EX_USAGE, "no flag");
}

static int ask(struct query_run *run, struct span message, size_t chunk)
{
	static const struct query_message known = {
	    .flags = 2, .size = 100, .time_s = 1000000, .mailbox = {"x/.Archive", 10}};
	struct source_mem in;
	struct err e = ERR_INIT;
	source_mem_init(&in, message);
	in.chunk = chunk;
	enum query_answer at_once = query_known(run, &known);
	int r = query_read(run, &known, &in.source, &e);
	if (r < 0 || (at_once != QUERY_UNKNOWN && r != (at_once == QUERY_YES)))
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span message = {(const char *)data, size}, text;
	struct query *q;
	struct err e = ERR_INIT;
	span_cut(&message, '\0', &text);
	if (query_parse(&q, text, flag_by_name, &e) < 0) {
		if (e.code != EX_USAGE || !e.text[0])
			abort();
		return 0;
	}
	struct query_run *run = query_run_new(q);
	int whole = ask(run, message, 0);
	if (ask(run, message, 1) != whole || ask(run, message, 7) != whole)
		abort();
	query_run_free(run);
	query_free(q);
	return 0;
}
