/* act.c - flag, move, copy, delete, append: mail that stays on the server, changed. */
#include "fetch.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/spool.h"

#include <stdlib.h>
#include <unistd.h>

/* --- what is done to each folder's messages --- */

struct act {
	struct opts *o;
	struct remote *remote;
	struct sink *out; /* new names */
	int (*each)(
	    struct act *a, struct fetch_session *s, const struct name_group *g, struct err *e);
	struct buf add, remove; /* flags as the server calls them */
};

static void warn_left(const struct act *a, const char *folder)
{
	cli_warn(&program, &a->o->common,
	    _("%s: others marked messages for deletion and the server has no UIDPLUS: ours stay "
	      "marked, not expunged"),
	    folder);
}

static int flag_each(
    struct act *a, struct fetch_session *s, const struct name_group *g, struct err *e)
{
	if (a->add.len &&
	    imap_client_store(&s->imap, &g->uids, "+FLAGS.SILENT", buf_cstr(&a->add), e) < 0)
		return -1;
	if (a->remove.len &&
	    imap_client_store(&s->imap, &g->uids, "-FLAGS.SILENT", buf_cstr(&a->remove), e) < 0)
		return -1;
	return 0;
}

static int delete_each(
    struct act *a, struct fetch_session *s, const struct name_group *g, struct err *e)
{
	bool left = false;
	if (imap_client_delete(&s->imap, &g->uids, &left, e) < 0)
		return -1;
	if (left)
		warn_left(a, g->folder);
	return 0;
}

static int print_moved(struct act *a, const struct imap_moved *m, struct err *e)
{
	for (size_t i = 0; i < m->to.n; i++)
		if (name_print(a->o, a->remote, a->o->to, m->uidvalidity, m->to.v[i], a->out, e) <
		    0)
			return -1;
	return 0;
}

static int copy_each(
    struct act *a, struct fetch_session *s, const struct name_group *g, struct err *e)
{
	struct imap_moved moved = {0};
	int r = imap_client_copy(&s->imap, &g->uids, a->o->to, &moved, e);
	if (r == 0)
		r = print_moved(a, &moved, e);
	imap_moved_release(&moved);
	return r;
}

static int move_each(
    struct act *a, struct fetch_session *s, const struct name_group *g, struct err *e)
{
	struct imap_moved moved = {0};
	bool left = false;
	int r = imap_client_move(&s->imap, &g->uids, a->o->to, &moved, &left, e);
	if (left)
		warn_left(a, g->folder);
	if (r == 0)
		r = print_moved(a, &moved, e);
	imap_moved_release(&moved);
	return r;
}

/* --- all of them --- */

static int each_group(
    struct act *a, struct fetch_session *s, const struct name_set *set, struct err *e)
{
	for (size_t i = 0; i < set->n; i++)
		if (name_group_select(s, &set->v[i], false, e) < 0 ||
		    a->each(a, s, &set->v[i], e) < 0)
			return -1;
	return 0;
}

static int act_on(struct act *a, const struct name_set *set, struct err *e)
{
	struct remote r;
	struct fetch_session s;
	struct err late = ERR_INIT;
	a->remote = &r;
	int done = remote_open(&r, a->o, set->where, e);
	if (done == 0)
		done = remote_needs_imap(&r, "a message by name", e);
	if (done == 0 && (done = fetch_connect(&s, &r.server, &r.link, e)) == 0) {
		done = each_group(a, &s, set, e);
		if (done < 0)
			fetch_abort(&s);
		fetch_disconnect(&s, &late);
	}
	remote_release(&r);
	return done;
}

static int run(struct act *a, struct cli_args *args, struct err *e)
{
	struct name_set set = {0};
	struct sink_fd *out = sink_fd_new(STDOUT_FILENO);
	a->out = &out->sink;
	int r = name_set_read(&set, a->o, &args->operands, e);
	if (r == 0 && set.n)
		r = act_on(a, &set, e);
	if (sink_end(&out->sink, r < 0 ? NULL : e) < 0)
		r = -1;
	free(out);
	name_set_release(&set);
	return r;
}

