#include "extract_name.h"

#include "codec/inert.h"
#include "codec/utf8.h"
#include "mime/shape.h"

enum { EXTENSION_MAX = 20 };

static const char *extension_of(const struct mime_part *part)
{
	static const struct {
		const char *type, *extension;
	} known[] = {{"text/plain", ".txt"}, {"text/html", ".html"}, {"text/calendar", ".ics"},
	    {"text/csv", ".csv"}, {"text/vcard", ".vcf"}, {"text", ".txt"}, {"image/jpeg", ".jpg"},
	    {"image/png", ".png"}, {"image/gif", ".gif"}, {"image/svg+xml", ".svg"},
	    {"image/webp", ".webp"}, {"application/pdf", ".pdf"}, {"application/zip", ".zip"},
	    {"application/json", ".json"}, {"application/pgp-signature", ".asc"},
	    {"application/pkcs7-signature", ".p7s"}, {"application/pkcs7-mime", ".p7m"},
	    {"message", ".eml"}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (mime_part_is(part, known[i].type))
			return known[i].extension;
	return ".bin";
}

/* Both kinds of slash separate folders somewhere. */
static struct span last_piece(struct span name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\')
			return span_skip(name, i);
	return name;
}

/* What a terminal, a file manager or a shell's eye could be fooled with becomes "_". */
static void add_harmless(struct buf *b, struct span name)
{
	while (name.len) {
		struct span rest = name;
		utf8_next(&rest);
		struct span one = span_take(name, name.len - rest.len);
		struct buf shown = BUF_INIT(32);
		inert_add(&shown, one, 0);
		if (span_eq(buf_span(&shown), one))
			buf_add(b, one);
		else
			buf_addc(b, '_');
		buf_release(&shown);
		name = rest;
	}
}

static void trim_ends(struct buf *b, size_t from)
{
	while (b->len > from && strchr(" .\t", b->ptr[b->len - 1]))
		buf_cut(b, b->len - 1);
	if (b->len > from && (b->ptr[from] == '.' || b->ptr[from] == '-' || b->ptr[from] == '~'))
		b->ptr[from] = '_';
}

static size_t extension_length(struct span name)
{
	size_t n = name.len;
	while (n > 0 && name.ptr[n - 1] != '.')
		n--;
	return n > 1 && name.len - n < EXTENSION_MAX ? name.len - n + 1 : 0;
}

static struct span cut_whole(struct span name, size_t max)
{
	name = span_take(name, max);
	name.len -= utf8_cut_tail(name);
	return name;
}

static void shorten(struct buf *b)
{
	if (b->len <= FILE_NAME_MAX)
		return;
	struct span name = buf_span(b);
	size_t ext = extension_length(name);
	struct span stem = cut_whole(name, FILE_NAME_MAX - ext);
	memmove(b->ptr + stem.len, b->ptr + b->len - ext, ext);
	buf_cut(b, stem.len + ext);
}

void extract_name(struct buf *b, const struct mime_part *part, const char *number)
{
	struct buf name = BUF_INIT(1 << 20);
	add_harmless(&name, span_trim(last_piece(part->filename)));
	trim_ends(&name, 0);
	shorten(&name);
	if (name.len && !span_is(buf_span(&name), "_"))
		buf_add(b, buf_span(&name));
	else
		buf_addf(b, "part-%s%s", number, extension_of(part));
	buf_release(&name);
}

void extract_name_numbered(struct buf *b, struct span name, unsigned n)
{
	size_t ext = extension_length(name);
	buf_add(b, span_take(name, name.len - ext));
	buf_addf(b, "-%u", n);
	buf_add(b, span_skip(name, name.len - ext));
}
