/*
 * date.h - RFC 5322 3.3 dates, obsolete and broken ones too, and RFC 3339.
 */
#ifndef SURAT_MIME_DATE_H
#define SURAT_MIME_DATE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

struct date {
	int64_t s;         /* seconds since 1970 UTC */
	int offset_min;    /* zone, minutes east; */
	bool zone_unknown; /* -0000 or an unknown name */
};
/* True and *d, or false when it is no date. */
bool date_parse(struct span value, struct date *d);
/* "Tue, 24 Nov 2026 09:14:00 +0100". date_local: offset of the local zone at that time. */
void date_write(struct buf *b, int64_t s, int offset_min);
int date_local_offset(int64_t s);
/* "2026-11-24T08:14:00Z" */
void date_write_rfc3339(struct buf *b, int64_t s);
bool date_parse_rfc3339(struct span text, int64_t *s);
/* AGE and TIME of the command lines: 2h, 3d, 1w, yesterday, today, YYYY-MM-DD, RFC 3339, @seconds. An AGE is that long before now. */
int date_parse_time(struct span text, int64_t now, int64_t *s, struct err *e);

#endif
