#include "mime/date.h"

#include "codec/civil.h"
#include "mime/lex.h"

/* What was found so far; -1: not yet. */
struct found {
	int day, month, year, hour, minute, second;
	bool zone, zone_unknown, pm, am;
	int offset_min;
};

static int name_index(struct span word, const char *names)
{
	if (word.len < 3)
		return -1;
	for (int i = 0; names[3 * i]; i++)
		if (span_eq_nocase(span_take(word, 3), span_make(names + 3 * i, 3)))
			return i;
	return -1;
}

static struct span take_digits(struct span *s)
{
	size_t n = 0;
	while (n < s->len && is_digit(s->ptr[n]))
		n++;
	struct span d = span_take(*s, n);
	*s = span_skip(*s, n);
	return d;
}

static struct span take_alpha(struct span *s)
{
	size_t n = 0;
	while (n < s->len && is_alpha(s->ptr[n]))
		n++;
	struct span w = span_take(*s, n);
	*s = span_skip(*s, n);
	return w;
}

static int number(struct span digits)
{
	uint64_t n;
	return digits.len <= 4 && span_to_u64(digits, 9999, &n) ? (int)n : -1;
}

static bool take_char(struct span *s, char c)
{
	if (!s->len || *s->ptr != c)
		return false;
	*s = span_skip(*s, 1);
	return true;
}

static bool set_year(struct found *f, struct span digits)
{
	int y = number(digits);
	if (y < 0 || f->year >= 0 || digits.len < 2)
		return false;
	if (digits.len == 2) /* RFC 5322 4.3 */
		y += y < 50 ? 2000 : 1900;
	else if (digits.len == 3)
		y += 1900;
	f->year = y;
	return true;
}

static bool set_day(struct found *f, struct span digits)
{
	if (f->day >= 0 || digits.len > 2)
		return false;
	f->day = number(digits);
	return f->day >= 1;
}

static bool set_month(struct found *f, int month)
{
	if (f->month >= 0)
		return false;
	f->month = month;
	return true;
}

/* +0100, +01:00, +1, -0000 */
static bool set_offset(struct found *f, struct span s)
{
	int sign = *s.ptr == '-' ? -1 : 1;
	s = span_skip(s, 1);
	struct span h = take_digits(&s), m = SPAN("");
	if (take_char(&s, ':'))
		m = take_digits(&s);
	int hours, minutes = m.len ? number(m) : 0;
	if (h.len > 2 && h.len <= 4 && !m.len) {
		hours = number(span_take(h, h.len - 2));
		minutes = number(span_skip(h, h.len - 2));
	} else if (h.len >= 1 && h.len <= 2) {
		hours = number(h);
	} else {
		return false;
	}
	if (s.len)
		return false;
	if (hours > 23 || minutes > 59 ||
	    minutes < 0) { /* nonsense such as +9900: the time counts as UTC */
		f->zone = f->zone_unknown = true;
		return true;
	}
	f->zone = true;
	f->offset_min = sign * (hours * 60 + minutes);
	f->zone_unknown = sign < 0 && !f->offset_min;
	return true;
}

static void set_zone_name(struct found *f, struct span w)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {{"UT", 0}, {"GMT", 0}, {"UTC", 0}, {"Z", 0}, {"EST", -5}, {"EDT", -4},
	    {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
	if (f->zone)
		return; /* "+0100 CET" */
	f->zone = true;
	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++) {
		if (span_is_nocase(w, zones[i].name)) {
			f->offset_min = zones[i].hours * 60;
			return;
		}
	}
	f->zone_unknown =
	    true; /* RFC 5322 4.3: any other name counts as -0000, military ones too */
}

/* "9:14", "09:14:00", "09.14.00", with a fraction or a zone behind it */
static bool set_time(struct found *f, struct span s)
{
	if (f->hour >= 0)
		return false;
	f->hour = number(take_digits(&s));
	if (!take_char(&s, ':') && !take_char(&s, '.'))
		return false;
	f->minute = number(take_digits(&s));
	f->second = 0;
	if (take_char(&s, ':') || take_char(&s, '.'))
		f->second = number(take_digits(&s));
	if (f->minute < 0 || f->second < 0)
		return false;
	if (take_char(&s, '.') || take_char(&s, ','))
		take_digits(&s);
	if (!s.len)
		return true;
	if (*s.ptr == '+' || *s.ptr == '-')
		return set_offset(f, s);
	struct span w = take_alpha(&s);
	if (s.len || !w.len)
		return false;
	if (span_is_nocase(w, "pm") || span_is_nocase(w, "am"))
		f->pm = !(f->am = to_lower(*w.ptr) == 'a');
	else
		set_zone_name(f, w);
	return true;
}

