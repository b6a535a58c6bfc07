/*
 * smime.h - S/MIME's cryptography (RFC 8551) on OpenSSL's CMS: structures in and out, no MIME. Content streams.
 *
 *	smime_sign(&signer, true, &content.source, &der.sink, e);		// detached: what multipart/signed wants
 *	smime_encrypt(&recipients, SMIME_GCM, &content.source, &der.sink, e);
 *
 *	cms_slice_read(&slice, &der.source, e);
 *	smime_verify(&slice, &content.source, &reader, "1", &findings, e);	// a finding for each signer
 *	smime_decrypt(&slice, &reader, &plain.sink, finding, e);
 *
 * Content is canonical MIME: CRLF lines (RFC 8551 3.1.1). -1 only for what has nothing to do with the message: input and output; all else is a finding.
 */
#ifndef SURAT_SECURE_SMIME_H
#define SURAT_SECURE_SMIME_H

#include "secure/cms_slice.h"
#include "secure/trust.h"

/* A person's certificate, its chain (what is sent along; roots are left out) and its key. */
struct smime_identity {
	struct cert_list chain;
	EVP_PKEY *key;
};
/* Certificates of cert_file and the key of key_file, which must fit. passphrase may be NULL. */
int smime_identity_read(struct smime_identity *id, const char *cert_file, const char *key_file,
    const char *passphrase, struct err *e);
void smime_identity_release(struct smime_identity *id);
/* May it sign, has it not expired? EX_CONFIG. */
int smime_may_sign(const struct smime_identity *id, struct err *e);
/* May it be encrypted to, has it not expired? EX_DATAERR. */
int smime_may_encrypt(X509 *cert, struct err *e);
/* The digest that goes with the key, as multipart/signed names it (RFC 8551 3.5.3.2): "sha-256". */
const char *smime_micalg(const struct smime_identity *id);
int smime_sign(const struct smime_identity *id, bool detached, struct source *content,
    struct sink *der, struct err *e);

enum smime_cipher {
	SMIME_GCM,
	SMIME_CBC
}; /* AuthEnvelopedData, AES-256-GCM; EnvelopedData, AES-256-CBC for who cannot read the first */
int smime_encrypt(const struct cert_list *recipients, enum smime_cipher cipher,
    struct source *content, struct sink *der, struct err *e);

/* What is needed to read. */
struct smime_reader {
	const struct trust *trust;
	const struct strv *authors;        /* addr-specs of From: who must have signed */
	const struct smime_identity *mine; /* who decrypts, or NULL */
	size_t mine_n;
};
/* content: what is signed, detached or slice->content. At most 16 signers are looked at. */
int smime_verify(const struct cms_slice *slice, struct source *content,
    const struct smime_reader *reader, const char *part, struct secure_findings *found,
    struct err *e);
/* Plain text to out, which must be thrown away unless f->result is PASS or, for want of integrity, POLICY (*integrity false: CBC, RFC 8551 6 on EFAIL). */
int smime_decrypt(const struct cms_slice *slice, const struct smime_reader *reader,
    struct sink *out, struct secure_finding *f, bool *integrity, struct err *e);

#endif
