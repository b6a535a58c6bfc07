#include "queue/message.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/envelope.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ANSWERS_MAX = 64 << 20, FIRST_READ = 1024 };

/* 1; 0 not there; a link is damage and not an error of the system. */
static int open_file(struct queue *q, const char *name, struct stat *st, int *fd, struct err *e)
{
	/* non-blocking: what lies there may be a FIFO */
	int opened = sys_openat(q->dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	if (opened < 0 && errno == ENOENT)
		return 0;
	if (opened < 0)
		return err_sys(
		    e, errno == ELOOP || errno == ENXIO ? EX_DATAERR : EX_IOERR, "%s", name);
	if (sys_fstat(opened, st) < 0) {
		err_sys(e, EX_IOERR, "%s", name);
		sys_close(opened);
		return -1;
	}
	const char *why = !S_ISREG(st->st_mode)  ? _("not a regular file")
			  : st->st_uid != q->uid ? _("it belongs to another user")
			  : st->st_nlink > 1     ? _("it has another name too (a hard link)")
						 : NULL;
	if (!why) {
		*fd = opened;
		return 1;
	}
	sys_close(opened);
	return err_set(e, EX_DATAERR, "%s: %s", name, why);
}

static int read_more(int fd, struct buf *b, size_t n, struct err *e)
{
	char *to = buf_room(b, n);
	if (!to)
		return err_set(e, EX_DATAERR, _("larger than %zu bytes"), b->max);
	ssize_t got = sys_pread(fd, to, n, (off_t)b->len);
	if (got < 0)
		return err_sys(e, EX_IOERR, _("cannot read"));
	buf_grew(b, (size_t)got);
	return got > 0;
}

/* Reads until the empty line is in b; *head: the text before it. */
static int read_head(int fd, struct buf *b, struct span *head, struct err *e)
{
	size_t step = FIRST_READ;
	ptrdiff_t at = -1;
	while (at < 0) {
		size_t from = b->len ? b->len - 1 : 0;
		int r = read_more(fd, b, step, e);
		if (r < 0)
			return -1;
		if (r == 0)
			return err_set(e, EX_DATAERR, _("it ends within its envelope"));
		at = span_find(span_skip(buf_span(b), from), SPAN("\n\n"));
		at = at < 0 ? at : at + (ptrdiff_t)from;
		step = b->len; /* doubling: large envelopes are rare */
	}
	*head = span_make(b->ptr, (size_t)at + 1);
	return 0;
}

static int read_envelope(struct queue_message *m, const struct stat *st, struct err *e)
{
	struct buf b = BUF_INIT(ENVELOPE_MAX * 2);
	struct envelope_facts facts;
	struct span head;
	int r = read_head(m->fd, &b, &head, e);
	if (r == 0)
		r = envelope_parse(head, &m->envelope, &facts, e);
	if (r == 0) {
		m->offset = (int64_t)head.len + 1;
		m->size = (int64_t)facts.size;
		m->arrived_s = facts.arrived_s;
		if (m->offset + m->size != st->st_size)
			r = err_set(e, EX_DATAERR, _("it should have %lld bytes and has %lld"),
			    (long long)(m->offset + m->size), (long long)st->st_size);
	}
	buf_release(&b);
	return r;
}

static int read_all(int fd, struct buf *b, size_t size, struct err *e)
{
	int r;
	/* at least one more than there is, so that the end is seen */
	while ((r = read_more(fd, b, b->len < size ? size - b->len + 1 : FIRST_READ, e)) > 0)
		;
	return r;
}

/* Waiting begins when it may be sent. */
static int64_t start_s(const struct queue_message *m)
{
	int64_t hold = m->envelope.hold_until_s;
	return hold > m->arrived_s ? hold : m->arrived_s;
}

static int read_journal(struct queue *q, struct queue_message *m, struct err *e)
{
	char name[QUEUE_NAME_SIZE];
	struct buf b = BUF_INIT(JOURNAL_MAX);
	struct stat st;
	int fd;
	m->journal.since_s = start_s(m);
	if (m->name.no_journal)
		return 0;
	snprintf(name, sizeof(name), "%s.log", m->name.id);
	int r = open_file(q, name, &st, &fd, e);
	if (r <= 0)
		return r;
	m->has_journal = true;
	r = read_all(fd, &b, (size_t)st.st_size, e);
	if (r == 0)
		r = journal_parse(buf_span(&b), m->name.id, start_s(m), m->progress,
		    m->envelope.recipient_count, &m->answers, &m->journal, e);
	sys_close(fd);
	buf_release(&b);
	return r < 0 ? err_prefix(e, "%s: ", name) : 0;
}

static int read_both(struct queue *q, const char *file, const struct stat *st,
    struct queue_message *m, struct err *e)
{
	if (read_envelope(m, st, e) < 0)
		return err_prefix(e, "%s: ", file);
	m->progress = mem_new(m->envelope.recipient_count, sizeof(*m->progress));
	return read_journal(q, m, e);
}

/* Handed over, and given back before the transport came to it: as it was. */
static void forget_handing(struct queue_message *m)
{
	for (size_t i = 0; i < m->envelope.recipient_count; i++) {
		struct queue_progress *p = &m->progress[i];
		if (p->status == QUEUE_HANDED)
			p->status = p->answer ? QUEUE_DEFERRED : QUEUE_PENDING;
	}
}

int queue_message_open(
    struct queue *q, const struct queue_name *n, struct queue_message *m, struct err *e)
{
	struct queue_message found = {.name = *n, .answers = ARENA_INIT(ANSWERS_MAX)};
	char file[QUEUE_NAME_SIZE];
	struct stat st;
	queue_name_write(file, n);
	int r = open_file(q, file, &st, &found.fd, e);
	if (r <= 0)
		return r;
	if (read_both(q, file, &st, &found, e) < 0) {
		queue_message_close(&found);
		return -1;
	}
	if (n->claim == QUEUE_FREE)
		forget_handing(&found);
	*m = found;
	return 1;
}

void queue_message_close(struct queue_message *m)
{
	if (m->fd >= 0)
		sys_close(m->fd);
	queue_envelope_release(&m->envelope);
	free(m->progress);
	arena_release(&m->answers);
	*m = (struct queue_message){.fd = -1};
}

void queue_message_source(const struct queue_message *m, struct source_range *src)
{
	source_range_init(src, m->fd, m->offset, m->size);
}

size_t queue_message_waiting(const struct queue_message *m)
{
	size_t n = 0;
	for (size_t i = 0; i < m->envelope.recipient_count; i++)
		n += !queue_status_is_final(m->progress[i].status);
	return n;
}

const struct queue_answer *queue_message_answer(const struct queue_message *m)
{
	const struct queue_answer *best = NULL;
	for (size_t i = 0; i < m->envelope.recipient_count; i++) {
		const struct queue_progress *p = &m->progress[i];
		if (!queue_status_is_final(p->status) && p->answer &&
		    (!best || p->answer->at_s > best->at_s))
			best = p->answer;
	}
	return best;
}

char *queue_domain(const char *address)
{
	const char *at = strrchr(address, '@');
	char *domain = str_dup(at ? at + 1 : "");
	for (char *p = domain; *p; p++)
		*p = to_lower(*p);
	return domain;
}

char *queue_destination(const struct queue_envelope *env, const char *address)
{
	const struct queue_route *r = &env->route;
	const char *account = r->account ? r->account : "";
	if (r->server && *r->server)
		return str_printf("server %s%s%s", r->server, *account ? " " : "", account);
	if (r->use_mx && r->mx && *r->mx)
		return str_printf("mx %s", r->mx);
	if (!r->use_mx && *account)
		return str_printf("account %s", account);
	return queue_domain(address);
}
