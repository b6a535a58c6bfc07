/* A transport process of a destination. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/sys.h"
#include "queue/dispatch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { GRACE_MS = 2000, ENDING_MS = 120000, DEATHS_MAX = 3, NOT_FOUND = 127, NOT_STARTED = 126 };

static void no_wait(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

/* A command that is plainly a path is looked for first: the shell would say it in words of its own. */
static int check_command(const char *command, struct err *e)
{
	size_t n = strcspn(command, " \t\n\"'\\$`;&|<>(){}*?[]#~=%");
	if (command[0] != '/' || (command[n] && command[n] != ' '))
		return 0;
	char *path = mem_dup(command, n);
	int r = access(path, X_OK) == 0 ? 0 : err_sys(e, EX_CONFIG, "%s", path);
	free(path);
	return r;
}

static int start_child(const struct queue_run_options *o, struct child *c, struct err *e)
{
	const int flags = CHILD_STDIN | CHILD_STDOUT;
	if (!o->transport)
		return child_start(c, o->argv, NULL, flags, e);
	if (check_command(o->transport, e) < 0)
		return -1;
	return child_shell(c, o->transport, NULL, flags | CHILD_GROUP, e);
}

int worker_start(struct run *r, struct destination *dest, struct err *e)
{
	struct worker *w = mem_new(1, sizeof(*w));
	*w = (struct worker){.dest = dest,
	    .in = BUF_INIT(LINE_MAX_BYTES),
	    .out = BUF_INIT((size_t)1 << 30),
	    .heard_ms = clock_mono_ms()};
	int got = start_child(r->o, &w->child, e);
	if (got < 0) {
		free(w);
		if (e && (e->sys == ENOENT || e->sys == EACCES))
			e->code = EX_CONFIG;
		return err_prefix(e, _("the transport cannot be run: "));
	}
	w->group = r->o->transport != NULL;
	no_wait(w->child.in);
	no_wait(w->child.out);
	dest->workers++;
	if (r->worker_count == r->worker_cap) {
		r->worker_cap = r->worker_cap ? r->worker_cap * 2 : 16;
		r->workers = mem_resize(r->workers, r->worker_cap, sizeof(struct worker *));
	}
	r->workers[r->worker_count++] = w;
	return 0;
}

void worker_close_input(struct worker *w)
{
	if (w->child.in >= 0)
		sys_close(w->child.in);
	w->child.in = -1;
	if (!w->closing)
		w->heard_ms = clock_mono_ms();
	w->closing = true;
}

void worker_write(struct worker *w)
{
	while (w->child.in >= 0 && w->out.len) {
		ssize_t n = sys_write(w->child.in, w->out.ptr, w->out.len);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) /* it does not listen any more: what it still says will be heard */
			worker_close_input(w);
		else
			buf_drop(&w->out, (size_t)n);
	}
}

void worker_give(struct run *r, struct worker *w)
{
	if (w->given == w->part_count)
		return;
	if (!w->given)
		w->heard_ms =
		    clock_mono_ms(); /* it had nothing to say while it had nothing to do */
	w->gave_ms = clock_mono_ms();
	for (; w->given < w->part_count; w->given++) {
		struct part *p = w->parts[w->given];
		transport_job(&w->out, r->folder, &p->work->m, p->v, p->n, clock_real_s());
	}
	worker_write(w);
}

/* A shell's children too: what it was given must not be sent behind our back. mail-send stays in our group, it may have to ask for a password on the terminal. */
static void signal_child(const struct worker *w, int signal)
{
	kill(w->group ? -w->child.pid : w->child.pid, signal);
}

void worker_terminate(struct worker *w)
{
	if (w->dying_ms)
		return;
	w->dying_ms = clock_mono_ms();
	worker_close_input(w);
	signal_child(w, SIGTERM);
}

