/*
 * ole.h - compound files (MS-CFB): the old office documents, Windows installer packages, Outlook messages, and what VBA projects lie in.
 *
 *	struct inspect_ole o = {.in = &bytes, .place = &place, .stream = each_stream, .ctx = ctx};
 *	inspect_ole(&o, e);
 *
 * Reads by place, never recurses, follows no chain longer than the file, and at most INSPECT_OLE_ENTRIES directory entries. What is damaged is a
 * finding, not a failure.
 */
#ifndef SURAT_INSPECT_OLE_H
#define SURAT_INSPECT_OLE_H

#include "inspect/bytes.h"
#include "inspect/result.h"

enum { INSPECT_OLE_ENTRIES = 20000 };

struct inspect_ole {
	const struct inspect_bytes *in;
	const struct inspect_place *place;
	/* a stream that may be a file of its own (an attachment, a package): its bytes, until the call returns. May be NULL. -1 ends it all. */
	int (*stream)(void *ctx, struct span name, struct source *bytes, struct err *e);
	void *ctx;
};
/* -1 only where reading failed or stream did. */
int inspect_ole(struct inspect_ole *o, struct err *e);

#endif
