/*
 * name.h - what a file's name gives away: the extension that a system acts upon, a second one that is meant to be seen instead, characters that
 * hide or turn around what stands there.
 *
 * A name is foreign UTF-8, or what is meant to be. Blanks and dots at its end do not count, as Windows drops them.
 */
#ifndef SURAT_INSPECT_NAME_H
#define SURAT_INSPECT_NAME_H

#include "inspect/result.h"

/* Adds findings for a name (its last path component). */
void inspect_name(const struct inspect_place *at, struct span file_name);
/* The last path component, Windows's separators too. */
struct span inspect_name_base(struct span path);
/* What is behind the last dot of a name without trailing blanks and dots; "" where there is none. */
struct span inspect_name_extension(struct span name);
bool inspect_name_has_extension(struct span name, const char *extension);
/* Does a person open it in an editor, so that a script in it is only text? */
bool inspect_name_is_text(struct span name);

#endif
