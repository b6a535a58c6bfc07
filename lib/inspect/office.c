/* What the streams of the old office documents say about macros and encryption: MS-XLS, MS-DOC, MS-PPT. */
#include "base/alloc.h"
#include "inspect/ole_room.h"

enum { BOUNDSHEET = 0x85, FILEPASS = 0x2f, RECORDS_MAX = 1000000, MACRO_SHEET = 1 };

static int skip(struct cfb_stream *s, size_t n, struct err *e)
{
	char bytes[4096];
	while (n) {
		ssize_t r = cfb_read_all(s, bytes, n < sizeof(bytes) ? n : sizeof(bytes), e);
		if (r <= 0)
			return (int)r;
		n -= (size_t)r;
	}
	return 0;
}

/* BIFF: type, length, bytes. A sheet of macros of the time before VBA says so where it is announced (MS-XLS 2.4.28). */
int office_workbook(struct cfb_stream *s, const struct inspect_place *place, struct err *e)
{
	unsigned char head[4], body[6];
	ssize_t n;
	for (unsigned i = 0; (n = cfb_read_all(s, head, sizeof(head), e)) == sizeof(head); i++) {
		unsigned type = cfb_le(head, 2), len = cfb_le(head + 2, 2), take = 0;
		if (i == RECORDS_MAX)
			break;
		if (type == FILEPASS)
			inspect_found(place, INSPECT_ENCRYPTED, SPAN("Excel workbook"));
		if (type == BOUNDSHEET && len >= sizeof(body)) {
			take = sizeof(body);
			if (cfb_read_all(s, body, take, e) < 0)
				return -1;
			if (body[5] == MACRO_SHEET)
				inspect_found(place, INSPECT_MACRO, SPAN("Excel 4.0 macro sheet"));
		}
		if (skip(s, len - take, e) < 0)
			return -1;
	}
	return n < 0 ? -1 : 0;
}

/* MS-DOC 2.5.2: fEncrypted */
int office_word(struct cfb_stream *s, const struct inspect_place *place, struct err *e)
{
	unsigned char fib[12];
	ssize_t n = cfb_read_all(s, fib, sizeof(fib), e);
	if (n == sizeof(fib) && fib[11] & 1)
		inspect_found(place, INSPECT_ENCRYPTED, SPAN("Word document"));
	return n < 0 ? -1 : 0;
}

/* MS-PPT 2.4.11: a VBAInfoAtom that says there are macros */
int office_slides(struct cfb_stream *s, const struct inspect_place *place, struct err *e)
{
	enum { ATOM = 20, PIECE = 4096 };
	static const char head[] = "\2\0\0\4\14\0\0\0";
	char bytes[ATOM + PIECE];
	size_t have = 0;
	ssize_t n;
	while ((n = cfb_read_all(s, bytes + have, PIECE, e)) > 0) {
		struct span all = span_make(bytes, have + (size_t)n);
		ptrdiff_t at = span_find(all, span_make(head, 8));
		if (at >= 0 && (size_t)at + ATOM <= all.len && bytes[at + 12])
			inspect_found(place, INSPECT_MACRO, SPAN("PowerPoint VBA"));
		have = all.len < ATOM - 1 ? all.len : ATOM - 1;
		memmove(bytes, all.ptr + all.len - have, have);
	}
	return n < 0 ? -1 : 0;
}
