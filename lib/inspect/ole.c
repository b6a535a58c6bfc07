#include "inspect/ole.h"

#include "base/alloc.h"
#include "codec/utf8.h"
#include "inspect/ole_room.h"

#include <stdlib.h>

enum { ENTRY = 128, NAME_MAX_BYTES = 64, STORAGE = 1, STREAM = 2, ROOT = 5 };

struct entry {
	char name[200]; /* UTF-8, control characters as they are */
	int type;
	unsigned char clsid[16];
	uint32_t start;
	uint64_t size;
};

/* --- the directory ---------------------------------------------------------------- */

static void decode_name(struct entry *en, const unsigned char *p, unsigned bytes)
{
	struct buf b = BUF_INIT(sizeof(en->name) - 1);
	for (unsigned i = 0; i + 1 < bytes && i < NAME_MAX_BYTES; i += 2) {
		uint32_t c = cfb_le(p + i, 2);
		if (!c)
			break;
		utf8_put(&b, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	}
	memcpy(en->name, buf_cstr(&b), b.len + 1);
	buf_release(&b);
}

static void decode_entry(struct entry *en, const unsigned char *p, unsigned shift)
{
	*en = (struct entry){.type = p[66], .start = cfb_le(p + 116, 4)};
	decode_name(en, p, cfb_le(p + 64, 2));
	memcpy(en->clsid, p + 80, sizeof(en->clsid));
	en->size = cfb_le(p + 120, 4);
	if (shift == 12)
		en->size |= (uint64_t)cfb_le(p + 124, 4) << 32;
}

/* --- what an entry means ------------------------------------------------------------ */

/* {000C1084-0000-0000-C000-000000000046} and its neighbours: package, patch, transform */
static bool is_installer(const unsigned char *clsid)
{
	static const unsigned char rest[] = {
	    0x10, 0x0c, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46};
	return (clsid[0] == 0x84 || clsid[0] == 0x86 || clsid[0] == 0x82) &&
	       memcmp(clsid + 1, rest, sizeof(rest)) == 0;
}

static const struct {
	const char *name;
	enum inspect_rule rule;
} known[] = {
    {"VBA", INSPECT_MACRO},
    {"_VBA_PROJECT", INSPECT_MACRO},
    {"_VBA_PROJECT_CUR", INSPECT_MACRO},
    {"EncryptedPackage", INSPECT_ENCRYPTED},
    {"EncryptedSummary", INSPECT_ENCRYPTED},
    {"\001Ole10Native", INSPECT_EMBEDDED_OBJECT},
    {"\001Ole10ItemName", INSPECT_EMBEDDED_OBJECT},
    {"Ole10Native", INSPECT_EMBEDDED_OBJECT},
    {"Equation Native", INSPECT_EMBEDDED_OBJECT},
    {"Package", INSPECT_EMBEDDED_OBJECT},
};

static void look_at_entry(const struct inspect_ole *o, const struct entry *en)
{
	struct span name = span_of(en->name);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (span_is_nocase(name, known[i].name))
			inspect_found(o->place, known[i].rule, name);
	/* an installer's tables have names of characters from here on */
	if ((en->type == ROOT && is_installer(en->clsid)) || span_starts(name, "\xe4\xa1\x80"))
		inspect_found(o->place, INSPECT_EXECUTABLE, span_of("Windows installer package"));
}

/* A stream that is a file of its own: an attachment of an Outlook message, a package of any document. */
static bool is_file(struct span name)
{
	return span_starts_nocase(name, "__substg1.0_3701") || span_is_nocase(name, "Package") ||
	       span_is_nocase(name, "CONTENTS") || span_is_nocase(name, "\001Ole10Native");
}

static int look_into(struct inspect_ole *o, struct cfb *c, const struct entry *en, struct err *e)
{
	struct cfb_stream s;
	struct span name = span_of(en->name);
	cfb_stream_init(&s, c, en->start, en->size);
	if (span_is_nocase(name, "Workbook") || span_is_nocase(name, "Book"))
		return office_workbook(&s, o->place, e);
	if (span_is_nocase(name, "WordDocument"))
		return office_word(&s, o->place, e);
	if (span_is_nocase(name, "PowerPoint Document"))
		return office_slides(&s, o->place, e);
	return o->stream && is_file(name) ? o->stream(o->ctx, name, &s.source, e) : 0;
}

static int on_entry(struct inspect_ole *o, struct cfb *c, const struct entry *en, struct err *e)
{
	if (en->type == ROOT) {
		c->root_start = en->start;
		c->root_size = en->size;
	}
	if (en->type == ROOT || en->type == STREAM || en->type == STORAGE)
		look_at_entry(o, en);
	return en->type == STREAM ? look_into(o, c, en, e) : 0;
}

static int walk(struct inspect_ole *o, struct cfb *c, struct err *e)
{
	unsigned char raw[ENTRY];
	struct cfb_stream directory;
	struct entry en;
	ssize_t n;
	cfb_directory_init(&directory, c);
	for (unsigned i = 0; (n = cfb_read_all(&directory, raw, ENTRY, e)) == ENTRY; i++) {
		if (i == INSPECT_OLE_ENTRIES) {
			inspect_found(o->place, INSPECT_LIMIT_ENTRIES, SPAN("directory entries"));
			return 0;
		}
		decode_entry(&en, raw, c->shift);
		if (on_entry(o, c, &en, e) < 0)
			return -1;
	}
	return n < 0 ? -1 : 0;
}

int inspect_ole(struct inspect_ole *o, struct err *e)
{
	struct cfb c;
	int r = cfb_open(&c, o->in, e);
	if (r == 0)
		r = walk(o, &c, e);
	if (r > 0 || (r == 0 && c.damaged))
		inspect_found(o->place, INSPECT_DAMAGED, SPAN("OLE2 document"));
	cfb_release(&c);
	return r < 0 ? -1 : 0;
}
