/*
 * tls_session_room.h - net/'s own: one connection's part in tls_session.h.
 */
#ifndef SURAT_NET_TLS_SESSION_ROOM_H
#define SURAT_NET_TLS_SESSION_ROOM_H

#include "net/tls.h"

#include <openssl/ssl.h>

enum { TLS_SESSION_KEY = 65 }; /* hexadecimal and its NUL */
struct tls_resume {
	struct tls_sessions *store;
	char key[TLS_SESSION_KEY];
	bool trusted; /* the peer is who it should be: from now on its sessions may be kept */
};
/* Before the handshake: a session of before, where there is one. r must stay as long as ssl. */
void tls_resume_prepare(struct tls_resume *r, SSL *ssl, const struct tls_options *o);
/* After it, once the peer was looked at. */
void tls_resume_trusted(struct tls_resume *r, SSL *ssl);

#endif
