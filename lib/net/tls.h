/*
 * tls.h - TLS over a stream: 1.2 and 1.3 only, certificates checked unless told otherwise, DANE pins, fingerprints, client certificates.
 *
 *	struct tls_options o = {.host = "mail.example.org", .verify = TLS_VERIFY_CA};
 *	if (tls_start_client(&stream, &o, &info, e) < 0) ...
 *
 * Anything buffered in the stream before the handshake is an error (injection). EX_PROTOCOL for security failures (the reason in one line),
 * EX_TEMPFAIL for a lost connection, EX_CONFIG for our own files.
 */
#ifndef SURAT_NET_TLS_H
#define SURAT_NET_TLS_H

#include "io/stream.h"
#include "net/tls_look.h"
#include "net/tls_session.h"

enum tls_verify {
	TLS_VERIFY_NONE,        /* opportunistic: any certificate */
	TLS_VERIFY_CA,          /* chain and name */
	TLS_VERIFY_DANE,        /* the pins decide */
	TLS_VERIFY_FINGERPRINT, /* sha256 of the certificate or of its public key */
};
struct tls_pin { /* a TLSA record, RFC 6698 2.1 */
	unsigned char usage, selector, matching;
	struct span data;
};
struct tls_options {
	const char *host; /* for SNI and the name check */
	enum tls_verify verify;
	const char *names[8]; /* further acceptable names (DANE: the TLSA base domain first) */
	const struct tls_pin *pins;
	size_t pin_count;
	const char *const *fingerprints; /* "sha256:hex", NULL-terminated */
	const char *ca_file;             /* NULL: the system's */
	const char *cert_file, *key_file;
	const char *alpn;              /* or NULL */
	struct tls_look *look;         /* tls_look.h, or NULL */
	unsigned port;                 /* only a part of a session's name */
	struct tls_sessions *sessions; /* tls_session.h, or NULL; outlives the stream */
};
enum tls_failure { /* why a handshake did not do, as reports count it (RFC 8460 4.3) */
	TLS_FAILURE_NONE,
	TLS_FAILURE_OTHER,
	TLS_FAILURE_NAME,
	TLS_FAILURE_EXPIRED,
	TLS_FAILURE_UNTRUSTED,
};
struct tls_info {
	char version[16]; /* "TLSv1.3" */
	char cipher[64];
	char security[32]; /* "dane", "verified", "fingerprint", "encrypted" */
	char peer[128];    /* subject name or "" */
	/* What SASL binds a sign-in to: tls-exporter (RFC 9266, TLS 1.3 only), tls-server-end-point (RFC 5929). Length 0: there is none. */
	unsigned char exporter[32], end_point[64];
	size_t exporter_len, end_point_len;
	bool own_certificate;     /* we had one to show */
	char tlsa[16];            /* "3 1 1": the record that matched, "" without DANE */
	enum tls_failure failure; /* the only one that is set when it failed */
	bool resumed; /* a session of before was taken up: its certificate was looked at then */
};
/* Handshake within the stream's deadline; the stream speaks TLS afterwards. */
int tls_start_client(
    struct stream *s, const struct tls_options *o, struct tls_info *info, struct err *e);
/* As a server, with our certificate chain and key (PEM files). */
int tls_start_server(struct stream *s, const char *cert_file, const char *key_file, struct err *e);
/* Could a server start with them? EX_CONFIG, said before the first client comes. */
int tls_check_server(const char *cert_file, const char *key_file, struct err *e);

#endif
