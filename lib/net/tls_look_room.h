/*
 * tls_look_room.h - net/'s own: the two places where tls.c lets tls_look.c in.
 */
#ifndef SURAT_NET_TLS_LOOK_ROOM_H
#define SURAT_NET_TLS_LOOK_ROOM_H

#include "net/tls.h"

#include <openssl/ssl.h>

/* Before the handshake. */
int tls_look_prepare(SSL *ssl, const struct tls_options *o, struct err *e);
/* After it. */
void tls_look_take(SSL *ssl, const struct tls_options *o);

#endif
