/*
 * verify.h - mail-verify: options (main.c), messages in (message.c), many of them (box.c), what was found as one kind of record (record.c), and how it is shown (show.c).
 *
 * Each kind of check is a file of its own: it looks at a message that is whole (verify_message.spool, where it asked for it) and adds records.
 */
#ifndef SURAT_CMD_MAIL_VERIFY_VERIFY_H
#define SURAT_CMD_MAIL_VERIFY_VERIFY_H

#include "account/account.h"
#include "auth/auth.h"
#include "cli/cli.h"
#include "io/spool.h"
#include "report/report.h"
#include "scan/scan.h"
#include "secure/look.h"

struct secure_options {
	bool smime, pgp, allow_unauthenticated, learn;
	char *decrypt; /* NULL: no; "": the whole message; else a part's number */
	char *cert, *key, *passphrase_command, *certs, *ca_file;
	struct strv chain, crls;
};
struct verify_options {
	struct cli_common common;
	struct cli_network network;
	struct scan_settings scan;
	const struct cli_program *program;
	bool all, spf, spf_only, dkim, dmarc, arc, explain, mbox, add_header;
	char *client_ip, *helo, *sender, *authserv_id;
	int64_t dkim_min_bits;
	bool dkim_allow_sha1;
	struct secure_options secure;
};

/* What one check says. result: RFC 8601's words for authentication, each check's own else. */
struct verify_record {
	const char *method; /* "dkim", "scan"... */
	char *result;
	char *domain, *selector, *reason; /* or NULL */
	char *part;                   /* of the message, as mail-read parts numbers them, or NULL */
	json_t *properties, *details; /* JSON only, or NULL */
	struct strv steps;            /* for --explain */
	bool bad, later;              /* exit 1; exit 75, where nothing is bad */
};
struct verify_records {
	struct verify_record *v;
	size_t n;
};
/* Copies; the others are the caller's to set. Valid until the next one. */
struct verify_record *verify_add(
    struct verify_records *all, const char *method, const char *result);
/* Those of the methods of authentication. */
void verify_add_auth(struct verify_records *all, const struct auth_results *found);
void verify_records_release(struct verify_records *all);

struct verify {
	const struct verify_options *o;
	struct dns *dns;
	struct auth_ask *ask;
	struct auth_options auth;
	struct scan scan;
	bool scans; /* it is open */
	struct report *report;
	struct sink *out;           /* standard output, where messages are passed on */
	char authserv_id[256];      /* ours */
	bool bad, later, several;   /* several: messages */
	size_t screens;             /* for a person, so far */
	struct trust trust;         /* of S/MIME */
	struct smime_identity mine; /* who decrypts */
	char *certs;                /* where certificates are kept */
};
struct verify_message {
	const char *name;    /* as it was named; NULL: standard input */
	uint64_t index;      /* from 1 in a stream, else 0 */
	struct spool *spool; /* all of it, where verify_wants_spool says so; else NULL */
	struct scan_input
	    again; /* the same once more, where it is scanned: from the spool, or from its file */
	bool has_file;
	struct spool kept; /* what spool points to */
	struct auth_check auth;
	struct verify_records records;
	struct buf fields; /* header fields that --add-header puts in front, each with LF */
};
/* The whole message, once; its questions to the DNS are out then, and nobody has waited for an answer. m has its name, index and file, else zeros; it does
 * not move any more, and is released also behind a failure. */
int verify_read(struct verify *v, struct verify_message *m, struct source *in, struct err *e);
/* All checks, and what shows it or, with --add-header, passes it on. */
int verify_judge(struct verify *v, struct verify_message *m, struct sink *out, struct err *e);
void verify_message_release(const struct verify *v, struct verify_message *m);
/* box.c: --mbox */
int verify_box(struct verify *v, struct source *in, const char *name, struct err *e);
/* --spf-only */
int verify_client(struct verify *v, struct err *e);
/* --add-header: the message with what was found in front, and without what claims to be ours. */
int verify_pass_on(
    struct verify *v, const struct verify_message *m, struct sink *out, struct err *e);
/* Does any check, or the output, need the message a second time? */
bool verify_wants_spool(const struct verify_options *o);
/* Are signatures and encryption asked for; are the checks of authentication? */
bool verify_wants_secure(const struct verify_options *o);
bool verify_wants_auth(const struct verify_options *o);
/* Is the output a screen for a person, who wants to see the header's fields too? */
bool verify_for_person(const struct verify_options *o);

/* scan.c: what is in the message. */
bool verify_scans(const struct verify_options *o);
int verify_scan_open(struct verify *v, struct err *e);
void verify_scan_close(struct verify *v);
int verify_scan(struct verify *v, struct verify_message *m, struct err *e);

/* All operands, or standard input. */
int verify_messages(
    struct verify *v, const struct account *account, const struct strv *operands, struct err *e);

/* secure.c: S/MIME, OpenPGP, what covers which part; decrypted messages. */
struct cli_group secure_group(size_t offset);
bool secure_named(const struct secure_options *o); /* is any of it asked for by name? */
int secure_open(struct verify *v, struct err *e);
void secure_close(struct verify *v);
/* Adds records. With --decrypt the message is on standard output then, or why it cannot be is in e: EX_NOPERM no key of ours, EX_PROTOCOL changed,
 * EX_DATAERR broken, or among parts that are not encrypted. */
int secure_check(struct verify *v, struct verify_message *m, struct err *e);

/* A line or an object for each record of a message. */
int verify_show(struct verify *v, const struct verify_message *m, struct err *e);
/* One screen for a person, whatever was looked at. */
void verify_person(const struct verify *v, const struct verify_message *m);
struct report *verify_report(const struct verify_options *o, bool several);

#endif
