#include "submit/downgrade.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/qp.h"
#include "codec/utf8.h"
#include "mime/parse.h"
#include "submit/downgrade_header.h"

#include <stdlib.h>

/*
 * Two passes: which parts have 8-bit octets is known at their end only, and their headers come first. Everything that needs no change is
 * copied as it is, by its offsets; boundaries, preambles and signatures of single parts with them.
 */
struct downgrade {
	const struct submit_message *m;
	struct sink *to;
	unsigned char *recode; /* by serial: 1 its body must be encoded */
	size_t parts;
	uint64_t copied; /* how far of the source */
	struct buf header;
	bool changed; /* this header must be written anew */
	bool has_type, has_encoding, has_version;
	const struct mime_part *measured; /* whose line is measured, and how long it is so far */
	size_t column;
	struct qp_encoder qp;
	const struct mime_part *encoding; /* whose body passes through qp now */
};

static int refuse(struct err *e, const char *status, const char *why)
{
	err_set(e, EX_UNAVAILABLE, "%s", why);
	return err_reply(e, 0, status);
}

static int is_signed(struct err *e)
{
	return refuse(e, "5.6.3",
	    _("the server takes no 8-bit text, and a signed message must not be changed"));
}

/* --- first pass --- */

static void mark(struct downgrade *d, unsigned serial)
{
	if (serial >= d->parts) {
		size_t n = serial + 64;
		d->recode = mem_resize(d->recode, n, 1);
		memset(d->recode + d->parts, 0, n - d->parts);
		d->parts = n;
	}
	d->recode[serial] = 1;
}

static bool is_recoded(const struct downgrade *d, const struct mime_part *p)
{
	return p->serial < d->parts && d->recode[p->serial];
}

/* Inside a multipart/signed nothing may change either. */
static bool in_signed(const struct mime_part *p)
{
	for (; p; p = p->parent)
		if (strcmp(p->type, "multipart") == 0 &&
		    (strcmp(p->subtype, "signed") == 0 || strcmp(p->subtype, "encrypted") == 0))
			return true;
	return false;
}

/* RFC 5321 4.5.3.1.6: 998 octets and CRLF. */
static bool has_long_line(struct downgrade *d, const struct mime_event *ev)
{
	struct span rest = ev->body;
	bool is_long = false;
	if (d->measured != ev->part)
		d->column = 0;
	d->measured = ev->part;
	while (rest.len) {
		const char *lf = memchr(rest.ptr, '\n', rest.len);
		size_t n = lf ? (size_t)(lf - rest.ptr) : rest.len;
		d->column += n;
		is_long = is_long || d->column > SUBMIT_LINE_MAX + 1; /* a CR may be in it */
		if (lf)
			d->column = 0;
		rest = span_skip(rest, n + (lf != NULL));
	}
	return is_long;
}

static bool is_plain(const struct mime_part *p)
{
	return p->encoding == MIME_7BIT || p->encoding == MIME_8BIT || p->encoding == MIME_BINARY;
}

static int survey_body(struct downgrade *d, const struct mime_event *ev, struct err *e)
{
	bool eight = !is_ascii(ev->body), is_long = has_long_line(d, ev) && is_plain(ev->part);
	if (!eight && !is_long)
		return 0;
	if (in_signed(ev->part))
		return is_signed(e);
	if (!is_plain(ev->part))
		return refuse(e, "5.6.3",
		    _("the server takes no 8-bit text, and a part's encoding does not allow it"));
	if (ev->where == MIME_IN_BODY)
		mark(d, ev->part->serial);
	return 0;
}

static int survey(struct downgrade *d, struct mime_parser *p, struct err *e)
{
	struct mime_event ev;
	int r;
	while ((r = mime_next(p, &ev, e)) > 0) {
		if (ev.part->decoded)
			continue;
		if (ev.type == MIME_BODY && survey_body(d, &ev, e) < 0)
			return -1;
		if (ev.type == MIME_FIELD && !is_ascii(ev.value) && in_signed(ev.part))
			return is_signed(e);
	}
	return r;
}

/* --- second pass --- */

static int copy_to(struct downgrade *d, uint64_t end, struct err *e)
{
	struct submit_source in;
	char block[16384];
	submit_source_init(&in, d->m);
	submit_source_seek(&in, d->copied);
	while (d->copied < end) {
		uint64_t left = end - d->copied;
		ssize_t n = in.source.read(
		    &in.source, block, left < sizeof(block) ? (size_t)left : sizeof(block), e);
		if (n <= 0)
			return n < 0 ? -1 : err_set(e, EX_IOERR, _("the message became shorter"));
		if (sink_put(d->to, span_make(block, (size_t)n), e) < 0)
			return -1;
		d->copied += (uint64_t)n;
	}
	return 0;
}

