/* pass.c - the message passed on: RFC 8601 4 and 5. */
#include "auth/field.h"
#include "verify.h"

enum { FIELD_MAX = 1 << 20 };

static bool has_crlf(const struct auth_message *m)
{
	ptrdiff_t lf = span_index(buf_span(&m->header), '\n');
	return lf > 0 && m->header.ptr[lf - 1] == '\r';
}

static int put_field(struct span text, bool crlf, struct sink *out, struct err *e)
{
	struct span line;
	while (span_line(&text, &line))
		if (sink_put(out, line, e) < 0 ||
		    sink_put(out, crlf ? SPAN("\r\n") : SPAN("\n"), e) < 0)
			return -1;
	return 0;
}

static int put_range(
    const struct spool *spool, uint64_t from, uint64_t to, struct sink *out, struct err *e)
{
	struct source_spool s;
	source_spool_range(&s, spool, from, to - from);
	return sink_pump(out, &s.source, e);
}

static bool claims_to_be_ours(const struct verify *v, const struct auth_field *f)
{
	if (v->scans && inspect_is_field(f->name))
		return true;
	return span_is_nocase(f->name, "Authentication-Results") &&
	       auth_field_is_of(f->value, v->authserv_id);
}

/* All but the fields that claim to be ours, and a "From " line, which would stand behind our field. */
static int put_message(
    const struct verify *v, const struct verify_message *m, struct sink *out, struct err *e)
{
	const struct auth_message *a = &m->auth.message;
	uint64_t at = a->from_line;
	for (size_t i = 0; i < a->fields.n; i++) {
		const struct auth_field *f = &a->fields.v[i];
		if (!claims_to_be_ours(v, f))
			continue;
		uint64_t begin = (uint64_t)(f->raw.ptr - a->header.ptr);
		struct span rest = span_skip(buf_span(&a->header), begin + f->raw.len), line;
		span_line(&rest, &line); /* its line end */
		if (put_range(m->spool, at, begin, out, e) < 0)
			return -1;
		at = a->header.len - rest.len;
	}
	/* A line that is no field ends the header for us, for others it does not, and what stands behind it could be a From or results that nobody looked at: from
	 * here on all read the same. */
	if (a->unended) {
		if (put_range(m->spool, at, a->body_begin, out, e) < 0 ||
		    sink_puts(out, has_crlf(a) ? "\r\n" : "\n", e) < 0)
			return -1;
		at = a->body_begin;
	}
	return put_range(m->spool, at, m->spool->size, out, e);
}

int verify_pass_on(
    struct verify *v, const struct verify_message *m, struct sink *out, struct err *e)
{
	struct buf field = BUF_INIT(FIELD_MAX);
	auth_field_write(&field, v->authserv_id, &m->auth.results);
	buf_add(&field, buf_span(&m->fields));
	int r = put_field(buf_span(&field), has_crlf(&m->auth.message), out, e);
	buf_release(&field);
	return r < 0 ? -1 : put_message(v, m, out, e);
}
