/* Journals: what is written is what is read; a torn end is passed over and cut off; anything else is damage. And the schedule. */
#include "queue/journal.h"
#include "base/random.h"
#include "queue/schedule.h"
#include "spool.h"

enum { N = 8 };
static const char id[] = "7Q2XK3M9F4", run[] = "k3j9x2ab";
#define HEAD "surat-journal 1 7Q2XK3M9F4\n"
#define AT "2026-11-24T08:14:00Z k3j9x2ab "

struct read {
	struct queue_progress p[N];
	struct arena answers;
	struct journal_facts facts;
	struct err e;
	int result;
};

static void parse(struct read *r, const char *text)
{
	memset(r, 0, sizeof(*r));
	arena_init(&r->answers, 1 << 20);
	r->result =
	    journal_parse(span_of(text), id, 1795507000, r->p, N, &r->answers, &r->facts, &r->e);
}

static void reading(void)
{
	struct read r;
	parse(&r,
	    HEAD AT "handed 1-3,5\n" AT "sent 1,3 250 2.0.0 mx1.example.net Ok: queued as 4Q\n" AT
		    "relayed 3\n" AT "deferred 2 451 4.7.1 mx1.example.net greylisted\n" AT
		    "refused 7-8 550 - - no\n" AT "unknown 6 - - - \n" AT "unknown 6 - - - \n" AT
		    "tried 3 2026-11-24T08:16:09Z\n" AT "warned 2\n" AT "reported 7\n");
	is_int(r.result, 0, r.e.text);
	is_int(r.p[0].status, QUEUE_SENT, "sent");
	ok(!r.p[0].relayed && r.p[2].relayed, "and to whom a report was passed on");
	is_int(r.p[1].status, QUEUE_DEFERRED, "deferred");
	is_int(r.p[1].answer->code, 451, "code");
	is_str(r.p[1].answer->enhanced, "4.7.1", "status");
	is_str(r.p[1].answer->host, "mx1.example.net", "host");
	is_str(r.p[1].answer->text, "greylisted", "text");
	is_str(r.p[0].answer->text, "Ok: queued as 4Q", "text with blanks");
	is_int(r.p[3].status, QUEUE_PENDING, "not named");
	is_int(r.p[4].status, QUEUE_HANDED, "handed over");
	is_int(r.p[6].status, QUEUE_REFUSED, "a range");
	is_str(r.p[6].answer->host, "", "no host");
	is_int(r.p[5].unknowns, 2, "unknown twice");
	ok(r.p[1].warned && !r.p[0].warned && r.p[6].reported && !r.p[7].reported, "flags");
	is_int(r.facts.attempts, 3, "attempts");
	is_int(r.facts.waited_s, 1795508040 - 1795507000, "waited");
	is_str(r.p[1].run, run, "by whom");
	arena_release(&r.answers);
}

static void releasing(void)
{
	struct read r;
	parse(&r, HEAD AT "tried 1 2026-11-24T08:16:09Z\n2026-11-24T09:14:00Z k3j9x2ab released\n"
			  "2026-11-24T09:15:00Z k3j9x2ab tried 2 2026-11-24T09:20:00Z\n");
	is_int(r.result, 0, r.e.text);
	is_int(r.facts.waited_s, 60, "a release starts the waiting anew");
	parse(&r, "");
	is_int(r.result, 0, "an empty one");
	is_int(r.facts.since_s, 1795507000, "waits since it came");
	parse(&r, HEAD AT "tried 1 2026-11-24T08:16:09Z\n" AT "sent 1 250 2.0.");
	is_int(r.result, 0, "a torn line is passed over");
	is_int(r.p[0].status, QUEUE_PENDING, "nobody relied on it");
	is_int((long long)r.facts.sound,
	    (long long)strlen(HEAD AT "tried 1 2026-11-24T08:16:09Z\n"), "where it will be cut");
	parse(&r, "surat-jour");
	is_int(r.result, 0, "torn in its first line");
	is_int((long long)r.facts.sound, 0, "all of it");
	arena_release(&r.answers);
}

