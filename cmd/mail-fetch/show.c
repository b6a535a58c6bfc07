/* show.c - show and raw: messages that stay where they are, read. */
#include "fetch.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/spool.h"

#include <stdlib.h>
#include <unistd.h>

struct output {
	struct sink *to;
	bool mbox; /* several: as mboxrd */
};

static int write_one(void *ctx, const struct spool *message, int64_t date_s, struct err *e)
{
	struct output *out = ctx;
	struct source_spool src;
	source_spool_init(&src, message);
	if (!out->mbox)
		return sink_pump(out->to, &src.source, e);
	struct mbox_writer w;
	mbox_writer_init(&w, out->to, NULL, date_s ? date_s : clock_real_s());
	return sink_pump(&w.sink, &src.source, e) < 0 ? -1 : sink_end(&w.sink, e);
}

static int read_groups(
    struct fetch_session *s, const struct name_set *set, struct output *out, struct err *e)
{
	for (size_t i = 0; i < set->n; i++) {
		uint64_t missing = 0;
		if (name_group_select(s, &set->v[i], true, e) < 0 ||
		    fetch_read(s, &set->v[i].uids, write_one, out, &missing, e) < 0)
			return -1;
		if (missing)
			return err_set(e, EX_NOINPUT,
			    _("%s: %llu of the messages are not there any more"), set->v[i].folder,
			    (unsigned long long)missing);
	}
	return 0;
}

static size_t count(const struct name_set *set)
{
	size_t n = 0;
	for (size_t i = 0; i < set->n; i++)
		n += set->v[i].uids.n;
	return n;
}

static int read_set(struct opts *o, const struct name_set *set, struct sink *to, struct err *e)
{
	struct remote r;
	struct fetch_session s;
	struct err late = ERR_INIT;
	struct output out = {.to = to, .mbox = count(set) > 1};
	int done = remote_open(&r, o, set->where, e);
	if (done == 0)
		done = remote_needs_imap(&r, "a message by name", e);
	if (done == 0 && (done = fetch_connect(&s, &r.server, &r.link, e)) == 0) {
		done = read_groups(&s, set, &out, e);
		if (done < 0)
			fetch_abort(&s);
		fetch_disconnect(&s, &late);
	}
	remote_release(&r);
	return done;
}

static int to_descriptor(
    struct opts *o, const struct name_set *set, int fd, const char *name, struct err *e)
{
	struct sink_fd *out = sink_fd_new(fd);
	int r = read_set(o, set, &out->sink, e);
	if (r == 0 && sink_end(&out->sink, e) < 0)
		r = err_prefix(e, "%s: ", name);
	free(out);
	return r;
}

int raw_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct name_set set = {0};
	int r = name_set_read(&set, o, &args->operands, e);
	if (r == 0)
		r = to_descriptor(o, &set, STDOUT_FILENO, _("standard output"), e);
	name_set_release(&set);
	return r;
}

/* Reading for people is mail-read's work. */
static int through_reader(struct opts *o, const struct name_set *set, struct err *e)
{
	static char show[] = "show", dash[] = "-", reader[] = "mail-read", json[] = "--json";
	char *const argv[] = {reader, show, dash, o->common.json ? json : NULL, NULL};
	struct child c;
	struct spool sp;
	struct source_spool src;
	int status = 0;
	spool_init(&sp);
	int r = read_set(o, set, &sp.sink, e);
	if (r == 0)
		r = child_start(&c, argv, NULL, CHILD_STDIN, e);
	if (r == 0) {
		struct sink_fd *in = sink_fd_new(c.in);
		struct err pipe = ERR_INIT; /* a pager that was left early is no failure */
		source_spool_init(&src, &sp);
		if (sink_pump(&in->sink, &src.source, &pipe) == 0)
			sink_end(&in->sink, &pipe);
		free(in);
		r = child_wait(&c, -1, &status, e);
	}
	spool_release(&sp);
	return r < 0 ? -1 : status;
}

int show_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct name_set set = {0};
	int r = name_set_read(&set, o, &args->operands, e);
	if (r == 0 && count(&set) != 1)
		r = err_set(e, EX_USAGE, _("show takes one message; raw takes several"));
	if (r == 0)
		r = through_reader(o, &set, e);
	name_set_release(&set);
	return r;
}
