/*
 * keep.h - what could not be delivered now goes into the spool of mail-queue, for those recipients only.
 */
#ifndef SURAT_SUBMIT_KEEP_H
#define SURAT_SUBMIT_KEEP_H

#include "submit/submit.h"

struct submit_keep {
	const char *spool; /* --spool, or NULL: the usual one */
	const struct queue_envelope *env;
	const struct submit_message *message;
	const struct submit_result *results; /* NULL: nothing was tried, all recipients */
	enum smtp_status status;             /* those with this one */
	bool held;
};
/* How many recipients were kept, id: where; 0: there was none. -1: EX_CANTCREAT, EX_IOERR...: nothing is in the spool. */
int submit_keep(const struct submit_keep *k, char id[QUEUE_ID_SIZE], struct err *e);

#endif
