#include "base/clock.h"

#include <time.h>

/* The seam: process-wide on purpose, as the calendar is. */
static int64_t fixed_s = -1;

static int64_t read_us(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_real_us(void)
{
	return fixed_s >= 0 ? fixed_s * 1000000 : read_us(CLOCK_REALTIME);
}

int64_t clock_real_ms(void)
{
	return clock_real_us() / 1000;
}

int64_t clock_real_s(void)
{
	return clock_real_us() / 1000000;
}

int64_t clock_mono_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

void clock_fix_s(int64_t seconds)
{
	fixed_s = seconds;
}
