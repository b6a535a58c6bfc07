/*
 * scan.h - a message looked at for malware before it is delivered: marked, put into quarantine, put off or refused, as the policy says.
 *
 *	struct deliver_scan s = {.scan = &scan, .quarantine = "maildir:/var/quarantine"};
 *	r = deliver_scan(&s, &source, &scanned, e);	// scanned.spool: the message as it is to be delivered
 *
 * X-Virus-Scanned and X-Virus-Status stand in front then, and those that came with it are gone. EX_UNAVAILABLE, 550 5.7.1: the policy refuses it. EX_TEMPFAIL, 451
 * 4.7.1: the policy puts it off (the scanner is not there). No letter is lost: whoever sent it has it still, or it is in the quarantine.
 */
#ifndef SURAT_DELIVER_SCAN_H
#define SURAT_DELIVER_SCAN_H

#include "io/spool.h"
#include "scan/scan.h"

struct deliver_scan {
	struct scan *scan;
	const char *quarantine; /* a mailbox, or NULL */
};
struct deliver_scanned {
	struct spool spool;
	bool quarantined; /* it goes there, whoever it is for */
	char rule[300];   /* why; "" */
};
/* Initialises `out`, whose spool is the caller's to release, also on failure. */
int deliver_scan(
    struct deliver_scan *s, struct source *message, struct deliver_scanned *out, struct err *e);

#endif