/* Nothing is expected of one that has nothing to do; to end it needs not long. */
static int64_t patience_ms(const struct run *r, const struct worker *w)
{
	int64_t most = r->o->silence_s * 1000;
	if (w->part_count)
		return most;
	return !w->closing ? INT64_MAX : most < ENDING_MS ? most : ENDING_MS;
}

void worker_tick(struct run *r, struct worker *w)
{
	int64_t now = clock_mono_ms();
	if (w->dying_ms && now - w->dying_ms > GRACE_MS) {
		signal_child(w, SIGKILL);
		w->ended = true; /* whoever else holds its output is not waited for */
	} else if (!w->dying_ms && now - w->heard_ms > patience_ms(r, w)) {
		w->silent = true;
		worker_terminate(w);
	}
}

/* --- reports --- */

static void count_reach(struct destination *d, const struct part *p)
{
	d->deaths = 0;
	d->reached |= p->answered;
	d->unreachable = p->answered || !p->last ? 0 : d->unreachable + 1;
	/* the host is down, not the message bad: the others need not find out one by one */
	if (d->unreachable >= UNREACHABLE_MAX)
		destination_down(d, p->last);
}

static void drop_part(struct worker *w, size_t at)
{
	memmove(&w->parts[at], &w->parts[at + 1], (w->part_count - at - 1) * sizeof(struct part *));
	w->part_count--;
	w->given -= at < w->given;
}

static void take_done(struct run *r, struct worker *w, size_t at)
{
	struct part *p = w->parts[at];
	const struct queue_answer silent = {
	    .host = "", .text = _("the transport did not say what became of it")};
	part_settle_rest(r, p, p->sending ? QUEUE_UNKNOWN : QUEUE_DEFERRED, &silent);
	count_reach(w->dest, p);
	drop_part(w, at);
	part_end(r, p, false);
}

static bool is_recipient(const struct part *p, size_t k, const char *address)
{
	const char *ours = p->work->m.envelope.recipients[p->v[k]].address;
	return !p->work->settled[p->v[k]] && strcmp(ours, address) == 0;
}

/* They come in the order they were given, nearly always. */
static bool find_recipient(struct part *p, const char *address, size_t *k)
{
	for (size_t i = 0; i < p->n; i++) {
		*k = (p->cursor + i) % p->n;
		if (is_recipient(p, *k, address))
			return true;
	}
	return false;
}

static bool take_settled(struct run *r, struct part *p, const struct transport_report *t)
{
	struct queue_answer a = {.code = t->code, .host = t->host, .text = t->text};
	size_t k;
	memcpy(a.enhanced, t->enhanced, sizeof(a.enhanced));
	if (!find_recipient(p, t->address, &k))
		return false;
	work_settle(r, p->work, p->v[k], t->status, &a, t->relayed);
	p->answered |= t->status != QUEUE_DEFERRED || t->code;
	p->last = p->work->m.progress[p->v[k]].answer;
	p->cursor = k + 1;
	p->left--;
	return true;
}

/* True when it is news: who only repeats what we know is as silent as who says nothing. */
static bool take_report(struct run *r, struct worker *w, const struct transport_report *t)
{
	size_t at = 0;
	while (at < w->given && strcmp(w->parts[at]->work->m.name.id, t->id) != 0)
		at++;
	if (at == w->given)
		return false;
	bool news = true;
	if (t->word == TRANSPORT_SENDING) {
		news = !w->parts[at]->sending;
		w->parts[at]->sending = true;
	} else if (t->word == TRANSPORT_DONE) {
		take_done(r, w, at);
	} else {
		news = take_settled(r, w->parts[at], t);
	}
	return news;
}

static void take_line(struct run *r, struct worker *w, struct span line)
{
	struct transport_report t;
	bool good = transport_report_parse(line, &t);
	if (good) {
		w->spoke = true;
		if (take_report(r, w, &t))
			w->heard_ms = clock_mono_ms();
		transport_report_release(&t);
	} else if (++w->bad_lines > BAD_LINES_MAX) {
		worker_terminate(w);
	}
}

