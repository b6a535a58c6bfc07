/* Any date: what is one is the same when it was written and read again. */
#include "base/alloc.h"
#include "codec/time.h"
#include "mime/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make((const char *)data, size);
	struct buf b = BUF_INIT(256);
	struct date d, again;
	struct err e = ERR_INIT;
	int64_t s, t;
	if (date_parse(text, &d)) {
		date_write(&b, d.s, d.offset_min);
		ENSURE(date_parse(buf_span(&b), &again) && again.s == d.s &&
		       again.offset_min == d.offset_min);
	}
	buf_reset(&b);
	if (date_parse_rfc3339(text, &s)) {
		date_write_rfc3339(&b, s);
		ENSURE(date_parse_rfc3339(buf_span(&b), &t) && s == t);
	}
	date_parse_age(text, &s);
	date_parse_time(text, 1700000000, &s, &e);
	buf_release(&b);
	return 0;
}
