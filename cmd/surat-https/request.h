/*
 * request.h - one request, for programs that have secrets and want no HTTP library beside them.
 *
 *	in	{"v":1, "url":"https://...", "timeout_ms":30000, "form":"a=b&c=d", "basic":"user:password"}	form: POST; both may be missing
 *	out	{"status":200, "body":"..."}	or	{"error":"https://...: why", "code":75}
 *
 * The answer is text of at most 64 KiB; redirects are an error, other statuses are not. Nothing of it is in the argument list or on standard error.
 */
#ifndef SURAT_CMD_HTTPS_REQUEST_H
#define SURAT_CMD_HTTPS_REQUEST_H

#include "fetch.h"

/* The whole of it: an exit code, or -1. */
int request_run(const struct fetch_options *o, struct err *e);

#endif
