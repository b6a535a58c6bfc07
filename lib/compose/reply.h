/*
 * reply.h - answers, forwards, messages sent on: what an original adds to a draft.
 */
#ifndef SURAT_COMPOSE_REPLY_H
#define SURAT_COMPOSE_REPLY_H

#include "compose/draft.h"
#include "compose/original.h"

/* Recipients (Mail-Reply-To, Reply-To, From; with all: Mail-Followup-To, or To, Cc and the list too), without `own` addresses and doubles; subject unless there is one;
 * In-Reply-To and References. An answer to a message of one's own goes where that went. */
int reply_address(
    struct draft *d, const struct original *o, const struct strv *own, bool all, struct err *e);
/* The text people saw, quoted under a line that says whose it is, before the draft's text. */
int reply_quote(struct draft *d, const struct original *o, struct err *e);
/* As message/rfc822, without its Bcc. Sets the subject unless there is one. */
int forward_message(struct draft *d, const struct original *o, struct err *e);
/* Its text below the draft's, its attachments with the draft's. */
int forward_inline(struct draft *d, const struct original *o, struct err *e);
/* The original with Resent- fields (RFC 5322 3.6.6) made of the draft's addresses in front. Settles nothing: writes at once. */
int resend_write(struct draft *d, const struct original *o, struct sink *out, struct err *e);

#endif
