#include "queue/journal.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/time.h"
#include "queue/schedule.h"

static const char *const words[QUEUE_STATUS_COUNT] = {"pending", "handed", "sent", "deferred",
    "refused", "unknown", "given-up", "expired", "returned"};

const char *queue_status_word(enum queue_status s)
{
	return words[s];
}

bool queue_status_is_final(enum queue_status s)
{
	return s == QUEUE_SENT || queue_status_is_failure(s);
}

bool queue_status_is_failure(enum queue_status s)
{
	return s == QUEUE_REFUSED || s >= QUEUE_GIVEN_UP;
}

bool queue_status_has_answer(enum queue_status s)
{
	return s >= QUEUE_SENT && s <= QUEUE_EXPIRED;
}

/* --- reading --- */

struct reader {
	struct queue_progress *p;
	size_t n;
	struct arena *answers;
	struct journal_facts *facts;
	/* of the line */
	int64_t at_s;
	char run[QUEUE_RUN_SIZE];
};

/* "3", "5-7": ascending, and within n. */
static bool take_range(struct span item, size_t n, uint64_t *from, uint64_t *to)
{
	struct span first;
	uint64_t least = *to + 1;
	bool range = span_cut(&item, '-', &first);
	if (!span_to_u64(first, n, from) || *from < least)
		return false;
	*to = *from;
	return !range || (span_to_u64(item, n, to) && *to > *from);
}

static bool each_of(struct reader *r, struct span list,
    void (*act)(struct reader *r, struct queue_progress *p, const void *what), const void *what)
{
	struct span item;
	uint64_t from, to = 0;
	bool more = true;
	while (more) {
		more = span_cut(&list, ',', &item);
		if (!take_range(item, r->n, &from, &to))
			return false;
		for (uint64_t i = from; i <= to; i++)
			act(r, &r->p[i - 1], what);
	}
	return true;
}

struct outcome {
	enum queue_status status;
	const struct queue_answer *answer;
};

static void set_outcome(struct reader *r, struct queue_progress *p, const void *what)
{
	const struct outcome *o = what;
	p->status = o->status;
	p->unknowns += o->status == QUEUE_UNKNOWN;
	memcpy(p->run, r->run, sizeof(p->run));
	if (o->answer)
		p->answer = o->answer;
}

static void set_flag(struct reader *r, struct queue_progress *p, const void *what)
{
	const char *word = what;
	(void)r;
	if (*word == 'w')
		p->warned = true;
	else if (strcmp(word, "relayed") == 0)
		p->relayed = true;
	else
		p->reported = true;
}

/* CODE ENHANCED HOST TEXT, "-" for what is not known. NULL with *ok false: malformed; with *ok true: too much to keep. */
static const struct queue_answer *take_answer(struct reader *r, struct span rest, bool *ok)
{
	struct span code, enhanced, host;
	uint64_t number = 0;
	*ok = span_cut(&rest, ' ', &code) && span_cut(&rest, ' ', &enhanced) &&
	      (span_cut(&rest, ' ', &host), host.len) &&
	      (span_is(code, "-") || span_to_u64(code, 999, &number)) &&
	      enhanced.len < sizeof(((struct queue_answer *)0)->enhanced);
	struct queue_answer *a = *ok ? arena_new(r->answers, 1, sizeof(*a)) : NULL;
	if (!a)
		return NULL;
	a->code = (int)number;
	a->at_s = r->at_s;
	if (!span_is(enhanced, "-"))
		memcpy(a->enhanced, enhanced.ptr, enhanced.len);
	a->host = arena_str(r->answers, span_is(host, "-") ? SPAN("") : host);
	a->text = arena_str(r->answers, rest);
	return a->host && a->text ? a : NULL;
}

static bool take_status(struct reader *r, enum queue_status s, struct span rest)
{
	struct outcome o = {.status = s};
	struct span list;
	bool good = true;
	span_cut(&rest, ' ', &list);
	if (queue_status_has_answer(s))
		o.answer = take_answer(r, rest, &good);
	else
		good = rest.len == 0;
	return good && each_of(r, list, set_outcome, &o);
}

static bool take_tried(struct reader *r, struct span rest)
{
	struct span attempts;
	uint64_t n;
	int64_t next;
	if (!span_cut(&rest, ' ', &attempts) || !span_to_u64(attempts, UINT32_MAX, &n) ||
	    !date_parse_rfc3339(rest, &next))
		return false;
	r->facts->attempts = (unsigned)n;
	r->facts->tried_s = r->at_s;
	r->facts->waited_s += queue_schedule_waited(r->facts->since_s, r->at_s);
	r->facts->since_s = r->at_s;
	return true;
}

static bool take_line(struct reader *r, struct span line)
{
	struct span time, run, word;
	if (!span_cut(&line, ' ', &time) || !date_parse_rfc3339(time, &r->at_s) ||
	    !span_cut(&line, ' ', &run) || run.len != QUEUE_RUN_SIZE - 1 ||
	    (span_cut(&line, ' ', &word), !word.len))
		return false;
	memcpy(r->run, run.ptr, run.len);
	if (span_is(word, "released")) {
		r->facts->waited_s = 0;
		r->facts->since_s = r->at_s;
		return line.len == 0;
	}
	for (int s = QUEUE_HANDED; s < QUEUE_STATUS_COUNT; s++)
		if (span_is(word, words[s]))
			return take_status(r, (enum queue_status)s, line);
	if (span_is(word, "tried"))
		return take_tried(r, line);
	static const char *const flags[] = {"relayed", "warned", "reported"};
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (span_is(word, flags[i]))
			return each_of(r, line, set_flag, flags[i]);
	return false;
}

static int check_head(struct span line, const char *id, struct err *e)
{
	struct span version;
	uint64_t number;
	if (!span_starts(line, "surat-journal "))
		return err_set(e, EX_DATAERR, _("it does not begin as a journal does"));
	line = span_skip(line, 14);
	span_cut(&line, ' ', &version);
	if (!span_to_u64(version, UINT32_MAX, &number))
		return err_set(e, EX_DATAERR, _("it does not begin as a journal does"));
	if (number != 1)
		return err_set(e, EX_UNAVAILABLE,
		    _("it is of version %u, which this program does not know"), (unsigned)number);
	return span_is(line, id)
		   ? 0
		   : err_set(e, EX_DATAERR, _("it is the journal of another message"));
}

int journal_parse(struct span text, const char *id, int64_t start_s, struct queue_progress *p,
    size_t n, struct arena *answers, struct journal_facts *facts, struct err *e)
{
	struct journal_facts found = {.since_s = start_s};
	struct reader r = {.p = p, .n = n, .answers = answers, .facts = &found};
	struct span line;
	size_t all = text.len;
	for (unsigned number = 1; span_cut(&text, '\n', &line); number++) {
		found.sound = all - text.len;
		if (number == 1 ? check_head(line, id, e) < 0 : !take_line(&r, line))
			return number == 1 ? -1
					   : err_set(e, EX_DATAERR,
						 _("line %u is not one of a journal"), number);
	}
	*facts = found;
	return 0;
}
