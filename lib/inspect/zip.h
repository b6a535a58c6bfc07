/*
 * zip.h - where a zip can be read in two ways: by the directory at its end, as most programs do, and by the headers before each file, as those do
 * that read a stream or repair one. (Layout: APPNOTE.TXT 6.3, 4.3.)
 *
 * Whoever unpacks it follows one of the two. Found here: files that the directory does not name, names and sizes that differ in the two places, a second
 * directory. A name that only the directory has is looked at as inspect_name does.
 */
#ifndef SURAT_INSPECT_ZIP_H
#define SURAT_INSPECT_ZIP_H

#include "inspect/bytes.h"
#include "inspect/result.h"

/* At most `entries` of its directory: past them only that is said. -1 only where reading failed. */
int inspect_zip(const struct inspect_bytes *in, const struct inspect_place *place, size_t entries,
    struct err *e);

#endif
