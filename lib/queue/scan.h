/*
 * scan.h - what lies in the spool.
 *
 *	queue_scan_open(&s, q, e);
 *	while ((r = queue_scan_next(&s, &name, e)) > 0)
 *		...
 *	queue_scan_close(&s);
 *
 * Opens no file. A message that is renamed meanwhile may be seen twice or not at all: whoever needs it asks again.
 */
#ifndef SURAT_QUEUE_SCAN_H
#define SURAT_QUEUE_SCAN_H

#include "queue/name.h"

#include <dirent.h>

struct queue_scan {
	struct queue *q;
	DIR *dir;
	enum queue_file kind; /* of the last one queue_scan_any gave */
	char file[256];
};
int queue_scan_open(struct queue_scan *s, struct queue *q, struct err *e);
/* The next message: 1, 0 at the end, -1. */
int queue_scan_next(struct queue_scan *s, struct queue_name *n, struct err *e);
/* The next name of any kind but "." and "..", see s->kind and s->file. */
int queue_scan_any(struct queue_scan *s, struct queue_name *n, struct err *e);
void queue_scan_close(struct queue_scan *s);

/* The one message whose ID begins with what a person typed: 1; 0 none (EX_NOINPUT is set in e), -1 more than one (EX_USAGE), or a failure. */
int queue_find(struct queue *q, const char *typed, struct queue_name *n, struct err *e);
/* The same by whole ID, after a name was found to be gone: 1, 0, -1. */
int queue_find_again(struct queue *q, struct queue_name *n, struct err *e);

#endif
