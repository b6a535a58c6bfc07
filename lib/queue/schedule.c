#include "queue/schedule.h"

#include "base/random.h"
#include "base/span.h"
#include "queue/journal.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR, BELIEVED = 30 * DAY };
enum { GREYLIST_ATTEMPTS = 4 }; /* then it is a busy host like any other */

void queue_schedule_init(struct queue_schedule *s)
{
	*s = (struct queue_schedule){.retry_s = 5 * MINUTE,
	    .retry_max_s = 4 * HOUR,
	    .greylist_s = 2 * MINUTE,
	    .warn_s = 4 * HOUR,
	    .expire_s = 5 * DAY};
}

/* There is no reply code of its own for greylisting: RFC 6647 says 451 4.7.1, and nearly everybody says the word. */
enum queue_class queue_schedule_class(const struct queue_answer *a)
{
	if (!a || a->code == 0)
		return QUEUE_CLASS_UNREACHABLE;
	struct span text = span_of(a->text);
	if (span_find_nocase(text, SPAN("greylist")) >= 0 ||
	    span_find_nocase(text, SPAN("graylist")) >= 0 || strcmp(a->enhanced, "4.7.1") == 0)
		return QUEUE_CLASS_GREYLISTED;
	return QUEUE_CLASS_BUSY;
}

static int64_t doubled(int64_t first, unsigned times, int64_t most)
{
	while (times-- > 0 && first < most)
		first *= 2;
	return first < most ? first : most;
}

static int64_t pause_s(const struct queue_schedule *s, enum queue_class c, unsigned attempts)
{
	unsigned times = attempts ? attempts - 1 : 0;
	if (c == QUEUE_CLASS_GREYLISTED && attempts <= GREYLIST_ATTEMPTS)
		return doubled(s->greylist_s, times, s->retry_max_s);
	return doubled(
	    s->retry_s, c == QUEUE_CLASS_UNREACHABLE ? times + 1 : times, s->retry_max_s);
}

int64_t queue_schedule_next(
    const struct queue_schedule *s, enum queue_class c, unsigned attempts, int64_t now_s)
{
	int64_t pause = pause_s(s, c, attempts);
	pause += (int64_t)random_below((uint32_t)(pause / 4 + 1)) - pause / 8;
	return now_s + (pause > 1 ? pause : 1);
}

int64_t queue_schedule_waited(int64_t from_s, int64_t to_s)
{
	int64_t gap = to_s - from_s;
	return gap > 0 && gap <= BELIEVED ? gap : 0;
}

bool queue_schedule_far(const struct queue_schedule *s, int64_t next_s, int64_t now_s)
{
	return next_s - now_s > s->retry_max_s + s->retry_max_s / 8;
}

bool queue_schedule_due(
    const struct queue_schedule *s, int64_t next_s, int64_t hold_until_s, int64_t now_s)
{
	if (hold_until_s > now_s)
		return false;
	return next_s <= now_s || queue_schedule_far(s, next_s, now_s);
}
