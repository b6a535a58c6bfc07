#include "mime/legacy.h"

#include "mime/parse.h"
#include "mime/shape.h"

enum { HELD_MAX = 64 << 10 };

bool mime_part_has_legacy_display(const struct mime_part *part)
{
	if ((!mime_part_is(part, "text/plain") && !mime_part_is(part, "text/html")) ||
	    !span_is(mime_params_get(&part->params, "hp-legacy-display"), "1"))
		return false;
	for (; part; part = part->parent)
		if (span_is_nocase(mime_params_get(&part->params, "hp"), "cipher"))
			return true;
	return false;
}

static int let_through(struct filter_legacy *f, size_t from, struct err *e)
{
	f->through = true;
	return sink_put(f->next, span_skip(buf_span(&f->held), from), e);
}

static int put(struct sink *s, struct span bytes, struct err *e)
{
	struct filter_legacy *f = (struct filter_legacy *)s;
	if (f->through)
		return sink_put(f->next, bytes, e);
	size_t room = HELD_MAX - f->held.len, n = bytes.len < room ? bytes.len : room;
	buf_addn(&f->held, bytes.ptr, n);
	bytes = span_skip(bytes, n);
	for (;;) {
		struct span rest = span_skip(buf_span(&f->held), f->line);
		ptrdiff_t end = span_index(rest, '\n');
		if (end < 0)
			break;
		f->line += (size_t)end + 1;
		if (span_trim(span_take(rest, (size_t)end)).len)
			continue;
		return let_through(f, f->line, e) < 0 ? -1 : sink_put(f->next, bytes, e);
	}
	if (f->held.len < HELD_MAX)
		return 0;
	return let_through(f, 0, e) < 0 ? -1 : sink_put(f->next, bytes, e);
}

static int end(struct sink *s, struct err *e)
{
	struct filter_legacy *f = (struct filter_legacy *)s;
	if (!f->through && let_through(f, 0, e) < 0)
		return -1;
	return sink_end(f->next, e);
}

void filter_legacy_init(struct filter_legacy *f, struct sink *next)
{
	*f = (struct filter_legacy){{put, end}, next, BUF_INIT(HELD_MAX), 0, false};
}

void filter_legacy_release(struct filter_legacy *f)
{
	buf_release(&f->held);
}
