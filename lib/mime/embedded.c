#include "mime/embedded.h"

#include "codec/charset.h"
#include "codec/uu.h"
#include "mime/shape.h"
#include "mime/tnef.h"

#include <stdio.h>

#define BIT(t) (UINT32_C(1) << (t))

enum {
	OUTSIDE,
	BEGUN,
	INSIDE
}; /* BEGUN: "begin" came, and what stands behind it is not known yet */
enum { NAME_MAX_BYTES = 1000 };

bool embedded_is_tnef(const struct mime_part *leaf)
{
	return mime_part_is(leaf, "application/ms-tnef") ||
	       mime_part_is(leaf, "application/vnd.ms-tnef") ||
	       span_is_nocase(leaf->filename, "winmail.dat");
}

bool embedded_possible(const struct mime_part *leaf)
{
	return leaf->leaf && (embedded_is_tnef(leaf) || (mime_part_is(leaf, "text/plain") &&
							    leaf->encoding != MIME_UUENCODE));
}

/* --- one file --- */

static struct mime_part *new_file(struct embedded *m, struct span name, struct err *e)
{
	struct mime_part *file = arena_new(m->arena, 1, sizeof(*file));
	struct buf number = BUF_INIT(2000);
	if (!file)
		goto full;
	buf_addf(&number, "%s:%u", mime_part_number(m->part), m->files + 1);
	*file = (struct mime_part){.parent = m->part,
	    .index = ++m->files,
	    .serial = m->part->serial,
	    .depth = m->part->depth + 1,
	    .number = arena_str(m->arena, buf_span(&number)),
	    .type = "application",
	    .subtype = "octet-stream",
	    .charset = SPAN(""),
	    .filename = arena_dup(m->arena, name),
	    .content_id = SPAN(""),
	    .encoding = MIME_BINARY,
	    .disposition = MIME_ATTACHMENT,
	    .leaf = true,
	    .decoded = true};
	buf_release(&number);
	if (file->number && file->filename.ptr)
		return file;
full:
	err_set(e, EX_DATAERR, "the parts need more than %zu bytes of memory", m->arena->max);
	return NULL;
}

static int begin_file(struct embedded *m, struct mime_part *file, struct err *e)
{
	if (!file || m->handler->begin(m->handler, file, e) < 0)
		return -1;
	m->file = file;
	return 0;
}

static int end_file(struct embedded *m, struct err *e)
{
	struct mime_part *file = m->file;
	m->file = NULL;
	return m->handler->end(m->handler, file, e);
}

/* --- uuencoded blocks --- */

static int end_block(struct embedded *m, bool cut, struct err *e)
{
	m->state = OUTSIDE;
	if (!m->file)
		return 0;
	if (cut) {
		m->file->tolerated |= BIT(MIME_T_UUENCODE_CUT);
		m->part->tolerated |= BIT(MIME_T_UUENCODE_CUT);
	}
	return end_file(m, e);
}

/* The name is in no charset that is said. */
static int begin_block(struct embedded *m, struct err *e)
{
	struct buf name = BUF_INIT(4 * NAME_MAX_BYTES);
	charset_to_utf8(&name, SPAN(""), buf_span(&m->name));
	struct mime_part *file = new_file(m, buf_span(&name), e);
	buf_release(&name);
	if (begin_file(m, file, e) < 0)
		return -1;
	file->tolerated |= BIT(MIME_T_UUENCODED);
	m->part->tolerated |= BIT(MIME_T_UUENCODED);
	m->state = INSIDE;
	return 0;
}

/* A line that may begin a block, of which there are not too many yet. */
static void look_for_begin(struct embedded *m, struct span line)
{
	struct span name;
	m->state = OUTSIDE;
	if (m->files == EMBEDDED_MAX || !uu_is_begin(line, &name) || !name.len)
		return;
	buf_reset(&m->name);
	buf_add(&m->name, name);
	m->state = BEGUN;
}

static int data_line(struct embedded *m, struct span line, struct err *e)
{
	char bytes[UU_LINE_MAX];
	size_t n = uu_decode_line(bytes, line);
	return n ? m->handler->put(m->handler, m->file, span_make(bytes, n), e) : 0;
}

/* A whole line, without its end. */
static int take_line(struct embedded *m, struct span line, struct err *e)
{
	bool end = span_is(span_trim(line), "end"), data = !end && uu_is_data(line);
	if (m->state == BEGUN && data && begin_block(m, e) < 0)
		return -1;
	if (m->state == INSIDE && data)
		return data_line(m, line, e);
	if (m->state == INSIDE && end)
		return end_block(m, false, e);
	if (m->state == INSIDE && !line.len)
		return 0;
	if (m->state == INSIDE && end_block(m, true, e) < 0)
		return -1;
	look_for_begin(m, line);
	return 0;
}

