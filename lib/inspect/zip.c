#include "inspect/zip.h"

#include "base/alloc.h"
#include "inspect/name.h"

#include <stdlib.h>

enum {
	LOCAL = 30,  /* a file's header, before its name */
	RECORD = 46, /* its record in the directory */
	END = 22,    /* what ends the directory, before its comment */
	LOCATOR = 20,
	END_64 = 56,
	TAIL = END + 65535 + LOCATOR,
	DESCRIPTOR = 24, /* sizes behind a file, at most */
	NAME = 65535,
	PIECE = 65536
};

struct range {
	uint64_t from, to;
};
struct zip {
	const struct inspect_bytes *in;
	const struct inspect_place *place;
	uint64_t end;             /* where the end record lies */
	uint64_t directory, stop; /* where it begins, and what lies behind its last record */
	uint64_t base;            /* of all offsets: what was put in front of the zip */
	struct range *files;
	size_t n, cap, most;
	struct buf name;
	bool disks;    /* it is the last of several */
	bool two_ways; /* said already */
};
struct entry {
	unsigned flags, method;
	uint64_t packed, size, at;
	uint32_t crc;
	size_t name, extra, comment;
};

static uint64_t le(const char *p, unsigned n)
{
	uint64_t v = 0;
	while (n-- > 0)
		v = v << 8 | (unsigned char)p[n];
	return v;
}

static bool is_mark(const char *p, char third, char fourth)
{
	return p[0] == 'P' && p[1] == 'K' && p[2] == third && p[3] == fourth;
}

/* All n of them: 1; 0 it ends before; -1. */
static int get(const struct zip *z, void *p, size_t n, uint64_t at, struct err *e)
{
	size_t have = 0;
	while (have < n) {
		ssize_t got = z->in->pread(z->in, (char *)p + have, n - have, at + have, e);
		if (got <= 0)
			return (int)got;
		have += (size_t)got;
	}
	return 1;
}

static void found(struct zip *z, const char *what)
{
	if (z->two_ways)
		return;
	inspect_found(z->place, INSPECT_POLYGLOT, span_of(what));
	inspect_found(z->place, INSPECT_UNKNOWN_FORMAT, span_of(what));
	z->two_ways = true;
}

/* --- its end ------------------------------------------------------------------------ */

/* With numbers that do not fit into the old record: the newer one that a locator before it points to. */
static int read_end_64(struct zip *z, uint64_t *size, uint64_t *at, struct err *e)
{
	char p[END_64];
	if (z->end < LOCATOR)
		return 0;
	int r = get(z, p, LOCATOR, z->end - LOCATOR, e);
	if (r <= 0 || !is_mark(p, 6, 7))
		return r < 0 ? -1 : 0;
	r = get(z, p, END_64, le(p + 8, 8), e);
	if (r <= 0 || !is_mark(p, 6, 6))
		return r < 0 ? -1 : 0;
	*size = le(p + 40, 8);
	*at = le(p + 48, 8);
	return 1;
}

static int begins_directory(const struct zip *z, uint64_t at, struct err *e)
{
	char p[4];
	int r = get(z, p, sizeof(p), at, e);
	return r <= 0 ? r : is_mark(p, 1, 2) || is_mark(p, 5, 6);
}

/* Where the directory lies: right before its end, whatever was put in front of it all, or else where it says. */
static int place_directory(struct zip *z, const char *end, struct err *e)
{
	uint64_t size = le(end + 12, 4), at = le(end + 16, 4);
	int r = 0;
	if (size == UINT32_MAX || at == UINT32_MAX)
		r = read_end_64(z, &size, &at, e);
	if (r < 0)
		return -1;
	z->base = 0;
	z->directory = at;
	if (r == 0 && size <= z->end && z->end - size >= at) {
		r = begins_directory(z, z->end - size, e);
		if (r > 0) {
			z->base = z->end - size - at;
			z->directory = z->end - size;
		}
	}
	return r < 0 ? -1 : begins_directory(z, z->directory, e);
}

