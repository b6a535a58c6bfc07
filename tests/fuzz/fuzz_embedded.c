/* A text (first byte even) or a winmail.dat: no crash, and the same files however its bytes are cut. */
#include "../unit/mime/events.h"
#include "base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t chunks[] = {1, 7};
	struct buf message = BUF_INIT(256u << 20), whole = BUF_INIT(256u << 20),
		   cut = BUF_INIT(256u << 20);
	struct err e = ERR_INIT;
	if (!size)
		return 0;
	if (*data & 1)
		buf_adds(&message, "Content-Type: application/ms-tnef\n");
	buf_addc(&message, '\n');
	buf_addn(&message, (const char *)data + 1, size - 1);
	events_write(&whole, buf_span(&message), 0, EVENTS_DECODED, NULL, &e);
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		buf_reset(&cut);
		events_write(&cut, buf_span(&message), chunks[i], EVENTS_DECODED, NULL, &e);
		ENSURE(span_eq(buf_span(&whole), buf_span(&cut)));
	}
	buf_release(&message);
	buf_release(&whole);
	buf_release(&cut);
	return 0;
}