static void damage(void)
{
	static const struct {
		const char *text;
		int code;
	} cases[] = {{"surat-journal 1 OTHER\n", EX_DATAERR},
	    {"surat-journal 2 7Q2XK3M9F4\n", EX_UNAVAILABLE}, {"surat-journal\n", EX_DATAERR},
	    {"\n", EX_DATAERR}, {HEAD "\n", EX_DATAERR}, {HEAD AT "\n", EX_DATAERR},
	    {HEAD AT "lost 1\n", EX_DATAERR}, {HEAD AT "handed 0\n", EX_DATAERR},
	    {HEAD AT "handed 9\n", EX_DATAERR}, {HEAD AT "handed 2,1\n", EX_DATAERR},
	    {HEAD AT "handed 2-2\n", EX_DATAERR}, {HEAD AT "handed 1-\n", EX_DATAERR},
	    {HEAD AT "handed \n", EX_DATAERR}, {HEAD AT "handed\n", EX_DATAERR},
	    {HEAD AT "handed 1,\n", EX_DATAERR}, {HEAD AT "handed 1 2\n", EX_DATAERR},
	    {HEAD AT "sent 1\n", EX_DATAERR}, {HEAD AT "sent 1 250\n", EX_DATAERR},
	    {HEAD AT "sent 1 xyz - - ok\n", EX_DATAERR},
	    {HEAD AT "sent 1 1000 - - ok\n", EX_DATAERR},
	    {HEAD AT "sent 1 250 123456789.123 - ok\n", EX_DATAERR},
	    {HEAD AT "tried 1\n", EX_DATAERR},
	    {HEAD AT "tried x 2026-11-24T08:16:09Z\n", EX_DATAERR},
	    {HEAD AT "released 1\n", EX_DATAERR},
	    {HEAD "2026-11-24 k3j9x2ab handed 1\n", EX_DATAERR},
	    {HEAD "2026-11-24T08:14:00Z short handed 1\n", EX_DATAERR}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct read r;
		parse(&r, cases[i].text);
		ok(r.result < 0 && r.e.code == cases[i].code, "%s", r.e.text);
		arena_release(&r.answers);
	}
}

/* Out and back, in two flushes, with a torn end between them. */
static void writing(struct queue *q)
{
	struct journal j;
	struct journal_facts none = {0};
	struct err e = ERR_INIT;
	bool new_name = false;
	size_t some[] = {0, 1, 2, 4, 7}, one[] = {3};
	const struct queue_answer a = {
	    .code = 451, .enhanced = "4.7.1", .host = "mx 1", .text = "grey\nlisted \xff \x1b[31m"};
	clock_fix_s(1795508040);
	journal_init(&j, id, run, &none, false);
	journal_status(&j, QUEUE_DEFERRED, &a, some, ARRAY_LEN(some));
	journal_status(&j, QUEUE_SENT, NULL, one, 0);
	is_int(journal_flush(q, &j, &new_name, &e), 0, e.text);
	ok(new_name, "the folder must be synced for its name");
	char *text = spool_text(q, "7Q2XK3M9F4.log");
	is_str(text, HEAD AT "deferred 1-3,5,8 451 4.7.1 mx_1 grey listed \xef\xbf\xbd  [31m\n",
	    "the file");
	free(text);
	int fd = openat(q->dirfd, "7Q2XK3M9F4.log", O_WRONLY | O_APPEND);
	ok(write(fd, "2026-torn", 9) == 9, "a writer that died");
	close(fd);
	new_name = false;
	journal_status(&j, QUEUE_SENT, NULL, one, 1);
	journal_tried(&j, 2, 1795508100);
	journal_released(&j);
	is_int(journal_flush(q, &j, &new_name, &e), 0, e.text);
	ok(!new_name, "its name was there");
	text = spool_text(q, "7Q2XK3M9F4.log");
	is_str(text,
	    HEAD AT "deferred 1-3,5,8 451 4.7.1 mx_1 grey listed \xef\xbf\xbd  [31m\n" AT
		    "sent 4 - - - \n" AT "tried 2 2026-11-24T08:15:00Z\n" AT "released\n",
	    "what it left was cut off");
	struct read r;
	parse(&r, text);
	is_int(r.result, 0, r.e.text);
	is_int(r.p[7].status, QUEUE_DEFERRED, "and all is read back");
	arena_release(&r.answers);
	free(text);
	journal_release(&j);
}

/* A failing call leaves the lines noted, and the next flush brings them, once. */
static void failing(struct queue *q)
{
	static const char *const faults[] = {
	    "open:1:EIO", "write:1:ENOSPC", "fdatasync:1:EIO", "close:1:EIO", "fstat:1:EIO"};
	size_t one[] = {0};
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct journal j;
		struct journal_facts none = {0};
		struct err e = ERR_INIT;
		bool new_name = false;
		unlinkat(q->dirfd, "7Q2XK3M9F4.log", 0);
		journal_init(&j, id, run, &none, false);
		journal_status(&j, QUEUE_SENT, NULL, one, 1);
		sys_fault_set(faults[i]);
		is_int(journal_flush(q, &j, &new_name, &e), -1, faults[i]);
		sys_fault_set(NULL);
		is_int(journal_flush(q, &j, &new_name, &e), 0, "the second time");
		ok(new_name, "its name is new still");
		char *text = spool_text(q, "7Q2XK3M9F4.log");
		is_str(text, HEAD AT "sent 1 - - - \n", "once");
		free(text);
		journal_release(&j);
	}
	unlinkat(q->dirfd, "7Q2XK3M9F4.log", 0);
}

