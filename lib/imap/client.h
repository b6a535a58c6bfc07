/*
 * client.h - the client's side of an IMAP conversation: verbs that read like RFC 9051 (and 3501), over a stream that is connected.
 *
 *	struct imap_client c;
 *	imap_client_init(&c, &stream, 60000);
 *	imap_client_greeting(&c, must_tls, e);
 *	imap_client_starttls(&c, e); tls_start_client(&stream, ...);
 *	imap_client_sign_in(&c, &cred, "auto", secure, e);
 *	imap_client_select(&c, "INBOX", true, e);		// c.mailbox.uidvalidity ...
 *	imap_client_search(&c, "ALL", &uids, e);
 *	imap_client_fetch(&c, "1:*", "UID FLAGS BODY.PEEK[]", &handler, e);
 *	imap_client_logout(&c, e);
 *
 * timeout_ms is for a whole answer. Only what was asked for extends it: 64 KiB of a message, a message, an entry of a list; chatter does not, so
 * a server cannot keep us for ever.
 *
 * One command at a time, each with a random tag; a completion for anything else is a broken or hostile server (EX_PROTOCOL), and so is a greeting of
 * PREAUTH where TLS must come first, and anything that stands behind the OK to STARTTLS. What was learned before TLS is forgotten.
 *
 * To add an extension: a file with its verb (imap_client_command, then imap_client_finish) and the handler of the untagged response it brings; one line
 * in the table of untagged.c.
 *
 * Errors: NO is EX_UNAVAILABLE (EX_NOPERM while signing in, EX_TEMPFAIL with [UNAVAILABLE], [INUSE], [LIMIT]), BAD is EX_PROTOCOL, BYE EX_TEMPFAIL.
 */
#ifndef SURAT_IMAP_CLIENT_H
#define SURAT_IMAP_CLIENT_H

#include "base/strv.h"
#include "imap/lex.h"
#include "sasl/sasl.h"

struct imap_uids { /* what a SEARCH found, as it came */
	uint32_t *v;
	size_t n, cap;
};
void imap_uids_add(struct imap_uids *l, uint32_t uid);
/* Ascending, each once. */
void imap_uids_sort(struct imap_uids *l);
bool imap_uids_has(const struct imap_uids *sorted, uint32_t uid);
void imap_uids_release(struct imap_uids *l);

enum imap_flag {
	IMAP_SEEN = 1,
	IMAP_ANSWERED = 2,
	IMAP_FLAGGED = 4,
	IMAP_DELETED = 8,
	IMAP_DRAFT = 16
};

struct imap_mailbox {
	uint32_t uidvalidity, uidnext, exists;
	bool read_only;
};
struct imap_list_entry { /* one LIST response */
	char *name;      /* UTF-8 where it could be decoded */
	char separator;
	bool noselect;
	char use[16]; /* RFC 6154 special use: "Sent", "Trash"; "" */
};
struct imap_list {
	struct imap_list_entry *v;
	size_t n, cap;
};
void imap_list_release(struct imap_list *l);

/* One message of a FETCH. */
struct imap_message {
	uint32_t uid; /* 0: the server did not say */
	unsigned flags;
	bool has_flags, has_body;
	uint64_t size;          /* RFC822.SIZE, 0: not said */
	int64_t internaldate_s; /* 0: not said */
	struct buf header; /* of BODY[HEADER...], when no body sink was given: its first 64 KiB */
};
/* Where the messages of a FETCH go. body: a sink for the BODY[] that begins, or NULL to keep its beginning in memory (in header). message: the response is
 * complete; body_error is NULL or what the sink said. A negative result ends the conversation: what the server still sends is not read.
 * expected: how many were asked for; far more are an answer without end (EX_PROTOCOL). */
struct imap_fetch_handler {
	void *ctx;
	uint64_t expected;
	struct sink *(*body)(void *ctx, uint64_t size);
	int (*message)(
	    void *ctx, const struct imap_message *m, const struct err *body_error, struct err *e);
};

struct imap_status { /* what a tagged or untagged OK, NO, BAD, BYE said */
	char word[8];
	char code[64]; /* "TRYCREATE", "" */
	char text[400];
};
enum imap_secrecy { IMAP_WIRE_OPEN, IMAP_WIRE_SECRET };

struct imap_client {
	struct stream *stream;
	struct imap_lex lex;
	int64_t timeout_ms;
	char prefix[8], tag[24];
	unsigned counter;
	bool pending; /* a command is waiting for its completion */
	bool greeted, signed_in, bye, tls;
	bool refused;         /* the server did not take what we signed in with */
	struct buf challenge; /* text behind "+" */
	struct buf
	    code_args; /* of the last response code that has data for us: "38505 3955" of APPENDUID */
	struct strv capabilities;
	bool capabilities_known;
	struct imap_mailbox mailbox;
	struct imap_status status;
	enum imap_secrecy secrecy; /* for a trace: what we write now is secret */
	/* where untagged responses of the running command go; NULL: nowhere */
	struct imap_uids *search;
	struct imap_list *list;
	struct imap_counts *counts;
	const struct imap_fetch_handler *fetch;
	uint64_t fetched; /* responses to the running FETCH */
};

void imap_client_init(struct imap_client *c, struct stream *s, int64_t timeout_ms);
void imap_client_release(struct imap_client *c);

