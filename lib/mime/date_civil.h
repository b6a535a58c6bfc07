/*
 * date_civil.h - days and years without the C library's zones. Private to this room.
 */
#ifndef SURAT_MIME_DATE_CIVIL_H
#define SURAT_MIME_DATE_CIVIL_H

#include <stdint.h>

#define date_months "JanFebMarAprMayJunJulAugSepOctNovDec"

static inline int date_month_days(int year, int month)
{
	static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month] + (month == 1 && leap);
}

/* Seconds since 1970 of the start of a day; month from 0. Days are counted from 1 March of year 0, so that the leap day is a year's last. */
static inline int64_t date_civil_s(int year, int month, int day)
{
	int64_t y = year - (month < 2), m = (month + 10) % 12;
	int64_t days =
	    365 * y + (y >= 0 ? y / 4 - y / 100 + y / 400 : -1) + (153 * m + 2) / 5 + day - 1;
	return (days - 719468) * 86400;
}

#endif
