/*
 * subject.h - what a subject is about: RFC 5256 2.1, the base subject, without "Re:", "Fwd:", "[list]" and "(fwd)".
 */
#ifndef SURAT_MIME_SUBJECT_H
#define SURAT_MIME_SUBJECT_H

#include "base/buf.h"

/* Appends the base of a Subject field's raw value, decoded, blanks squeezed. True when something was taken off that says "reply" or "forward". */
bool subject_base(struct buf *b, struct span raw);

#endif
