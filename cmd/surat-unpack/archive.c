/*
 * Archives through libarchive, one layer at a time: which format and which filter is said to it, never guessed by it, so that each layer counts.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "inspect/name.h"
#include "inspect/zip.h"
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

/* How each is opened. */
static const struct way {
	enum inspect_type type;
	int format, filter; /* ARCHIVE_*; a filter's content is one raw file */
	bool seeks;
	bool
	    loose; /* a link, a folder, a device are files with bytes, and Windows may make files of them */
} ways[] = {
    {INSPECT_T_ZIP, ARCHIVE_FORMAT_ZIP, 0, true, true},
    {INSPECT_T_7Z, ARCHIVE_FORMAT_7ZIP, 0, true, true},
    {INSPECT_T_RAR, ARCHIVE_FORMAT_RAR, 0, true, true},
    {INSPECT_T_RAR5, ARCHIVE_FORMAT_RAR_V5, 0, true, false},
    {INSPECT_T_TAR, ARCHIVE_FORMAT_TAR, 0, false, false},
    {INSPECT_T_CPIO, ARCHIVE_FORMAT_CPIO, 0, false, false},
    {INSPECT_T_AR, ARCHIVE_FORMAT_AR, 0, false, false},
    {INSPECT_T_CAB, ARCHIVE_FORMAT_CAB, 0, true, false},
    {INSPECT_T_XAR, ARCHIVE_FORMAT_XAR, 0, false, false},
    {INSPECT_T_LHA, ARCHIVE_FORMAT_LHA, 0, true, false},
    {INSPECT_T_ISO, ARCHIVE_FORMAT_ISO9660, 0, true, false},
    {INSPECT_T_GZIP, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, false, false},
    {INSPECT_T_BZIP2, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_BZIP2, false, false},
    {INSPECT_T_XZ, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_XZ, false, false},
    {INSPECT_T_LZMA, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_LZMA, false, false},
    {INSPECT_T_LZIP, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_LZIP, false, false},
    {INSPECT_T_ZSTD, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_ZSTD, false, false},
    {INSPECT_T_LZ4, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_LZ4, false, false},
    {INSPECT_T_COMPRESS, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_COMPRESS, false, false},
};

/* One archive that is open: its bytes come from `c`, or at any place from `random`. */
struct level {
	struct source source; /* the bytes of the entry at hand */
	struct content *c;
	struct archive *a;
	const struct way *way;
	const struct inspect_bytes *random;
	uint64_t at;
	struct buf held;
	struct inspect_bytes_mem *mem;
	struct inspect_place place; /* of the entry */
	struct buf path;
	struct err *e;
	bool open;   /* libarchive 3.6.2 crashes where one that is not is asked */
	bool failed; /* below us: it has been said there */
	char bytes[65536];
};

/* --- where its bytes come from ---------------------------------------------------------- */

static la_ssize_t read_some(struct archive *a, void *ctx, const void **bytes)
{
	struct level *l = ctx;
	struct source *in = &l->c->source;
	(void)a;
	ssize_t n = l->random ? l->random->pread(l->random, l->bytes, sizeof(l->bytes), l->at, l->e)
			      : in->read(in, l->bytes, sizeof(l->bytes), l->e);
	*bytes = l->bytes;
	l->at += n > 0 ? (uint64_t)n : 0;
	l->failed |= n < 0;
	return n < 0 ? ARCHIVE_FATAL : n;
}

static la_int64_t seek_to(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct level *l = ctx;
	int64_t size = (int64_t)l->random->size;
	int64_t from = whence == SEEK_END ? size : whence == SEEK_CUR ? (int64_t)l->at : 0;
	(void)a;
	if (offset < -from || offset > size - from)
		return ARCHIVE_FATAL;
	l->at = (uint64_t)(from + offset);
	return (la_int64_t)l->at;
}

static const struct way *find_way(enum inspect_type type)
{
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		if (ways[i].type == type)
			return &ways[i];
	return NULL;
}

static bool add_filter(struct level *l)
{
	/* libarchive 3.6.2 crashes where that of compress is told, since it reads at once: it has to look for itself */
	if (l->way->filter == ARCHIVE_FILTER_COMPRESS)
		return archive_read_support_filter_compress(l->a) >= ARCHIVE_WARN;
	return !l->way->filter || archive_read_append_filter(l->a, l->way->filter) >= ARCHIVE_WARN;
}

