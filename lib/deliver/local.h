/*
 * local.h - who is local here, and to which mailbox their mail goes.
 *
 *	struct deliver_local l;
 *	deliver_local_read(&l, &account, "example.org,example.net", "mailboxes", NULL, e);
 *	deliver_local_find(&l, "ana+list@example.org", &place, e);	// place.mailbox = "maildir:/home/ana/Maildir"
 *
 * A map has one line a mailbox: ADDRESS or @DOMAIN, blanks, MAILBOX to the end of the line; "#" begins a comment line. Asked in this order: the address, the address
 * without what follows the first "+" of its local part, its @domain. Case does not matter. With no map, every address of the domains goes to one mailbox; with neither domains nor
 * map every address does (a mail system's own delivery agent: who calls it has decided).
 */
#ifndef SURAT_DELIVER_LOCAL_H
#define SURAT_DELIVER_LOCAL_H

#include "account/account.h"
#include "base/err.h"
#include "base/strv.h"

struct deliver_entry {
	char *key, *mailbox; /* "ana@example.org" or "@example.org", lower case, A-labels */
	unsigned line;
};
struct deliver_local {
	struct strv domains;     /* lower case, A-labels */
	struct deliver_entry *v; /* sorted by key */
	size_t n, cap;
	char *map;             /* its file's name, or NULL */
	const char *otherwise; /* the mailbox without a map, not owned */
};
struct deliver_place {
	const char *mailbox; /* lives as long as the deliver_local */
	char rule[256];      /* why there: "mailboxes:3", "the default" */
};
/* "~/Maildir", "+Lists" as the path they mean, "|command" as it is. EX_USAGE for what is none. */
int deliver_mailbox_expand(
    const struct account *account, const char *name, char **path, struct err *e);
/* domains: separated by commas or blanks, or NULL; map: a file, or NULL; the account tells what "~" and "+Name" are. EX_CONFIG "map:3: why", EX_NOINPUT, EX_USAGE. */
int deliver_local_read(struct deliver_local *l, const struct account *account, const char *domains,
    const char *map, const char *otherwise, struct err *e);
void deliver_local_release(struct deliver_local *l);
/* EX_NOPERM with 550 5.7.1 (not ours: nothing is ever relayed), EX_NOUSER with 550 5.1.1. */
int deliver_local_find(
    const struct deliver_local *l, const char *recipient, struct deliver_place *out, struct err *e);

#endif
