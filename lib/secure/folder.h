/*
 * folder.h - certificates picked up from mail: one file an address and certificate, "alice@example.org.FINGERPRINT.pem", 0600 in a folder 0700.
 *
 *	folder_keep(path, cert, e);				// each of its addresses; what is there stays
 *	folder_find(path, SPAN("bob@example.org"), &list, e);	// those that are valid and may be encrypted to, the newest first
 *
 * Only what was believed should be kept: who signed, with a chain to a root of ours. In a name, bytes other than letters, digits and . _ + - @ = are
 * %XX, as are capitals and a leading dot; so no address can name a file elsewhere.
 */
#ifndef SURAT_SECURE_FOLDER_H
#define SURAT_SECURE_FOLDER_H

#include "secure/cert.h"

/* The folder is made where it is missing. *kept: how many files are new. */
int folder_keep(const char *path, X509 *cert, size_t *kept, struct err *e);
/* Appends to list; none is no error. */
int folder_find(const char *path, struct span address, struct cert_list *list, struct err *e);

#endif
