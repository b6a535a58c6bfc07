/*
 * server.h - the receiving side of SMTP (RFC 5321) and LMTP (RFC 2033): a table of verbs over a stream. It knows the protocol; who is local and where mail
 * goes is the caller's, asked through callbacks.
 *
 *	struct smtp_server_options o = {.name = "mx.example.org", .size_max = 50 << 20};
 *	struct smtp_server s;
 *	smtp_server_init(&s, &stream, &o, &hooks, ctx);
 *	r = smtp_server_run(&s, e);		// until QUIT, the end of input, a timeout, too many errors
 *	smtp_server_release(&s);
 *
 * Offers PIPELINING, SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, CHUNKING, LIMITS (RFC 9422), STARTTLS with a certificate. Only CRLF.CRLF ends data: a line end
 * of another kind next to the dot ends the session (smuggling). Bytes between STARTTLS and the handshake end it too. A client that speaks HTTP is cut off.
 */
#ifndef SURAT_SMTP_SERVER_H
#define SURAT_SMTP_SERVER_H

#include "base/strv.h"
#include "io/sink.h"
#include "io/stream.h"

enum {
	SMTP_SERVER_LINE =
	    4096, /* octets of a command line; RFC 5321 4.5.3.1.4 asks for 512 and more for each extension */
	SMTP_SERVER_RECIPIENTS = 1000,   /* 4.5.3.1.8 asks for 100 */
	SMTP_SERVER_ERRORS = 20,         /* refused commands in a session */
	SMTP_SERVER_IDLE_COMMANDS = 200, /* commands since the last message */
	SMTP_SERVER_TIMEOUT_S = 300,     /* 4.5.3.2.7 */
};

struct smtp_server_options {
	bool lmtp;
	const char *name;      /* ours, in the greeting; NULL: "localhost" */
	uint64_t size_max;     /* octets of a message as on the wire; 0: no limit is known */
	size_t recipients_max; /* 0: SMTP_SERVER_RECIPIENTS */
	int64_t timeout_ms; /* for a command, and for each 64 KiB of a message; 0: five minutes */
	const char *cert_file, *key_file; /* PEM; with both STARTTLS is offered */
	bool
	    local_names; /* a recipient may be a name of this machine, "root": the hook is asked who that is */
};

/* What the callbacks see of the session. */
struct smtp_server_envelope {
	char *sender;           /* without <>, "" for the null sender; NULL: no transaction */
	struct strv recipients; /* accepted */
	bool utf8, eight_bit;
	uint64_t declared; /* SIZE=, or 0 */
};

struct smtp_server;
/* -1 refuses, with e: its smtp and enhanced are the reply, or what fits its code (EX_NOUSER 550 5.1.1, EX_UNAVAILABLE 550, EX_NOPERM 550 5.7.1, EX_DATAERR 550
 * 5.6.0, all others 451 4.3.0). Its text goes to the client. */
struct smtp_server_hooks {
	int (*sender)(void *ctx, const struct smtp_server *s, const char *sender, struct err *e);
	int (*recipient)(
	    void *ctx, const struct smtp_server *s, const char *recipient, struct err *e);
	/* A message begins: where it goes, as on the wire (CRLF, dots undone). NULL refuses it. What the sink fails with is told at the end. */
	struct sink *(*begin)(void *ctx, const struct smtp_server *s, struct err *e);
	/* It is all there. LMTP: one result for each recipient, in order; SMTP: one. code 0 accepts, with text as the reply's when it is not empty. */
	void (*end)(void *ctx, const struct smtp_server *s, struct err *results, size_t n);
	/* The transaction is over or given up; what begin made is no more wanted. */
	void (*reset)(void *ctx);
};

struct smtp_server {
	struct stream *stream;
	const struct smtp_server_options *options;
	const struct smtp_server_hooks *hooks;
	void *ctx;
	char *hello;   /* what the client calls itself, NULL before HELO, EHLO, LHLO */
	bool extended; /* EHLO or LHLO */
	bool tls;
	struct smtp_server_envelope envelope;
	uint64_t messages; /* accepted, for at least one recipient */

	/* private */
	unsigned errors, idle;
	bool over, chunking; /* the session ends; BDAT has begun */
	struct sink intake, *to;
	uint64_t size;
	struct err trouble; /* why the message at hand is refused */
};

void smtp_server_init(struct smtp_server *s, struct stream *stream,
    const struct smtp_server_options *o, const struct smtp_server_hooks *hooks, void *ctx);
/* The session: 0 when it ended in order (QUIT, or the client went away between messages); -1: lost, timed out, cut off, stopped by a signal. No message is half
 * accepted: reset was called. */
int smtp_server_run(struct smtp_server *s, struct err *e);
void smtp_server_release(struct smtp_server *s);

#endif
