/*
 * message.h - every way a person names a message made a message, or the name that store/ knows.
 *
 *	a path (of a file, or in a Maildir), mbox:PATH#OFFSET		as they are
 *	id:MESSAGE-ID							looked for in the default mailbox and its folders
 *	3								of the last list shown on this terminal
 *
 * A file whose name is a number is ./3. Standard input ("-") is the program's own business.
 */
#ifndef SURAT_ACCOUNT_MESSAGE_H
#define SURAT_ACCOUNT_MESSAGE_H

#include "account/account.h"
#include "store/store.h"

/* EX_NOINPUT: no such message; EX_USAGE: a number, and nothing was listed here. malloc'ed. */
int account_message_name(const struct account *a, const char *name, char **out, struct err *e);
/* The same, opened. */
int account_message_open(
    const struct account *a, const char *name, struct store_message *m, struct err *e);
bool account_message_is_number(const char *name);

#endif
