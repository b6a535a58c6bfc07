/* get.c - get: new messages into a mailbox. */
#include "fetch.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/inert.h"
#include "report/report.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PROGRESS_MS = 200 };

/* --- what a person sees --- */

struct viewer {
	const struct opts *o;
	const struct remote *remote;
	const char *folder;
	struct report *report; /* --json */
	struct fetch_result so_far;
	int64_t shown_ms;
	bool line; /* a progress line stands there */
	struct err err;
};

static const struct report_column columns[] = {{"account", NULL, 0}, {"folder", NULL, 0},
    {"uid", NULL, 0}, {"name", NULL, 0}, {"size", NULL, 0}, {"status", NULL, 0}};

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	struct buf text = BUF_INIT(4096), inert = BUF_INIT(16384);
	va_list ap;
	va_start(ap, format);
	buf_vaddf(&text, format, ap);
	va_end(ap);
	inert_add(&inert, buf_span(&text), 0);
	fd_write_all(STDERR_FILENO, buf_span(&inert), NULL);
	buf_release(&text);
	buf_release(&inert);
}

static void clear_line(struct viewer *v)
{
	if (v->line)
		fd_write_all(STDERR_FILENO, SPAN("\r\033[K"), NULL);
	v->line = false;
}

static void show_progress(struct viewer *v)
{
	int64_t now = clock_mono_ms();
	if (v->o->common.quiet || v->o->jobs > 1 || now - v->shown_ms < PROGRESS_MS ||
	    !isatty(STDERR_FILENO))
		return;
	struct buf size = BUF_INIT(40);
	report_human_bytes(&size, v->so_far.bytes);
	fd_write_all(STDERR_FILENO, SPAN("\r\033[K"), NULL);
	say(_("%s %s: %llu messages, %s"), v->remote->label, v->folder,
	    (unsigned long long)v->so_far.fetched, buf_cstr(&size));
	buf_release(&size);
	v->shown_ms = now;
	v->line = true;
}

static void report_note(struct viewer *v, const struct fetch_note *n)
{
	struct report *r = v->report;
	report_text(r, 0, span_of(v->remote->label));
	report_text(r, 1, span_of(v->folder));
	report_text(r, 2, span_of(n->uid));
	if (n->name)
		report_text(r, 3, span_of(n->name));
	report_bytes(r, 4, n->bytes);
	report_text(r, 5, n->known ? SPAN("known") : SPAN("new"));
	if (report_row(r, v->err.code ? NULL : &v->err) < 0 && !v->err.code)
		err_set(&v->err, EX_IOERR, _("standard output"));
}

static void on_note(void *ctx, const struct fetch_note *n)
{
	struct viewer *v = ctx;
	v->so_far.fetched += !n->known;
	v->so_far.bytes += n->bytes;
	if (v->report)
		report_note(v, n);
	if (v->o->common.verbose > 1) {
		clear_line(v);
		say("%s %s: %s -> %s", v->remote->label, v->folder, n->uid,
		    n->name      ? n->name
		    : v->o->to   ? v->o->to
		    : v->o->lmtp ? v->o->lmtp
				 : "");
		fd_write_all(STDERR_FILENO, SPAN("\n"), NULL);
	} else {
		show_progress(v);
	}
}

static void on_warn(void *ctx, const char *text)
{
	struct viewer *v = ctx;
	clear_line(v);
	cli_warn(&program, NULL, "%s %s: %s", v->remote->label, v->folder, text);
}

static void count(struct buf *b, uint64_t n, const char *what)
{
	if (n)
		buf_addf(b, "%s%llu %s", b->len ? ", " : "", (unsigned long long)n, what);
}

static void summary(struct viewer *v, const struct fetch_result *r, const char *to)
{
	clear_line(v);
	if (v->o->common.quiet || (!v->o->common.verbose && !isatty(STDERR_FILENO)))
		return;
	struct buf b = BUF_INIT(2048);
	count(&b, r->fetched, _("new"));
	if (r->fetched) {
		buf_adds(&b, ", ");
		report_human_bytes(&b, r->bytes);
	}
	count(&b, r->known, _("known already"));
	count(&b, r->deleted, _("deleted there"));
	count(&b, r->failed, _("failed"));
	if (!b.len)
		buf_adds(&b, _("nothing new"));
	if (r->fetched)
		buf_addf(&b, " -> %s", to);
	say("%s %s: %s", v->remote->label, v->folder, buf_cstr(&b));
	fd_write_all(STDERR_FILENO, SPAN("\n"), NULL);
	buf_release(&b);
}

/* --- one folder --- */

static const char *folder_name(const struct remote *r, const char *folder)
{
	if (folder && !r->server.pop3)
		return folder;
	return r->server.folder && !r->server.pop3 ? r->server.folder : "INBOX";
}

int get_folder(struct opts *o, struct remote *r, struct fetch_session *s, struct destination *d,
    const char *folder, struct fetch_result *result, struct err *e)
{
	struct viewer v = {
	    .o = o, .remote = r, .folder = folder_name(r, folder), .shown_ms = clock_mono_ms()};
	struct err late = ERR_INIT;
	if (o->common.json && !d->job.out)
		v.report = report_new(columns, ARRAY_LEN(columns), REPORT_JSON, o->common.color);
	d->job.ctx = &v;
	d->job.note = on_note;
	d->job.warn = on_warn;
	int done = fetch_get(s, folder, &d->job, result, e);
	clear_line(&v);
	if (v.report && report_close(v.report, v.err.code ? NULL : &v.err) < 0 && done == 0)
		done = err_copy(e, v.err.code ? &v.err : &late);
	if (done == 0)
		summary(&v, result, d->shown);
	return done;
}

