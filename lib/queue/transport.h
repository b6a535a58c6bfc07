/*
 * transport.h - the contract with what carries messages: jobs out, reports in, a line of JSON each (mail-queue(1), TRANSPORTS).
 *
 *	out	{"v":1,"id":"7Q2XK3M9F4","path":"/home/ana/.../7Q2X...","offset":312,"size":4711,"sender":"ana@example.org",
 *		 "recipients":[{"address":"bob@example.net"}]}
 *	in	{"id":"7Q2XK3M9F4","status":"sending"}
 *		{"id":"7Q2XK3M9F4","address":"bob@example.net","status":"sent","code":250,"enhanced":"2.0.0","text":"queued","host":"mx.example.net"}
 *		{"id":"7Q2XK3M9F4","status":"done"}
 */
#ifndef SURAT_QUEUE_TRANSPORT_H
#define SURAT_QUEUE_TRANSPORT_H

#include "queue/message.h"

/* Appends the job of these recipients of m (indices), with a line end. folder: the spool's absolute path. now_s: what is left of deliver-by is counted from it. */
void transport_job(struct buf *b, const char *folder, const struct queue_message *m,
    const size_t *v, size_t n, int64_t now_s);

enum transport_word { TRANSPORT_SENDING, TRANSPORT_SETTLED, TRANSPORT_DONE };
struct transport_report {
	enum transport_word word;
	char id[QUEUE_ID_SIZE];
	char *address;            /* SETTLED: the rest too */
	enum queue_status status; /* SENT, DEFERRED, REFUSED, UNKNOWN */
	int code;
	char enhanced[12];
	char *host, *text;
	bool relayed; /* "dsn":true: the server we sent to tells the sender what becomes of it */
};
/* True, or false when it is no report. */
bool transport_report_parse(struct span line, struct transport_report *r);
void transport_report_release(struct transport_report *r);

#endif
