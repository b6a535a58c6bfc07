/*
 * server.h - a named server: its URL with the defaults of mail-send(1).
 *
 *	smtp://[user@]host[:port]	port 587, STARTTLS and a verified certificate; on loopback port 25 and TLS as it is offered
 *	smtps://host			port 465, TLS from the start
 *	lmtp://host[:port]		port 24
 *	lmtp:/path/to/socket
 */
#ifndef SURAT_SUBMIT_SERVER_H
#define SURAT_SUBMIT_SERVER_H

#include "submit/session.h"

struct submit_server {
	enum smtp_protocol protocol;
	char *host, *socket, *user; /* user NULL: none in the URL */
	unsigned port;
	bool implicit_tls, local;
};
/* EX_USAGE. */
int submit_server_parse(struct submit_server *s, const char *url, struct err *e);
void submit_server_release(struct submit_server *s);
/* The level that AUTO means there; DANE for a named server is asked for explicitly. */
enum submit_tls submit_server_tls(const struct submit_server *s, enum submit_tls wanted);

#endif
