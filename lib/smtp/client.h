/*
 * client.h - the client's side of SMTP (RFC 5321) and LMTP (RFC 2033), over a stream that is connected.
 *
 *	struct smtp_client c;
 *	smtp_client_init(&c, &stream, SMTP, 60000);
 *	smtp_client_greeting(&c, e);
 *	smtp_client_hello(&c, "me.example.org", e);
 *	smtp_client_starttls(&c, e); tls_start_client(&stream, ...); smtp_client_secured(&c);
 *	smtp_client_hello(&c, "me.example.org", e);
 *	smtp_client_auth(&c, &cred, "auto", secure, e);
 *	struct smtp_rcpt to[] = {{.address = "bob@example.org"}, {.address = "eve@example.org"}};
 *	struct smtp_mail m = {.sender = "ana@example.org", .rcpts = to, .rcpt_count = 2, .message = &source};
 *	smtp_client_send(&c, &m, e);			// settles each recipient in to[i].answer
 *	smtp_client_quit(&c);
 *	smtp_client_release(&c);
 *
 * Where the server has PIPELINING (RFC 2920) the envelope is one flight and its replies are read as a batch; with CHUNKING (RFC 3030) a small
 * message rides in the same flight. One bad recipient never spoils the message for the others. Each whole reply must come within
 * timeout_ms, the one to the message within final_timeout_ms (RFC 5321 4.5.3.2.6).
 * Errors: EX_TEMPFAIL for 4xx and a lost connection, EX_UNAVAILABLE, EX_NOUSER and EX_NOHOST for 5xx, EX_NOPERM for a refused sign-in,
 * EX_PROTOCOL for nonsense and for anything buffered behind the OK to STARTTLS.
 */
#ifndef SURAT_SMTP_CLIENT_H
#define SURAT_SMTP_CLIENT_H

#include "io/sink.h"
#include "io/stream.h"
#include "sasl/sasl.h"
#include "smtp/reply.h"

enum smtp_protocol { SMTP, LMTP };

/* Where a conversation is; smtp_phase_name says it in the protocol's words. */
enum smtp_phase {
	SMTP_CONNECT,
	SMTP_GREETING,
	SMTP_HELLO,
	SMTP_STARTTLS,
	SMTP_AUTH,
	SMTP_RSET,
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA,
	SMTP_BODY, /* the message is on its way, its end is not */
	SMTP_DOT,  /* all of it was sent, the answer was not yet read */
	SMTP_QUIT,
};
const char *smtp_phase_name(
    enum smtp_phase p); /* "greeting", "EHLO", "RCPT TO", "end of message" */

enum smtp_extension {
	SMTP_PIPELINING = 1 << 0,
	SMTP_8BITMIME = 1 << 1,
	SMTP_SIZE = 1 << 2,
	SMTP_STARTTLS_OFFERED = 1 << 3,
	SMTP_AUTH_OFFERED = 1 << 4,
	SMTP_CHUNKING = 1 << 5,
	SMTP_SMTPUTF8 = 1 << 6,
	SMTP_DSN = 1 << 7,
	SMTP_ENHANCEDSTATUSCODES = 1 << 8,
	SMTP_REQUIRETLS = 1 << 9,
	SMTP_FUTURERELEASE = 1 << 10,
	SMTP_DELIVERBY = 1 << 11,
	SMTP_MT_PRIORITY = 1 << 12,
	SMTP_LIMITS = 1 << 13,
};

/* What became of one recipient. */
enum smtp_status {
	SMTP_UNSETTLED,
	SMTP_SENT,
	SMTP_DEFERRED, /* trying again later may help */
	SMTP_REFUSED,  /* it will not */
	SMTP_UNKNOWN, /* the connection was lost after the end of the message: it may have arrived */
};
const char *smtp_status_name(enum smtp_status s); /* the report's words: "sent", "deferred"... */
struct smtp_answer {
	enum smtp_status status;
	enum smtp_phase phase; /* what was answered */
	int exit;              /* sysexits */
	int code;              /* the reply's, or 0: nobody answered, text says why */
	char enhanced[SMTP_ENHANCED_SIZE];
	char text[420]; /* the reply's words, or our own; inert, one line */
};

struct smtp_rcpt {
	const char *address;
	const char *notify; /* "NEVER", "SUCCESS,FAILURE,DELAY", or NULL */
	const char *
	    orcpt; /* "rfc822;bob@example.org" as it goes on the wire (xtext, RFC 3461 4.2), or NULL */
	struct smtp_answer answer;
};

struct smtp_range { /* of a file */
	int fd;
	int64_t offset;
	uint64_t len;
};

