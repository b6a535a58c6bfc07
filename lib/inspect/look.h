/*
 * look.h - one file passing by: what it is by its content, and what it says where that can be read as it passes (HTML, XML, RTF, scripts).
 *
 *	struct inspect_look look;
 *	inspect_look_init(&look, &place, "image.jpg", "image/jpeg");
 *	look.open = open_container; look.ctx = ctx;	// for archives, PDF and OLE2 documents
 *	sink_put(&look.sink, bytes, e) ... sink_end(&look.sink, e);
 *	inspect_look_release(&look);
 *
 * Memory: the first 36 KiB, the last 66 to 132 KiB. What has to be read at any place goes through the sink that `open` gives (its end is
 * called); without one such a file was not fully inspected. The name is checked by whoever has it (name.h).
 */
#ifndef SURAT_INSPECT_LOOK_H
#define SURAT_INSPECT_LOOK_H

#include "inspect/behind.h"
#include "inspect/kind.h"
#include "inspect/markup.h"
#include "inspect/rtf.h"

struct inspect_look {
	struct sink sink;
	const struct inspect_place *place;
	struct span name, declared; /* "" where there is none */
	struct sink *(*open)(void *ctx, const struct inspect_look *look, struct err *e);
	void *ctx;
	bool
	    opened; /* somebody else opens what is closed to us (winmail.dat, by mime/embedded.h) */
	bool texts_opened;                   /* and what is uuencoded in a text */
	const struct inspect_format *format; /* once it is known */
	struct buf head;
	struct inspect_behind behind;
	uint64_t bytes;
	struct sink *to; /* who reads it further, or NULL */
	struct inspect_markup markup;
	struct inspect_rtf rtf;
	bool has_markup;
};
/* place, name and declared ("text/html", lower case) must stay. */
void inspect_look_init(struct inspect_look *l, const struct inspect_place *place, struct span name,
    struct span declared);
void inspect_look_release(struct inspect_look *l);

#endif
