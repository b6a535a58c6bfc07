/*
 * parts_jobs.h - messages taken apart by several threads, and handed over by the one that called, in their order.
 *
 * The names come from the operands while the threads work; so many messages are under way at most, and memory does not grow with their number.
 */
#ifndef MAIL_READ_PARTS_JOBS_H
#define MAIL_READ_PARTS_JOBS_H

#include "parts.h"

enum { PARTS_JOBS_MAX = 64 };
struct parts_job {
	char *name;
	struct parts parts; /* what could be read of it, where opened */
	bool opened;
	int code;       /* -1: why */
	struct err why; /* without the name, where opened */
};
/* Called for each message: an exit code or -1, OUT_FAILED. */
typedef int parts_job_done(void *ctx, struct parts_job *job, struct err *e);
/* Only stored messages: EX_USAGE for standard input. what: PARTS_... */
int parts_jobs_each(struct read *r, const struct strv *operands, int what, parts_job_done *done,
    void *ctx, struct err *e);

#endif
