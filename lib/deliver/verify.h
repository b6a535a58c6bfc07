/*
 * verify.h - a message seen by mail-verify before it is delivered: with Authentication-Results, without forged ones of our name, or refused as its domain
 * asks for.
 *
 *	struct deliver_verify v = {.authserv_id = "mx.example.org", .reject = true};
 *	r = deliver_verify(&v, &source, &to, &spool, e);	// the message as it is to be delivered
 *
 * A child does it: this program, which is started for every message, loads no resolver, and parses no answers of the DNS. What the DNS does not tell now is in
 * the results, and holds nothing up. EX_TEMPFAIL: mail-verify itself failed. EX_UNAVAILABLE, 550 5.7.1: DMARC failed, and the domain of From wants that refused.
 */
#ifndef SURAT_DELIVER_VERIFY_H
#define SURAT_DELIVER_VERIFY_H

#include "base/strv.h"
#include "deliver/deliver.h"
#include "io/spool.h"

struct deliver_verify {
	const char *authserv_id; /* NULL: as mail-verify has it */
	bool reject;
	struct strv options; /* of mail-verify, handed on */
};
/* Of `to` sender, client_ip and client_name count. Initialises `out`, the caller's to release, also on failure. */
int deliver_verify(const struct deliver_verify *v, struct source *message,
    const struct deliver_to *to, struct spool *out, struct err *e);

#endif
