/*
 * sign.h - mail-sign: options (main.c), a message in and the signed one out (sign.c), keys made (keygen.c), keys held against the DNS (check.c).
 */
#ifndef SURAT_CMD_MAIL_SIGN_SIGN_H
#define SURAT_CMD_MAIL_SIGN_SIGN_H

#include "account/account.h"
#include "auth/sign.h"
#include "cli/cli.h"

struct sign_options {
	struct cli_common common;
	struct cli_network network; /* for --check-dns */
	const struct cli_program *program;
	struct strv dkim, selectors,
	    keys; /* the n-th of each belong together; one domain is enough */
	char *headers, *canon;
	bool oversign, check_dns, mbox;
	int64_t time_s, expire_s; /* time_s 0: now; expire_s 0: never */
	char *keygen;
};
struct sign {
	const struct sign_options *o;
	struct dkim_sign_options dkim;
	struct dkim_signer *signers;
	struct strv names; /* domains and selectors, as A-labels */
};
/* Standard input to standard output, signed. */
int sign_messages(struct sign *s, struct err *e);
/* A key and its DNS record on standard output; with --dkim-key the key goes there. */
int sign_keygen(const struct sign_options *o, struct err *e);
/* Does the DNS have what these keys need? EX_CONFIG with what it has; EX_TEMPFAIL. */
int sign_check_dns(const struct sign *s, struct err *e);

#endif
