/*
 * folders.h - which mailboxes the configured store has: INBOX and the folders "+Name" beside or in it.
 */
#ifndef SURAT_ACCOUNT_FOLDERS_H
#define SURAT_ACCOUNT_FOLDERS_H

#include "account/account.h"

/* "+INBOX" first, then the others sorted; account_mailbox_expand makes each a mailbox. */
int account_folders(const struct account *a, struct strv *names, struct err *e);

#endif
