/*
 * client.h - the client's side of a POP3 conversation (RFC 1939, 2449 CAPA, 2595 STLS, 5034 AUTH), over a stream that is connected.
 *
 *	struct pop3_client c;
 *	pop3_client_init(&c, &stream, 60000);
 *	pop3_client_greeting(&c, e);
 *	pop3_client_stls(&c, e); tls_start_client(&stream, ...); pop3_client_secured(&c);
 *	pop3_client_sign_in(&c, &cred, "auto", secure, e);
 *	pop3_client_listing(&c, &list, e);			// numbers, sizes, unique ids
 *	pop3_client_retr_send(&c, 1); pop3_client_retr(&c, &sink, e);
 *	pop3_client_dele(&c, 1, e);
 *	pop3_client_quit(&c, e);				// only now is anything deleted
 *
 * Bytes behind the +OK to STLS are an attack (EX_PROTOCOL); capabilities are forgotten there. -ERR is EX_UNAVAILABLE, EX_NOPERM while signing in,
 * EX_TEMPFAIL with [IN-USE], [LOGIN-DELAY] or [SYS/TEMP]. Lines are at most 8 KiB except in a message; a listing at most a million messages.
 */
#ifndef SURAT_POP3_CLIENT_H
#define SURAT_POP3_CLIENT_H

#include "io/sink.h"
#include "io/stream.h"
#include "sasl/sasl.h"

enum { POP3_LINE = 8 << 10, POP3_MESSAGES = 1000000, POP3_UIDL = 70 };

struct pop3_entry {
	uint32_t number;
	uint64_t size;
	char *uidl; /* NULL: the server has none */
};
struct pop3_listing {
	struct pop3_entry *v;
	size_t n, cap;
	bool has_uidl;
};
void pop3_listing_release(struct pop3_listing *l);

struct pop3_client {
	struct stream *stream;
	int64_t timeout_ms;
	bool tls, capa_known, stls, pipelining, user, top;
	bool secret;  /* for a trace: what we write now is secret */
	bool refused; /* the last reply was -ERR */
	char mechanisms[512];
	char text[512]; /* of the last reply, without its +OK */
};

void pop3_client_init(struct pop3_client *c, struct stream *s, int64_t timeout_ms);
int pop3_client_greeting(struct pop3_client *c, struct err *e);
/* A server without CAPA is taken to know USER. */
int pop3_client_capa(struct pop3_client *c, struct err *e);
int pop3_client_stls(struct pop3_client *c, struct err *e);
void pop3_client_secured(struct pop3_client *c);
/* AUTH with the best mechanism of both, else USER and PASS where the wire is secure (TLS, loopback). */
int pop3_client_sign_in(struct pop3_client *c, const struct sasl_credentials *cred,
    const char *wanted, bool secure, struct err *e);
int pop3_client_stat(struct pop3_client *c, uint64_t *messages, uint64_t *bytes, struct err *e);
/* LIST and UIDL. */
int pop3_client_listing(struct pop3_client *c, struct pop3_listing *out, struct err *e);
/* Queues RETR; then pop3_client_retr reads one message for each, in order. Several may be on their way when c->pipelining. */
void pop3_client_retr_send(struct pop3_client *c, uint32_t number);
/* The message with its CRLF lines, dots undone, into the sink (not ended); at most 4 GiB. Only CRLF.CRLF ends it: other line ends are content, whatever
 * they stand next to, and go through. 0; 1: the sink failed, with its error, the rest was read and dropped;
 * 2: the server refused (-ERR) this message only; -1. */
int pop3_client_retr(struct pop3_client *c, struct sink *to, struct err *e);
/* TOP n 0: the header; returns as retr. */
int pop3_client_top(struct pop3_client *c, uint32_t number, struct sink *to, struct err *e);
int pop3_client_dele(struct pop3_client *c, uint32_t number, struct err *e);
int pop3_client_quit(struct pop3_client *c, struct err *e);

/* A reply line judged: 0 for +OK (rest is its text), 1 for "+ ..." (a challenge), -1 with e. */
int pop3_reply_parse(struct span line, struct span *rest, struct err *e);
/* "12 3456" of LIST, "12 abc" of UIDL. False when it is neither. */
bool pop3_list_line(struct span line, uint32_t *number, struct span *rest);

#endif
