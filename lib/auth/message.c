#include "auth/message.h"

#include "base/intl.h"

enum { PIECE = 16 * 1024 };

/* --- the header --- */

/* Behind the empty line, or a line that is no field, if it has come: how many octets the header has, and all up to there. Only what is new is looked at. */
static bool find_end(struct auth_message *m, size_t *header, size_t *all)
{
	struct span s = buf_span(&m->header);
	for (size_t at = m->scanned; at < s.len;) {
		const char *lf = memchr(s.ptr + at, '\n', s.len - at);
		if (!lf)
			break;
		size_t next = (size_t)(lf - s.ptr) + 1;
		if (next - at == 1 || (next - at == 2 && s.ptr[at] == '\r')) {
			*header = at;
			*all = next;
			return true;
		}
		struct span line = span_make(s.ptr + at, next - at);
		if (!auth_fields_line(line) && (at || !span_starts(line, "From "))) {
			/* its fields end before this line */
			*header = *all = next;
			return true;
		}
		m->scanned = at = next;
	}
	return false;
}

static struct span without_from_line(struct auth_message *m, struct span header)
{
	struct span line, rest = header;
	if (!span_starts(header, "From ") || !span_line(&rest, &line))
		return header;
	m->from_line = header.len - rest.len;
	return rest;
}

/* The body begins where the fields end: behind the empty line, or with a line that is no field. */
static int split(struct auth_message *m, size_t header, size_t all, struct err *e)
{
	struct span text = without_from_line(m, span_take(buf_span(&m->header), header));
	size_t used;
	if (auth_fields_split(&m->fields, text, &used, e) < 0)
		return -1;
	m->in_body = true;
	if (m->header_done && m->header_done(m, e) < 0)
		return -1;
	m->unended = used < text.len;
	size_t body = m->unended ? (size_t)m->from_line + used : all;
	m->body_begin = body;
	return sink_put(&m->body.sink, span_skip(buf_span(&m->header), body), e);
}

/* The fields are views of the buffer, so it does not grow any more once they are split. */
static int header_put(struct auth_message *m, struct span bytes, struct err *e)
{
	size_t header, all, before = m->header.len;
	buf_add(&m->header, bytes);
	if (m->header.over)
		return err_set(
		    e, EX_DATAERR, _("the header is larger than %d bytes"), AUTH_HEADER_MAX);
	if (!find_end(m, &header, &all))
		return 0;
	/* what came behind it in this piece is body, and need not stay */
	struct span body = span_skip(bytes, all - before);
	buf_cut(&m->header, all);
	return split(m, header, all, e) < 0 ? -1 : sink_put(&m->body.sink, body, e);
}

static int message_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct auth_message *m = (struct auth_message *)sink;
	m->size += bytes.len;
	for (; bytes.len && !m->in_body; bytes = span_skip(bytes, PIECE))
		if (header_put(m, span_take(bytes, PIECE), e) < 0)
			return -1;
	return sink_put(&m->body.sink, bytes, e);
}

static int message_end(struct sink *sink, struct err *e)
{
	struct auth_message *m = (struct auth_message *)sink;
	if (!m->in_body && split(m, m->header.len, m->header.len, e) < 0)
		return -1;
	return sink_end(&m->body.sink, e);
}

void auth_message_init(struct auth_message *m)
{
	m->sink = (struct sink){message_put, message_end};
	m->header = (struct buf)BUF_INIT(AUTH_HEADER_MAX);
	m->fields = (struct auth_fields){0};
	m->in_body = m->unended = false;
	m->body_begin = 0;
	m->scanned = 0;
	m->from_line = m->size = 0;
	m->header_done = NULL;
	m->owner = NULL;
	auth_body_init(&m->body);
}

void auth_message_release(struct auth_message *m)
{
	auth_body_release(&m->body);
	auth_fields_release(&m->fields);
	buf_release(&m->header);
}