/* client.c */
int imap_client_greeting(struct imap_client *c, bool tls_required, struct err *e);
/* Asks unless it is known already. */
int imap_client_capability(struct imap_client *c, struct err *e);
bool imap_client_can(const struct imap_client *c, const char *capability);
/* The stream is ready for tls_start_client afterwards; then call imap_client_secured. */
int imap_client_starttls(struct imap_client *c, struct err *e);
void imap_client_secured(struct imap_client *c);
/* What was asked for is coming: the deadline moves. For handlers of untagged responses. */
void imap_client_progress(struct imap_client *c);
int imap_client_noop(struct imap_client *c, struct err *e);
int imap_client_logout(struct imap_client *c, struct err *e);

/* For verbs: tag and the formatted command, CRLF added. Strings of others pass imap_quote first. */
int imap_client_command(struct imap_client *c, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Sends, hands untagged responses to their handlers, until the completion. -1 for NO and BAD too. */
int imap_client_finish(struct imap_client *c, struct err *e);
/* One untagged response while a command is under way; anything else is EX_PROTOCOL. */
int imap_client_one_untagged(struct imap_client *c, struct err *e);
/* Like finish, but returns 1 when the server asks for more ("+"): c->challenge holds its text. */
int imap_client_finish_or_more(struct imap_client *c, struct err *e);
/* A quoted string. Control characters are EX_USAGE. */
int imap_quote(struct buf *out, struct span text, struct err *e);
/* A folder's name, UTF-8, as the server wants it, quoted. */
int imap_client_quote_name(
    const struct imap_client *c, struct buf *out, const char *utf8, struct err *e);
/* Reads `[CODE args] text` to the line's end into c->status, and acts on the codes that carry data. untagged.c */
int imap_client_read_status(struct imap_client *c, const char *word, struct err *e);
int imap_client_untagged(struct imap_client *c, const struct imap_token *first, struct err *e);

/* auth.c: the best mechanism of both sides; LOGIN only where AUTHENTICATE has none and the wire is secure. EX_NOPERM when refused. */
int imap_client_sign_in(struct imap_client *c, const struct sasl_credentials *cred,
    const char *wanted, bool secure, struct err *e);

/* mailbox.c: names are UTF-8 */
int imap_client_list(
    struct imap_client *c, const char *pattern, struct imap_list *out, struct err *e);
int imap_client_select(struct imap_client *c, const char *name, bool read_only, struct err *e);
struct imap_counts {
	uint64_t messages, unseen;
	uint32_t uidnext, uidvalidity;
};
int imap_client_status(
    struct imap_client *c, const char *name, struct imap_counts *out, struct err *e);
/* UID SEARCH; appends, then sorts. criteria: "ALL", "SINCE 1-Jan-2026", "DELETED"; text that is not ASCII as "{6+}" CRLF and the bytes. */
int imap_client_search(
    struct imap_client *c, const char *criteria, struct imap_uids *out, struct err *e);

/* fetch.c */
int imap_client_fetch(struct imap_client *c, const char *uid_set, const char *items,
    const struct imap_fetch_handler *h, struct err *e);

/* change.c: in the selected mailbox; uids sorted. */
/* operation: "+FLAGS.SILENT", "-FLAGS.SILENT", "FLAGS.SILENT"; flags: "\\Seen \\Flagged". */
int imap_client_store(struct imap_client *c, const struct imap_uids *uids, const char *operation,
    const char *flags, struct err *e);
/* "seen", "flagged", "replied", "draft", "deleted" and a keyword, appended as the server calls them. EX_USAGE. */
int imap_flag_by_name(struct buf *out, struct span word, struct err *e);
/* Marks \Deleted and expunges exactly these. Without UIDPLUS they are expunged only when nobody else's mark would go with them; else they stay
 * marked and *left_marked is set. */
int imap_client_delete(
    struct imap_client *c, const struct imap_uids *uids, bool *left_marked, struct err *e);
/* Where messages of this mailbox went, as COPYUID (RFC 4315) tells: pairs, as far as the server said. */
struct imap_moved {
	uint32_t uidvalidity;
	struct imap_uids from, to; /* same index; unsorted */
};
void imap_moved_release(struct imap_moved *m);
int imap_client_copy(struct imap_client *c, const struct imap_uids *uids, const char *to,
    struct imap_moved *moved, struct err *e);
/* MOVE (RFC 6851), else COPY and then delete. */
int imap_client_move(struct imap_client *c, const struct imap_uids *uids, const char *to,
    struct imap_moved *moved, bool *left_marked, struct err *e);
/* A message of exactly size bytes with CRLF lines. flags: "\\Seen" or ""; date_s 0: now. *uid 0 when the server does not tell. */
struct imap_append {
	const char *flags;
	int64_t date_s;
	uint64_t size;
	struct source *message;
};
int imap_client_append(struct imap_client *c, const char *mailbox, const struct imap_append *a,
    uint32_t *uidvalidity, uint32_t *uid, struct err *e);
/* "4:7,9", as many from *at on as fit; *at moves. False at the end. */
bool imap_uid_set(const struct imap_uids *sorted, size_t *at, size_t max_uids, struct buf *out);
/* The other way: "4:6,9" in the order it says, at most max. False when it is none or has more. */
bool imap_uid_set_parse(struct span text, size_t max, struct imap_uids *out);

/* idle.c: waits at most wait_ms until the selected mailbox has more than `before` messages (RFC 2177; asking every minute where the server has no
 * IDLE). before is what it had when somebody looked last, so that what came in between counts. 1: it has more, 0: the time is over, or a signal
 * came. */
int imap_client_wait(struct imap_client *c, uint32_t before, int64_t wait_ms, struct err *e);

/* utf7.c: RFC 3501 5.1.3 */
void imap_utf7_encode(struct buf *out, struct span utf8);
/* What is not well-formed is copied as it is. */
void imap_utf7_decode(struct buf *out, struct span name);

#endif
