/* Root's run for everybody: each user's spool by that user, some at a time. What one of them does, or fails to do, costs only himself. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/inert.h"
#include "io/child.h"
#include "io/sys.h"
#include "io/user.h"
#include "mail_queue.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	AT_ONCE = 8,
	LONGEST_MS = 3600 * 1000,
	GRACE_MS = 30000,
	LINES_MAX = 200,
	LINE_MAX_BYTES = 4096
};
static const char usual_spool[] = ".local/state/surat/queue";

struct running {
	struct user user;
	char **argv;
	pid_t pid;
	int out, child_out; /* what it says; its end of that */
	struct buf text;
	unsigned lines;
	int64_t began_ms;
	bool stopped, killed, ended;
	int status;
};

struct everybody {
	struct options *o;
	struct strv argv;
	struct running *v[AT_ONCE];
	size_t n;
	int code; /* of the first that failed */
};

/* --- in the child --- */

static int complain(const struct running *r, struct err *e)
{
	(void)r;
	ssize_t n = sys_write(STDERR_FILENO, e->text, strlen(e->text));
	return n < 0 ? EX_OSERR : e->code;
}

/* Nothing of the user's is looked at before we are that user. */
static int be_user(void *ctx)
{
	struct running *r = ctx;
	struct err e = ERR_INIT;
	if (dup2(r->child_out, STDOUT_FILENO) < 0 || dup2(r->child_out, STDERR_FILENO) < 0)
		return EX_OSERR;
	if (user_become(&r->user, &e) < 0)
		return complain(r, &e);
	if (!user_owns(&r->user, usual_spool))
		return 0;
	child_become("mail-queue", r->argv, &e);
	return complain(r, &e);
}

/* --- what they say --- */

static void tell(struct everybody *all, struct running *r, struct span line)
{
	static const char own[] = "mail-queue: ";
	struct buf b = BUF_INIT(4 * LINE_MAX_BYTES);
	if (++r->lines > LINES_MAX)
		return;
	inert_add(&b, span_starts(line, own) ? span_skip(line, sizeof(own) - 1) : line, 0);
	cli_warn(all->o->program, &all->o->common, "%s: %s", r->user.name, buf_cstr(&b));
	if (r->lines == LINES_MAX)
		cli_warn(all->o->program, &all->o->common, _("%s: and more"), r->user.name);
	buf_release(&b);
}

static void tell_lines(struct everybody *all, struct running *r, bool last)
{
	struct span rest = buf_span(&r->text), line;
	while (memchr(rest.ptr ? rest.ptr : "", '\n', rest.len)) {
		span_line(&rest, &line);
		tell(all, r, line);
	}
	buf_drop(&r->text, r->text.len - rest.len);
	if (r->text.len && (last || r->text.len == r->text.max)) {
		tell(all, r, buf_span(&r->text));
		buf_reset(&r->text);
	}
}

/* True when there may be more. */
static bool listen_to(struct everybody *all, struct running *r)
{
	size_t room = r->text.max - r->text.len;
	ssize_t n = sys_read(r->out, buf_room(&r->text, room), room);
	if (n > 0)
		buf_grew(&r->text, (size_t)n);
	tell_lines(all, r, n <= 0 && r->ended);
	if (r->lines > LINES_MAX) { /* whoever says more than that is not listened to any longer */
		sys_close(r->out);
		r->out = -1;
	}
	return n > 0 && r->out >= 0;
}

/* --- one after the other, some at a time --- */

static void forget(struct running *r)
{
	if (r->out >= 0)
		sys_close(r->out);
	buf_release(&r->text);
	user_release(&r->user);
	free(r);
}

