#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/time.h"
#include "query/room.h"

#include <stdio.h>
#include <time.h>

/* --- values --- */

static int set_text(
    struct query *q, struct query_node *n, struct span value, bool fold, struct err *e)
{
	struct buf folded = BUF_INIT(64 * 1024);
	if (fold)
		query_fold(&folded, value);
	else
		buf_add(&folded, value);
	n->text = arena_dup(&q->arena, buf_span(&folded));
	bool over = folded.over || !n->text.ptr;
	buf_release(&folded);
	return over ? err_set(e, EX_USAGE, _("query: a term is too long")) : 0;
}

/* "2026", "2026-03": when it begins and ends, here. */
static bool year_or_month(struct span text, int64_t *from, int64_t *to)
{
	uint64_t year, month = 1;
	bool has_month = text.len == 7 && text.ptr[4] == '-';
	if ((text.len != 4 && !has_month) || !span_to_u64(span_take(text, 4), 9999, &year) ||
	    (has_month && (!span_to_u64(span_skip(text, 5), 12, &month) || month < 1)))
		return false;
	struct tm tm = {
	    .tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = 1, .tm_isdst = -1};
	struct tm next = tm;
	next.tm_year += !has_month;
	next.tm_mon += has_month;
	*from = mktime(&tm);
	*to = mktime(&next);
	return true;
}

static bool is_day(struct span text)
{
	return span_is(text, "today") || span_is(text, "yesterday") ||
	       (text.len == 10 && text.ptr[4] == '-' && text.ptr[7] == '-');
}

/* A day has 23, 24 or 25 hours: its end is the next midnight. */
static int64_t day_end(int64_t start)
{
	time_t t = (time_t)start;
	struct tm tm;
	localtime_r(&t, &tm);
	tm.tm_mday++;
	tm.tm_isdst = -1;
	return mktime(&tm);
}

/* What a time stands for: from its first second to the first behind it. */
static int time_range(struct span text, int64_t *from, int64_t *to, struct err *e)
{
	if (year_or_month(text, from, to))
		return 0;
	if (date_parse_time(text, clock_real_s(), from, e) < 0)
		return err_prefix(e, "query: ");
	*to = is_day(text) ? day_end(*from) : *from + 1;
	return 0;
}

/* A, A..B, A.., ..B */
static int set_date(struct query_node *n, struct span value, struct err *e)
{
	int64_t other;
	ptrdiff_t dots = span_find(value, SPAN(".."));
	if (dots < 0)
		return time_range(value, &n->from_n, &n->to_n, e);
	struct span a = span_take(value, (size_t)dots), b = span_skip(value, (size_t)dots + 2);
	if (a.len && time_range(a, &n->from_n, &other, e) < 0)
		return -1;
	return b.len ? time_range(b, &other, &n->to_n, e) : 0;
}

/* "100", "20k", "3M", "1G" */
static int parse_size(struct span value, int64_t *out, struct err *e)
{
	static const char units[] = "kKmMgG";
	struct span digits = value;
	uint64_t n;
	const char *unit =
	    value.len ? memchr(units, value.ptr[value.len - 1], sizeof(units) - 1) : NULL;
	int shift = unit ? 10 * (1 + (int)(unit - units) / 2) : 0;
	digits.len -= unit != NULL;
	if (!span_to_u64(digits, (uint64_t)1 << 32, &n))
		return err_set(e, EX_USAGE, _("query: \"%.*s\" is no size"), SPAN_ARG(value));
	*out = (int64_t)(n << shift);
	return 0;
}

/* Words that people use for flags, or for their absence, in other programs. */
static const struct {
	const char *name, *flag;
	bool wanted;
} states[] = {{"unread", "seen", false}, {"unseen", "seen", false}, {"read", "seen", true},
    {"answered", "replied", true}, {"unanswered", "replied", false},
    {"unreplied", "replied", false}, {"forwarded", "passed", true}, {"unflagged", "flagged", false},
    {"deleted", "trashed", true}};

static int set_flag(struct query_node *n, struct span value, query_flag_fn *flags, struct err *e)
{
	n->flag_wanted = true;
	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		if (!span_is_nocase(value, states[i].name))
			continue;
		value = span_of(states[i].flag);
		n->flag_wanted = states[i].wanted;
		break;
	}
	return flags(value, &n->flag, e) < 0 ? err_prefix(e, "query: ") : 0;
}

/* "+Archive", "Archive" and "INBOX": the last piece of a mailbox's name. */
static struct span mailbox_name(struct span value)
{
	return value.len && *value.ptr == '+' ? span_skip(value, 1) : value;
}

/* --- keys --- */