/* A journal that is a link is not written through. */
static void planted(struct queue *q)
{
	struct journal j;
	struct journal_facts none = {0};
	struct err e = ERR_INIT;
	bool new_name = false;
	size_t one[] = {0};
	char *target = str_printf("%s/../target", q->path);
	close(open(target, O_CREAT | O_WRONLY, 0600));
	journal_init(&j, id, run, &none, false);
	journal_status(&j, QUEUE_SENT, NULL, one, 1);
	ok(symlinkat(target, q->dirfd, "7Q2XK3M9F4.log") == 0, "a planted link");
	is_int(journal_flush(q, &j, &new_name, &e), -1, e.text);
	unlinkat(q->dirfd, "7Q2XK3M9F4.log", 0);
	ok(linkat(AT_FDCWD, target, q->dirfd, "7Q2XK3M9F4.log", 0) == 0, "a hard link");
	is_int(journal_flush(q, &j, &new_name, &e), -1, e.text);
	struct stat st;
	is_int(stat(target, &st) == 0 ? (long long)st.st_size : -1, 0, "nothing went there");
	unlinkat(q->dirfd, "7Q2XK3M9F4.log", 0);
	unlink(target);
	free(target);
	journal_release(&j);
}

static void within(int64_t got, int64_t want, const char *what)
{
	ok(got >= want - want / 8 && got <= want + want / 8 + 1, "%s: %lld", what, (long long)got);
}

static void schedule(void)
{
	struct queue_schedule s;
	const struct queue_answer
	    busy = {.code = 451, .enhanced = "4.3.0", .host = "", .text = "later"},
	    grey = {.code = 450, .host = "", .text = "Greylisted for 300 s"},
	    grey2 = {.code = 451, .enhanced = "4.7.1", .host = "", .text = ""},
	    down = {.host = "", .text = "connection refused"};
	queue_schedule_init(&s);
	is_int(queue_schedule_class(&busy), QUEUE_CLASS_BUSY, "busy");
	is_int(queue_schedule_class(&grey), QUEUE_CLASS_GREYLISTED, "greylisted, by the word");
	is_int(queue_schedule_class(&grey2), QUEUE_CLASS_GREYLISTED, "by the status");
	is_int(queue_schedule_class(&down), QUEUE_CLASS_UNREACHABLE, "unreachable");
	is_int(queue_schedule_class(NULL), QUEUE_CLASS_UNREACHABLE, "nothing known");
	static const int64_t want[] = {300, 600, 1200, 2400, 4800, 9600, 14400, 14400};
	for (unsigned k = 0; k < ARRAY_LEN(want); k++)
		within(queue_schedule_next(&s, QUEUE_CLASS_BUSY, k + 1, 1000000) - 1000000, want[k],
		    "busy");
	static const int64_t soon[] = {120, 240, 480, 960, 4800};
	for (unsigned k = 0; k < ARRAY_LEN(soon); k++)
		within(queue_schedule_next(&s, QUEUE_CLASS_GREYLISTED, k + 1, 0), soon[k],
		    "greylisted");
	within(queue_schedule_next(&s, QUEUE_CLASS_UNREACHABLE, 1, 0), 600, "unreachable");
	within(queue_schedule_next(&s, QUEUE_CLASS_UNREACHABLE, UINT32_MAX, 0), 14400, "for ever");
	random_fix(1);
	int64_t first = queue_schedule_next(&s, QUEUE_CLASS_BUSY, 3, 0);
	random_fix(1);
	is_int(queue_schedule_next(&s, QUEUE_CLASS_BUSY, 3, 0), first, "chance has a seam");
	ok(queue_schedule_due(&s, 100, 0, 100) && !queue_schedule_due(&s, 101, 0, 100), "due");
	ok(!queue_schedule_due(&s, 50, 101, 100), "not before it may");
	ok(queue_schedule_due(&s, 100 + 16201, 0, 100), "the clock went back: due");
	ok(!queue_schedule_due(&s, 100 + 16200, 0, 100),
	    "what the schedule can have set is believed");
	is_int(queue_schedule_waited(100, 50), 0, "time that went back");
	is_int(queue_schedule_waited(100, 600), 500, "time that passed");
	is_int(queue_schedule_waited(0, 31 * 86400), 0, "a month without a run");
}

int main(void)
{
	struct queue q;
	reading();
	releasing();
	damage();
	spool_make(&q);
	writing(&q);
	failing(&q);
	planted(&q);
	spool_gone(&q);
	schedule();
	return tap_done();
}
