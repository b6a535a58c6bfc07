/*
 * legacy.h - the lines that repeat a hidden Subject at the head of a text, for readers that know no header protection: RFC 9788 4.5.3. Who knows it leaves them
 * out, of what is shown and of what is quoted.
 */
#ifndef SURAT_MIME_LEGACY_H
#define SURAT_MIME_LEGACY_H

#include "io/sink.h"

struct mime_part;

/* Does its text, or its HTML (which surat-html leaves them out of), begin with such lines? It says so itself, and the content it is in was encrypted by its author (hp="cipher"). */
bool mime_part_has_legacy_display(const struct mime_part *part);

/* LF lines in; what is behind the first blank line out. Without one in the first 64 KiB all of it comes out: nothing is lost. */
struct filter_legacy {
	struct sink sink;
	struct sink *next;
	struct buf held;
	size_t line; /* in held: the line that has no end yet */
	bool through;
};
void filter_legacy_init(struct filter_legacy *f, struct sink *next);
void filter_legacy_release(struct filter_legacy *f);

#endif