static bool begin(struct level *l)
{
	l->a = archive_read_new();
	/* only this one: its reader may look again (the one of ISO 9660 has to), the others never see it */
	if (!l->a || archive_read_support_format_by_code(l->a, l->way->format) < ARCHIVE_WARN)
		return false;
	if (!add_filter(l))
		return false;
	if (l->random)
		archive_read_set_seek_callback(l->a, seek_to);
	l->open = archive_read_open(l->a, l, NULL, read_some, NULL) >= ARCHIVE_WARN;
	return l->open;
}

/* --- what it says ---------------------------------------------------------------------- */

/* An error, by what libarchive says of it. */
static void found_error(struct level *l, const struct inspect_place *place)
{
	const char *text = l->a ? archive_error_string(l->a) : NULL;
	struct span why = span_of(text ? text : _("cannot be read"));
	if (l->failed || l->c->u->over)
		return;
	if ((l->open && archive_read_has_encrypted_entries(l->a) > 0) ||
	    span_find_nocase(why, SPAN("encrypt")) >= 0 ||
	    span_find_nocase(why, SPAN("passphrase")) >= 0)
		inspect_found(place, INSPECT_ENCRYPTED, span_of(l->c->format->name));
	else if ((l->a && archive_errno(l->a) == ENOMEM) ||
		 span_find_nocase(why, SPAN("memory")) >= 0 ||
		 span_find(why, SPAN("allocate")) >= 0)
		inspect_found(place, INSPECT_LIMIT_MEMORY, why);
	else if (span_find_nocase(why, SPAN("unsupported")) >= 0 ||
		 span_find_nocase(why, SPAN("not supported")) >= 0)
		inspect_found(place, INSPECT_UNKNOWN_FORMAT, why);
	else
		inspect_found(place, INSPECT_DAMAGED, why);
}

static ssize_t entry_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct level *l = (struct level *)source;
	la_ssize_t r = archive_read_data(l->a, p, n);
	if (r < 0) {
		found_error(l, &l->place);
		return l->failed ? -1 : err_set(e, EX_DATAERR, _("cannot be unpacked"));
	}
	return unpack_count(l->c->u, &l->place, (size_t)r, e) < 0 ? -1 : r;
}

/* --- entries ------------------------------------------------------------------------------- */

static const char *type_of(struct archive_entry *entry)
{
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
	case 0: return "file";
	case AE_IFDIR: return "folder";
	case AE_IFLNK: return "link";
	default: return "other";
	}
}

static struct span name_of(const struct level *l, struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);
	if (!name)
		name = archive_entry_pathname_utf8(entry);
	return l->way->filter || !name ? SPAN("") : span_of(name);
}

static void set_place(struct level *l, struct span name)
{
	struct span outer = l->c->place->name;
	buf_reset(&l->path);
	buf_add(&l->path, outer);
	if (outer.len && name.len)
		buf_adds(&l->path, " > ");
	buf_add(&l->path, span_take(name, INSPECT_TEXT_MAX));
	l->place = (struct inspect_place){&l->c->u->result, SPAN(""), buf_span(&l->path)};
}

/* Parts of office documents and Java archives that say by their names what they are. */
static void look_at_name(struct level *l, struct span name)
{
	static const struct {
		const char *end;
		enum inspect_rule rule;
	} known[] = {{"vbaProject.bin", INSPECT_MACRO}, {"vbaData.xml", INSPECT_MACRO},
	    {"Basic/script-lc.xml", INSPECT_MACRO}, {"editdata.mso", INSPECT_MACRO},
	    {"AndroidManifest.xml", INSPECT_EXECUTABLE}};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (span_ends_nocase(name, known[i].end))
			inspect_found(&l->place, known[i].rule, name);
	if (span_find_nocase(name, SPAN("xl/macrosheets/")) >= 0)
		inspect_found(&l->place, INSPECT_MACRO, SPAN("Excel 4.0 macro sheet"));
	if (span_find_nocase(name, SPAN("/activeX/")) >= 0)
		inspect_found(&l->place, INSPECT_EMBEDDED_OBJECT, SPAN("ActiveX"));
	if (name.len)
		inspect_name(&l->place, inspect_name_base(name));
}

