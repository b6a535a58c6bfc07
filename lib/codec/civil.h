/*
 * civil.h - days and years without the C library's zones. For what reads and writes dates.
 */
#ifndef SURAT_CODEC_CIVIL_H
#define SURAT_CODEC_CIVIL_H

#include <stdint.h>
#include <time.h>

#define civil_months "JanFebMarAprMayJunJulAugSepOctNovDec"

static inline int civil_month_days(int year, int month)
{
	static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month] + (month == 1 && leap);
}

/* Seconds since 1970 of the start of a day; month from 0. Days are counted from 1 March of year 0, so that the leap day is a year's last. */
static inline int64_t civil_s(int year, int month, int day)
{
	int64_t y = year - (month < 2), m = (month + 10) % 12;
	int64_t days =
	    365 * y + (y >= 0 ? y / 4 - y / 100 + y / 400 : -1) + (153 * m + 2) / 5 + day - 1;
	return (days - 719468) * 86400;
}

/* Years 0 to 9999: what four digits can say. */
static inline int64_t civil_clamp(int64_t s)
{
	const int64_t first = -62167219200, last = 253402300799;
	return s < first ? first : s > last ? last : s;
}

static inline struct tm civil_tm(int64_t s)
{
	time_t t = (time_t)civil_clamp(s);
	struct tm tm;
	gmtime_r(&t, &tm);
	return tm;
}

#endif
