#include "inspect/behind.h"

#include "base/alloc.h"

#include <stdio.h>

/* Archives that are read from wherever their mark is. `rare`: the byte of it that texts do not have, so that looking for it costs little. */
static const struct {
	struct span mark;
	size_t rare;
	enum inspect_type type;
} marks[] = {
    {{"Rar!\x1a\7", 6}, 4, INSPECT_T_RAR},
    {{"7z\xbc\xaf\x27\x1c", 6}, 2, INSPECT_T_7Z},
    {{"MSCF\0\0\0\0", 8}, 0, INSPECT_T_CAB},
};

void inspect_behind_init(struct inspect_behind *b)
{
	*b = (struct inspect_behind){.tail = BUF_INIT(2 * INSPECT_TAIL)};
}

void inspect_behind_release(struct inspect_behind *b)
{
	buf_release(&b->tail);
}

/* Twice as much may gather, so that it is not moved for every few bytes. */
static void keep_tail(struct buf *tail, struct span s)
{
	if (s.len > INSPECT_TAIL)
		s = span_skip(s, s.len - INSPECT_TAIL);
	if (tail->len + s.len > tail->max)
		buf_drop(tail, tail->len - (INSPECT_TAIL - s.len));
	buf_add(tail, s);
}

static bool has_mark(struct span s, struct span mark, size_t rare)
{
	for (size_t from = 0; from + mark.len <= s.len; from++) {
		const char *p = memchr(s.ptr + from + rare, mark.ptr[rare], s.len - from - rare);
		if (!p)
			return false;
		from = (size_t)(p - s.ptr) - rare;
		if (span_eq(span_take(span_skip(s, from), mark.len), mark))
			return true;
	}
	return false;
}

static void look(struct inspect_behind *b, struct span s)
{
	for (size_t i = 0; !b->begins && i < ARRAY_LEN(marks); i++)
		if (has_mark(s, marks[i].mark, marks[i].rare))
			b->begins = inspect_format(marks[i].type);
}

/* The bytes on both sides of where two pieces meet. */
static void look_between(struct inspect_behind *b, struct span s)
{
	char both[2 * sizeof(b->last)];
	struct span start = span_take(s, sizeof(b->last));
	memcpy(both, b->last, b->have);
	memcpy(both + b->have, start.ptr, start.len);
	struct span joined = span_make(both, b->have + start.len);
	look(b, joined);
	if (s.len > sizeof(b->last))
		joined = span_skip(s, s.len - sizeof(b->last));
	else if (joined.len > sizeof(b->last))
		joined = span_skip(joined, joined.len - sizeof(b->last));
	memcpy(b->last, joined.ptr, joined.len);
	b->have = joined.len;
}

void inspect_behind_put(struct inspect_behind *b, struct span s)
{
	keep_tail(&b->tail, s);
	if (b->at < INSPECT_BEHIND_MAX && !b->begins && s.len) {
		/* the mark that a file begins with is its own */
		struct span later = b->at ? s : span_skip(s, 1);
		look_between(b, later);
		look(b, later);
	}
	b->at += s.len;
}

/* What holds files as they are may end with a zip, or near to that. */
static bool holds_files(const struct inspect_format *f)
{
	return f->class == INSPECT_ARCHIVE || f->class == INSPECT_PACKED ||
	       f->class == INSPECT_OLE || f->class == INSPECT_PDF;
}

static void found(const struct inspect_place *place, const struct inspect_format *behind)
{
	char text[80];
	snprintf(text, sizeof(text), "a %s behind other content", behind->name);
	inspect_found(place, INSPECT_POLYGLOT, span_of(text));
	inspect_found(place, INSPECT_UNKNOWN_FORMAT, span_of(text));
}

/* An archive that begins somewhere in other content is found by its end, and so it is by those who open it: behind a tar or a gzip, too, whose
 * own readers stop before it. */
void inspect_behind_found(const struct inspect_behind *b, const struct inspect_place *place,
    const struct inspect_format *of)
{
	struct span tail = buf_span(&b->tail);
	const struct inspect_format *behind = inspect_format_of_tail(
	    span_skip(tail, tail.len > INSPECT_TAIL ? tail.len - INSPECT_TAIL : 0),
	    holds_files(of));
	bool image = of->rule == INSPECT_DISK_IMAGE;
	if (behind && of->type != INSPECT_T_ZIP && !image) {
		if (behind->class == INSPECT_CLOSED)
			inspect_format_found(place, behind);
		else
			found(place, behind);
	}
	/* files in a file are looked at as such */
	if (b->begins && !image && (!holds_files(of) || of->class == INSPECT_PDF))
		found(place, b->begins);
}
