/*
 * send.h - what the files of mail-send share.
 */
#ifndef MAIL_SEND_SEND_H
#define MAIL_SEND_SEND_H

#include "auth/signers.h"
#include "cli/trace.h"
#include "submit/report.h"
#include "submit/submit.h"

struct send_options {
	struct submit_options submit;
	struct cli_network network;
	struct cli_common common;
	bool mbox, no_keep, dry_run, verify, plan, report, batch;
	int stop_after; /* enum submit_stop */
	char *tlsrpt;   /* whose report */
	char *queue;    /* NULL no, "" what is deferred, "always" all */
	char *spool;
	struct strv dkim, selectors, dkim_keys; /* as mail-sign has them */
	/* sendmail's letters */
	bool dot;
	struct strv ignored;
	char *mode, *full_name, *aliases;
	bool smtp; /* -bs */
	/* called so: -t adds to the recipients given; From, Date and Message-ID are added where they are missing */
	bool sendmail;
	const struct cli_program *program;
	int argc; /* as called: each job of a batch is parsed on top of it */
	char **argv;
};

struct send { /* one run */
	struct send_options *o;
	struct account account;
	struct cli_trace *trace;
	struct queue_envelope env; /* the route, the sender; recipients of the message at hand */
	struct submit submit;
	bool open; /* submit is */
	struct report *report;
	struct dkim_signers signers;
	struct buf aliases;
	bool know_locals; /* names without a domain mean something */
	int alias_depth;
	int64_t progress_ms; /* when it was shown last */
	uint64_t progress_size;
	bool progress_shown;
	unsigned index; /* of the message in the stream, 0: it is one */
	int code;       /* exit code so far */
};

/* What holds for the whole run: account, envelope, route. */
int send_begin(struct send *s, struct send_options *o, struct err *e);
void send_end(struct send *s);
void send_settings(struct send *s, struct submit_settings *out);

/* message.c: the message on standard input, or each of a stream. Returns the exit code. */
int send_messages(struct send *s, const struct strv *operands, struct err *e);
/* ask.c: --verify, --plan. */
int send_verify(struct send *s, const struct strv *operands, struct err *e);
int send_plan(struct send *s, const struct strv *operands, struct err *e);
int send_tlsrpt(struct send_options *o, struct err *e);
/* batch.c */
int send_batch(struct send_options *o, struct err *e);
/* sendmail.c: sendmail, mailq, newaliases. Its letters become our options; what is mail-queue's is handed to mail-queue. The exit code. */
bool send_is_sendmail(const char *argv0);
int send_as_sendmail(const struct cli_program *p, struct send_options *o, int argc, char **argv);
/* "root" as an address of this machine; NULL: the user's. malloc'ed. */
char *send_local_address(const char *name);
/* What an MTA's front door adds: From, Date, Message-ID, and a domain to names that have none; into m->front. */
void send_complete(const struct send *s, const char *sender, struct submit_message *m);
/* sign.c: the keys; a signature of each in front of a message that is ready, which then is ready again. */
int send_sign_read(struct send *s, struct err *e);
int send_sign(struct send *s, struct submit_message *m, struct err *e);
/* aliases.c: the file, where there is one; who is meant by a name without a domain */
int send_aliases_read(struct send *s, struct err *e);
void send_know_locals(struct send *s, struct submit_recipients *to);
/* smtp.c: -bs */
int send_smtp(struct send *s, struct err *e);
int send_run(void *opts, struct cli_args *args, struct err *e);

/* tell.c: lines on standard error, for people. */
void send_tell(struct send *s, const struct submit_result *results, const char *queued_as);
/* While a large message is on its way, on a terminal. */
bool send_shows_progress(const struct send *s, const struct submit_message *m);
void send_progress(void *ctx, uint64_t octets); /* ctx: a struct send */
void send_progress_end(struct send *s);
/* 75 over 69 over the first that was not 0. */
void send_note_code(struct send *s, int code);

#endif
