/*
 * imap.h - a query in the words of IMAP's SEARCH (RFC 9051 6.4.4), for mail that stays on its server.
 *
 *	struct buf criteria = BUF_INIT(64 << 10);
 *	query_imap(q, &names, &criteria, e);		// UNSEEN OR FROM "alice" LARGER 1048576
 *
 * The server answers then, in its own way: dates are whole days of the Date field, and text is what it takes for text. Text that is not ASCII is a
 * literal, "{6+}" CR LF and the bytes, behind CHARSET UTF-8.
 */
#ifndef SURAT_QUERY_IMAP_H
#define SURAT_QUERY_IMAP_H

#include "query/query.h"

struct query_imap_flag { /* what the bits of the query's flags are called there */
	unsigned flag;
	const char *set, *unset; /* "SEEN", "UNSEEN" */
};
/* flags ends with flag 0. EX_USAGE for what a server cannot be asked: attachments, names of files, types, in:. */
int query_imap(
    const struct query *q, const struct query_imap_flag *flags, struct buf *out, struct err *e);

#endif
