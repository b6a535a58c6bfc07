/*
 * scan.h - what --scan means: our own checks, a scanner beside them, limits and policy, from the options and the configuration, for whoever looks at messages.
 *
 *	struct scan s;
 *	scan_init(&s, &settings, has_quarantine, e);	// settings.scan = "archives,clamd:/run/clamav/clamd.ctl"
 *	scan_message(&s, &input, &result, e);		// as often as wanted: one connection serves all
 *	scan_release(&s);
 */
#ifndef SURAT_SCAN_SCAN_H
#define SURAT_SCAN_SCAN_H

#include "clamd/clamd.h"
#include "cli/cli.h"
#include "inspect/message.h"
#include "io/spool.h"

/* As the options say it: NULL where they do not. */
struct scan_settings {
	char *scan, *policy, *limits;
};
/* --scan, --scan-policy, --scan-limits, of a struct scan_settings at this offset. */
struct cli_group scan_group(size_t offset);

struct scan_clamd {
	struct inspect_scanner scanner;
	struct sink sink;
	struct clamd clamd;
};
struct scan {
	bool own, has_clamd;
	struct inspect_limits limits;
	struct inspect_policy policy;
	struct scan_clamd clamd;
};
/* EX_USAGE names the option that is wrong: what is no check, no limit, no rule, and a quarantine that is asked for where there is none. */
int scan_init(
    struct scan *s, const struct scan_settings *settings, bool has_quarantine, struct err *e);
void scan_release(struct scan *s);
int scan_message(
    struct scan *s, struct inspect_input *in, struct inspect_result *result, struct err *e);
/* "archives, clamd" */
const char *scan_names(const struct scan *s);

/* Messages that can be read again: in a spool, or a range of a file. */
struct scan_input {
	struct inspect_input input;
	const struct spool *spool;
	struct source_spool from_spool;
	int fd;
	int64_t offset, len;
	struct source_range from_file;
};
void scan_input_spool(struct scan_input *in, const struct spool *spool);
void scan_input_file(struct scan_input *in, int fd, int64_t offset, int64_t len);

#endif