/* 24-Nov-2026, 2026-11-24, 2026-11-24T09:14:00Z */
static bool set_dashed(struct found *f, struct span s)
{
	struct span first = take_digits(&s);
	take_char(&s, '-');
	struct span word = take_alpha(&s), middle = take_digits(&s);
	if (!take_char(&s, '-'))
		return false;
	struct span last = take_digits(&s);
	if (word.len)
		return !middle.len && set_day(f, first) &&
		       set_month(f, name_index(word, civil_months)) && set_year(f, last) && !s.len;
	if (first.len != 4 || middle.len != 2 || !set_year(f, first) ||
	    !set_month(f, number(middle) - 1) || !set_day(f, last))
		return false;
	if (take_char(&s, 'T') || take_char(&s, 't'))
		return set_time(f, s);
	return !s.len;
}

static bool set_digits(struct found *f, struct span t)
{
	struct span rest = t, digits = take_digits(&rest);
	if (!rest.len) {
		if (digits.len <= 2 && f->day < 0)
			return set_day(f, digits);
		return set_year(f, digits);
	}
	if (*rest.ptr == '-')
		return set_dashed(f, t);
	if (*rest.ptr == ':' || (*rest.ptr == '.' && rest.len > 1))
		return set_time(f, t);
	if (rest.len == 1 && *rest.ptr == '.') /* "24. Nov" */
		return set_day(f, digits);
	struct span w = take_alpha(&rest); /* "24Nov2026" */
	return set_day(f, digits) && set_month(f, name_index(w, civil_months)) && set_year(f, rest);
}

static bool set_word(struct found *f, struct span t)
{
	struct span rest = t, w = take_alpha(&rest);
	int month = name_index(w, civil_months);
	if (rest.len && (*rest.ptr == '+' || *rest.ptr == '-') && f->hour >= 0)
		return set_offset(f, rest); /* GMT+0100 */
	if (f->month < 0 && month >= 0 && f->hour < 0)
		return set_month(f, month);
	if (f->hour < 0 || (f->year < 0 && f->month < 0))
		return name_index(w, "SunMonTueWedThuFriSat") >= 0 || w.len == t.len;
	if (f->month < 0 && month >= 0)
		return set_month(f, month);
	if (span_is_nocase(w, "pm") || span_is_nocase(w, "am"))
		f->pm = !(f->am = to_lower(*w.ptr) == 'a');
	else
		set_zone_name(f, w);
	return true;
}

/* The next piece without blanks, commas and comments; the rest of an open comment is dropped. */
static bool next_piece(struct span *s, struct span *piece)
{
	while (s->len && (is_space(*s->ptr) || *s->ptr == ',' || *s->ptr == '(')) {
		const char *end = s->ptr + s->len, *q = s->ptr + 1;
		if (*s->ptr == '(')
			q = lex_comment_end(s->ptr, end);
		*s = q ? span_make(q, (size_t)(end - q)) : span_make(end, 0);
	}
	size_t n = 0;
	while (n < s->len && !is_space(s->ptr[n]) && s->ptr[n] != ',' && s->ptr[n] != '(')
		n++;
	*piece = span_take(*s, n);
	*s = span_skip(*s, n);
	return n > 0;
}

static bool finish(struct found *f, struct date *d)
{
	if (f->day < 0 || f->month < 0 || f->year < 0)
		return false;
	if (f->hour < 0)
		f->hour = f->minute = f->second = 0;
	if (f->pm && f->hour < 12)
		f->hour += 12;
	if (f->am && f->hour == 12)
		f->hour = 0;
	if (f->month > 11 || f->day > civil_month_days(f->year, f->month) || f->hour > 23 ||
	    f->minute > 59 || f->second > 60)
		return false;
	d->offset_min = f->offset_min;
	d->zone_unknown = f->zone_unknown || !f->zone;
	d->s = civil_s(f->year, f->month, f->day) + f->hour * 3600 + f->minute * 60 + f->second -
	       f->offset_min * 60;
	return true;
}

bool date_parse(struct span value, struct date *d)
{
	struct found f = {-1, -1, -1, -1, -1, -1};
	struct span piece;
	while (next_piece(&value, &piece)) {
		bool good;
		if (is_digit(*piece.ptr))
			good = set_digits(&f, piece);
		else if (is_alpha(*piece.ptr))
			good = set_word(&f, piece);
		else if (*piece.ptr == '+' || *piece.ptr == '-')
			good = f.zone || set_offset(&f, piece);
		else
			good = f.hour >= 0; /* "CET" in quotes and the like */
		if (!good)
			return false;
	}
	return finish(&f, d);
}
