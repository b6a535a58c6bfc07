#include "mime/date.h"

#include "../tap.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <time.h>

static void reads(const char *value, long long s, int offset, bool unknown)
{
	struct date d = {0};
	char *copy = mem_dup(value, strlen(value));
	bool good = date_parse(span_make(copy, strlen(value)), &d);
	ok(good && d.s == s && d.offset_min == offset && d.zone_unknown == unknown, "%s", value);
	if (!good || d.s != s)
		printf("#   got %d %lld %d %d, want %lld\n", good, (long long)d.s, d.offset_min,
		    d.zone_unknown, s);
	free(copy);
}

static void refuses(const char *value)
{
	struct date d;
	ok(!date_parse(span_of(value), &d), "no date: %s", value);
}

enum { T = 1795508040 }; /* 2026-11-24 08:14:00 UTC */

static void test_parse(void)
{
	reads("Tue, 24 Nov 2026 09:14:00 +0100", T, 60, false);
	reads(" Tue, 24 Nov 2026\r\n 09:14:00 +0100 (CET (Berlin))", T, 60, false);
	reads("24 Nov 2026 09:14 +0100", T, 60, false);
	reads("24 Nov 26 08:14 GMT", T, 0, false);
	reads("24 Nov 126 08:14 UT", T, 0, false);
	reads("Tue,24 Nov 2026 08:14:00 Z", T, 0, false);
	reads("Tue, 24 Nov 2026 03:14:00 EST", T, -300, false);
	reads("Tue, 24 Nov 2026 04:14:00 EDT", T, -240, false);
	reads("Tue, 24 Nov 2026 00:14:00 PST", T, -480, false);
	reads("Tue, 24 Nov 2026 08:14:00 A", T, 0, true);
	reads("Tue, 24 Nov 2026 08:14:00 XYZ", T, 0, true);
	reads("Tue, 24 Nov 2026 08:14:00 -0000", T, 0, true);
	reads("Tue, 24 Nov 2026 08:14:00", T, 0, true);
	reads("Tue, 24 Nov 2026 08:14:00 +9900", T, 0, true);
	reads("Tue (x) , (y) 24 (z) Nov(a)2026(b)08:14(c)+0000", T, 0, false);
	reads("Tue Nov 24 08:14:00 2026", T, 0, true);
	reads("Tue Nov 24 09:14:00 +0100 2026", T, 60, false);
	reads("Tue Nov 24 03:14:00 EST 2026", T, -300, false);
	reads("24-Nov-2026 09:14:00 +0100", T, 60, false);
	reads("Tuesday, 24-Nov-26 08:14:00 GMT", T, 0, false);
	reads("2026-11-24 09:14:00 +0100", T, 60, false);
	reads("2026-11-24T09:14:00+01:00", T, 60, false);
	reads("2026-11-24T08:14:00.123Z", T, 0, false);
	reads("Tue, 24 November 2026 08.14.00 GMT", T, 0, false);
	reads("Tue, 24 Nov 2026 08:14:00 AM GMT", T, 0, false);
	reads("Tue, 24 Nov 2026 10:14:00 GMT+0200", T, 120, false);
	reads("Nov 24, 2026 8:14:00 am", T, 0, true);
	reads("24 Nov 2026", T - 8 * 3600 - 14 * 60, 0, true);
	reads("1 Jan 70 00:00:00 +0000", 0, 0, false);
	reads("Sat, 29 Feb 2020 00:00:00 GMT", 1582934400, 0, false);
	reads("31 Dec 2016 23:59:60 +0000", 1483228800, 0, false);
	reads("31 Dec 1899 00:00:00 +0000", -2209075200, 0, false);
	refuses("");
	refuses("Tue");
	refuses("(open 24 Nov 2026 08:14:00");
	refuses("32 Nov 2026 08:14:00 +0000");
	refuses("29 Feb 2021 08:14:00 +0000");
	refuses("24 Nov 2026 24:14:00 +0000");
	refuses("24 Nov 2026 08:60:00 +0000");
	refuses("24 Foo 2026 08:14:00 +0000");
	refuses("11/24/2026");
	refuses("99999999999999999999 Nov 2026");
	refuses("24 24 Nov 2026 2026");
}