/* The reading end does not block: whoever inherited the other end may keep it for ever. */
static int start_one(struct everybody *all, struct user *u, struct err *e)
{
	struct running *r = mem_new(1, sizeof(*r));
	int fd[2];
	if (pipe2(fd, O_CLOEXEC) < 0) {
		free(r);
		return err_sys(e, EX_OSERR, "pipe");
	}
	*r = (struct running){.user = *u,
	    .argv = all->argv.v,
	    .out = fd[0],
	    .child_out = fd[1],
	    .text = BUF_INIT(LINE_MAX_BYTES),
	    .began_ms = clock_mono_ms()};
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	int got = child_fork(&r->pid, be_user, r, e);
	sys_close(fd[1]);
	if (got < 0) {
		r->user = (struct user){0};
		forget(r);
		return -1;
	}
	all->v[all->n++] = r;
	*u = (struct user){0};
	return 0;
}

static void reap(struct everybody *all)
{
	pid_t pid;
	int status;
	while (child_reap(&pid, &status) > 0)
		for (size_t i = 0; i < all->n; i++)
			if (all->v[i]->pid == pid) {
				all->v[i]->ended = true;
				all->v[i]->status = status;
			}
}

/* One who takes too long must not keep root's next run from the others. */
static void watch_clock(struct everybody *all, struct running *r)
{
	int64_t age = clock_mono_ms() - r->began_ms;
	if (!r->stopped && (signals_stop() || age > LONGEST_MS)) {
		r->stopped = true;
		r->began_ms = clock_mono_ms();
		child_stop(r->pid);
		if (!signals_stop())
			tell(all, r, span_of(_("took longer than an hour and was stopped")));
	} else if (r->stopped && !r->killed && age > GRACE_MS) {
		r->killed = true;
		kill(r->pid, SIGKILL);
	}
}

static void finish_ended(struct everybody *all)
{
	size_t kept = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct running *r = all->v[i];
		if (!r->ended) {
			watch_clock(all, r);
			all->v[kept++] = r;
			continue;
		}
		for (int pieces = 0; pieces < 64 && listen_to(all, r); pieces++)
			;
		if (r->status && !all->code)
			all->code = r->status < 128 ? r->status : EX_TEMPFAIL;
		forget(r);
	}
	all->n = kept;
}

/* Not longer than a moment: the end of a child is not something that is read. */
static void wait_for_some(struct everybody *all)
{
	enum { MOMENT_MS = 100 };
	struct pollfd p[AT_ONCE];
	for (size_t i = 0; i < all->n; i++)
		p[i] = (struct pollfd){.fd = all->v[i]->out, .events = POLLIN};
	if (sys_poll(p, all->n, MOMENT_MS) <= 0)
		return;
	for (size_t i = 0; i < all->n; i++)
		if (p[i].revents & POLLIN)
			listen_to(all, all->v[i]);
		else if (p[i].revents) { /* it has closed it: only its end is still to come */
			sys_close(all->v[i]->out);
			all->v[i]->out = -1;
		}
}

static int run_everybody(struct everybody *all, struct err *e)
{
	struct user u;
	int r = 0;
	user_rewind();
	while (r == 0 && !signals_stop() && user_next(&u) > 0) {
		r = start_one(all, &u, e);
		user_release(&u);
		while (all->n == AT_ONCE) {
			wait_for_some(all);
			reap(all);
			finish_ended(all);
		}
	}
	while (all->n) {
		wait_for_some(all);
		reap(all);
		finish_ended(all);
	}
	return r < 0 ? -1 : all->code;
}

int run_all_users(struct options *o, const struct strv *ids, struct err *e)
{
	struct everybody all = {.o = o};
	if (ids->n || o->spool || o->common.json || o->plan)
		return err_set(
		    e, EX_USAGE, _("--all-users goes without IDs, --spool, --plan and --json"));
	if (geteuid() != 0)
		return err_set(e, EX_NOPERM, _("--all-users is for root"));
	for (char **arg = o->argv; *arg; arg++)
		if (strcmp(*arg, "--all-users") != 0)
			strv_add(&all.argv, *arg);
	int r = run_everybody(&all, e);
	strv_release(&all.argv);
	return r;
}
