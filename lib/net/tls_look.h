/*
 * tls_look.h - a handshake that is made to be looked at: which chain a server shows to which client, and whether it would do.
 *
 *	struct tls_look look = {.algorithm = TLS_LOOK_RSA, .version_max = TLS_LOOK_1_2, .ca_file = ca_file};
 *	struct tls_options o = {.host = "mx.example.org", .verify = TLS_VERIFY_NONE, .pins = pins, .pin_count = n, .look = &look};
 *	tls_start_client(&stream, &o, &info, e); ... look.chain, look.dane, look.pkix ...; tls_look_release(&look);
 *
 * Nothing stops the handshake but what stops TLS itself. Names and reasons are foreign text.
 */
#ifndef SURAT_NET_TLS_LOOK_H
#define SURAT_NET_TLS_LOOK_H

#include "base/err.h"
#include "base/strv.h"

enum tls_look_algorithm { TLS_LOOK_ANY, TLS_LOOK_RSA, TLS_LOOK_ECDSA };
enum tls_look_version { TLS_LOOK_1_3, TLS_LOOK_1_2 };
enum { TLS_LOOK_CHAIN_MAX = 10, TLS_LOOK_NAMES_MAX = 200 };

struct tls_look_cert {
	char subject[256], issuer[256];
	struct strv names; /* DNS names of subjectAltName */
	int64_t not_before_s, not_after_s;
	char key[32], signature[64]; /* "RSA", "EC prime256v1"; "ecdsa-with-SHA256" */
	int bits;
	unsigned char sha256[32], key_sha256[32]; /* of the certificate, of its public key */
};
struct tls_look {
	/* asked for */
	enum tls_look_algorithm algorithm;
	enum tls_look_version version_max;
	const char *ca_file;
	/* seen */
	char version[16], cipher[64], group[32];
	char ocsp
	    [16]; /* a staple's word, not verified: "good", "revoked", "unknown", "broken"; "" none */
	struct tls_look_cert *chain;
	size_t chain_len;
	bool dane_matches; /* of the options' pins */
	int dane_depth;    /* of the certificate that a pin fits */
	unsigned char usage, selector, matching;
	bool pkix_good; /* trusted, in time, and for options' host */
	char dane_why[128], pkix_why[128];
};
void tls_look_release(struct tls_look *l);

#endif