static int say(struct level *l, struct archive_entry *entry, struct span name, struct err *e)
{
	struct unpack *u = l->c->u;
	struct said_entry said = {.path = l->place.name,
	    .type = type_of(entry),
	    .size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1,
	    .time_s = archive_entry_mtime_is_set(entry) ? archive_entry_mtime(entry) : -1,
	    .encrypted = archive_entry_is_encrypted(entry) > 0,
	    .depth = l->c->depth + 1};
	return l->way->filter && !name.len ? 0 : say_entry(u, &said, e);
}

static int look_inside(
    struct level *l, struct archive_entry *entry, struct span name, struct err *e)
{
	if (archive_entry_is_data_encrypted(entry) > 0) {
		inspect_found(&l->place, INSPECT_ENCRYPTED, span_of(l->c->format->name));
		return 0;
	}
	return unpack_content(l->c->u, &l->place, name, l->c->depth + 1, &l->source, NULL, e);
}

/* What a mode calls it counts for those who know modes; the bytes are there for everybody, and libarchive gives only those of files. */
static int by_type(struct level *l, struct archive_entry *entry, struct span name, struct err *e)
{
	const char *type = type_of(entry);
	if (strcmp(type, "file") == 0)
		return look_inside(l, entry, name, e);
	if (l->way->loose && (strcmp(type, "link") == 0 || archive_entry_size(entry) > 0))
		inspect_found(&l->place, INSPECT_UNKNOWN_FORMAT, SPAN("bytes, and not of a file"));
	return 0;
}

static int on_entry(struct level *l, struct archive_entry *entry, struct err *e)
{
	struct unpack *u = l->c->u;
	struct span name = name_of(l, entry);
	set_place(l, name);
	if (++u->entries > (uint64_t)u->limits->entries)
		return unpack_over(u, &l->place, INSPECT_LIMIT_ENTRIES, u->limits->entries, e);
	look_at_name(l, name);
	if (say(l, entry, name, e) < 0 || say_findings(u, e) < 0)
		return -1;
	return by_type(l, entry, name, e);
}

static int each_entry(struct level *l, struct err *e)
{
	struct archive_entry *entry;
	int code;
	while (
	    (code = archive_read_next_header(l->a, &entry)) >= ARCHIVE_WARN && code != ARCHIVE_EOF)
		if (on_entry(l, entry, e) < 0)
			return -1;
	if (code == ARCHIVE_EOF)
		return 0;
	found_error(l, l->c->place);
	return l->failed ? -1 : 0;
}

/* --- an archive ------------------------------------------------------------------------------ */

static int prepare(struct level *l, struct err *e)
{
	struct content *c = l->c;
	l->random = c->random;
	if (l->random || !l->way->seeks)
		return 0;
	l->mem = unpack_hold(c, &l->held, e);
	l->random = l->mem ? &l->mem->bytes : NULL;
	return l->mem ? 0 : -1;
}

static int check_depth(struct content *c)
{
	/* a tar in its gzip is one archive; what lies deeper, lies in this one */
	if (c->depth == 1 && c->name.len && c->format->class == INSPECT_ARCHIVE)
		inspect_found(c->place, INSPECT_NESTED_ARCHIVE, span_of(c->format->name));
	if (c->depth < (unsigned)c->u->limits->depth)
		return 0;
	unpack_limit(c->place, INSPECT_LIMIT_DEPTH, c->u->limits->depth);
	return 1;
}

int unpack_archive(struct content *c, struct err *e)
{
	if (check_depth(c))
		return 0;
	struct level *l = mem_new(1, sizeof(*l));
	*l = (struct level){.source = {entry_read},
	    .c = c,
	    .way = find_way(c->format->type),
	    .path = BUF_INIT(2 * INSPECT_TEXT_MAX + 8),
	    .e = e};
	ENSURE(l->way);
	int r = prepare(l, e);
	if (r == 0 && l->way->type == INSPECT_T_ZIP)
		r = inspect_zip(l->random, c->place, (size_t)c->u->limits->entries, e);
	if (r == 0 && begin(l))
		r = each_entry(l, e);
	else if (r == 0)
		found_error(l, c->place);
	if (l->a)
		archive_read_free(l->a);
	if (l->mem)
		unpack_drop(c->u, &l->held);
	free(l->mem);
	buf_release(&l->path);
	free(l);
	return r;
}
