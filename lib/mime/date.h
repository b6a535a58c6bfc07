/*
 * date.h - RFC 5322 3.3 dates, obsolete and broken ones too. RFC 3339 and the words people type are in codec/time.h.
 */
#ifndef SURAT_MIME_DATE_H
#define SURAT_MIME_DATE_H

#include "base/buf.h"
#include "codec/time.h"

#include <stdint.h>

struct date {
	int64_t s;         /* seconds since 1970 UTC */
	int offset_min;    /* zone, minutes east; */
	bool zone_unknown; /* -0000 or an unknown name */
};
/* True and *d, or false when it is no date. */
bool date_parse(struct span value, struct date *d);
/* "Tue, 24 Nov 2026 09:14:00 +0100". Zone: see date_local_offset. */
void date_write(struct buf *b, int64_t s, int offset_min);

#endif
