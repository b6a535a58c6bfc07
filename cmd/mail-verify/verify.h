/*
 * verify.h - mail-verify: options (main.c), messages in (message.c), what was found as one kind of record (record.c), and how it is shown (show.c).
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

struct verify_options {
	struct cli_common common;
	struct cli_network network;
	const struct cli_program *program;
	bool spf, spf_only, dkim, all, explain, mbox, add_header;
	char *client_ip, *helo, *sender, *authserv_id;
	int64_t dkim_min_bits;
	bool dkim_allow_sha1;
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
	struct report *report;
	bool bad, later;
};
struct verify_message {
	const char *name;    /* as it was named; NULL: standard input */
	uint64_t index;      /* from 1 in a stream, else 0 */
	struct spool *spool; /* all of it, where verify_wants_spool says so; else NULL */
	struct auth_check auth;
	struct verify_records records;
};
/* Does any check, or the output, need the message a second time? */
bool verify_wants_spool(const struct verify_options *o);
/* All operands, or standard input. */
int verify_messages(
    struct verify *v, const struct account *account, const struct strv *operands, struct err *e);

/* A line or an object for each record of a message. */
int verify_show(struct verify *v, const struct verify_message *m, struct err *e);
struct report *verify_report(const struct verify_options *o);

#endif
