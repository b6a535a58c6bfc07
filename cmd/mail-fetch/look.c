/* look.c - folders and status: what there is, without fetching it. */
#include "fetch.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "report/report.h"

static enum report_mode mode_of(const struct opts *o)
{
	return o->common.json ? REPORT_JSON : REPORT_AUTO;
}

/* --- folders --- */

static const struct report_column folder_columns[] = {
    {"folder", N_("FOLDER"), 0}, {"use", N_("USE"), 0}, {"selectable", NULL, 0}};

static int print_folders(const struct opts *o, const struct imap_list *l, struct err *e)
{
	struct report *r =
	    report_new(folder_columns, ARRAY_LEN(folder_columns), mode_of(o), o->common.color);
	int done = 0;
	for (size_t i = 0; i < l->n && done == 0; i++) {
		const struct imap_list_entry *f = &l->v[i];
		report_text(r, 0, span_of(f->name));
		if (*f->use)
			report_text(r, 1, span_of(f->use));
		if (f->noselect)
			report_shown(r, 1, span_of(_("(only a level)")));
		report_bool(r, 2, !f->noselect);
		done = report_row(r, e);
	}
	return report_close(r, done < 0 ? NULL : e) < 0 || done < 0 ? -1 : 0;
}

static int folders(struct opts *o, struct remote *r, struct err *e)
{
	struct fetch_session s;
	struct imap_list l = {0};
	struct err late = ERR_INIT;
	if (remote_needs_imap(r, "folders", e) < 0 ||
	    fetch_connect(&s, &r->server, &r->link, e) < 0)
		return -1;
	int done = imap_client_list(&s.imap, "*", &l, e);
	if (done == 0)
		done = print_folders(o, &l, e);
	imap_list_release(&l);
	fetch_disconnect(&s, &late);
	return done;
}

int folders_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct remote r;
	size_t at;
	int done = remote_of_operands(&r, o, &args->operands, &at, e);
	if (done == 0 && at < args->operands.n)
		done = err_set(e, EX_USAGE, _("too much: %s"), args->operands.v[at]);
	if (done == 0)
		done = folders(o, &r, e);
	remote_release(&r);
	return done;
}

/* --- status --- */

static const struct report_column status_columns[] = {{"folder", N_("FOLDER"), 0},
    {"messages", N_("MESSAGES"), REPORT_RIGHT}, {"unseen", N_("UNREAD"), REPORT_RIGHT},
    {"new", N_("NEW"), REPORT_RIGHT}, {"uidvalidity", NULL, 0}, {"uidnext", NULL, 0}};

static int status_one(struct remote *r, struct fetch_session *s, struct state *st,
    const char *folder, struct report *out, struct err *e)
{
	struct fetch_job job = {
	    .state = st, .look_only = true, .deadline_ms = r->deadline_ms, .delete_after_s = -1};
	struct fetch_result result;
	struct imap_counts counts = {0};
	if (!r->server.pop3 && imap_client_status(&s->imap, folder, &counts, e) < 0)
		return -1;
	if (fetch_get(s, folder, &job, &result, e) < 0)
		return -1;
	report_text(out, 0, span_of(folder));
	report_number(out, 1, (int64_t)result.there);
	if (!r->server.pop3) {
		report_number(out, 2, (int64_t)counts.unseen);
		report_number(out, 4, counts.uidvalidity);
		report_number(out, 5, counts.uidnext);
	}
	report_number(out, 3, (int64_t)result.fresh);
	return report_row(out, e);
}

static int status(
    struct opts *o, struct remote *r, const struct strv *operands, size_t at, struct err *e)
{
	struct fetch_session s;
	struct destination d;
	struct err late = ERR_INIT;
	const char *one = r->server.pop3 || !r->server.folder ? "INBOX" : r->server.folder;
	if (r->server.pop3 && at < operands->n)
		return err_set(e, EX_USAGE, _("POP3 has no folders"));
	int done = destination_open_state(&d, o, e);
	if (done == 0 && (done = fetch_connect(&s, &r->server, &r->link, e)) == 0) {
		struct report *out = report_new(
		    status_columns, ARRAY_LEN(status_columns), mode_of(o), o->common.color);
		if (at == operands->n)
			done = status_one(r, &s, d.state, one, out, e);
		for (; done == 0 && at < operands->n; at++)
			done = status_one(r, &s, d.state, operands->v[at], out, e);
		if (report_close(out, done < 0 ? NULL : e) < 0)
			done = -1;
		if (done < 0)
			fetch_abort(&s);
		fetch_disconnect(&s, &late);
	}
	destination_close(&d, &late);
	return done;
}

int status_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct remote r;
	size_t at;
	int done = remote_of_operands(&r, o, &args->operands, &at, e);
	if (done == 0)
		done = status(o, &r, &args->operands, at, e);
	remote_release(&r);
	return done;
}
