#include "mime/decode.h"

#include "mime/shape.h"

#define BIT(t) (UINT32_C(1) << (t))

/* Charset and line ends. */
static struct sink *text_init(
    struct mime_decoder *d, const struct mime_part *part, struct sink *out)
{
	d->asks_html = !part->charset.len && mime_part_is(part, "text/html");
	d->drops_legacy = (d->flags & MIME_DECODE_SHOWN) == MIME_DECODE_SHOWN &&
			  mime_part_is(part, "text/plain") && mime_part_has_legacy_display(part);
	if (d->drops_legacy) {
		filter_legacy_init(&d->legacy, out);
		out = &d->legacy.sink;
	}
	filter_crlf_init(&d->crlf, out, CRLF_LOCAL);
	if (d->asks_html) {
		html_charset_init(&d->html, &d->charset, &d->crlf.sink);
		return &d->html.sink;
	}
	charset_filter_init(&d->charset, &d->crlf.sink, part->charset);
	return &d->charset.sink;
}

void mime_decoder_init(
    struct mime_decoder *d, const struct mime_part *part, int flags, struct sink *out)
{
	mime_decoder_init_tap(d, part, flags, out, NULL);
}

void mime_decoder_init_tap(struct mime_decoder *d, const struct mime_part *part, int flags,
    struct sink *out, struct sink *tap)
{
	d->flags = flags;
	d->encoding = part->encoding;
	d->asks_html = false;
	d->first = flags & MIME_DECODE_TEXT ? text_init(d, part, out) : out;
	if (tap) {
		filter_tee_init(&d->tee, d->first, tap);
		d->first = &d->tee.sink;
	}
	if (d->encoding == MIME_BASE64) {
		base64_decoder_init(&d->base64, d->first);
		d->base64.ends_at_padding = part->ends_at_padding;
		d->first = &d->base64.sink;
	} else if (d->encoding == MIME_QP) {
		qp_decoder_init(&d->qp, d->first);
		d->first = &d->qp.sink;
	} else if (d->encoding == MIME_UUENCODE) {
		uu_decoder_init(&d->uu, d->first);
		d->first = &d->uu.sink;
	}
}

struct sink *mime_decoder_sink(struct mime_decoder *d)
{
	return d->first;
}

static void note_base64(const struct base64_decoder *f, struct mime_part *part)
{
	if (f->saw_junk)
		part->tolerated |= BIT(MIME_T_BASE64_JUNK);
	if (f->saw_truncated)
		part->tolerated |= BIT(MIME_T_BASE64_TRUNCATED);
	if (f->saw_data_after_padding)
		part->ambiguous |= BIT(MIME_A_DATA_AFTER_PADDING);
}

int mime_decoder_end(struct mime_decoder *d, struct mime_part *part, struct err *e)
{
	int r = sink_end(d->first, e);
	if (d->encoding == MIME_BASE64)
		note_base64(&d->base64, part);
	if (d->encoding == MIME_QP && d->qp.saw_bad_escape)
		part->tolerated |= BIT(MIME_T_QP_ESCAPE);
	if (d->encoding == MIME_UUENCODE && d->uu.saw_bad)
		part->tolerated |= BIT(MIME_T_BAD_ENCODING);
	if (!(d->flags & MIME_DECODE_TEXT))
		return r;
	if (d->asks_html && d->html.found)
		part->tolerated |= BIT(MIME_T_HTML_CHARSET);
	if (d->charset.unknown)
		part->tolerated |= BIT(MIME_T_CHARSET_UNKNOWN);
	if (d->charset.replaced)
		part->tolerated |= BIT(MIME_T_CHARSET_BYTES);
	charset_filter_release(&d->charset);
	if (d->drops_legacy)
		filter_legacy_release(&d->legacy);
	return r;
}
