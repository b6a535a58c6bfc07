/*
 * deliver.h - what the files of mail-deliver share.
 */
#ifndef SURAT_CMD_DELIVER_H
#define SURAT_CMD_DELIVER_H

#include "account/account.h"
#include "deliver/deliver.h"
#include "deliver/local.h"
#include "deliver/scan.h"
#include "deliver/verify.h"
#include "report/report.h"

struct deliver_program {
	struct cli_common common;
	struct cli_network network; /* for mail-verify */
	char *sender, *recipient, *client_ip, *helo;
	char *domains, *map, *listen, *cert, *key;
	char *authserv_id, *quarantine;
	struct scan_settings scan_settings;
	bool mbox, receipt, dry_run, lmtp, smtp, verify, reject_on_dmarc;
	int64_t max_size, quota, timeout_s, connections;

	/* settled by run() */
	const struct cli_program *program;
	struct account account;
	struct deliver_options options;
	struct deliver_verify verifier;
	bool scans;
	struct scan scan;
	struct deliver_scan scanner;
	struct deliver_local local;
	char *mailbox; /* the one without a map */
	const char *mailbox_rule;
};

/* Standard input's message, or with --mbox messages. The exit code, or -1. */
int deliver_stdin(struct deliver_program *p, struct err *e);
/* One session on standard input and output, or with --listen a server. */
int deliver_serve(struct deliver_program *p, struct err *e);

/* One line or object for each message: what was done with it, or with --dry-run would be. */
struct report *show_new(const struct deliver_program *p);
int show_receipt(struct report *r, const struct deliver_to *to,
    const struct deliver_receipt *receipt, struct err *e);
int show_decision(struct report *r, const struct deliver_to *to, uint64_t bytes, struct err *e);

#endif