static int flags_of(const struct strv *names, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < names->n; i++) {
		if (i)
			buf_addc(out, ' ');
		if (imap_flag_by_name(out, span_of(names->v[i]), e) < 0)
			return -1;
	}
	return 0;
}

int flag_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct act a = {.o = o, .each = flag_each, .add = BUF_INIT(2048), .remove = BUF_INIT(2048)};
	int r =
	    o->add.n || o->remove.n ? 0 : err_set(e, EX_USAGE, _("flag needs --add or --remove"));
	if (r == 0 && (flags_of(&o->add, &a.add, e) < 0 || flags_of(&o->remove, &a.remove, e) < 0))
		r = -1;
	if (r == 0)
		r = run(&a, args, e);
	buf_release(&a.add);
	buf_release(&a.remove);
	return r;
}

static int to_folder(struct opts *o, struct cli_args *args, struct act *a, struct err *e)
{
	if (!o->to || !strv_has(&o->common.given, "to"))
		return err_set(e, EX_USAGE, _("where to? --to FOLDER"));
	return run(a, args, e);
}

int move_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct act a = {.o = o, .each = move_each};
	return to_folder(o, args, &a, e);
}

int copy_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct act a = {.o = o, .each = copy_each};
	return to_folder(o, args, &a, e);
}

int delete_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct act a = {.o = o, .each = delete_each};
	return run(&a, args, e);
}

/* --- append --- */

/* The message on standard input, with CRLF lines. */
static int read_message(struct spool *sp, struct err *e)
{
	struct source_fd in;
	struct filter_crlf crlf;
	source_fd_init(&in, STDIN_FILENO);
	filter_crlf_init(&crlf, &sp->sink, CRLF_WIRE);
	if (sink_pump(&crlf.sink, &in.source, e) < 0 || sink_end(&crlf.sink, e) < 0)
		return err_prefix(e, _("standard input: "));
	return sp->size ? 0 : err_set(e, EX_DATAERR, _("standard input: there is no message"));
}

static int append_to(struct opts *o, struct remote *r, const char *folder, struct spool *sp,
    const char *flags, struct err *e)
{
	struct fetch_session s;
	struct err late = ERR_INIT;
	struct source_spool src;
	uint32_t uidvalidity = 0, uid = 0;
	source_spool_init(&src, sp);
	struct imap_append a = {.flags = flags, .size = sp->size, .message = &src.source};
	if (fetch_connect(&s, &r->server, &r->link, e) < 0)
		return -1;
	int done = imap_client_append(&s.imap, folder, &a, &uidvalidity, &uid, e);
	if (done < 0)
		fetch_abort(&s);
	fetch_disconnect(&s, &late);
	if (done < 0 || !uid)
		return done;
	struct sink_fd *out = sink_fd_new(STDOUT_FILENO);
	done = name_print(o, r, folder, uidvalidity, uid, &out->sink, e);
	if (done == 0)
		done = sink_end(&out->sink, e);
	free(out);
	return done;
}

int append_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct remote r = {0};
	struct spool sp;
	struct buf flags = BUF_INIT(2048);
	size_t at = 0;
	spool_init(&sp);
	int done = flags_of(&o->add, &flags, e);
	if (done == 0)
		done = remote_of_operands(&r, o, &args->operands, &at, e);
	if (done == 0)
		done = remote_needs_imap(&r, "append", e);
	if (done == 0 && args->operands.n > at + 1)
		done = err_set(e, EX_USAGE, _("one folder, please"));
	if (done == 0)
		done = read_message(&sp, e);
	const char *folder = at < args->operands.n ? args->operands.v[at] : r.server.folder;
	if (done == 0)
		done = append_to(o, &r, folder ? folder : "INBOX", &sp, buf_cstr(&flags), e);
	spool_release(&sp);
	buf_release(&flags);
	remote_release(&r);
	return done;
}