static void test_write(void)
{
	struct buf b = BUF_INIT(256);
	date_write(&b, T, 60);
	is_str(buf_cstr(&b), "Tue, 24 Nov 2026 09:14:00 +0100", "written");
	buf_reset(&b);
	date_write(&b, T, -570);
	is_str(buf_cstr(&b), "Mon, 23 Nov 2026 22:44:00 -0930", "west of here");
	buf_reset(&b);
	date_write_rfc3339(&b, T);
	is_str(buf_cstr(&b), "2026-11-24T08:14:00Z", "RFC 3339");
	buf_reset(&b);
	date_write(&b, INT64_MAX, 0);
	is_str(buf_cstr(&b), "Fri, 31 Dec 9999 23:59:59 +0000", "no year has five digits");
	buf_release(&b);
	unsigned seed = 1, wrong = 0;
	for (int i = 0; i < 50000; i++) {
		struct buf t = BUF_INIT(256);
		struct date d = {0};
		int64_t s = (int64_t)rand_r(&seed) * 100 - 60000000000, back = 0;
		int offset = rand_r(&seed) % 1440 - 720;
		date_write(&t, s, offset);
		wrong += !date_parse(buf_span(&t), &d) || d.s != s || d.offset_min != offset;
		buf_reset(&t);
		date_write_rfc3339(&t, s);
		wrong += !date_parse_rfc3339(buf_span(&t), &back) || back != s;
		buf_release(&t);
	}
	is_int(wrong, 0, "50,000 dates come back as they were");
}

static void test_rfc3339(void)
{
	int64_t s = 0;
	ok(date_parse_rfc3339(SPAN("2026-11-24T09:14:00.5+01:00"), &s) && s == T,
	    "with fraction and offset");
	ok(date_parse_rfc3339(SPAN("2026-11-24t08:14:00z"), &s) && s == T, "small letters");
	static const char *const bad[] = {"2026-11-24", "2026-11-24T08:14Z", "2026-13-24T08:14:00Z",
	    "2026-11-31T08:14:00Z", "2026-11-24T08:14:00", "2026-11-24T08:14:00+0100",
	    "2026-11-24T08:14:00.Z", "2026-11-24T08:14:00Zx", "2026-00-10T00:00:00Z"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!date_parse_rfc3339(span_of(bad[i]), &s), "not RFC 3339: %s", bad[i]);
}

static void means(const char *text, int64_t want)
{
	int64_t s = -1;
	struct err e = ERR_INIT;
	int rc = date_parse_time(span_of(text), T, &s, &e);
	ok(rc == 0 && s == want, "%s: %s", text, e.text);
	if (s != want)
		printf("#   got %lld, want %lld\n", (long long)s, (long long)want);
}

static void test_time(void)
{
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	means("2h", T - 7200);
	means("3d", T - 3 * 86400);
	means("1w", T - 7 * 86400);
	means("1h30m", T - 5400);
	means("90s", T - 90);
	means("@123", 123);
	means("today", T - 9 * 3600 - 14 * 60);
	means("yesterday", T - 33 * 3600 - 14 * 60);
	means("2026-11-24", T - 9 * 3600 - 14 * 60);
	means("2026-07-01", 1782856800);
	means("2026-11-24T08:14:00Z", T);
	is_int(date_local_offset(T), 60, "winter");
	is_int(date_local_offset(1782856800), 120, "summer");
	static const char *const bad[] = {"", "2", "h", "2x", "tomorrow", "@", "@-1", "2026-11-31",
	    "99999999999999h", "2026-11-24x"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t s;
		struct err e = ERR_INIT;
		ok(date_parse_time(span_of(bad[i]), T, &s, &e) < 0 && e.code == EX_USAGE,
		    "no time: %s", bad[i]);
	}
}

int main(void)
{
	test_parse();
	test_write();
	test_rfc3339();
	test_time();
	return tap_done();
}
