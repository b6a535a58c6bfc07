/*
 * listen.h - accepting connections: a process for each, a bounded number at once, all ended and reaped when we are.
 */
#ifndef SURAT_DELIVER_LISTEN_H
#define SURAT_DELIVER_LISTEN_H

#include "base/err.h"

#include <stddef.h>

enum { DELIVER_CLIENTS = 100 };
struct deliver_listen {
	int fd; /* net_listen's */
	size_t
	    max; /* connections at once; 0: DELIVER_CLIENTS. Others wait in the kernel's queue. */
	/* in the child: fd is the connection, to be closed by its end */
	int (*serve)(void *ctx, int fd, const char *client_ip);
	void *ctx;
};
/* Until a signal asks us to stop: 0, when all children have ended (they are asked to, and finish or undo what they began). EX_OSERR. */
int deliver_listen(const struct deliver_listen *l, struct err *e);
/* "127.0.0.1:2525" of a listening descriptor, for a person. */
void deliver_listen_name(int fd, char *out, size_t size);

#endif
