#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/sys.h"
#include "mx.h"

#include <stdlib.h>
#include <unistd.h>

enum { WINDOW = 4096, INPUT_CHUNK = 65536, LINE_MAX_BYTES = 8192 };

/* Names, from operands and from standard input. */
struct names {
	const struct strv *operands;
	size_t next;
	bool reading; /* "-" is at work */
	bool eof;
	bool too_long; /* the rest of a line that was cut is dropped */
	struct buf in;
	size_t at;
};
/* Results wait here until all before them are shown. */
struct window {
	struct route_plan *v[WINDOW];
	size_t shown, added; /* numbers of names, the first is 0 */
};

/* A line out of the buffer. At the end of input a last one without its newline counts. */
static bool buffered_line(struct names *n, struct span *line)
{
	struct span rest = span_skip(buf_span(&n->in), n->at);
	ptrdiff_t end = span_index(rest, '\n');
	if (end < 0 && !(n->eof && rest.len) && rest.len < LINE_MAX_BYTES)
		return false;
	*line = end < 0 ? rest : span_take(rest, (size_t)end);
	n->at += end < 0 ? rest.len : (size_t)end + 1;
	bool drop = n->too_long;
	n->too_long = end < 0 && !n->eof;
	*line = span_trim(*line);
	return drop ? buffered_line(n, line) : true;
}

/* The next name that is there without waiting. *line is good until the next call. */
static bool next_name(struct names *n, bool keep_empty, struct span *line)
{
	for (;;) {
		while (n->reading && buffered_line(n, line))
			if (line->len || keep_empty)
				return true;
		if (n->reading && !n->eof)
			return false;
		n->reading = false;
		if (n->next == n->operands->n)
			return false;
		const char *operand = n->operands->v[n->next++];
		if (strcmp(operand, "-") != 0 || n->eof) {
			*line = span_of(operand);
			return true;
		}
		n->reading = true;
	}
}

static bool wants_input(const struct names *n)
{
	return n->reading && !n->eof;
}

static int fill(struct names *n, struct err *e)
{
	buf_drop(&n->in, n->at);
	n->at = 0;
	char *room = buf_room(&n->in, INPUT_CHUNK);
	ENSURE(room);
	ssize_t got = sys_read(STDIN_FILENO, room, INPUT_CHUNK);
	if (got < 0)
		return err_sys(e, EX_IOERR, _("standard input"));
	buf_grew(&n->in, (size_t)got);
	n->eof = got == 0;
	return 0;
}

/* Names into the batch, as many as there is room for. */
static void admit(struct mx *m, struct names *n, struct window *w)
{
	struct span name;
	while (route_batch_count(m->batch) < (size_t)m->o->jobs && w->added - w->shown < WINDOW &&
	       next_name(n, m->o->plan, &name)) {
		int64_t left = m->deadline_ms - clock_mono_ms();
		if (m->deadline_ms && left < m->route.timeout_ms)
			m->route.timeout_ms = left > 0 ? left : 0;
		route_batch_add(m->batch, name, (void *)(uintptr_t)w->added++);
	}
}

static void say_notice(struct mx *m)
{
	/* where validation is required, each domain's error says so */
	if (m->notice_said || !dns_notice(m->dns) || m->route.require_dnssec)
		return;
	m->notice_said = true;
	cli_warn(m->o->program, &m->o->common, "%s", dns_notice(m->dns));
}

static int show(struct mx *m, struct route_plan *p, struct err *e)
{
	if (p->error.code > m->worst)
		m->worst = p->error.code;
	int r = mx_show(m, p, e);
	route_plan_free(p);
	return r;
}

static int deliver(struct mx *m, struct window *w, struct route_plan *p, struct err *e)
{
	say_notice(m);
	if (m->o->unordered) {
		w->shown++;
		return show(m, p, e);
	}
	w->v[(uintptr_t)p->owner % WINDOW] = p;
	for (struct route_plan **at; *(at = &w->v[w->shown % WINDOW]); w->shown++) {
		p = *at;
		*at = NULL;
		if (show(m, p, e) < 0)
			return -1;
	}
	return 0;
}

static int loop(struct mx *m, struct names *n, struct window *w, struct err *e)
{
	for (;;) {
		admit(m, n, w);
		bool room = route_batch_count(m->batch) < (size_t)m->o->jobs &&
			    w->added - w->shown < WINDOW;
		int watch = room && wants_input(n) ? STDIN_FILENO : -1;
		struct route_plan *p = NULL;
		switch (route_batch_wait(m->batch, watch, &p, e)) {
		case DNS_ANSWERED:
			if (deliver(m, w, p, e) < 0)
				return -1;
			break;
		case DNS_WATCHED:
			if (fill(n, e) < 0)
				return -1;
			break;
		case DNS_IDLE: return 0;
		default: return -1;
		}
	}
}

static int check_operands(
    const struct mx *m, const struct strv *given, struct strv *operands, struct err *e)
{
	struct stat st;
	for (size_t i = 0; i < given->n; i++)
		strv_add(operands, given->v[i]);
	if (operands->n)
		return 0;
	/* nobody waits at a terminal for a program that waits for him */
	bool piped = sys_fstat(STDIN_FILENO, &st) == 0 &&
		     (S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode));
	if (!piped && !m->o->plan)
		return err_set(e, EX_USAGE, _("no domain given"));
	strv_add(operands, "-");
	return 0;
}

int mx_work(struct mx *m, const struct strv *given, struct err *e)
{
	struct strv operands = {0};
	struct names n = {.operands = &operands, .in = BUF_INIT(2 * INPUT_CHUNK)};
	struct window *w = mem_new(1, sizeof(*w));
	int r = check_operands(m, given, &operands, e);
	if (r == 0)
		r = loop(m, &n, w, e);
	if (r == 0 || m->report)
		r = mx_show_end(m, r == 0 ? e : NULL) < 0 ? -1 : r;
	for (size_t i = 0; i < WINDOW; i++)
		route_plan_free(w->v[i]);
	free(w);
	buf_release(&n.in);
	strv_release(&operands);
	return r < 0 ? -1 : m->worst;
}
