/*
 * clock.h - the one place that asks what time it is.
 *
 * clock_real_* is the calendar and can be fixed (--now, SOURCE_DATE_EPOCH, tests), so that runs are reproducible;
 * clock_mono_ms is for deadlines, never goes back and is never fixed.
 */
#ifndef SURAT_BASE_CLOCK_H
#define SURAT_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds and microseconds since 1970-01-01 UTC. */
int64_t clock_real_ms(void);
int64_t clock_real_us(void);
/* Seconds since 1970-01-01 UTC. */
int64_t clock_real_s(void);
/* Milliseconds of a clock that only goes forward. */
int64_t clock_mono_ms(void);
/* From here on the calendar stands still at this time; a negative value lets it go again. */
void clock_fix_s(int64_t seconds);

#endif
