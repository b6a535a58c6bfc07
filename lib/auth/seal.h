/*
 * seal.h - one more set of a chain: what we found, the message as we hand it on, and a seal over all: RFC 8617 5.1. Nothing is asked of the DNS: what was found stands
 * in Authentication-Results of our own name, which mail-verify put there.
 *
 *	arc_seal_want(&options, &message);
 *	... the message through message.sink ...
 *	r = arc_seal(&options, &message, signatures, &out, e);	// appends the three fields
 */
#ifndef SURAT_AUTH_SEAL_H
#define SURAT_AUTH_SEAL_H

#include "auth/sign.h"

struct arc_seal_options {
	struct dkim_signer by;
	const char *authserv_id;
	enum canon header, body;
	int64_t time_s;
};
void arc_seal_want(const struct arc_seal_options *o, struct auth_message *m);
/* front: fields that will stand in front of the message, such as our DKIM-Signature. 1 sealed, with cv=fail where the chain that came is broken; 0 it
 * failed before or is full, and e says so: nothing is added (5.1, 4.2.1). EX_DATAERR: nothing of our name says whether the chain that came is good;
 * EX_TEMPFAIL: the DNS did not say. */
int arc_seal(const struct arc_seal_options *o, const struct auth_message *m, struct span front,
    struct buf *out, struct err *e);

#endif
