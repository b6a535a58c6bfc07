/*
 * batch.h - the transport contract of mail-queue(1): jobs on standard input, JSON, one a line; what became of each recipient on standard output.
 *
 *	struct submit_batch_job job;
 *	while ((r = submit_batch_read(&in, &job, e)) > 0) {
 *		... deliver ...
 *		submit_batch_settled(&out, job.id, &result, address, e);
 *		submit_batch_done(&out, job.id, e);
 *		submit_batch_job_release(&job);
 *	}
 */
#ifndef SURAT_SUBMIT_BATCH_H
#define SURAT_SUBMIT_BATCH_H

#include "io/stream.h"
#include "submit/submit.h"

struct submit_batch_job {
	char *id, *path;
	int64_t offset;
	uint64_t size;
	struct queue_envelope
	    env; /* sender, recipients, envid, ret, the route (options as JSON text) */
};
enum { SUBMIT_BATCH_LINE = 64 << 20 };
/* 1, 0 at the end, -1: EX_PROTOCOL for a line that is no job (then *id, malloc'ed, is its id where it has one, else NULL), EX_IOERR. */
int submit_batch_read(struct stream *in, struct submit_batch_job *job, char **id, struct err *e);
void submit_batch_job_release(struct submit_batch_job *job);
/* {"id","status":"sending"} */
int submit_batch_sending(struct stream *out, const char *id, struct err *e);
/* {"id","address","status","code","enhanced","text","host","queue_id"}, and "dsn" where the server sees to notifications from now on */
int submit_batch_settled(struct stream *out, const char *id, const char *address,
    const struct submit_result *r, struct err *e);
/* {"id","status":"done"} */
int submit_batch_done(struct stream *out, const char *id, struct err *e);

#endif
