/* Any Content-Type: no crash; and any value written as a parameter is read as it was. */
#include "base/alloc.h"
#include "codec/utf8.h"
#include "mime/param.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(struct span value)
{
	struct arena arena = ARENA_INIT(64u << 20);
	struct buf out = BUF_INIT(64u << 20), clean = BUF_INIT(64u << 20);
	struct mime_params params;
	struct span main, line;
	size_t column = 10;
	buf_adds(&out, "attachment");
	mime_param_write(&out, &column, "filename", value);
	for (struct span rest = buf_span(&out); span_line(&rest, &line);)
		ENSURE(line.len <= 78 && (!rest.len || is_wsp(*rest.ptr)));
	mime_params_parse(&arena, buf_span(&out), &main, &params);
	utf8_repair(&clean, value);
	for (size_t i = 0; i < clean.len; i++)
		if (clean.ptr[i] == '\n' || clean.ptr[i] == '\r' || !clean.ptr[i])
			clean.ptr[i] = ' ';
	ENSURE(span_is(main, "attachment"));
	/* more than a hundred pieces are not read back */
	if (!params.bad)
		ENSURE(span_eq(mime_params_get(&params, "filename"), buf_span(&clean)));
	ENSURE(!params.bad || clean.len > 1000);
	arena_release(&arena);
	buf_release(&out);
	buf_release(&clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT(64u << 20);
	struct mime_params params;
	struct span main, value = span_make((const char *)data, size);
	mime_params_parse(&arena, value, &main, &params);
	for (size_t i = 0; i < params.n; i++)
		ENSURE(span_is(params.v[i].name, "boundary") || utf8_valid(params.v[i].value));
	round_trip(value);
	arena_release(&arena);
	return 0;
}
