/*
 * cms_slice.h - a CMS structure (RFC 5652) cut in two while it streams: what it is made of, small, and what it carries, of any size.
 *
 *	struct cms_slice s;
 *	cms_slice_init(&s);
 *	if (cms_slice_read(&s, &src.source, e) == 0)
 *		... d2i_CMS_ContentInfo over s.shell, its content is in s.content
 *	cms_slice_release(&s);
 *
 * OpenSSL reads a whole structure into memory, more than once; with the content detached it streams. BER is read as others write it: indefinite lengths
 * (RFC 8551 3.1 lets a sender stream), strings in pieces, pieces in pieces. The shell is at most 4 MiB, nesting at most 32. EX_DATAERR says where it ends
 * or is broken.
 */
#ifndef SURAT_SECURE_CMS_SLICE_H
#define SURAT_SECURE_CMS_SLICE_H

#include "io/spool.h"

enum cms_kind { CMS_OTHER, CMS_SIGNED, CMS_ENVELOPED, CMS_AUTH_ENVELOPED, CMS_COMPRESSED };
struct cms_slice {
	enum cms_kind kind;
	struct buf shell;     /* BER; without the content, unless kind is CMS_OTHER */
	struct spool content; /* the octets of it */
	bool has_content;
	size_t algorithm_at, algorithm_len; /* of the encryption: AlgorithmIdentifier in shell */
	uint64_t tag_len;                   /* of CMS_AUTH_ENVELOPED: octets of its mac */
};
void cms_slice_init(struct cms_slice *s);
void cms_slice_release(struct cms_slice *s);
int cms_slice_read(struct cms_slice *s, struct source *in, struct err *e);

#endif
