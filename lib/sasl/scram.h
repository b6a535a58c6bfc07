/*
 * scram.h - sasl/'s own: the client's side of SCRAM (RFC 5802, 7677), message by message.
 *
 *	struct scram sc;
 *	scram_init(&sc, DIGEST_SHA256, "ana", "rahasia");
 *	scram_first(&sc, &out, e);			// n,,n=ana,r=...
 *	scram_final(&sc, server_first, &out, e);	// c=biws,r=...,p=...
 *	scram_verify(&sc, server_final, e);		// v=...
 *	scram_release(&sc);
 */
#ifndef SURAT_SASL_SCRAM_H
#define SURAT_SASL_SCRAM_H

#include "crypto/digest.h"

enum { SCRAM_MESSAGE = 16 << 10 };

struct scram {
	enum digest_kind kind;
	struct buf user, password; /* prepared */
	struct buf binding;        /* the GS2 header and the binding data */
	const char *header;        /* "n,,", "y,,", "p=tls-exporter,," */
	char nonce[32];            /* ours */
	struct buf auth_message;   /* grows with the exchange */
	uint64_t min_iterations;
	unsigned char server_signature[DIGEST_MAX];
	bool has_signature;
};
void scram_init(struct scram *sc, enum digest_kind kind, const char *user, const char *password);
/* header as above; data is what the binding is made of, empty for n and y. */
void scram_bind(struct scram *sc, const char *header, struct span data);
int scram_first(struct scram *sc, struct buf *out, struct err *e);
int scram_final(struct scram *sc, struct span server_first, struct buf *out, struct err *e);
int scram_verify(struct scram *sc, struct span server_final, struct err *e);
void scram_release(struct scram *sc);

#endif
