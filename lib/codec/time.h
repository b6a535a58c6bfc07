/*
 * time.h - the times that people and programs write: RFC 3339, ages, "yesterday". The dates of messages are mime/date.h's.
 */
#ifndef SURAT_CODEC_TIME_H
#define SURAT_CODEC_TIME_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

/* Minutes east of Greenwich here at that time. */
int date_local_offset(int64_t s);
/* "2026-11-24T08:14:00Z" */
void date_write_rfc3339(struct buf *b, int64_t s);
bool date_parse_rfc3339(struct span text, int64_t *s);
/* "90s", "2h", "1h30m", "3d", "1w": seconds. False when it is none. */
bool date_parse_age(struct span text, int64_t *s);
/* AGE and TIME of the command lines: 2h, 3d, 1w, now, yesterday, today, YYYY-MM-DD, RFC 3339, @seconds. An AGE is that long before now. EX_USAGE. */
int date_parse_time(struct span text, int64_t now, int64_t *s, struct err *e);

#endif