enum how { TEXT, EXACT, TIME, BEFORE, AFTER, LARGER, SMALLER, FLAG, HAS, MAILBOX };
static const struct {
	const char *name;
	enum query_field field;
	enum how how;
} keys[] = {{"from", QUERY_FROM, TEXT}, {"to", QUERY_TO, TEXT}, {"cc", QUERY_CC, TEXT},
    {"bcc", QUERY_BCC, TEXT}, {"subject", QUERY_SUBJECT, TEXT}, {"body", QUERY_BODY, TEXT},
    {"list", QUERY_LIST, TEXT}, {"id", QUERY_ID, EXACT}, {"filename", QUERY_FILENAME, TEXT},
    {"type", QUERY_TYPE, TEXT}, {"has", QUERY_ATTACHMENT, HAS}, {"flag", QUERY_FLAG, FLAG},
    {"is", QUERY_FLAG, FLAG}, {"date", QUERY_DATE, TIME}, {"before", QUERY_DATE, BEFORE},
    {"after", QUERY_DATE, AFTER}, {"larger", QUERY_SIZE, LARGER}, {"smaller", QUERY_SIZE, SMALLER},
    {"in", QUERY_IN, MAILBOX}};

static size_t key_index(struct span key)
{
	size_t i = 0;
	while (i < ARRAY_LEN(keys) && !span_is_nocase(key, keys[i].name))
		i++;
	return i;
}

size_t query_key_length(struct span text)
{
	ptrdiff_t colon = span_index(span_take(text, 12), ':');
	return colon > 0 && key_index(span_take(text, (size_t)colon)) < ARRAY_LEN(keys)
		   ? (size_t)colon + 1
		   : 0;
}

/* "form:alice" would look for that word and find nothing: most likely it is a slip. Not so "https://..." and "Re:". */
static int check_word(struct span word, struct err *e)
{
	ptrdiff_t colon = span_index(word, ':');
	if (colon < 1 || (size_t)colon + 1 >= word.len || word.ptr[colon + 1] == '/' ||
	    is_space(word.ptr[colon + 1]))
		return 0;
	for (ptrdiff_t i = 0; i < colon; i++)
		if (word.ptr[i] < 'a' || word.ptr[i] > 'z')
			return 0;
	return err_set(e, EX_USAGE, _("query: there is no key \"%.*s:\""), (int)colon, word.ptr);
}

static int set_value(struct query *q, struct query_node *n, enum how how, struct span value,
    query_flag_fn *flags, struct err *e)
{
	int64_t other;
	switch (how) {
	case TEXT: return set_text(q, n, value, true, e);
	case EXACT:
		if (value.len > 1 && *value.ptr == '<' && value.ptr[value.len - 1] == '>')
			value = span_make(value.ptr + 1, value.len - 2);
		return set_text(q, n, value, false, e);
	case TIME: return set_date(n, value, e);
	case BEFORE: return time_range(value, &n->to_n, &other, e);
	case AFTER: return time_range(value, &n->from_n, &other, e);
	case LARGER:
		if (parse_size(value, &n->from_n, e) < 0)
			return -1;
		n->from_n++;
		return 0;
	case SMALLER: return parse_size(value, &n->to_n, e);
	case FLAG: return set_flag(n, value, flags, e);
	case HAS:
		return span_is(value, "attachment")
			   ? 0
			   : err_set(
				 e, EX_USAGE, _("query: has:attachment is all there is of has:"));
	case MAILBOX: q->has_in = true; return set_text(q, n, mailbox_name(value), true, e);
	}
	return 0;
}

static bool looked_for_in_parts(enum query_field f)
{
	return f == QUERY_ANY || f == QUERY_BODY || f == QUERY_ATTACHMENT || f == QUERY_FILENAME ||
	       f == QUERY_TYPE;
}

int query_term_set(struct query *q, struct query_node *n, struct span key, struct span value,
    query_flag_fn *flags, struct err *e)
{
	enum how how = TEXT;
	n->field = QUERY_ANY;
	n->from_n = INT64_MIN;
	n->to_n = INT64_MAX;
	if (key.ptr) {
		size_t i = key_index(key);
		n->field = keys[i].field;
		how = keys[i].how;
		if (!value.len)
			return err_set(e, EX_USAGE, _("query: %s: wants a value"), keys[i].name);
	} else if (check_word(value, e) < 0) {
		return -1;
	}
	if (set_value(q, n, how, value, flags, e) < 0)
		return -1;
	if (looked_for_in_parts(n->field))
		n->index = q->part_terms++;
	if ((n->field == QUERY_ANY || n->field == QUERY_BODY) && n->text.len > q->longest)
		q->longest = n->text.len;
	return 0;
}