static int field(struct downgrade *d, const struct mime_event *ev, struct err *e)
{
	bool eight = !is_ascii(ev->value);
	d->changed = d->changed || eight;
	if (span_is_nocase(ev->name, "Content-Type"))
		d->has_type = true;
	if (span_is_nocase(ev->name, "MIME-Version"))
		d->has_version = true;
	if (span_is_nocase(ev->name, "Content-Transfer-Encoding")) {
		d->has_encoding = true;
		return 0; /* written at the end of the header, where the part is known */
	}
	if (eight)
		return submit_field_ascii(&d->header, ev->name, ev->value, e);
	buf_add(&d->header, ev->name);
	buf_addc(&d->header, ':');
	buf_add(&d->header, ev->value);
	buf_addc(&d->header, '\n');
	return 0;
}

static const char *encoding_of(const struct downgrade *d, const struct mime_part *p)
{
	static const char *const words[] = {
	    "7bit", "7bit", "7bit", "quoted-printable", "base64", "x-uuencode", NULL};
	if (p->leaf && is_recoded(d, p))
		return "quoted-printable";
	return words[p->encoding];
}

/* RFC 1428 4: 8-bit text that did not say what it is. */
static void name_content(struct downgrade *d, const struct mime_part *p)
{
	if (p->parent || !is_recoded(d, p))
		return;
	if (!d->has_version)
		buf_adds(&d->header, "MIME-Version: 1.0\n");
	if (!d->has_type)
		buf_adds(&d->header, "Content-Type: text/plain; charset=utf-8\n");
}

static int header_end(struct downgrade *d, const struct mime_part *p, struct err *e)
{
	const char *encoding = encoding_of(d, p);
	bool was_eight = p->encoding == MIME_8BIT || p->encoding == MIME_BINARY;
	if (!d->changed && !was_eight && !(p->leaf && is_recoded(d, p)))
		return 0;
	if (!encoding && d->has_encoding)
		return refuse(e, "5.6.3",
		    _("the server takes no 8-bit text, and a part's encoding is not known"));
	name_content(d, p);
	if (encoding && (d->has_encoding || (p->leaf && is_recoded(d, p))))
		buf_addf(&d->header, "Content-Transfer-Encoding: %s\n", encoding);
	buf_addc(&d->header, '\n');
	if (d->header.over)
		return err_set(e, EX_DATAERR, _("a header is too large"));
	if (copy_to(d, p->start, e) < 0 || sink_put(d->to, buf_span(&d->header), e) < 0)
		return -1;
	d->copied = p->body;
	return 0;
}

static int begin_body(struct downgrade *d, const struct mime_part *p, struct err *e)
{
	if (!p->leaf || !is_recoded(d, p))
		return 0;
	if (copy_to(d, p->body, e) < 0)
		return -1;
	d->encoding = p;
	qp_encoder_init(&d->qp, d->to, false);
	return 0;
}

static int end_part(struct downgrade *d, const struct mime_part *p, struct err *e)
{
	if (d->encoding != p)
		return 0;
	d->encoding = NULL;
	d->copied = p->end;
	return sink_end(&d->qp.sink, e);
}

static int event(struct downgrade *d, const struct mime_event *ev, struct err *e)
{
	if (ev->part->decoded)
		return 0;
	switch (ev->type) {
	case MIME_FIELD: return field(d, ev, e);
	case MIME_HEADERS_END:
		if (header_end(d, ev->part, e) < 0 || begin_body(d, ev->part, e) < 0)
			return -1;
		buf_reset(&d->header);
		d->changed = d->has_type = d->has_encoding = d->has_version = false;
		return 0;
	case MIME_BODY: return d->encoding == ev->part ? sink_put(&d->qp.sink, ev->body, e) : 0;
	case MIME_PART_END: return end_part(d, ev->part, e);
	}
	return 0;
}

static int rewrite(struct downgrade *d, struct mime_parser *p, struct err *e)
{
	struct mime_event ev;
	int r;
	while ((r = mime_next(p, &ev, e)) > 0)
		if (event(d, &ev, e) < 0)
			return -1;
	return r < 0 ? -1 : copy_to(d, submit_message_octets(d->m), e);
}

/* --- both --- */

static int pass(struct downgrade *d,
    int (*work)(struct downgrade *, struct mime_parser *, struct err *), struct err *e)
{
	struct mime_parser p;
	struct submit_source in;
	submit_source_init(&in, d->m);
	mime_parser_init(&p, &in.source, NULL);
	int r = work(d, &p, e);
	mime_parser_release(&p);
	return r;
}

int submit_downgrade(const struct submit_message *m, struct submit_message *out, struct err *e)
{
	struct spool sp;
	struct source_spool in;
	struct downgrade d = {.m = m, .to = &sp.sink, .header = BUF_INIT(2 << 20)};
	if (m->is_signed)
		return is_signed(e);
	spool_init(&sp);
	int r = pass(&d, survey, e);
	if (r == 0)
		r = pass(&d, rewrite, e);
	if (r == 0) {
		source_spool_init(&in, &sp);
		r = submit_message_source(out, &in.source, e);
	}
	if (r == 0 && submit_message_ready(out, e) < 0) {
		submit_message_release(out);
		r = -1;
	}
	spool_release(&sp);
	buf_release(&d.header);
	free(d.recode);
	return r < 0 ? -1 : 0;
}
