/* Numbers as people like them. */
#include "base/clock.h"
#include "report/internal.h"

#include <inttypes.h>
#include <time.h>

static struct tm local(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm = {0};
	localtime_r(&t, &tm);
	return tm;
}

void report_human_time(struct buf *b, int64_t seconds)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t now_s = clock_real_s();
	struct tm at = local(seconds), now = local(now_s);
	if (at.tm_year == now.tm_year && at.tm_yday == now.tm_yday)
		buf_addf(b, "%02d:%02d", at.tm_hour, at.tm_min);
	else if (seconds < now_s && now_s - seconds < 300 * 86400)
		buf_addf(b, "%2d %.3s", at.tm_mday, months + 3 * at.tm_mon);
	else
		buf_addf(b, "%04d-%02d-%02d", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday);
}

void report_human_bytes(struct buf *b, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	if (bytes < 1000) {
		buf_addf(b, "%" PRIu64, bytes);
		return;
	}
	const char *unit = units;
	double n = (double)bytes / 1024;
	for (; n >= 999.5; unit++)
		n /= 1024;
	buf_addf(b, n < 9.95 ? "%.1f%c" : "%.0f%c", n, *unit);
}

void report_human_age(struct buf *b, int64_t seconds)
{
	static const struct {
		int64_t from, unit;
		char letter;
	} units[] = {{14 * 86400, 7 * 86400, 'w'}, {2 * 86400, 86400, 'd'}, {3600, 3600, 'h'},
	    {60, 60, 'm'}, {0, 1, 's'}};
	size_t i = 0;
	if (seconds < 0)
		seconds = 0;
	while (seconds < units[i].from)
		i++;
	buf_addf(b, "%" PRId64 "%c", seconds / units[i].unit, units[i].letter);
}
