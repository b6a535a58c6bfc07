/*
 * tls_check.h - net/'s own: what makes a TLS peer the right one. tls.c moves the bytes, this file decides.
 *
 * Before the handshake tls_check_context and tls_check_setup put the demand of tls_options into OpenSSL; after it tls_check_peer
 * looks at what OpenSSL does not (fingerprints); tls_check_explain turns a failed handshake into a line a person can act on.
 */
#ifndef SURAT_NET_TLS_CHECK_H
#define SURAT_NET_TLS_CHECK_H

#include "net/tls.h"

#include <openssl/ssl.h>

int tls_check_context(SSL_CTX *ctx, const struct tls_options *o, struct err *e);
int tls_check_setup(SSL *ssl, const struct tls_options *o, struct err *e);
int tls_check_peer(SSL *ssl, const struct tls_options *o, struct err *e);
/* e holds OpenSSL's reason; returns -1. */
int tls_check_explain(SSL *ssl, struct err *e);
enum tls_failure tls_check_failure(SSL *ssl);
int tls_check_own_cert(SSL_CTX *ctx, const char *cert_file, const char *key_file, struct err *e);

#endif
