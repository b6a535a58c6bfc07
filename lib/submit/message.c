#include "submit/message.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/sys.h"
#include "submit/look.h"
#include "submit/recipients.h"

#include <stdlib.h>
#include <unistd.h>

/* --- reading it --- */

static void init(struct submit_message *m)
{
	*m = (struct submit_message){.fd = -1, .front = BUF_INIT(1 << 20), .header = HEADER_INIT};
	spool_init(&m->spool);
}

void submit_message_release(struct submit_message *m)
{
	header_release(&m->header);
	spool_release(&m->spool);
	buf_release(&m->front);
	strv_release(&m->replaced);
	free(m->pieces);
	free(m->ranges);
	m->pieces = NULL;
	m->ranges = NULL;
	m->piece_count = m->range_count = 0;
}

static int read_header(struct submit_message *m, struct err *e)
{
	struct source_spool spooled;
	struct source_range range;
	struct source *in = &spooled.source;
	source_spool_init(&spooled, &m->spool);
	if (m->fd >= 0) {
		source_range_init(&range, m->fd, m->base, (int64_t)m->size);
		in = &range.source;
	}
	if (header_read(&m->header, in, NULL, e) < 0) {
		submit_message_release(m);
		return -1;
	}
	return 0;
}

int submit_message_source(struct submit_message *m, struct source *from, struct err *e)
{
	init(m);
	m->piped = true;
	if (sink_pump(&m->spool.sink, from, e) < 0) {
		submit_message_release(m);
		return -1;
	}
	m->size = m->spool.size;
	return read_header(m, e);
}

int submit_message_range(
    struct submit_message *m, int fd, int64_t offset, uint64_t size, struct err *e)
{
	init(m);
	m->fd = fd;
	m->base = offset;
	m->size = size;
	return read_header(m, e);
}

int submit_message_fd(struct submit_message *m, int fd, struct err *e)
{
	struct stat st;
	struct source_fd in;
	off_t at = 0;
	if (sys_fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (at = lseek(fd, 0, SEEK_CUR)) >= 0)
		return submit_message_range(
		    m, fd, at, st.st_size > at ? (uint64_t)(st.st_size - at) : 0, e);
	source_fd_init(&in, fd);
	return submit_message_source(m, &in.source, e);
}

/* --- what goes out --- */

static void add_piece(struct submit_message *m, uint64_t from, uint64_t len, const char *literal)
{
	struct submit_piece *last = m->piece_count ? &m->pieces[m->piece_count - 1] : NULL;
	if (len == 0)
		return;
	if (!literal && last && !last->literal && last->from + last->len == from) {
		last->len += len;
		return;
	}
	if ((m->piece_count & (m->piece_count - 1)) == 0) /* room for the next power of two */
		m->pieces = mem_resize(
		    m->pieces, m->piece_count ? 2 * m->piece_count : 4, sizeof(*m->pieces));
	m->pieces[m->piece_count++] = (struct submit_piece){from, len, literal};
}

/* The empty line as it is there, so that a file may go out as it lies. */
static void add_empty_line(struct submit_message *m)
{
	const struct header_field *last = m->header.n ? &m->header.v[m->header.n - 1] : NULL;
	uint64_t from = last ? last->offset + last->length : m->header.end;
	uint64_t len = m->header.end - from;
	if (len == 1 || len == 2)
		add_piece(m, from, len, NULL);
	else
		add_piece(m, 0, 1, "\n");
}

static bool goes_out(const struct submit_message *m, struct span name)
{
	for (size_t i = 0; i < m->replaced.n; i++)
		if (span_is_nocase(name, m->replaced.v[i]))
			return false;
	return !submit_is_secret_field(name);
}

static void cut(struct submit_message *m)
{
	m->piece_count = 0;
	add_piece(m, 0, m->front.len, buf_cstr(&m->front));
	for (size_t i = 0; i < m->header.n; i++)
		if (goes_out(m, m->header.v[i].name))
			add_piece(m, m->header.v[i].offset, m->header.v[i].length, NULL);
	m->header_size = submit_message_octets(m);
	add_empty_line(m);
	add_piece(m, m->header.end, m->size - m->header.end, NULL);
}

/* Once its facts are known: every line ends in CRLF, and nothing is put into it. */
static void find_ranges(struct submit_message *m)
{
	free(m->ranges);
	m->ranges = NULL;
	m->range_count = 0;
	if (m->fd < 0 || submit_message_octets(m) != m->wire_size)
		return;
	m->ranges = mem_new(m->piece_count, sizeof(*m->ranges));
	for (size_t i = 0; i < m->piece_count; i++) {
		const struct submit_piece *p = &m->pieces[i];
		if (p->literal) {
			m->range_count = 0;
			return;
		}
		m->ranges[m->range_count++] =
		    (struct smtp_range){m->fd, m->base + (int64_t)p->from, p->len};
	}
}

static int check_header(const struct submit_message *m, struct err *e)
{
	if (m->size == 0)
		return err_set(e, EX_DATAERR, _("there is no message"));
	if (m->header.tolerated & (UINT32_C(1) << MIME_T_BAD_FIELD))
		return err_set(e, EX_DATAERR, _("a line of the message's header is no field"));
	if (!m->header.complete)
		return err_set(e, EX_DATAERR,
		    _("the message has no empty line behind its header: was it cut?"));
	return 0;
}

int submit_message_ready(struct submit_message *m, struct err *e)
{
	if (check_header(m, e) < 0)
		return -1;
	cut(m);
	if (submit_look(m, e) < 0)
		return -1;
	find_ranges(m);
	return 0;
}

/* --- giving it out --- */

static ssize_t read_input(
    const struct submit_message *m, char *p, size_t n, uint64_t at, struct err *e)
{
	if (m->fd < 0)
		return spool_pread(&m->spool, p, n, at, e);
	ssize_t got = sys_pread(m->fd, p, n, (off_t)(m->base + (int64_t)at));
	if (got < 0)
		return err_sys(e, EX_IOERR, _("reading the message"));
	if (got == 0)
		return err_set(e, EX_IOERR, _("the message became shorter while it was read"));
	return got;
}

static ssize_t source_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct submit_source *s = (struct submit_source *)source;
	const struct submit_message *m = s->message;
	if (s->piece == m->piece_count)
		return 0;
	const struct submit_piece *x = &m->pieces[s->piece];
	uint64_t left = x->len - s->at;
	ssize_t got = (ssize_t)(left < n ? left : n);
	if (x->literal)
		memcpy(p, x->literal + s->at, (size_t)got);
	else if ((got = read_input(m, p, (size_t)got, x->from + s->at, e)) < 0)
		return -1;
	s->at += (uint64_t)got;
	if (s->at == x->len) {
		s->piece++;
		s->at = 0;
	}
	return got;
}

void submit_source_init(struct submit_source *s, const struct submit_message *m)
{
	*s = (struct submit_source){.source = {source_read}, .message = m};
}

void submit_source_seek(struct submit_source *s, uint64_t at)
{
	const struct submit_message *m = s->message;
	for (s->piece = 0; s->piece < m->piece_count; s->piece++) {
		if (at < m->pieces[s->piece].len)
			break;
		at -= m->pieces[s->piece].len;
	}
	s->at = s->piece < m->piece_count ? at : 0;
}

uint64_t submit_message_octets(const struct submit_message *m)
{
	uint64_t all = 0;
	for (size_t i = 0; i < m->piece_count; i++)
		all += m->pieces[i].len;
	return all;
}
