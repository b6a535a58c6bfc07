/*
 * secrets.h - jansson's memory is wiped when it is freed: access and refresh tokens pass through it. Called once, at a program's start, before jansson is used.
 */
#ifndef SURAT_LOGIN_SECRETS_H
#define SURAT_LOGIN_SECRETS_H

void login_wipe_json(void);

#endif