static int take_held(struct embedded *m, struct err *e)
{
	struct span line = span_chomp(span_make(m->line, m->held));
	m->held = 0;
	return take_line(m, line, e);
}

/* How much of s is a line's rest, with its end if it is there. */
static size_t rest_of_line(struct span s, bool *ends)
{
	const char *lf = memchr(s.ptr, '\n', s.len);
	*ends = lf != NULL;
	return lf ? (size_t)(lf - s.ptr) + 1 : s.len;
}

/* Most lines do not begin with "b" and are passed over unseen. */
static int text_put(struct sink *s, struct span bytes, struct err *e)
{
	struct embedded *m = (struct embedded *)s;
	bool ends;
	for (size_t n; bytes.len; bytes = span_skip(bytes, n)) {
		n = rest_of_line(bytes, &ends);
		if (!m->held && !m->passing && m->state == OUTSIDE && *bytes.ptr != 'b')
			m->passing = true;
		if (!m->passing && m->held + n > sizeof(m->line)) { /* no line of ours */
			m->passing = true;
			m->held = 0;
			if (end_block(m, true, e) < 0)
				return -1;
		}
		if (!m->passing) {
			memcpy(m->line + m->held, bytes.ptr, n);
			m->held += n;
			if (ends && take_held(m, e) < 0)
				return -1;
		}
		if (ends)
			m->passing = false;
	}
	return 0;
}

static int text_end(struct sink *s, struct err *e)
{
	struct embedded *m = (struct embedded *)s;
	if (m->held && take_held(m, e) < 0)
		return -1;
	return end_block(m, true, e);
}

/* --- TNEF --- */

static int give_range(struct embedded *m, uint64_t offset, uint64_t len, struct err *e)
{
	struct source_spool in;
	char bytes[16384];
	ssize_t n;
	source_spool_range(&in, &m->spool, offset, len);
	while ((n = in.source.read(&in.source, bytes, sizeof(bytes), e)) > 0)
		if (m->handler->put(m->handler, m->file, span_make(bytes, (size_t)n), e) < 0)
			return -1;
	return (int)n;
}

static bool copy_lower(char *to, size_t size, struct span s)
{
	if (!s.len || s.len >= size)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = to_lower(s.ptr[i]);
		if (!is_alpha(c) && !is_digit(c) && !strchr("-+._", c))
			return false;
		to[i] = c;
	}
	to[s.len] = '\0';
	return true;
}

/* "image/png"; what is none changes nothing. */
static void set_type(struct mime_part *file, struct span tag)
{
	char type[sizeof(file->type)], subtype[sizeof(file->subtype)];
	struct span head, tail = tag;
	if (!span_cut(&tail, '/', &head) || !copy_lower(type, sizeof(type), head) ||
	    !copy_lower(subtype, sizeof(subtype), tail))
		return;
	memcpy(file->type, type, sizeof(type));
	memcpy(file->subtype, subtype, sizeof(subtype));
}

static int give_file(struct embedded *m, const struct tnef_file *f, struct err *e)
{
	struct mime_part *file = new_file(m, f->name, e);
	if (file && f->type.len)
		set_type(file, f->type);
	if (begin_file(m, file, e) < 0)
		return -1;
	if (f->cut)
		file->tolerated |= BIT(MIME_T_TNEF_DAMAGED);
	return give_range(m, f->offset, f->size, e) < 0 ? -1 : end_file(m, e);
}

static int tnef_put(struct sink *s, struct span bytes, struct err *e)
{
	struct embedded *m = (struct embedded *)s;
	return sink_put(&m->spool.sink, bytes, e);
}

static int tnef_end(struct sink *s, struct err *e)
{
	struct embedded *m = (struct embedded *)s;
	struct tnef t;
	int code = tnef_read(&t, &m->spool, EMBEDDED_MAX, e);
	if (code == 0 && t.found)
		m->part->tolerated |= BIT(MIME_T_TNEF);
	if (code == 0 && t.damaged)
		m->part->tolerated |= BIT(MIME_T_TNEF_DAMAGED);
	for (size_t i = 0; code == 0 && i < t.n; i++)
		code = give_file(m, &t.v[i], e);
	tnef_release(&t);
	return code;
}

/* --- the leaf --- */

void embedded_init(
    struct embedded *m, struct mime_part *leaf, struct embedded_handler *h, struct arena *a)
{
	bool tnef = embedded_is_tnef(leaf);
	*m = (struct embedded){.part = leaf, .handler = h, .arena = a};
	m->sink = tnef ? (struct sink){tnef_put, tnef_end} : (struct sink){text_put, text_end};
	buf_init(&m->name, NAME_MAX_BYTES);
	spool_init(&m->spool);
}

void embedded_release(struct embedded *m)
{
	buf_release(&m->name);
	spool_release(&m->spool);
}
