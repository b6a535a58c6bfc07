/*
 * protect.h - a message signed and encrypted: S/MIME (RFC 8551) and PGP/MIME (RFC 3156), with its header inside (RFC 9788).
 *
 *	struct protect_job job = {.smime_signer = &me, .smime_to = &certs, .headers = true};
 *	protect_message(&job, &in, &out.sink, e);
 *
 * Signing comes before encrypting. Headers: the content is marked hp="clear" or "cipher" and carries copies of the fields people see; outside an encrypted
 * message the Subject is "[...]", Comments and Keywords are gone, and HP-Outer fields inside say what was left outside. Bcc and trace fields are never copied.
 */
#ifndef SURAT_SECURE_PROTECT_H
#define SURAT_SECURE_PROTECT_H

#include "secure/smime.h"

struct protect_job {
	const struct smime_identity *smime_signer; /* or NULL */
	bool opaque;                      /* application/pkcs7-mime instead of multipart/signed */
	const struct cert_list *smime_to; /* who may read, or NULL */
	enum smime_cipher cipher;
	const char *pgp_signer;    /* or NULL */
	const struct strv *pgp_to; /* or NULL */
	bool headers;              /* protect them */
};
bool protect_wanted(const struct protect_job *job);
/* in: a message with LF or CRLF lines; out gets LF lines and is not ended. EX_DATAERR where it has no end of header. Nothing is written before all that can fail has been done. */
int protect_message(
    const struct protect_job *job, const struct spool *in, struct sink *out, struct err *e);
/* Appends the recipients (To, Cc, Bcc) who are given no S/MIME certificate: they will not be able to read it. */
int protect_unreadable(
    const struct protect_job *job, const struct spool *in, struct strv *out, struct err *e);

#endif
