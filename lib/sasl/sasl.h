/*
 * sasl.h - SASL mechanisms as state without I/O: SMTP, IMAP and POP3 carry the bytes.
 *
 *	struct sasl s;
 *	if (sasl_start(&s, offered, "auto", &cred, tls_on, &initial, &has_initial, e) < 0) ...
 *	while (server sends a challenge) sasl_step(&s, challenge, &response, e);
 *	if (refused) sasl_explain(&s, e);	// what the server told inside the exchange
 *	else sasl_finish(&s, e);		// success: is it proven (SCRAM's server signature)?
 *	sasl_release(&s);			// wipes
 *
 * "auto" takes the strongest that is offered: SCRAM with channel binding, SCRAM (RFC 5802, 7677), CRAM-MD5, PLAIN, LOGIN for a password;
 * OAUTHBEARER (RFC 7628), XOAUTH2 for a token; EXTERNAL when a client certificate was shown and there is no password. ANONYMOUS only when
 * it is named. Whatever shows the secret to who listens (PLAIN, LOGIN, a token) is refused where allow_plain is false; the caller sets that
 * for TLS and for a peer on loopback.
 *
 * SCRAM: at most SASL_ITERATIONS_MAX iterations, so that a server cannot keep us computing; at least 4096 where allow_plain is false, since
 * there a stranger could ask for 1 and guess the password from our proof. Names and passwords pass SASLprep; what it does not allow
 * (and what is not UTF-8) goes as it is.
 *
 * Channel binding: tls-exporter where its data is given, else tls-server-end-point; tls-unique is not secure before TLS 1.3 and gone with it.
 *
 * Errors: EX_NOPERM when nothing fits (with what was offered), EX_USAGE for an unknown mechanism, EX_PROTOCOL for a server that breaks the
 * exchange or does not prove itself.
 */
#ifndef SURAT_SASL_SASL_H
#define SURAT_SASL_SASL_H

#include "base/buf.h"
#include "base/err.h"

enum { SASL_ITERATIONS_MIN = 4096, SASL_ITERATIONS_MAX = 4000000 };

struct sasl_credentials {
	const char *user;     /* may be NULL for EXTERNAL and ANONYMOUS */
	const char *password; /* or an access token; NULL: none */
	bool is_token;
	bool has_certificate; /* TLS showed the server who we are */
	const char *host;
	unsigned port;
	struct span exporter,
	    end_point; /* of the TLS below (tls_info), empty where there is none */
};
struct sasl_mechanism;
struct sasl {
	const struct sasl_mechanism *mechanism;
	const struct sasl_credentials *cred;
	const char *name; /* "SCRAM-SHA-256" */
	int step;
	void *state;
	bool proven; /* nothing is left that the server must prove */
	bool allow_plain, plus_offered;
	char detail[256]; /* what the server said when it did not take a token */
};
/* offered: names with blanks between. wanted: "auto" or one name. *has_initial: whether `initial` is to be sent (maybe empty). cred must
 * outlive s. */
int sasl_start(struct sasl *s, struct span offered, const char *wanted,
    const struct sasl_credentials *cred, bool allow_plain, struct buf *initial, bool *has_initial,
    struct err *e);
/* Would sasl_start find one? */
bool sasl_fits(
    struct span offered, const char *wanted, const struct sasl_credentials *cred, bool allow_plain);
/* challenge decoded; response not encoded. */
int sasl_step(struct sasl *s, struct span challenge, struct buf *response, struct err *e);
int sasl_finish(struct sasl *s, struct err *e);
/* Adds to the server's refusal what it told inside the exchange. */
void sasl_explain(const struct sasl *s, struct err *e);
void sasl_release(struct sasl *s);
/* Does this mechanism take a token where others take a password? */
bool sasl_takes_token(const char *name);

#endif
