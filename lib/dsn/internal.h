/*
 * internal.h - the two texts of a notification. Private to this room.
 */
#ifndef SURAT_DSN_INTERNAL_H
#define SURAT_DSN_INTERNAL_H

#include "dsn/dsn.h"

/* For a person. subject, date: of the message, decoded, may be "". */
void dsn_human(struct buf *b, const struct dsn *d, struct span subject, struct span date);
/* The subject line's beginning: "Not delivered". */
const char *dsn_title(const struct dsn *d);
/* For programs, RFC 3464. utf8: RFC 6533's message/global-delivery-status. */
void dsn_status(struct buf *b, const struct dsn *d, bool utf8);
/* X.Y.Z of a recipient. */
void dsn_enhanced(char out[12], const struct dsn_recipient *r);

#endif
