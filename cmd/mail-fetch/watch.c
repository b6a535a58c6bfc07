/* watch.c - watch: what arrives is fetched as it arrives. */
#include "fetch.h"

#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/sys.h"

enum {
	WAIT_MS = 24 * 3600 * 1000,
	FIRST_PAUSE_MS = 5000,
	LONGEST_PAUSE_MS = 300 * 1000,
	SLICE_MS = 1000
};

static bool over(const struct remote *r)
{
	return signals_stop() || (r->deadline_ms && clock_mono_ms() >= r->deadline_ms);
}

static int64_t until_deadline(const struct remote *r, int64_t ms)
{
	int64_t left = r->deadline_ms ? r->deadline_ms - clock_mono_ms() : ms;
	return left < ms ? left : ms;
}

/* One connection's life: fetch, wait, fetch... 0: it is over for good; -1. *pause_ms begins anew once something worked. */
static int watch_once(struct opts *o, struct remote *r, struct destination *d, const char *folder,
    int64_t *pause_ms, struct err *e)
{
	struct fetch_session s;
	struct fetch_result result;
	struct err late = ERR_INIT;
	int done = fetch_connect(&s, &r->server, &r->link, e);
	if (done < 0)
		return -1;
	while (done >= 0 && !over(r)) {
		done = get_folder(o, r, &s, d, folder, &result, e);
		if (done == 0) {
			*pause_ms = FIRST_PAUSE_MS;
			done =
			    imap_client_wait(&s.imap, result.seen, until_deadline(r, WAIT_MS), e);
		}
		if (done < 0)
			err_prefix(e, "%s: ", r->label);
	}
	if (done < 0)
		fetch_abort(&s);
	fetch_disconnect(&s, &late);
	return done < 0 ? -1 : 0;
}

static void pause_for(const struct remote *r, int64_t ms)
{
	int64_t end = clock_mono_ms() + until_deadline(r, ms);
	while (!over(r) && clock_mono_ms() < end)
		sys_poll(NULL, 0, SLICE_MS);
}

/* A lost connection is tried again, each time later; what a person must mend ends it. */
static int watch(struct opts *o, struct remote *r, const char *folder, struct err *e)
{
	struct destination d;
	struct err late = ERR_INIT;
	int64_t pause_ms = FIRST_PAUSE_MS;
	int done = destination_open(&d, o, r, e);
	while (done == 0 && !over(r)) {
		if (watch_once(o, r, &d, folder, &pause_ms, e) == 0 || over(r))
			break;
		if (!err_is_temporary(e)) {
			done = -1;
			break;
		}
		cli_warn(&program, &o->common, _("%s; trying again in %d s"), e->text,
		    (int)(pause_ms / 1000));
		err_clear(e);
		pause_for(r, pause_ms);
		pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
	}
	if (destination_close(&d, &late) < 0 && done == 0)
		done = err_copy(e, &late);
	return done;
}

int watch_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct remote r;
	size_t at;
	int done = remote_of_operands(&r, o, &args->operands, &at, e);
	if (done == 0)
		done = remote_needs_imap(&r, "watch", e);
	if (done == 0 && args->operands.n > at + 1)
		done = err_set(e, EX_USAGE, _("watch one folder; start one for each"));
	if (done == 0)
		done = watch(o, &r, at < args->operands.n ? args->operands.v[at] : NULL, e);
	remote_release(&r);
	return done;
}
