/*
 * dsn.h - what a sender is told of his message: delivery status notifications (RFC 3461, 3464, 6522, 6533).
 *
 *	struct dsn d = {.to = "ana@example.org", .host = "laptop.example.org", .recipients = v, .recipient_count = n, ...};
 *	dsn_write(&d, &message.source, &out.sink, e);
 *
 * A multipart/report: first the text for a person (what, to whom, why in plain words, what to do), then the same for programs, then the message or its
 * header. Nothing foreign reaches it with control characters in it. Whether one may be sent at all (the null sender, NOTIFY) is the caller's to ask:
 * dsn_wanted.
 */
#ifndef SURAT_DSN_DSN_H
#define SURAT_DSN_DSN_H

#include "base/err.h"
#include "io/sink.h"

enum dsn_reason {
	DSN_REFUSED,  /* a server said no */
	DSN_EXPIRED,  /* it was tried for too long */
	DSN_UNKNOWN,  /* it may have arrived */
	DSN_RETURNED, /* somebody took it out of the queue */
	DSN_DELAYED,  /* not yet */
	DSN_RELAYED,  /* sent on to a server that does not report */
};
struct dsn_recipient {
	const char *address;
	const char *orcpt; /* "rfc822;bob@example.net" or NULL */
	enum dsn_reason reason;
	/* the last answer: */
	int code;             /* SMTP's or 0 */
	const char *enhanced; /* or "" */
	const char *host;     /* who said it, or "" */
	const char *text;     /* or "" */
	int64_t at_s;         /* or 0 */
	int64_t until_s;      /* DSN_DELAYED: how long it will be tried */
};
struct dsn {
	const char *to;    /* the sender of the message */
	const char *host;  /* our name */
	const char *envid; /* or NULL */
	const char *id;    /* the queue's, or NULL */
	int64_t arrived_s, now_s;
	const struct dsn_recipient *recipients;
	size_t recipient_count;
	bool whole; /* return all of the message, not the header alone */
};
/* Whether RFC 3461 NOTIFY (NULL: not given) asks for that. A relayed success and a delivery are asked for explicitly only. */
bool dsn_wanted(const char *notify, enum dsn_reason reason);
/* Whether all of a message of this size is returned: RET as given (NULL: not). Large ones never are. */
bool dsn_returns_whole(const char *ret, int64_t size);
/* Reads the message once and writes the notification (LF lines, sink not ended). Addresses of others than ASCII make it a message/global-delivery-status. */
int dsn_write(const struct dsn *d, struct source *message, struct sink *out, struct err *e);

#endif
