/*
 * lmtp.h - fetched messages handed to a command that speaks LMTP on its stdin and stdout, as `mail-deliver --lmtp` does: one acknowledgement a
 * message.
 *
 *	struct fetch_lmtp *l;
 *	fetch_lmtp_open(&l, "mail-deliver --lmtp", "ana@example.org", 60000, e);
 *	job.deliver = fetch_lmtp_deliver, job.deliver_ctx = l;
 *	...
 *	fetch_lmtp_close(l, e);
 *
 * The sender is the message's Return-Path, where it has one that an envelope can carry, else the null one. SMTP cannot carry NUL and stray CRs, and no
 * message shall stay behind for that: NULs are dropped, a stray CR ends its line.
 */
#ifndef SURAT_FETCH_LMTP_H
#define SURAT_FETCH_LMTP_H

#include "fetch/fetch.h"

struct fetch_lmtp;
/* The command runs and has greeted. EX_UNAVAILABLE, EX_TEMPFAIL, EX_PROTOCOL. */
int fetch_lmtp_open(struct fetch_lmtp **out, const char *command, const char *recipient,
    int64_t timeout_ms, struct err *e);
fetch_deliver_fn fetch_lmtp_deliver;
/* QUIT, and waits for its end. What it acknowledged is safe whatever comes here, so this tells nothing. NULL is accepted. */
void fetch_lmtp_close(struct fetch_lmtp *l);

#endif
