/*
 * tnef.h - the attachments in a winmail.dat (application/ms-tnef, [MS-OXTNEF]): where their bytes lie, what they are called. Private to this room.
 *
 * The file is a list of attributes: level, name, length, bytes, checksum. An attachment begins with its rendering data; its title, its bytes and its
 * MAPI properties (the long name, the type, an embedded object) follow in any order. The checksums are not looked at: what is damaged is read
 * as far as it goes.
 */
#ifndef SURAT_MIME_TNEF_H
#define SURAT_MIME_TNEF_H

#include "base/arena.h"
#include "io/spool.h"

struct tnef_file {
	struct span name;      /* UTF-8; "" */
	struct span type;      /* "image/png"; "" */
	uint64_t offset, size; /* in the spool */
	bool cut;
};
struct tnef {
	struct tnef_file *v;
	size_t n;
	bool found, damaged; /* it is TNEF; it is not whole */
	struct arena arena;
};
/* At most `most` files. EX_IOERR. Release it in any case. */
int tnef_read(struct tnef *t, const struct spool *in, size_t most, struct err *e);
void tnef_release(struct tnef *t);

#endif