struct smtp_mail {
	const char *sender; /* "" the null sender */
	struct smtp_rcpt *rcpts;
	size_t rcpt_count;
	struct source *message; /* LF or CRLF lines; read once. NULL: only ask (see ask) */
	uint64_t
	    wire_size; /* its exact size with CRLF lines, the last one ended; 0: not known (no SIZE, no BDAT) */
	/* Where all of it lies, exactly as it goes out, wire_size octets; then a large one goes from there where nothing has to be done to it. range_count 0:
	 * nowhere. */
	const struct smtp_range *ranges;
	size_t range_count;
	bool eight_bit, utf8; /* it has 8-bit octets; it needs SMTPUTF8 */
	bool require_tls;
	const char *envid;      /* plain, or NULL */
	const char *ret;        /* "FULL", "HDRS", or NULL */
	int64_t hold_until_s;   /* RFC 4865; 0: no */
	const char *deliver_by; /* "120;R" (RFC 2852), or NULL */
	const char *priority;   /* "-9" to "9" (RFC 6710), or NULL */
	/* Everything up to the message, then RSET: accepted recipients are SMTP_SENT with phase SMTP_RCPT. */
	bool ask;
	/* Called once before the last octets go out; -1 stops there, nothing is delivered. May be NULL. */
	int (*sending)(void *ctx, struct err *e);
	void (*progress)(void *ctx, uint64_t octets); /* of the message so far; may be NULL */
	void *ctx;
};

struct smtp_client {
	struct stream *stream;
	enum smtp_protocol protocol;
	int64_t timeout_ms, final_timeout_ms; /* final: 600,000 unless changed */
	int64_t deadline_ms;                  /* clock_mono_ms for all of it, 0: none */
	enum smtp_phase phase;
	struct smtp_reply reply;   /* the last one read */
	bool tls;                  /* told by smtp_client_secured */
	bool secret, elided;       /* for a trace: what is written now is secret; is a message */
	bool refused;              /* what we signed in with, by the server and for good */
	bool dirty;                /* an old transaction may still be open */
	struct smtp_flight *first; /* under way, oldest first; the room's own */
	size_t in_flight;
	bool riding; /* answers to one of them are being read */
	/* learned from EHLO or LHLO */
	unsigned extensions; /* enum smtp_extension */
	bool esmtp;
	uint64_t size_max;                            /* SIZE; 0: none told */
	uint64_t hold_max_s;                          /* FUTURERELEASE */
	int64_t deliver_by_min;                       /* DELIVERBY */
	uint64_t rcpt_max, rcpt_domain_max, mail_max; /* LIMITS (RFC 9422); 0: none told */
	int64_t hold_until_max_s; /* FUTURERELEASE's latest time; 0: none told */
	char mechanisms[512];     /* AUTH */
	char name[256];           /* what the server calls itself; inert */
};

void smtp_client_init(
    struct smtp_client *c, struct stream *s, enum smtp_protocol protocol, int64_t timeout_ms);
void smtp_client_release(struct smtp_client *c); /* not the stream */
int smtp_client_greeting(struct smtp_client *c, struct err *e);
/* EHLO, then HELO where the server does not know it; LHLO. Learns what the server can. */
int smtp_client_hello(struct smtp_client *c, const char *my_name, struct err *e);
/* STARTTLS up to the OK; EX_PROTOCOL when it is not offered or anything came behind it. The handshake is the caller's. */
int smtp_client_starttls(struct smtp_client *c, struct err *e);
/* After the handshake: forgets what was said in the clear. */
void smtp_client_secured(struct smtp_client *c);
/* allow_plain: the wire is safe (TLS, loopback). EX_NOPERM when the server refuses; the error names mechanism and user. */
int smtp_client_auth(struct smtp_client *c, const struct sasl_credentials *cred, const char *wanted,
    bool allow_plain, struct err *e);
/* One transaction. Afterwards every recipient is settled. 0: the connection is good for the next one; -1: it is not, with the reason. */
int smtp_client_send(struct smtp_client *c, struct smtp_mail *m, struct err *e);
/* The same, and no answer is waited for: with PIPELINING and CHUNKING a small message goes out whole behind the ones that are under way. 1: it is; m and
 * its recipients stay until they are settled. 0: it cannot ride, nothing was written. -1: the connection is of no more use, everybody is settled. */
int smtp_client_start(struct smtp_client *c, struct smtp_mail *m, struct err *e);
/* Waits for the answers to the oldest one under way (in_flight says whether there is one) and settles it. -1: the connection is of no more use, and
 * all that were under way are settled: SMTP_UNKNOWN where the server may have got all of the message. */
int smtp_client_settle(struct smtp_client *c, struct err *e);
/* QUIT; what the server says to it matters no more. */
void smtp_client_quit(struct smtp_client *c);
bool smtp_client_can(const struct smtp_client *c, enum smtp_extension x);

/* The last reply, or an error of ours, as an answer: status from the code. */
void smtp_answer_reply(struct smtp_answer *a, enum smtp_phase phase, const struct smtp_reply *r);
void smtp_answer_err(struct smtp_answer *a, enum smtp_phase phase, const struct err *e);
/* Gives the answer to every recipient that is not settled. */
void smtp_settle_rest(struct smtp_rcpt *rcpts, size_t n, const struct smtp_answer *a);
/* RFC 3461 4: for ENVID and ORCPT. */
void smtp_xtext(struct buf *out, struct span text);

#endif