/* The last end record that has a directory: 1, 0 there is none, -1. */
static int find_end(struct zip *z, struct err *e)
{
	size_t n = z->in->size < TAIL ? (size_t)z->in->size : TAIL;
	char *tail = mem_new(n + 1, 1);
	int r = get(z, tail, n, z->in->size - n, e);
	int found_one = r < 0 ? -1 : 0;
	for (size_t i = n >= END ? n - END + 1 : 0; r > 0 && found_one == 0 && i-- > 0;) {
		if (!is_mark(tail + i, 5, 6))
			continue;
		z->end = z->in->size - n + i;
		found_one = place_directory(z, tail + i, e);
		z->disks = (le(tail + i + 4, 2) && le(tail + i + 4, 2) != UINT16_MAX) ||
			   (le(tail + i + 6, 2) && le(tail + i + 6, 2) != UINT16_MAX);
	}
	free(tail);
	return found_one;
}

/* --- an entry ------------------------------------------------------------------------- */

/* Sizes and the place that did not fit are in the extra field 1, those alone and in this order (4.5.3). */
static void widen(struct entry *en, const char *extra, size_t n)
{
	while (n >= 4) {
		size_t len = (size_t)le(extra + 2, 2);
		const char *p = extra + 4;
		if (len > n - 4)
			return;
		if (le(extra, 2) == 1) {
			uint64_t *wide[] = {&en->size, &en->packed, &en->at};
			for (size_t i = 0; i < ARRAY_LEN(wide); i++)
				if (*wide[i] == UINT32_MAX && len >= 8) {
					*wide[i] = le(p, 8);
					p += 8;
					len -= 8;
				}
			return;
		}
		extra += 4 + len;
		n -= 4 + len;
	}
}

static struct entry record_of(const char *p)
{
	return (struct entry){.flags = (unsigned)le(p + 8, 2),
	    .method = (unsigned)le(p + 10, 2),
	    .crc = (uint32_t)le(p + 16, 4),
	    .packed = le(p + 20, 4),
	    .size = le(p + 24, 4),
	    .name = (size_t)le(p + 28, 2),
	    .extra = (size_t)le(p + 30, 2),
	    .comment = (size_t)le(p + 32, 2),
	    .at = le(p + 42, 4)};
}

static void add_range(struct zip *z, uint64_t from, uint64_t to)
{
	if (z->n == z->cap) {
		z->cap = z->cap ? z->cap * 2 : 64;
		z->files = mem_resize(z->files, z->cap, sizeof(*z->files));
	}
	z->files[z->n++] = (struct range){from, to};
}

static bool same_sizes(const struct entry *en, const char *local)
{
	struct entry l = {.packed = le(local + 18, 4), .size = le(local + 22, 4)};
	/* bit 3: they stand behind the file */
	if (le(local + 6, 2) & 8)
		return le(local + 8, 2) == en->method;
	return le(local + 8, 2) == en->method && le(local + 14, 4) == en->crc &&
	       (l.packed == UINT32_MAX || l.packed == en->packed) &&
	       (l.size == UINT32_MAX || l.size == en->size);
}

/* The header before the file, beside its record. name: of the record. */
static int compare(struct zip *z, const struct entry *en, struct span name, struct err *e)
{
	char local[LOCAL];
	uint64_t at = z->base + en->at;
	int r = get(z, local, LOCAL, at, e);
	if (r <= 0 || !is_mark(local, 3, 4))
		return r < 0 ? -1 : 0; /* who unpacks it says so */
	size_t n = (size_t)le(local + 26, 2);
	char *other = mem_new(n + 1, 1);
	r = get(z, other, n, at + LOCAL, e);
	if (r > 0 && !span_eq(span_make(other, n), name)) {
		found(z, "a zip whose directory has other names");
		inspect_name(z->place, inspect_name_base(name));
	}
	if (r >= 0 && !same_sizes(en, local))
		found(z, "a zip whose directory has other sizes");
	free(other);
	uint64_t data = at + LOCAL + n + le(local + 28, 2);
	add_range(z, at, data + en->packed + (le(local + 6, 2) & 8 ? DESCRIPTOR : 0));
	return r < 0 ? -1 : 0;
}

