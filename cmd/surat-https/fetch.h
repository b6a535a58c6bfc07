/*
 * fetch.h - https://HOST/PATH, or any https URL, many at a time, with libcurl as tame as RFC 8461 3.3 wants it: no redirects, no HTTP cache, no proxy, no
 * cookies, the certificate checked, one time limit, and no more bytes than were asked for.
 *
 *	struct fetch f = {.host = "mta-sts.example.org", .path = "/.well-known/mta-sts.txt", .addresses = &addresses, ...};
 *	fetch_start(all, &f);
 *	while ((f = fetch_next(all)) ...) f->error.code, f->body
 */
#ifndef SURAT_CMD_HTTPS_FETCH_H
#define SURAT_CMD_HTTPS_FETCH_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

enum { FETCH_AT_ONCE = 32 };

struct fetch_options {
	const char *ca_file; /* NULL: the system's */
	unsigned port;
	const struct strv *connects; /* HOST=ADDR:PORT */
	bool only4, only6;
};
struct fetch {
	char *host, *path;
	struct strv addresses; /* of host: nothing is looked up here */
	int64_t timeout_ms;
	const char *
	    media_type; /* what it must be; NULL: whatever comes, with any status but a redirect, is an answer */
	/* a request that is no policy's: the whole URL, whose host libcurl looks up; a form to POST; "user:password" */
	char *url, *form, *basic;
	/* when it is done: */
	struct buf body; /* its max is the limit */
	long status;
	struct err error;
	/* fetch.c's own */
	struct fetch *next;
	void *handle, *resolve, *connect;
	char why[256]; /* CURL_ERROR_SIZE */
};
struct fetch_all;
struct fetch_all *fetch_all_new(const struct fetch_options *o);
void fetch_all_free(struct fetch_all *all);
/* f must stay until fetch_next gives it back; waits in line while many are under way. */
void fetch_start(struct fetch_all *all, struct fetch *f);
/* Waits until something happens, on fd too (-1: none). EX_SOFTWARE. */
int fetch_wait(struct fetch_all *all, int fd, struct err *e);
/* One that is done, or NULL. */
struct fetch *fetch_next(struct fetch_all *all);
size_t fetch_count(const struct fetch_all *all);
/* Of what is the caller's, too. */
void fetch_release(struct fetch *f);

#endif
