/*
 * fetch.h - what is new on a POP3 or IMAP server, into a mailbox, exactly once.
 *
 *	struct fetch_server sv;
 *	fetch_server_parse(&sv, span_of("imaps://ana@mail.example.org/INBOX"), NULL, e);
 *	fetch_connect(&session, &sv, &link, e);
 *	fetch_get(&session, "INBOX", &job, &result, e);
 *	fetch_disconnect(&session);
 *
 * How a message is taken: spooled and digested; an intent (uid, digest, size) committed to the state; delivered, durable; recorded as done together with
 * the next intents; deleted on the server, where that was asked for, only when the record of it is committed. Into a Maildir this happens to up to a
 * hundred messages, or half a second's, at once.
 *
 * What a kill can do: between delivery and record the intents are still open; the next run fetches these messages again, finds their bytes in the mailbox
 * under names that no record has, and only records them. One is doubled only when somebody moved it out of the mailbox in between. None is lost.
 *
 * A new UIDVALIDITY never refetches blindly: messages are recognised by Message-ID, size and internal date, what remains by its digest. POP3 goes by UIDL;
 * a server without it by the digest of the header (TOP) and the size, without that by the digest of the message; among equals by their order.
 *
 * One message that the server refuses to give, or the deliverer to take, does not stop the others: it is counted, told, and tried again next time. With a
 * deliverer (LMTP) the mailbox cannot be looked into: a kill between its acknowledgement and our record makes that one message come twice.
 */
#ifndef SURAT_FETCH_FETCH_H
#define SURAT_FETCH_FETCH_H

#include "cli/cli.h"
#include "imap/client.h"
#include "net/tls.h"
#include "pop3/client.h"
#include "state/state.h"
#include "store/store.h"

struct fetch_server {
	bool pop3, implicit_tls, loopback;
	char *user, *host, *folder; /* user, folder may be NULL */
	char *socket;               /* instead of host and port */
	unsigned port;
	char *key; /* names it in the state: "imap://ana@mail.example.org" */
};
/* imap[s]://, pop3[s]://; user, when not NULL, wins over the URL's. EX_USAGE. */
int fetch_server_parse(struct fetch_server *sv, struct span url, const char *user, struct err *e);
void fetch_server_release(struct fetch_server *sv);

enum fetch_tls {
	FETCH_TLS_AUTO, /* verify; may on loopback */
	FETCH_TLS_NONE,
	FETCH_TLS_MAY,         /* when it is offered, any certificate */
	FETCH_TLS_ENCRYPT,     /* required, any certificate */
	FETCH_TLS_FINGERPRINT, /* required, one of link.fingerprints */
	FETCH_TLS_VERIFY,      /* required, chain and name */
	FETCH_TLS_DANE,        /* TLSA records decide where DNSSEC has them, else as verify */
	FETCH_TLS_DANE_ONLY,   /* nothing else will do */
};
struct fetch_link {
	enum fetch_tls tls;
	const char *const *fingerprints;
	const char *auth; /* "auto", a mechanism, "off" */
	const char *password;
	bool is_token;
	/* Another token, when the server did not take this one: 1 and *out (whoever gave it keeps it), 0 there is no other, -1. Or NULL. */
	int (*renew)(void *ctx, const char *refused, const char **out, struct err *e);
	void *renew_ctx;
	int64_t timeout_ms;
	int64_t deadline_ms; /* clock_mono_ms: everything ends then; 0: none */
	const struct net_addr *bind;
	const struct cli_network *network; /* how names are looked up; --connect; certificates */
	void (*trace)(void *ctx, bool ours, struct span line);
	void *trace_ctx;
};
struct fetch_trace;
struct route_plan;
struct fetch_session {
	const struct fetch_server *server;
	const struct fetch_link *link;
	struct stream stream;
	struct imap_client imap;
	struct pop3_client pop3;
	struct tls_info tls;
	struct fetch_trace *trace;
	struct route_plan *plan; /* where DNSSEC had a part in it */
	bool open, secure;
};
/* Connected, TLS as demanded, signed in. On failure nothing is left open. */
int fetch_connect(struct fetch_session *s, const struct fetch_server *sv,
    const struct fetch_link *link, struct err *e);
/* Says goodbye (POP3: this commits deletions, hence the result) and closes. */
int fetch_disconnect(struct fetch_session *s, struct err *e);
/* Closes without a word: after a failure. */
void fetch_abort(struct fetch_session *s);

/* One message, for whoever delivers it in our place. 0: it is safe there; 1: this one was refused, with why, the others go on; -1. */
struct fetch_parcel {
	struct source *message; /* LF lines */
	uint64_t size;
	struct span header; /* its beginning, up to 256 KiB */
	bool eight_bit;     /* it has bytes that are not ASCII */
	int64_t received_s; /* 0: not known */
};
typedef int fetch_deliver_fn(void *ctx, const struct fetch_parcel *p, struct err *e);

struct fetch_note { /* one message that was taken, for a line to a person */
	const char *uid, *name;
	uint64_t bytes;
	bool known; /* it was in the mailbox already */
};
struct fetch_job {
	struct state *state;
	/* One of three: a mailbox; mboxrd into `out`, nothing recorded, nothing deleted; deliver. */
	struct store *store;
	struct sink *out;
	fetch_deliver_fn *deliver;
	void *deliver_ctx;
	int64_t delete_after_s; /* <0: keep; 0: delete; else only what was fetched so long ago */
	int64_t since_s;        /* 0: all */
	int64_t limit;          /* 0: all */
	int64_t deadline_ms;    /* clock_mono_ms; 0: none */
	bool look_only;         /* only count what is new; neither store nor out is needed */
	void *ctx;
	void (*note)(void *ctx, const struct fetch_note *n);
	void (*warn)(void *ctx, const char *text);
};
struct fetch_result {
	uint64_t fetched, bytes, known, deleted;
	uint64_t
	    failed; /* messages that could not be had or were not taken; each was told through warn */
	int code;   /* the worst reason of these, a sysexits value */
	uint64_t fresh; /* with look_only: how many would be fetched */
	uint64_t there; /* how many are on the server */
	uint32_t seen;  /* IMAP: how many the folder had when we looked for new ones */
};
/* folder NULL: the server's, or INBOX. POP3 has only INBOX. */
int fetch_get(struct fetch_session *s, const char *folder, const struct fetch_job *job,
    struct fetch_result *result, struct err *e);

/* Whole messages, to be read (IMAP only; nothing is recorded, no flag changes): each is called with its bytes, LF lines. *missing: how many are
 * not there any more. */
struct spool;
int fetch_read(struct fetch_session *s, const struct imap_uids *uids,
    int (*each)(void *ctx, const struct spool *message, int64_t date_s, struct err *e), void *ctx,
    uint64_t *missing, struct err *e);

#endif
