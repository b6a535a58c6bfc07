/*
 * shape.h - how people see the parts of a message: what is text to read, what is attached.
 */
#ifndef SURAT_MIME_SHAPE_H
#define SURAT_MIME_SHAPE_H

#include "mime/parse.h"

/* "text/html", or "text" for any. */
bool mime_part_is(const struct mime_part *part, const char *type);
/* Attached: says so, or has a file's name; but not a picture that an HTML text refers to, nor a text to be read here. */
bool mime_part_is_attachment(const struct mime_part *part);
/* Its number as people and IMAP give it: "1" for the only part of a message without parts. */
const char *mime_part_number(const struct mime_part *part);

#endif
