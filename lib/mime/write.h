/*
 * write.h - header fields written: the one way text gets into a header we make.
 *
 *	struct header_out h = HEADER_OUT_INIT;
 *	header_add_text(&h, "Subject", subject);
 *	header_add_addresses(&h, "To", list.v, list.n);
 *	header_add_tokens(&h, "Message-ID", id);
 *	sink_put(out, buf_span(&h.b), e);
 *	header_out_release(&h);
 *
 * Lines end in LF and are folded at 78 where that is possible, never over 998. Nothing that comes in can begin a new field: line ends become blanks,
 * other controls are encoded (text), or become '?' (structured fields).
 */
#ifndef SURAT_MIME_WRITE_H
#define SURAT_MIME_WRITE_H

#include "base/buf.h"
#include "mime/address.h"

struct header_out {
	struct buf b;
	bool utf8; /* RFC 6532: text stays UTF-8 */
};
#define HEADER_OUT_INIT                                                                            \
	{                                                                                          \
		.b = BUF_INIT(16u << 20)                                                           \
	}
void header_out_release(struct header_out *h);

/* RFC 5322 2.2: what may be a field's name. */
bool header_name_valid(struct span name);
/* Unstructured: Subject, Comments, anything that is text for people. */
void header_add_text(struct header_out *h, const char *name, struct span text);
/* Mailboxes, in groups where the list has them. An empty list writes nothing. */
void header_add_addresses(
    struct header_out *h, const char *name, const struct address *v, size_t n);
/* Structured, ASCII (UTF-8 where utf8 is set): folded at blanks only. */
void header_add_tokens(struct header_out *h, const char *name, struct span value);
void header_add_date(struct header_out *h, const char *name, int64_t s, int offset_min);
/* "Name: main", then header_add_param as often as wanted, then header_end. */
void header_begin(struct header_out *h, const char *name, struct span main, size_t *column);
void header_add_param(struct header_out *h, size_t *column, const char *name, struct span value);
void header_end(struct header_out *h);

#endif
