/*
 * markup.h - HTML, SVG and XML passing by: tags and their attributes, without a tree.
 *
 *	struct inspect_markup m;
 *	inspect_markup_init(&m, &place, is_xml);
 *	sink_put(&m.sink, bytes, e) ... sink_end(&m.sink, e);
 *	inspect_markup_release(&m);
 *
 * Finds scripts, forms, links that go elsewhere than their text says, and in the XML of office documents what is loaded from elsewhere. NULs are passed over, so that UTF-16 of ASCII reads
 * like ASCII. A tag of more than 64 KiB is judged by its beginning.
 */
#ifndef SURAT_INSPECT_MARKUP_H
#define SURAT_INSPECT_MARKUP_H

#include "inspect/result.h"
#include "io/sink.h"

struct inspect_markup {
	struct sink sink;
	const struct inspect_place *place;
	bool xml;  /* only what means something in any XML, until an html or svg element comes */
	int state; /* markup.c's own */
	char quote;
	unsigned dashes;
	struct buf tag;
	bool in_link, has_field;
	struct buf href, text; /* of the link */
	struct buf word;       /* the word at hand, of an office document's field codes */
};
void inspect_markup_init(struct inspect_markup *m, const struct inspect_place *place, bool xml);
void inspect_markup_release(struct inspect_markup *m);

/* Takes the next attribute of a tag's rest: its name, lower case, and its value with entities resolved, both into buffers. */
bool inspect_attribute(struct span *rest, struct buf *name, struct buf *value);

/* link.c: does a link that shows this text go to another host, or to one that looks like another? The reason into `why` (inert is the caller's). */
bool inspect_link(struct span href, struct span text, struct buf *why);

#endif
