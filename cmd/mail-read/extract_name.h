/*
 * extract_name.h - names for files, made from what a message says, that can do no harm.
 */
#ifndef MAIL_READ_EXTRACT_NAME_H
#define MAIL_READ_EXTRACT_NAME_H

#include "mime/parse.h"

enum { FILE_NAME_MAX = 200 };
/* Appends: the last piece of the declared name, without controls, invisible and reordering characters, not beginning with "." or "-", not
 * too long (the extension stays); "part-2.1.png" where none was declared. */
void extract_name(struct buf *b, const struct mime_part *part, const char *number);
/* "name-2.ext" */
void extract_name_numbered(struct buf *b, struct span name, unsigned n);

#endif
