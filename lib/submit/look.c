#include "submit/look.h"

#include "base/intl.h"
#include "codec/utf8.h"
#include "mime/param.h"

enum { BLOCK = 64 << 10, BOUNDARY_MAX = 1000 };

struct look {
	struct submit_message *m;
	uint64_t header_left;           /* octets of the header still to come */
	uint64_t octets, lines, length; /* length: of the line so far */
	bool cr;                        /* the last octet was one */
	bool any_cr;                    /* there is one in this block */
	struct buf closing;             /* "--boundary--" of the whole message, or empty */
	char head[BOUNDARY_MAX + 4];    /* how this line begins */
	bool closed;
};

/* --- what the header says --- */

static bool is_signature(struct span name)
{
	return span_is_nocase(name, "DKIM-Signature") ||
	       span_is_nocase(name, "ARC-Message-Signature");
}

static void look_type(struct look *l, struct span type, const struct mime_params *params)
{
	struct span boundary = mime_params_get(params, "boundary");
	if (span_is(type, "multipart/signed") || span_is(type, "multipart/encrypted") ||
	    span_is(type, "application/pkcs7-mime") || span_is(type, "application/x-pkcs7-mime"))
		l->m->is_signed = true;
	if (!span_starts(type, "multipart/") || !boundary.len || boundary.len > BOUNDARY_MAX)
		return;
	buf_adds(&l->closing, "--");
	buf_add(&l->closing, boundary);
	buf_adds(&l->closing, "--");
}

static void look_header(struct look *l)
{
	const struct header *h = &l->m->header;
	struct span type = header_get(h, "Content-Type"), main = SPAN("");
	for (size_t i = 0; i < h->n; i++)
		if (is_signature(h->v[i].name))
			l->m->is_signed = true;
	if (type.ptr) {
		struct arena arena = ARENA_INIT(1 << 20);
		struct mime_params params = {0};
		mime_params_parse(&arena, type, &main, &params);
		look_type(l, main, &params);
		arena_release(&arena);
	}
}

static bool header_is_utf8(const struct header *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (!utf8_valid(h->v[i].value) || !is_ascii(h->v[i].name))
			return false;
	return true;
}

/* --- the octets --- */

static int stray(const struct look *l, const char *what, struct err *e)
{
	return err_set(e, EX_DATAERR, _("line %llu of the message has %s"),
	    (unsigned long long)l->lines + 1, what);
}

static void line_end(struct look *l)
{
	if (l->cr && l->length)
		l->length--;
	else if (!l->cr)
		l->octets++; /* the CR that is missing */
	if (l->length > l->m->longest_line)
		l->m->longest_line = l->length;
	if (l->closing.len && l->head[0] == '-' && l->length >= l->closing.len &&
	    memcmp(l->head, l->closing.ptr, l->closing.len) == 0)
		l->closed = true;
	l->lines++;
	l->length = 0;
	l->cr = false;
}

/* Only what begins like a boundary is worth a copy. */
static void keep_head(struct look *l, struct span s)
{
	if (l->length >= sizeof(l->head))
		return;
	size_t room = sizeof(l->head) - (size_t)l->length;
	if (l->length == 0)
		l->head[0] = s.ptr[0];
	if (l->head[0] == '-')
		memcpy(l->head + l->length, s.ptr, s.len < room ? s.len : room);
}

/* A piece of a line without its LF. */
static int look_text(struct look *l, struct span s, struct err *e)
{
	if (!s.len)
		return 0;
	const char *cr = l->any_cr ? memchr(s.ptr, '\r', s.len) : NULL;
	if (l->cr || (cr && cr != s.ptr + s.len - 1))
		return stray(l, _("a CR that does not end it"), e);
	l->cr = cr != NULL;
	if (l->closing.len)
		keep_head(l, s);
	l->length += s.len;
	return 0;
}

static void look_eight_bit(struct look *l, struct span block)
{
	uint64_t header = block.len < l->header_left ? block.len : l->header_left;
	if (!is_ascii(span_take(block, (size_t)header)))
		l->m->eight_bit_header = true;
	l->header_left -= header;
	if (!l->m->eight_bit && !is_ascii(block))
		l->m->eight_bit = true;
}

static int look_block(struct look *l, struct span block, struct err *e)
{
	struct span text;
	if (memchr(block.ptr, '\0', block.len))
		return stray(l, _("a NUL near it"), e);
	l->any_cr = block.len && memchr(block.ptr, '\r', block.len);
	look_eight_bit(l, block);
	l->octets += block.len;
	for (const char *lf; (lf = memchr(block.ptr, '\n', block.len)) != NULL;) {
		text = span_take(block, (size_t)(lf - block.ptr));
		if (look_text(l, text, e) < 0)
			return -1;
		line_end(l);
		block = span_skip(block, text.len + 1);
	}
	return look_text(l, block, e);
}

static int look_end(struct look *l, struct err *e)
{
	struct submit_message *m = l->m;
	if (l->cr)
		return stray(l, _("a CR that does not end it"), e);
	if (l->length) {
		l->octets++; /* an LF will be there; line_end counts the CR */
		line_end(l);
	}
	if (l->closing.len && !l->closed)
		return err_set(
		    e, EX_DATAERR, _("the message's last boundary is missing: it was cut"));
	m->wire_size = l->octets;
	m->utf8_header = m->eight_bit_header && header_is_utf8(&m->header);
	return 0;
}

static int look_all(struct look *l, struct err *e)
{
	struct submit_source in;
	char block[BLOCK];
	ssize_t n;
	submit_source_init(&in, l->m);
	while ((n = in.source.read(&in.source, block, sizeof(block), e)) > 0)
		if (look_block(l, span_make(block, (size_t)n), e) < 0)
			return -1;
	return n < 0 ? -1 : look_end(l, e);
}

int submit_look(struct submit_message *m, struct err *e)
{
	struct look l = {
	    .m = m, .closing = BUF_INIT(BOUNDARY_MAX + 4), .header_left = m->header_size};
	look_header(&l);
	int r = look_all(&l, e);
	buf_release(&l.closing);
	return r;
}