static void take_lines(struct run *r, struct worker *w)
{
	struct span rest = buf_span(&w->in), line;
	size_t used = 0;
	while (memchr(rest.ptr, '\n', rest.len) && span_line(&rest, &line)) {
		take_line(r, w, line);
		used = w->in.len - rest.len;
	}
	buf_drop(&w->in, used);
	if (w->in.len == w->in.max) { /* no line of a transport is that long */
		buf_reset(&w->in);
		worker_terminate(w);
	}
}

/* True when it said something. */
static bool read_piece(struct run *r, struct worker *w)
{
	enum { PIECE = 65536 };
	size_t n = w->in.max - w->in.len < PIECE ? w->in.max - w->in.len : PIECE;
	ssize_t got = sys_read(w->child.out, buf_room(&w->in, n), n);
	if (got < 0 && errno == EAGAIN)
		return false;
	if (got <= 0) {
		w->deaf |= got < 0;
		w->ended = true;
		return false;
	}
	buf_grew(&w->in, (size_t)got);
	take_lines(r, w);
	return true;
}

void worker_read(struct run *r, struct worker *w)
{
	read_piece(r, w); /* one at a time: others have something to say too */
}

/* --- its end --- */

static void describe_end(const struct worker *w, int status, char *text, size_t size)
{
	if (w->silent)
		snprintf(
		    text, size, _("the transport said nothing new for too long and was ended"));
	else if (w->dying_ms)
		snprintf(text, size, _("the transport was ended"));
	else if (status > 128)
		snprintf(text, size, _("the transport was killed by signal %d"), status - 128);
	else
		snprintf(text, size, _("the transport ended with exit code %d before it was done"),
		    status);
}

static void put_back(struct part *p)
{
	struct destination *d = p->dest;
	d->returned = mem_resize(d->returned, d->returned_count + 1, sizeof(struct part *));
	d->returned[d->returned_count++] = p;
}

/* The one it was at has to bear it; those it had not come to are given to another, unless we stop. */
static void end_part(
    struct run *r, struct worker *w, struct part *p, bool culprit, const struct queue_answer *a)
{
	bool begun = p->left < p->n;
	if (p->sending || w->deaf) /* deaf: it may have said so */
		part_settle_rest(r, p, QUEUE_UNKNOWN, a);
	else if ((culprit || begun || w->dest->is_down) && !run_is_stopping(r))
		part_settle_rest(r, p, QUEUE_DEFERRED, a);
	else if (!run_is_stopping(r)) {
		put_back(p);
		return;
	}
	part_end(r, p, true);
}

void worker_end(struct run *r, struct worker *w)
{
	char text[200];
	int status = 0;
	/* what it had said when it was killed */
	for (int pieces = 0; pieces < 64 && !w->deaf && read_piece(r, w); pieces++)
		;
	child_wait(&w->child, GRACE_MS, &status, NULL);
	w->dest->workers--;
	describe_end(w, status, text, sizeof(text));
	const struct queue_answer a = {.host = "", .text = text, .at_s = clock_real_s()};
	bool died = w->part_count || (!w->closing && !w->dying_ms);
	if (!r->o->argv && !w->spoke && (status == NOT_FOUND || status == NOT_STARTED)) {
		struct err why = ERR_INIT;
		err_set(&why, EX_CONFIG, _("the transport cannot be run: %s"), r->o->transport);
		run_fatal(r, &why);
	} else if (died && !run_is_stopping(r)) {
		run_event(
		    r, &(struct queue_event){
			   .kind = QUEUE_EVENT_TROUBLE, .destination = w->dest->key, .text = text});
		if (++w->dest->deaths >= DEATHS_MAX)
			destination_down(w->dest, &a);
	}
	for (size_t i = 0; i < w->part_count; i++)
		end_part(r, w, w->parts[i], i == 0, &a);
	buf_release(&w->in);
	buf_release(&w->out);
	free(w);
}
