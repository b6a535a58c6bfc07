/* secure.c - what S/MIME and OpenPGP need: options, keys, certificates of who may read it. */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/sys.h"
#include "secure/folder.h"
#include "sign.h"

#include <fcntl.h>
#include <stdlib.h>

static const char *const ciphers[] = {[SMIME_GCM] = "gcm", [SMIME_CBC] = "cbc", NULL};
static const struct cli_option secure[] = {
    CLI_FLAG(0, "smime-sign", struct secure_options, smime_sign, N_("sign with S/MIME")),
    CLI_STRING(0, "smime-cert", N_("FILE"), struct secure_options, smime_cert,
	N_("your certificate, and those above it; PEM")),
    CLI_STRING(0, "smime-key", N_("FILE"), struct secure_options, smime_key, N_("its private key")),
    CLI_STRING(0, "smime-passphrase-command", N_("COMMAND"), struct secure_options,
	smime_passphrase_command, N_("prints the key's passphrase")),
    CLI_FLAG(0, "smime-opaque", struct secure_options, smime_opaque,
	N_("the content inside the signature, not beside it")),
    CLI_LIST(0, "smime-encrypt", N_("CERT"), struct secure_options, smime_encrypt,
	N_("encrypt for this certificate: a file, or an address of those kept (repeatable)")),
    CLI_CHOICE(0, "smime-cipher", "gcm|cbc", struct secure_options, smime_cipher, ciphers,
	N_("AES-256-GCM; cbc for who cannot read it")),
    CLI_STRING(0, "smime-certs", N_("FOLDER"), struct secure_options, smime_certs,
	N_("where certificates are kept")),
    CLI_STRING(0, "pgp-sign", N_("KEY"), struct secure_options, pgp_sign,
	N_("sign with OpenPGP: a fingerprint or an address")),
    CLI_LIST(0, "pgp-encrypt", N_("KEY"), struct secure_options, pgp_encrypt,
	N_("encrypt for this key (repeatable)")),
    CLI_FLAG(0, "protect-headers", struct secure_options, protect_headers,
	N_("sign and encrypt the header too (RFC 9788); on unless =no")),
};

struct cli_group secure_group(size_t offset)
{
	return (struct cli_group){N_("S/MIME and OpenPGP"), secure, ARRAY_LEN(secure), offset, 0};
}

bool secure_asked(const struct secure_options *o)
{
	return o->smime_sign || o->smime_encrypt.n || o->pgp_sign || o->pgp_encrypt.n;
}

int secure_check_options(const struct secure_options *o, struct err *e)
{
	if (!o->smime_cert != !o->smime_key)
		return err_set(e, EX_USAGE, _("--smime-cert and --smime-key go together"));
	if (o->smime_sign && !o->smime_cert)
		return err_set(e, EX_USAGE, _("--smime-sign needs --smime-cert and --smime-key"));
	if (o->smime_sign && o->pgp_sign)
		return err_set(e, EX_USAGE, _("--smime-sign or --pgp-sign, one of them"));
	if (o->smime_encrypt.n && o->pgp_encrypt.n)
		return err_set(e, EX_USAGE, _("--smime-encrypt or --pgp-encrypt, one of them"));
	return 0;
}

/* --- S/MIME --- */

static int read_identity(struct sign *s, struct err *e)
{
	const struct secure_options *o = &s->o->secure;
	char *passphrase = NULL;
	if (o->smime_passphrase_command &&
	    account_line_of_command(
		"smime-passphrase-command", o->smime_passphrase_command, NULL, &passphrase, e) < 0)
		return -1;
	int r = smime_identity_read(&s->smime, o->smime_cert, o->smime_key, passphrase, e);
	str_wipe_free(passphrase);
	return r;
}

static int settle_signing(struct sign *s, struct err *e)
{
	if (read_identity(s, e) < 0)
		return -1;
	if (smime_may_sign(&s->smime, e) < 0)
		return err_prefix(e, "%s: ", s->o->secure.smime_cert);
	s->protect.smime_signer = &s->smime;
	s->protect.opaque = s->o->secure.smime_opaque;
	return 0;
}

static bool is_file(const char *path)
{
	struct stat st;
	return sys_fstatat(AT_FDCWD, path, &st, 0) == 0;
}

/* An address: the newest certificate that was kept for it. */
static int find_kept(struct cert_list *to, const char *folder, const char *address, struct err *e)
{
	char *path = NULL;
	struct cert_list found = {0};
	if (!folder && account_state_path("certs", &path, e) < 0)
		return -1;
	int r = folder_find(folder ? folder : path, span_of(address), &found, e);
	if (r == 0 && !found.n)
		r = err_set(e, EX_NOUSER, _("%s: no certificate for it in %s"), address,
		    folder ? folder : path);
	if (r == 0 && X509_up_ref(found.v[0]))
		cert_list_take(to, found.v[0]);
	cert_list_release(&found);
	free(path);
	return r;
}

/* The first of a file: what stands behind it is its chain. */
static int read_recipient(struct cert_list *to, const char *path, struct err *e)
{
	struct cert_list all = {0};
	if (cert_file(&all, path, e) < 0)
		return -1;
	int r = smime_may_encrypt(all.v[0], e);
	if (r < 0)
		err_prefix(e, "%s: ", path);
	else if (X509_up_ref(all.v[0]))
		cert_list_take(to, all.v[0]);
	cert_list_release(&all);
	return r;
}

/* Who sends it can read it, where his own certificate is known and may be encrypted to. */
static int add_own(struct sign *s, struct err *e)
{
	struct cert_list own = {0};
	const char *path = s->o->secure.smime_cert;
	if (!path)
		return 0;
	if (cert_file(&own, path, e) < 0)
		return -1;
	if (smime_may_encrypt(own.v[0], NULL) == 0 && X509_up_ref(own.v[0]))
		cert_list_take(&s->smime_to, own.v[0]);
	cert_list_release(&own);
	return 0;
}

static int settle_recipients(struct sign *s, struct err *e)
{
	const struct secure_options *o = &s->o->secure;
	for (size_t i = 0; i < o->smime_encrypt.n; i++) {
		const char *who = o->smime_encrypt.v[i];
		bool kept = strchr(who, '@') && !is_file(who);
		if ((kept ? find_kept(&s->smime_to, o->smime_certs, who, e)
			  : read_recipient(&s->smime_to, who, e)) < 0)
			return -1;
	}
	s->protect.smime_to = &s->smime_to;
	s->protect.cipher = (enum smime_cipher)o->smime_cipher;
	return add_own(s, e);
}

int secure_settle(struct sign *s, struct err *e)
{
	const struct secure_options *o = &s->o->secure;
	s->protect.headers = o->protect_headers;
	if (o->smime_sign && settle_signing(s, e) < 0)
		return -1;
	if (o->smime_encrypt.n && settle_recipients(s, e) < 0)
		return -1;
	s->protect.pgp_signer = o->pgp_sign;
	s->protect.pgp_to = o->pgp_encrypt.n ? &o->pgp_encrypt : NULL;
	return 0;
}

void secure_forget(struct sign *s)
{
	smime_identity_release(&s->smime);
	cert_list_release(&s->smime_to);
}
