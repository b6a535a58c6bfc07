/*
 * pictures.h - pictures that an HTML text names as files: <img src="logo.png"> becomes <img src="cid:logo.png">, and the file goes with the message.
 *
 * Only names relative to the HTML's folder are taken, and only what lies in it: a text that came from elsewhere cannot ask for other files of this
 * machine. Files that were added for the HTML (FILE_INLINE) are found by their path and their name. Addresses of the web stay as they are.
 */
#ifndef SURAT_COMPOSE_PICTURES_H
#define SURAT_COMPOSE_PICTURES_H

#include "compose/draft.h"

/* folder: NULL where the HTML is no file; then only what was added already is found. EX_NOINPUT, EX_DATAERR. */
int pictures_take(struct draft *d, const char *folder, struct err *e);

#endif
