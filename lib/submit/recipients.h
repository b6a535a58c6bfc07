/*
 * recipients.h - who gets a message: from the command line, from its header; each once.
 *
 *	struct submit_recipients to = {0};
 *	submit_recipients_add(&to, span_of("Bob <bob@example.org>"), e);	// EX_DATAERR: no address for an envelope
 *	submit_recipients_header(&to, &header, e);				// To, Cc, Bcc; or the Resent- ones
 *	submit_recipients_release(&to);
 *
 * Two addresses are the same when their local parts are equal and their domains are but for case (RFC 5321 2.4). The first spelling stays.
 */
#ifndef SURAT_SUBMIT_RECIPIENTS_H
#define SURAT_SUBMIT_RECIPIENTS_H

#include "base/strv.h"
#include "mime/header.h"

struct submit_recipients {
	struct strv list; /* bare addresses, good for RCPT TO:<> */
	size_t *slots;    /* where in list, by hash; 0: free */
	size_t slot_count;
	/* Who a name without a domain is: adds whom it stands for. NULL: there is no such name (EX_DATAERR), but postmaster. */
	int (*local)(void *ctx, struct submit_recipients *to, struct span name, struct err *e);
	void *ctx;
};
void submit_recipients_release(struct submit_recipients *to);
/* "bob@example.org" or "Bob <bob@example.org>". */
int submit_recipients_add(struct submit_recipients *to, struct span text, struct err *e);
/* Exactly this address, whatever it looks like: for `local`. */
int submit_recipients_put(struct submit_recipients *to, struct span address, struct err *e);
/* RFC 5322 3.6.6: where a message was sent again, only the newest block of Resent- fields counts. EX_DATAERR for an address that cannot be in
 * an envelope, with the field's name; a field that has text but no address at all is one too. */
int submit_recipients_header(struct submit_recipients *to, struct header *h, struct err *e);
/* Bcc and Resent-Bcc: what nobody else may see. */
bool submit_is_secret_field(struct span name);

/* The bare address of a sender or recipient as a person writes it; "" and "<>" give "". malloc'ed. EX_DATAERR. */
int submit_bare_address(struct span text, bool allow_empty, char **out, struct err *e);

#endif
