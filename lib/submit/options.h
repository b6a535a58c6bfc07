/*
 * options.h - the envelope and the route as options: mail-send's, shared with mail-queue add.
 *
 *	struct opts { struct submit_options submit; struct cli_network net; struct cli_common common; ... };
 *	static const struct cli_group groups[] = {..., submit_envelope_group(offsetof(struct opts, submit)), submit_route_group(...),
 *	    cli_secrets_group(offsetof(struct opts, submit.secrets)), ...};
 *	...
 *	account_load(&account, &program, &opts, &opts.common, opts.submit.sender, e);
 *	submit_envelope(&opts.submit, &account, &envelope, e);			// sender, DSN, times
 *	submit_settle(&context, &envelope.route, &guessed, e);			// where it goes
 *
 * The route, first found: --server or --mx, the account's server, $SURAT_SERVER, a server on loopback:25 (guessed: to be said), else EX_CONFIG.
 * Never MX by guess.
 */
#ifndef SURAT_SUBMIT_OPTIONS_H
#define SURAT_SUBMIT_OPTIONS_H

#include "account/account.h"
#include "queue/queue.h"
#include "submit/recipients.h"

struct submit_options {
	char *sender;
	bool read_recipients;
	char *dsn_notify, *dsn_ret, *envid, *hold_until, *deliver_by, *priority;
	int smtputf8;      /* enum submit_utf8 */
	char *server, *mx; /* mx "": by MX */
	int tls;           /* enum submit_tls */
	struct strv fingerprints;
	bool require_tls;
	char *helo;
	struct cli_secrets secrets;
};
enum submit_utf8 { SUBMIT_UTF8_AUTO, SUBMIT_UTF8_ALWAYS, SUBMIT_UTF8_NEVER };
enum submit_tls {        /* Postfix's words */
	SUBMIT_TLS_AUTO, /* MX: DANE, else may; a server: verify, on loopback may */
	SUBMIT_TLS_NONE,
	SUBMIT_TLS_MAY,
	SUBMIT_TLS_ENCRYPT,
	SUBMIT_TLS_FINGERPRINT,
	SUBMIT_TLS_VERIFY,
	SUBMIT_TLS_DANE,
	SUBMIT_TLS_DANE_ONLY,
};
struct cli_group submit_envelope_group(size_t offset);
struct cli_group submit_route_group(size_t offset);
void submit_options_release(struct submit_options *o);
/* The level a word of --tls names. */
bool submit_tls_by_name(const char *word, enum submit_tls *out);

/* Everything but the recipients and the route: sender, envid, ret, hold_until_s, checked. EX_USAGE, EX_DATAERR, EX_CONFIG without a sender. */
int submit_envelope(const struct submit_options *o, const struct account *a,
    struct queue_envelope *out, struct err *e);
/* One more recipient of it, with the options' NOTIFY and its ORCPT where a notification is asked for. */
void submit_envelope_add(
    const struct submit_options *o, struct queue_envelope *env, const char *address);

struct submit_context { /* a program's options, as they were parsed */
	const struct submit_options *options;
	const struct account *account;
	const struct cli_program *program;
	const struct cli_common *common;
	const void *opts;
};
/* The route as it is stored with a queued message: options of the network and of signing in that the command line gave go along in route.options
 * (JSON, files by their absolute names), those of the configuration are read again when it is used. *guessed: nobody named a server. */
int submit_settle(
    const struct submit_context *c, struct queue_route *out, bool *guessed, struct err *e);
void submit_route_release(struct queue_route *r);

#endif
