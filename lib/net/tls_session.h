/*
 * tls_session.h - TLS sessions that are taken up again: the next connection to the same server, with the same demands, needs no certificate.
 *
 *	struct tls_sessions *all = tls_sessions_new(folder);	// of this run, and in a folder of ours for the next one; NULL: of this run only
 *	struct tls_options o = {..., .port = 465, .sessions = all};
 *	tls_start_client(&stream, &o, &info, e);
 *	tls_sessions_free(all);
 *
 * What was trusted once is trusted again only under the same name: host, port, demand, names, fingerprints, the files of certificates (and when they
 * were changed last) make the key. A session lives an hour at most, no longer than its certificate, and under DANE not at all: the records decide each
 * time. In the folder (0700, files 0600) are only TLS 1.3 sessions, whose theft opens no older conversation; each is used once (RFC 8446 C.4), by who
 * renames it first.
 */
#ifndef SURAT_NET_TLS_SESSION_H
#define SURAT_NET_TLS_SESSION_H

struct tls_sessions;
/* The folder is made when there is something to put into it; one that others can enter is left alone. */
struct tls_sessions *tls_sessions_new(const char *folder);
void tls_sessions_free(struct tls_sessions *s); /* accepts NULL */

#endif
