/*
 * store.h - where sign-ins are kept: a file of one's own for each account, whole or not there, or whatever a command of the configuration keeps them in.
 *
 *	struct login_store s;
 *	login_store_open(&s, folder, command, "work", e);
 *	login_store_get(&s, "token", &text, e);
 *	int lock = login_store_lock(&s, e); ... login_store_put(...); ... sys_close(lock);
 *	login_store_close(&s);
 *
 * The folder is 0700, files are 0600, a file that others may read is refused. The command runs through sh -c with SURAT_ACTION (get, put, erase),
 * SURAT_ACCOUNT and SURAT_KIND (token, totp) in its environment; what is kept comes on its standard input, and from its standard output. Locks are always files
 * of the folder.
 */
#ifndef SURAT_LOGIN_STORE_H
#define SURAT_LOGIN_STORE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

enum { LOGIN_RECORD_MAX = 64 * 1024 };

struct login_store {
	int dirfd;
	char *folder, *account, *base; /* base: the account's name as a file name */
	const char *command;           /* NULL: files */
};
int login_store_open(struct login_store *s, const char *folder, const char *command,
    const char *account, struct err *e);
void login_store_close(struct login_store *s);
/* 1, 0 there is none, -1. text gets at most LOGIN_RECORD_MAX and must be a secret buffer. */
int login_store_get(struct login_store *s, const char *kind, struct buf *text, struct err *e);
int login_store_put(struct login_store *s, const char *kind, struct span text, struct err *e);
/* Not being there is fine. */
int login_store_erase(struct login_store *s, const char *kind, struct err *e);
/* A descriptor that holds the account's lock until it is closed; waits for it. */
int login_store_lock(struct login_store *s, struct err *e);
/* The accounts that ever had a sign-in here, sorted. */
int login_store_accounts(const char *folder, struct strv *out, struct err *e);

#endif
