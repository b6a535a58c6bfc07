/*
 * sasl.h - SASL mechanisms as state without I/O: SMTP, IMAP and POP3 carry the bytes.
 *
 *	struct sasl s;
 *	if (sasl_start(&s, "SCRAM-SHA-256 PLAIN LOGIN", "auto", &cred, tls_on, &initial, e) < 0) ...
 *	while (server sends a challenge) sasl_step(&s, challenge, &response, e);
 *	sasl_finish(&s, e);		// server said success: is it proven (SCRAM's server signature)?
 *	sasl_release(&s);		// wipes
 *
 * Strongest first; never PLAIN, LOGIN or a bearer token without TLS unless the peer is on loopback (allow_plain). Iteration counts are bounded.
 */
#ifndef SURAT_SASL_SASL_H
#define SURAT_SASL_SASL_H

#include "base/buf.h"
#include "base/err.h"

struct sasl_credentials {
	const char *user;
	const char *password; /* or an access token for the bearer mechanisms */
	bool is_token;
	const char *host;
	unsigned port;
};
struct sasl_mechanism;
struct sasl {
	const struct sasl_mechanism *mechanism;
	const struct sasl_credentials *cred;
	const char *name; /* "SCRAM-SHA-256" */
	int step;
	void *state;
	bool proven;
};
/* offered: names with blanks between. wanted: "auto" or one name. *has_initial: whether `initial` is to be sent (maybe empty). EX_NOPERM when none fits,
 * with what was offered. */
int sasl_start(struct sasl *s, struct span offered, const char *wanted,
    const struct sasl_credentials *cred, bool allow_plain, struct buf *initial, bool *has_initial,
    struct err *e);
/* challenge decoded; response not encoded. */
int sasl_step(struct sasl *s, struct span challenge, struct buf *response, struct err *e);
int sasl_finish(struct sasl *s, struct err *e);
void sasl_release(struct sasl *s);

#endif
