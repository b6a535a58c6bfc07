#include "codec/civil.h"
#include "mime/date.h"

void date_write(struct buf *b, int64_t s, int offset_min)
{
	int offset = offset_min < 0 ? -offset_min : offset_min;
	struct tm tm = civil_tm(civil_clamp(s) + (int64_t)offset_min * 60);
	buf_addf(b, "%.3s, %d %.3s %04d %02d:%02d:%02d %c%02d%02d",
	    &"SunMonTueWedThuFriSat"[3 * tm.tm_wday], tm.tm_mday, &civil_months[3 * tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec, offset_min < 0 ? '-' : '+',
	    offset / 60, offset % 60);
}
