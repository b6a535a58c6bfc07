/*
 * auth.h - all that can be known about who a message is from, in one pass over it: SPF, DKIM, DMARC, ARC.
 *
 *	struct auth_options o = {.dkim = true, .spf = true, .client = {.client_ip = "192.0.2.1", ...}};
 *	struct auth_check c;
 *	auth_check_init(&c, ask, &o);
 *	sink_put(&c.message.sink, piece, e) ...
 *	auth_check_end(&c, e);
 *	auth_check_judge(&c, e);		// c.results: a record for each method and signature
 *	auth_check_release(&c);
 *
 * Questions to the DNS are sent when the header is complete, and answered while the body comes, and while other messages do: many may have
 * ended before the first of them is judged. Memory: the header (at most 4 MiB) and a few blocks; 20
 * signatures; the answers that were asked for.
 */
#ifndef SURAT_AUTH_AUTH_H
#define SURAT_AUTH_AUTH_H

#include "auth/arc.h"
#include "auth/dkim.h"
#include "auth/dmarc.h"
#include "auth/spf.h"

struct auth_options {
	bool spf, dkim, dmarc, arc;
	bool explain;
	struct auth_key_policy key;
	struct spf_question client;
};
struct auth_check {
	struct auth_message message;
	struct auth_results results;
	const struct auth_options *options;
	struct auth_ask *ask;
	struct dkim dkim;
	struct arc arc;
	enum dmarc_policy
	    policy; /* what the author's domain asks for, where DMARC failed; else none */
};
void auth_check_init(struct auth_check *c, struct auth_ask *ask, const struct auth_options *o);
/* SPF alone, which needs no message. */
int auth_check_client(struct auth_check *c, struct err *e);
/* The message has ended; nothing waits. */
int auth_check_end(struct auth_check *c, struct err *e);
/* Waits for what is not answered yet. EX_TEMPFAIL: a signal asked us to stop. */
int auth_check_judge(struct auth_check *c, struct err *e);
void auth_check_release(struct auth_check *c);

#endif
