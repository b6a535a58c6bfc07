/*
 * session.h - from a host to a conversation that is ready for MAIL: connected, greeted, secured as demanded, signed in.
 *
 *	struct submit_session s;
 *	if (submit_session_open(&s, &target, &link, SUBMIT_STOP_NEVER, e) < 0) ...
 *	smtp_client_send(&s.client, &mail, e);
 *	submit_session_close(&s);
 *
 * Each of the host's addresses is tried until one gets that far; a refused sign-in and a broken certificate are the host's, not an address's.
 * Errors begin with "host[address]:port: "; EX_PROTOCOL where security is not what was demanded.
 */
#ifndef SURAT_SUBMIT_SESSION_H
#define SURAT_SUBMIT_SESSION_H

#include "net/addr.h"
#include "net/tls.h"
#include "smtp/client.h"
#include "submit/options.h"

struct submit_link { /* what holds for all connections of a run */
	int64_t timeout_ms, final_timeout_ms;
	int64_t deadline_ms; /* clock_mono_ms, 0: none */
	int family;          /* AF_UNSPEC, AF_INET, AF_INET6 */
	const struct net_addr *bind;
	const char *ca_file, *cert_file, *key_file;
	struct tls_sessions *sessions; /* to be taken up again, or NULL */
	const struct strv *connects;   /* HOST=ADDR:PORT */
	const char *helo;              /* NULL: this machine's name, else its address */
	void (*trace)(void *ctx, bool ours, struct span line);
	void *trace_ctx;
};

struct submit_target { /* one host */
	enum smtp_protocol protocol;
	const char *host; /* or NULL: socket */
	const char *socket;
	unsigned port;
	const struct net_addrs *addresses; /* NULL: to be looked up */
	bool implicit_tls;
	enum submit_tls tls; /* not AUTO, not DANE_ONLY: settled */
	bool sts;            /* VERIFY because an MTA-STS policy says so */
	const struct tls_pin *pins;
	size_t pin_count;
	const char *names[8]; /* as in struct tls_options */
	const char *const *fingerprints;
	const char *user, *password; /* NULL: no sign-in */
	const char *auth;            /* "auto", "off", a mechanism */
	/* Another token, when the server did not take this one: 1 and *out (kept by who gave it), 0 there is no other, -1. Or NULL. */
	int (*renew)(void *ctx, const char *refused, const char **out, struct err *e);
	void *renew_ctx;
};

enum submit_stop {
	SUBMIT_STOP_NEVER,
	SUBMIT_STOP_CONNECT,
	SUBMIT_STOP_EHLO,
	SUBMIT_STOP_TLS,
	SUBMIT_STOP_AUTH,
	SUBMIT_STOP_RCPT,
};

struct submit_times { /* of a session's beginning, in ms; -1: it did not come to that */
	int64_t connect, greeting, hello, tls, auth;
};

struct submit_session {
	const struct submit_target *target;
	const struct submit_link *link;
	struct stream stream;
	struct smtp_client client;
	struct tls_info tls; /* version "" without TLS */
	bool signed_in;
	bool open, local; /* local: loopback or a socket, where nobody listens */
	bool civil;       /* what went wrong is no fault of the conversation */
	char ip[64];      /* "" for a socket */
	char my_ip[64];   /* our side of it */
	unsigned port;
	unsigned mails; /* transactions begun */
	struct submit_times times;
	struct smtp_answer failure; /* why it could not be opened, without host and address */
	struct buf heard;           /* trace: the start of a line of theirs */
	uint64_t octets;            /* trace: of a message, not yet told */
	bool mechanism_shown;       /* trace: the rest of that line is secret */
};
/* 0; 1: it went as far as `stop` and was closed again; -1. */
int submit_session_open(struct submit_session *s, const struct submit_target *t,
    const struct submit_link *link, enum submit_stop stop, struct err *e);
/* Nothing unasked came and the server has not hung up: it may be used once more. */
bool submit_session_alive(struct submit_session *s);
/* It had as many messages as the server takes on one connection (RFC 9422 4.1). */
bool submit_session_is_full(const struct submit_session *s);
/* With QUIT. Does nothing when it is not open. */
void submit_session_close(struct submit_session *s);
/* Without a word. */
void submit_session_drop(struct submit_session *s);

/* session_trace.c: put under the stream when link->trace is set. */
void submit_session_trace(void *ctx, bool ours, struct span bytes);

#endif
