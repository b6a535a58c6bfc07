#include "codec/time.h"

#include "base/alloc.h"
#include "codec/civil.h"

int date_local_offset(int64_t s)
{
	time_t t = (time_t)civil_clamp(s);
	struct tm tm;
	localtime_r(&t, &tm);
	return (int)(tm.tm_gmtoff / 60);
}

/* A year of four digits, without printf: a list writes hundreds of thousands of them. */
static void write_digits(struct buf *b, const struct tm *tm)
{
	const int v[] = {(tm->tm_year + 1900) / 100, (tm->tm_year + 1900) % 100, tm->tm_mon + 1,
	    tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec};
	char text[] = "0000-00-00T00:00:00Z";
	static const size_t at[] = {0, 2, 5, 8, 11, 14, 17};
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		text[at[i]] = (char)('0' + v[i] / 10);
		text[at[i] + 1] = (char)('0' + v[i] % 10);
	}
	buf_addn(b, text, sizeof(text) - 1);
}

void date_write_rfc3339(struct buf *b, int64_t s)
{
	struct tm tm = civil_tm(s);
	if (tm.tm_year >= -1900 && tm.tm_year < 8100) {
		write_digits(b, &tm);
		return;
	}
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	    tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static bool two(struct span *s, char before, int max, int *out)
{
	if (before) {
		if (!s->len || *s->ptr != before)
			return false;
		*s = span_skip(*s, 1);
	}
	uint64_t n;
	if (s->len < 2 || !span_to_u64(span_take(*s, 2), (uint64_t)max, &n))
		return false;
	*out = (int)n;
	*s = span_skip(*s, 2);
	return true;
}

/* YYYY-MM-DD off the front. */
static bool take_day(struct span *s, int *year, int *month, int *day)
{
	uint64_t y;
	if (s->len < 10 || !span_to_u64(span_take(*s, 4), 9999, &y))
		return false;
	*year = (int)y;
	*s = span_skip(*s, 4);
	if (!two(s, '-', 12, month) || !two(s, '-', 31, day) || --*month < 0)
		return false;
	return *day >= 1 && *day <= civil_month_days(*year, *month);
}

static bool take_offset(struct span *s, int *seconds)
{
	int h, m, sign = 1;
	*seconds = 0;
	if (span_is_nocase(*s, "Z"))
		return true;
	if (!s->len || (*s->ptr != '+' && *s->ptr != '-'))
		return false;
	sign = *s->ptr == '-' ? -1 : 1;
	*s = span_skip(*s, 1);
	if (!two(s, 0, 23, &h) || !two(s, ':', 59, &m) || s->len)
		return false;
	*seconds = sign * (h * 3600 + m * 60);
	return true;
}

bool date_parse_rfc3339(struct span text, int64_t *s)
{
	int year, month, day, hour, minute, second, offset;
	if (!take_day(&text, &year, &month, &day) || !text.len || !strchr("Tt ", *text.ptr) ||
	    !*text.ptr)
		return false;
	text = span_skip(text, 1);
	if (!two(&text, 0, 23, &hour) || !two(&text, ':', 59, &minute) ||
	    !two(&text, ':', 60, &second))
		return false;
	if (text.len > 1 && *text.ptr == '.' && is_digit(text.ptr[1]))
		for (text = span_skip(text, 1); text.len && is_digit(*text.ptr);)
			text = span_skip(text, 1);
	if (!take_offset(&text, &offset))
		return false;
	*s = civil_s(year, month, day) + hour * 3600 + minute * 60 + second - offset;
	return true;
}

/* Midnight here, days from the day of t. */
static int64_t midnight(int64_t t, int days)
{
	time_t at = (time_t)t;
	struct tm tm;
	localtime_r(&at, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

bool date_parse_age(struct span text, int64_t *s)
{
	static const char units[] = "smhdw";
	static const int64_t seconds[] = {1, 60, 3600, 86400, 7 * 86400};
	int64_t sum = 0;
	if (!text.len)
		return false;
	while (text.len) {
		size_t n = 0;
		while (n < text.len && is_digit(text.ptr[n]))
			n++;
		const char *u = n < text.len && text.ptr[n] ? strchr(units, text.ptr[n]) : NULL;
		uint64_t count;
		if (!u || !span_to_u64(span_take(text, n), 1000000000, &count))
			return false;
		sum += (int64_t)count * seconds[u - units];
		if (sum > 100000000000)
			return false;
		text = span_skip(text, n + 1);
	}
	*s = sum;
	return true;
}

int date_parse_time(struct span text, int64_t now, int64_t *s, struct err *e)
{
	int year, month, day;
	uint64_t at;
	struct span rest = text;
	int64_t back;
	if (date_parse_age(text, &back)) {
		*s = now - back;
	} else if (span_is_nocase(text, "now")) {
		*s = now;
	} else if (span_is_nocase(text, "today")) {
		*s = midnight(now, 0);
	} else if (span_is_nocase(text, "yesterday")) {
		*s = midnight(now, -1);
	} else if (span_starts(text, "@") && span_to_u64(span_skip(text, 1), 253402300799, &at)) {
		*s = (int64_t)at;
	} else if (take_day(&rest, &year, &month, &day) && !rest.len) {
		/* noon there and back: the day is right in every zone near */
		int64_t noon = civil_s(year, month, day) + 43200;
		*s = midnight(noon - date_local_offset(noon) * 60, 0);
	} else if (!date_parse_rfc3339(text, s)) {
		return err_set(e, EX_USAGE,
		    "\"%.*s\" is no time: write 2h, 3d, 1w, today, yesterday, YYYY-MM-DD, "
		    "YYYY-MM-DDThh:mm:ssZ or @seconds",
		    SPAN_ARG(text));
	}
	return 0;
}
