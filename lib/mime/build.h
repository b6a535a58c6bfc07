/*
 * build.h - messages written: a tree of parts, each in the cheapest transfer encoding that is safe, attachments streamed in constant memory.
 *
 *	struct build b;
 *	build_init(&b, 0);
 *	header_add_text(&b.header, "Subject", subject);			// the message's own fields: mime/write.h
 *	struct build_part *mixed = build_multipart(&b, NULL, "mixed");
 *	build_text(&b, mixed, "plain", "", &body);			// a spool of UTF-8 text, LF lines
 *	struct build_part *a = build_stream(&b, mixed, "image/png", &file.source);
 *	build_disposition(a, "attachment", name);
 *	if (build_settle(&b, e) == 0)					// measures; nothing is written before
 *		build_write(&b, &out.sink, e);
 *	build_release(&b);
 *
 * What is read stays the caller's and must stay open until build_write is done. A source that fails while it is written is EX_IOERR, and no closing
 * boundary follows. Boundaries come from base/random (random_fix makes them the same again), and are in no text or message that is included.
 */
#ifndef SURAT_MIME_BUILD_H
#define SURAT_MIME_BUILD_H

#include "base/arena.h"
#include "io/spool.h"
#include "mime/parse.h"
#include "mime/write.h"

enum {
	BUILD_8BIT = 1,         /* 8bit rather than quoted-printable */
	BUILD_UTF8_HEADERS = 2, /* SMTPUTF8 mail: text in headers stays UTF-8 (RFC 6532) */
};
enum build_kind {
	BUILD_KIND_MULTIPART,
	BUILD_KIND_TEXT,    /* lines for people, with a charset */
	BUILD_KIND_LINES,   /* lines of a machine */
	BUILD_KIND_BYTES,   /* come back as they are */
	BUILD_KIND_MESSAGE, /* never encoded */
};
struct build_part {
	struct build_part *next, *first, *last; /* sibling; children */
	enum build_kind kind;
	const char *type, *charset;
	const struct spool *spool; /* measured; or */
	struct source *stream;     /* read once */
	enum mime_encoding encoding;
	const char *boundary;
	struct header_out type_field; /* Content-Type in the making */
	size_t type_column;
	struct header_out fields; /* Content-ID, Content-Description...: the caller may add */
	bool settled;
};
struct build {
	struct arena arena;
	struct header_out
	    header; /* fields of the message; MIME-Version and Content-... are added by build_write */
	int flags;
	struct build_part *top;
	char token[24]; /* of all boundaries */
};
void build_init(struct build *b, int flags);
void build_release(struct build *b);
/* parent NULL: it is the whole message's content. subtype: "mixed". type is copied. */
struct build_part *build_multipart(struct build *b, struct build_part *parent, const char *subtype);
/* Text for people: subtype "plain" or "html"; LF lines. charset is declared us-ascii when the text is that, else as given ("": utf-8). */
struct build_part *build_text(struct build *b, struct build_part *parent, const char *subtype,
    const char *charset, const struct spool *text);
/* Lines of a machine's text: any type, no charset unless build_param adds one ("message/delivery-status", "text/rfc822-headers"). */
struct build_part *build_lines(
    struct build *b, struct build_part *parent, const char *type, const struct spool *lines);
/* A whole message as message/rfc822 (or message/global). One that cannot travel unencoded (RFC 2046 5.2.1: NUL, stray CR, lines over 998) is
 * sent as application/octet-stream instead. */
struct build_part *build_message(
    struct build *b, struct build_part *parent, const char *type, const struct spool *message);
/* Bytes, read once, base64. */
struct build_part *build_stream(
    struct build *b, struct build_part *parent, const char *type, struct source *bytes);
/* Bytes that should stay as they are and can be read twice: as text where it is text and that is cheaper, else base64. */
struct build_part *build_bytes(
    struct build *b, struct build_part *parent, const char *type, const struct spool *bytes);
void build_param(struct build_part *p, const char *name, struct span value);
/* filename "" : none. */
void build_disposition(struct build_part *p, const char *disposition, struct span filename);
/* Reads what has to be measured, chooses encodings and boundaries. */
int build_settle(struct build *b, struct err *e);
/* LF lines. Does not end the sink. */
int build_write(struct build *b, struct sink *out, struct err *e);

#endif
