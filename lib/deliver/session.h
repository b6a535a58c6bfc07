/*
 * session.h - an SMTP or LMTP session that ends in mailboxes.
 *
 *	struct deliver_session o = {.local = &local, .options = &options, .server = {.lmtp = true, .name = "mx.example.org"}};
 *	r = deliver_session(&o, &stream, e);
 *
 * LMTP settles each recipient by itself. SMTP has one answer for all of them: the message is put into every mailbox unseen, and made visible when it is in all; one that
 * cannot take it refuses it for all, and nothing is left. A command cannot be taken back: over SMTP a recipient that is one stands alone in a transaction, others are put
 * off (452 4.5.3), which clients follow at once with the next.
 */
#ifndef SURAT_DELIVER_SESSION_H
#define SURAT_DELIVER_SESSION_H

#include "deliver/deliver.h"
#include "deliver/local.h"
#include "deliver/scan.h"
#include "deliver/verify.h"
#include "smtp/server.h"

struct deliver_session {
	const struct deliver_local *local;
	const struct deliver_options *options;
	struct smtp_server_options server;
	const char *client_ip;               /* or NULL */
	const struct deliver_verify *verify; /* or NULL */
	struct deliver_scan *scan;           /* or NULL */
	/* what became of each recipient: receipt NULL and why where it was not delivered, mailbox NULL too where it was refused before the message. May be NULL. */
	void (*note)(void *ctx, const struct deliver_to *to, const struct deliver_receipt *receipt,
	    const struct err *why);
	void *ctx;
};
int deliver_session(const struct deliver_session *o, struct stream *stream, struct err *e);

#endif