/* --- the run --- */

struct worker {
	struct opts *o;
	struct remote *remote;
	const struct strv *folders; /* none: the one of the URL */
	size_t next, step;
	int code; /* the worst of its folders, told already; 0 */
	struct err err;
};

/* A server that says no to one folder is asked for the others. */
static bool goes_on(const struct fetch_session *s)
{
	return !s->server->pop3 && !s->imap.pending && !s->imap.bye && !s->stream.err.code;
}

static void worst(int *code, int new)
{
	if (!*code || new == EX_TEMPFAIL)
		*code = new;
}

static int work_folders(
    struct worker *w, struct fetch_session *s, struct destination *d, struct err *e)
{
	size_t n = w->folders->n ? w->folders->n : 1;
	for (; w->next < n; w->next += w->step) {
		struct fetch_result result;
		const char *folder = w->folders->n ? w->folders->v[w->next] : NULL;
		int r = get_folder(w->o, w->remote, s, d, folder, &result, e);
		if (r == 0 && result.code)
			worst(&w->code, result.code);
		if (r == 0)
			continue;
		err_prefix(e, "%s: ", w->remote->label);
		if (n == 1 || !goes_on(s))
			return -1;
		worst(&w->code, cli_fail(&program, e));
		err_clear(e);
	}
	return 0;
}

static int work(struct worker *w, struct err *e)
{
	struct destination d;
	struct fetch_session s;
	struct err late = ERR_INIT;
	int r = destination_open(&d, w->o, w->remote, e);
	if (r == 0 && (r = fetch_connect(&s, &w->remote->server, &w->remote->link, e)) == 0) {
		r = work_folders(w, &s, &d, e);
		if (r < 0)
			fetch_abort(&s);
		else if ((r = fetch_disconnect(&s, e)) < 0 && !w->remote->server.pop3) {
			r = 0; /* all was done; how IMAP says goodbye changes nothing */
			err_clear(e);
		}
	}
	if (destination_close(&d, &late) < 0 && r == 0)
		r = err_copy(e, &late);
	return r;
}

static void *work_thread(void *ctx)
{
	struct worker *w = ctx;
	if (work(w, &w->err) < 0)
		worst(&w->code, cli_fail(&program, &w->err));
	return NULL;
}

/* Each with a connection of its own. */
static int work_side_by_side(struct worker *one, size_t jobs)
{
	struct worker *w = mem_new(jobs, sizeof(*w));
	pthread_t *threads = mem_new(jobs, sizeof(*threads));
	bool *runs = mem_new(jobs, sizeof(*runs));
	int code = 0;
	for (size_t i = 0; i < jobs; i++) {
		w[i] = *one;
		w[i].next = i;
		w[i].step = jobs;
		runs[i] = pthread_create(&threads[i], NULL, work_thread, &w[i]) == 0;
		if (!runs[i])
			work_thread(&w[i]);
	}
	for (size_t i = 0; i < jobs; i++) {
		if (runs[i])
			pthread_join(threads[i], NULL);
		if (w[i].code)
			worst(&code, w[i].code);
	}
	free(w);
	free(threads);
	free(runs);
	return code;
}

static int check(const struct opts *o, struct err *e)
{
	bool out = o->to && strcmp(o->to, "-") == 0;
	if (o->lmtp && o->to)
		return err_set(e, EX_USAGE, _("--to and --lmtp: one of them"));
	if (strv_has(&o->common.given, "keep") + strv_has(&o->common.given, "delete") +
		strv_has(&o->common.given, "delete-after") >
	    1)
		return err_set(e, EX_USAGE, _("--keep, --delete and --delete-after: one of them"));
	if (out && strv_has(&o->common.given, "delete"))
		return err_set(
		    e, EX_USAGE, _("--to - and --delete: nobody says that the messages are safe"));
	if (out && o->common.json)
		return err_set(e, EX_USAGE, _("--to - and --json: standard output is one of them"));
	return 0;
}

static int run(struct opts *o, struct remote *r, const struct strv *folders, struct err *e)
{
	struct worker w = {.o = o, .remote = r, .folders = folders, .step = 1};
	size_t jobs = (size_t)o->jobs < folders->n ? (size_t)o->jobs : folders->n;
	bool one_stream = o->common.json || (o->to && strcmp(o->to, "-") == 0);
	if (r->server.pop3 && folders->n)
		return err_set(e, EX_USAGE, _("POP3 has no folders"));
	if (jobs > 1 && !one_stream)
		return work_side_by_side(&w, jobs);
	int done = work(&w, e);
	return done < 0 ? -1 : w.code;
}

int get_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct remote r;
	size_t at;
	if (check(o, e) < 0)
		return -1;
	int done = remote_of_operands(&r, o, &args->operands, &at, e);
	struct strv folders = {0};
	for (size_t i = at; i < args->operands.n; i++)
		strv_add(&folders, args->operands.v[i]);
	if (done == 0)
		done = run(o, &r, &folders, e);
	strv_release(&folders);
	remote_release(&r);
	return done;
}
