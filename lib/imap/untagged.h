/*
 * untagged.h - imap/'s own: handlers of untagged responses, called by the table in untagged.c. Each reads to the end of its response.
 */
#ifndef SURAT_IMAP_UNTAGGED_H
#define SURAT_IMAP_UNTAGGED_H

#include "imap/client.h"

/* number: what stood before the word ("* 12 EXISTS"), 0 where nothing does. */
typedef int imap_untagged_fn(struct imap_client *c, uint64_t number, struct err *e);

imap_untagged_fn imap_on_list, imap_on_search, imap_on_exists, imap_on_expunge,
    imap_on_status;             /* mailbox.c */
imap_untagged_fn imap_on_fetch; /* fetch.c */

#endif