/* 1; 0: not all of them could be read, so that what is not named is not known; -1. */
static int each_record(struct zip *z, struct err *e)
{
	char p[RECORD];
	size_t records = 0;
	int r;
	while ((r = get(z, p, RECORD, z->stop, e)) > 0 && is_mark(p, 1, 2)) {
		struct entry en = record_of(p);
		if (records++ == z->most) {
			inspect_found(z->place, INSPECT_LIMIT_ENTRIES, SPAN("in a directory"));
			return 0;
		}
		buf_reset(&z->name);
		char *rest = buf_room(&z->name, en.name + en.extra);
		if (!rest || get(z, rest, en.name + en.extra, z->stop + RECORD, e) <= 0)
			return e->code ? -1 : 0;
		struct span name = span_make(rest, en.name);
		widen(&en, rest + en.name, en.extra);
		if (compare(z, &en, name, e) < 0)
			return -1;
		z->stop += RECORD + en.name + en.extra + en.comment;
	}
	return r < 0 ? -1 : 1;
}

/* --- what it does not name ---------------------------------------------------------------- */

static int look_between(struct zip *z, uint64_t from, uint64_t to, struct err *e)
{
	char *piece = mem_new(PIECE, 1);
	int r = 1;
	while (r > 0 && !z->two_ways && to > from && to - from >= LOCAL) {
		size_t n = to - from < PIECE ? (size_t)(to - from) : PIECE;
		r = get(z, piece, n, from, e);
		const char *p = piece;
		while (r > 0 && (p = memchr(p, 'P', (size_t)(piece + n - p))) &&
		       piece + n - p >= LOCAL) {
			if (is_mark(p, 3, 4))
				found(z, "a zip with files that its directory does not name");
			p++;
		}
		from += n < PIECE ? n : PIECE - LOCAL + 1;
	}
	free(piece);
	return r < 0 ? -1 : 0;
}

static int by_place(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	return x->from < y->from ? -1 : x->from > y->from;
}

static int look_at_gaps(struct zip *z, struct err *e)
{
	uint64_t at = 0;
	int r = 0;
	if (z->n)
		qsort(z->files, z->n, sizeof(*z->files), by_place);
	for (size_t i = 0; r == 0 && i < z->n; i++) {
		if (z->files[i].from > at)
			r = look_between(z, at, z->files[i].from, e);
		at = z->files[i].to > at ? z->files[i].to : at;
	}
	if (r == 0 && z->directory > at)
		r = look_between(z, at, z->directory, e);
	/* a zip behind, or in the comment, whose own end could not be read here */
	if (r == 0)
		r = look_between(z, z->end + END, z->in->size, e);
	return r;
}

/* Programs that look for the end from the front, or check its comment's length, may take another one. */
static int look_for_other_end(struct zip *z, struct err *e)
{
	size_t n = z->in->size < TAIL ? (size_t)z->in->size : TAIL;
	uint64_t from = z->in->size - n;
	char *tail = mem_new(n + 1, 1);
	struct zip other = *z;
	int r = get(z, tail, n, from, e);
	for (size_t i = 0; r > 0 && i + END <= n; i++) {
		bool inside = false;
		other.end = from + i;
		if (!is_mark(tail + i, 5, 6) || other.end == z->end)
			continue;
		for (size_t k = 0; k < z->n; k++) /* a zip that is a file in this one has its own */
			inside |= other.end >= z->files[k].from && other.end < z->files[k].to;
		int there = inside ? 0 : place_directory(&other, tail + i, e);
		if (there > 0 && other.directory != z->directory)
			found(z, "a zip with two directories");
		r = there < 0 ? -1 : 1;
	}
	free(tail);
	return r < 0 ? -1 : 0;
}

int inspect_zip(const struct inspect_bytes *in, const struct inspect_place *place, size_t entries,
    struct err *e)
{
	struct zip z = {.in = in, .place = place, .most = entries, .name = BUF_INIT(2 * NAME + 2)};
	int r = find_end(&z, e);
	if (r > 0) {
		z.stop = z.directory;
		if (z.disks)
			inspect_found(place, INSPECT_UNKNOWN_FORMAT, SPAN("one volume of several"));
		r = each_record(&z, e);
		if (r > 0)
			r = look_at_gaps(&z, e) < 0 ? -1 : look_for_other_end(&z, e);
	}
	buf_release(&z.name);
	free(z.files);
	return r < 0 ? -1 : 0;
}
