/*
 * submit.h - a message to its recipients: by a named server or by each recipient's mail exchangers, each recipient settled by itself.
 *
 *	struct submit s;
 *	submit_open(&s, &settings, e);
 *	struct submit_job job = {.env = &env, .message = &message, .results = results};
 *	submit_deliver(&s, &job);		// settles every recipient of env
 *	submit_release(&s);
 *
 * A connection is used again for the next job to the same host. By MX: every host in the plan's order, every address of it; a 5xx to MAIL or RCPT
 * is final, a 4xx and a host that cannot be reached go to the next host (RFC 5321 5.1).
 */
#ifndef SURAT_SUBMIT_SUBMIT_H
#define SURAT_SUBMIT_SUBMIT_H

#include "submit/message.h"
#include "submit/planner.h"
#include "submit/server.h"
#include "submit/session.h"

struct submit_settings {
	const struct queue_route *route; /* outlives the submit */
	const struct account *account;
	const struct cli_secrets *secrets;
	const struct cli_network *network;
	const struct strv *fingerprints;
	const char *config; /* --config FILE, for mail-mx */
	int64_t final_timeout_ms;
	int64_t deadline_ms; /* clock_mono_ms, 0: none */
	bool ask_no_secret;  /* nobody will be connected to */
	void (*trace)(void *ctx, bool ours, struct span line);
	void *trace_ctx;
};

struct submit_via { /* the host that answered, or did not */
	struct submit_via *next;
	char *host;
	char ip[64];
	unsigned port;
	char tls[96];      /* "TLSv1.3 TLS_AES_256_GCM_SHA384", "" without */
	char security[32]; /* "dane", "sts", "verified", "fingerprint", "encrypted", "none" */
	char evidence
	    [160];    /* what that rests on: the TLSA record, the policy; "" where there is none */
	bool dsn;     /* it takes notification requests */
	bool resumed; /* TLS went on with a session of before */
	struct submit_times times;
};
struct submit_result {
	struct smtp_answer answer;
	const struct submit_via *via; /* NULL: it never came to a host */
	char queue_id[64];            /* the server's, where its answer names one */
	int64_t ms;                   /* since submit_deliver began */
	int64_t transaction_ms;       /* from MAIL to the last answer */
};
struct submit_job {
	const struct queue_envelope *env;
	const struct submit_message *message; /* NULL: only ask whether the recipients are known */
	struct submit_result *results;        /* env->recipient_count of them */
	bool ask;              /* with a message too: everything up to it, then RSET */
	enum submit_stop stop; /* results are SMTP_SENT with the phase reached */
	int (*sending)(void *ctx, struct err *e);     /* before a message's last octets; or NULL */
	void (*settled)(void *ctx, size_t recipient); /* or NULL */
	void (*progress)(void *ctx, uint64_t octets); /* or NULL */
	void *ctx;
};

struct submit {
	struct submit_settings settings;
	struct submit_link link;
	struct net_addr bind;
	enum submit_tls tls; /* as wanted */
	enum submit_utf8 utf8;
	struct submit_server server; /* without MX */
	struct submit_target target; /* of the server, or of the session's host */
	char *password;
	const char *user;
	struct tls_pin *pins; /* of the target */
	struct submit_planner planner;
	struct submit_session session;
	struct submit_via *vias;
	struct submit_via *via; /* of the session */
	/* tlsrpt.c: whose host is at hand, NULL where it is not by MX; lines to be kept */
	const struct route_plan *plan;
	const struct route_host *plan_host;
	struct buf tlsrpt;
	/* ride.c */
	struct submit_ride *rides; /* under way, oldest first */
	size_t ride_count;
	bool no_rides;     /* a connection was lost with some under way */
	char *ride_domain; /* whose connection is open; "": anybody's; NULL: nobody's */
};
/* Parses the route; asks for the password where one is needed, before anybody is connected to. EX_USAGE, EX_CONFIG, EX_NOPERM. */
int submit_open(struct submit *s, const struct submit_settings *settings, struct err *e);
void submit_release(struct submit *s);
void submit_deliver(struct submit *s, struct submit_job *job);

/* Many jobs over one connection, without waiting for the answers in between:
 *
 *	if (submit_ride_begin(&s, &job)) -> it is under way: env and results stay, the message may go
 *	else { while (s.rides) submit_ride_end(&s, &again); submit_deliver(&s, &job); }
 *
 * A job rides where a connection to its host is open, the server has PIPELINING and CHUNKING, and it is small; its recipients are then told to
 * job->settled by submit_ride_end only. At most SUBMIT_RIDES_MAX should be under way: all
 * of them are unknown when the connection is lost. After that none rides any more in this run. */
enum { SUBMIT_RIDES_MAX = 8 };
bool submit_ride_begin(struct submit *s, struct submit_job *job);
/* Waits for the answers to the oldest job under way and returns it. *again: some of its recipients have no final answer and may go another way: once
 * nothing is under way any more, submit_deliver_rest does that (with job->message there again). */
struct submit_job *submit_ride_end(struct submit *s, bool *again);
void submit_deliver_rest(struct submit *s, struct submit_job *job);

/* What a script is told: 0, 69, 75; a single recipient, and a failure that all share before a recipient was named, by their own code. */
int submit_exit_code(const struct submit_result *results, size_t n);
/* "mx1.example.org[192.0.2.1]:25: RCPT TO <bob@example.org>: 550 5.1.1 no such user"; address NULL: of several */
void submit_explain(const struct submit_result *r, const char *address, struct buf *out);

#endif
