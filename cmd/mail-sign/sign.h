/*
 * sign.h - mail-sign: options (main.c), a message in and the signed one out (sign.c), keys made (keygen.c), keys held against the DNS (check.c), S/MIME and
 * OpenPGP (secure.c).
 */
#ifndef SURAT_CMD_MAIL_SIGN_SIGN_H
#define SURAT_CMD_MAIL_SIGN_SIGN_H

#include "account/account.h"
#include "auth/seal.h"
#include "auth/signers.h"
#include "cli/cli.h"
#include "secure/protect.h"

struct secure_options {
	bool smime_sign, smime_opaque, protect_headers;
	char *smime_cert, *smime_key, *smime_passphrase_command, *smime_certs, *pgp_sign;
	struct strv smime_encrypt, pgp_encrypt;
	int smime_cipher; /* enum smime_cipher */
};
struct sign_options {
	struct cli_common common;
	struct cli_network network; /* for --check-dns */
	const struct cli_program *program;
	struct strv dkim, selectors,
	    keys; /* the n-th of each belong together; one domain is enough */
	char *headers, *canon, *arc, *authserv_id;
	bool oversign, check_dns, mbox;
	int64_t time_s, expire_s; /* time_s 0: now; expire_s 0: never */
	char *keygen;
	struct secure_options secure;
};
struct sign {
	const struct sign_options *o;
	struct dkim_sign_options dkim;
	struct arc_seal_options seal; /* by.key NULL: none */
	char *seal_domain;
	struct dkim_signers signers;
	struct protect_job protect;
	struct smime_identity smime;
	struct cert_list smime_to;
};
/* The options of struct secure_options, which lies at this offset. */
struct cli_group secure_group(size_t offset);
bool secure_asked(const struct secure_options *o);
int secure_check_options(const struct secure_options *o, struct err *e);
/* Keys and certificates read: s->protect. */
int secure_settle(struct sign *s, struct err *e);
void secure_forget(struct sign *s);
/* Standard input to standard output, signed. */
int sign_messages(struct sign *s, struct err *e);
/* A key and its DNS record on standard output; with --dkim-key the key goes there. */
int sign_keygen(const struct sign_options *o, struct err *e);
/* Does the DNS have what these keys need? EX_CONFIG with what it has; EX_TEMPFAIL. */
int sign_check_dns(const struct sign *s, struct err *e);

#endif
