/*
 * user.h - becoming another user for good: for root, who does something for each.
 *
 *	child_fork(&pid, act, ctx, e);			// in the child:
 *	user_become(&u, e)				// nothing of the user's has been opened before
 */
#ifndef SURAT_IO_USER_H
#define SURAT_IO_USER_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct user {
	char *name, *home, *shell;
	uid_t uid;
	gid_t gid;
};
/* All users of the system, one after the other: 1, and u is the caller's to release; 0 the end. Not for threads. */
int user_next(struct user *u);
void user_rewind(void);
void user_release(struct user *u);
/* A session of its own (no terminal of ours), no descriptor but 0, 1 and 2, the user's groups, IDs that cannot be taken back, an environment that has nothing of ours but the language and
 * the time zone, standard input empty, the home folder (or /) as the current one. EX_OSERR, EX_NOPERM. */
int user_become(const struct user *u, struct err *e);
/* Whether a path below the home is there and the user's own. */
bool user_owns(const struct user *u, const char *path);

#endif
