/*
 * report.h - what became of each recipient, for scripts: a line each, or JSON.
 */
#ifndef SURAT_SUBMIT_REPORT_H
#define SURAT_SUBMIT_REPORT_H

#include "report/report.h"
#include "submit/submit.h"

/* mode and color as report_new takes them. */
struct report *submit_report_new(enum report_mode mode, int color);
/* spool_id: the recipient waits in our spool under this name, "queued"; or NULL. index: of the message in its stream, from 1; 0: it was one. */
int submit_report(struct report *r, const char *address, const struct submit_result *result,
    const char *spool_id, unsigned index, struct span message_id, struct err *e);

#endif
