#include "inspect/message.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "inspect/leaf.h"

#include <stdlib.h>

enum { FILES_ARENA_MAX = 16 << 20 };

#define BIT(t) (UINT32_C(1) << (t))

/* --- a reading ------------------------------------------------------------------------ */

static void found_ambiguous(struct walk *w, const struct mime_part *part)
{
	struct inspect_place place = {w->result, span_of(part->number), part->filename};
	for (unsigned i = 0; w->o->own && i < MIME_A_COUNT; i++)
		if (part->ambiguous & BIT(i))
			inspect_found(&place, INSPECT_AMBIGUOUS,
			    span_of(mime_ambiguity_name((enum mime_ambiguity)i)));
	/* the lines that others take for boundaries of no name are not looked for here */
	if (part->ambiguous & BIT(MIME_A_EMPTY_BOUNDARY))
		inspect_found(&place, INSPECT_LIMIT_READINGS, SPAN("empty-boundary"));
}

static int on_event(struct leaf *l, struct walk *w, const struct mime_event *ev, struct err *e)
{
	bool here = l->part == ev->part;
	switch (ev->type) {
	case MIME_FIELD: return 0;
	case MIME_HEADERS_END:
		if (ev->part->leaf)
			leaf_begin(l, w, ev->part);
		return 0;
	case MIME_BODY: return here && ev->where == MIME_IN_BODY ? leaf_put(l, ev->body, e) : 0;
	case MIME_PART_END: {
		int r = here ? leaf_end(l, e) : 0;
		found_ambiguous(w, ev->part);
		return r;
	}
	}
	return 0;
}

/* *ambiguous gets what was met. */
static int read_once(
    struct walk *w, struct source *in, uint32_t other, uint32_t *ambiguous, struct err *e)
{
	struct mime_parser parser;
	struct mime_event ev;
	struct leaf *leaf = mem_new(1, sizeof(*leaf));
	struct err why = ERR_INIT;
	int r;
	mime_parser_init(&parser, in, NULL);
	mime_parser_read_as(&parser, other);
	while ((r = mime_next(&parser, &ev, &why)) > 0)
		if ((r = on_event(leaf, w, &ev, &why)) < 0)
			break;
	if (leaf->part)
		leaf_end(leaf, NULL);
	*ambiguous |= mime_parser_ambiguous(&parser);
	mime_parser_release(&parser);
	free(leaf);
	if (r >= 0)
		return 0;
	if (why.code != EX_DATAERR)
		return err_copy(e, &why);
	inspect_add(w->result, INSPECT_LIMIT_MESSAGE, SPAN(""), SPAN(""), span_of(why.text));
	return 0;
}

/* --- all of them ------------------------------------------------------------------------ */

struct readings {
	uint32_t v[INSPECT_READINGS_MAX]; /* sets of ambiguities, each read the other way */
	unsigned n;
	uint32_t known;
};

/* One more ambiguity: each set so far with it too. */
static bool add_bit(struct readings *s, uint32_t bit)
{
	unsigned n = s->n;
	s->known |= bit;
	for (unsigned i = 0; i < n; i++) {
		if (s->n == INSPECT_READINGS_MAX)
			return false;
		s->v[s->n++] = s->v[i] | bit;
	}
	return true;
}

static bool add_ambiguous(struct readings *s, uint32_t bits)
{
	bool all = true;
	bits &= MIME_A_READABLE & ~s->known;
	for (unsigned i = 0; i < 32; i++)
		if (bits & BIT(i))
			all &= add_bit(s, BIT(i));
	return all;
}

static int read_all(struct walk *w, struct inspect_input *in, struct err *e)
{
	struct readings s = {.n = 1};
	bool all = true;
	for (unsigned i = 0; i < s.n; i++) {
		uint32_t ambiguous = 0;
		if (read_once(w, in->rewind(in), s.v[i], &ambiguous, e) < 0)
			return -1;
		w->result->readings = i + 1;
		all &= add_ambiguous(&s, ambiguous);
	}
	if (!all)
		inspect_add(w->result, INSPECT_LIMIT_READINGS, SPAN(""), SPAN(""), SPAN(""));
	return 0;
}

/* As it came, for who knows malware of mail as a whole. */
static int scan_whole(struct walk *w, struct inspect_input *in, struct err *e)
{
	struct inspect_scanner *s = w->o->scanner;
	struct inspect_place place = {w->result, SPAN(""), SPAN("")};
	struct sink *to = s->begin(s, &place);
	if (!to)
		return 0;
	int r = sink_pump(to, in->rewind(in), e);
	s->end(s, &place);
	return r;
}

int inspect_message(struct inspect_result *r, const struct inspect_options *o,
    struct inspect_input *in, struct err *e)
{
	struct walk *w = mem_new(1, sizeof(*w));
	*w = (struct walk){
	    .result = r, .o = o, .deadline_ms = clock_mono_ms() + o->limits->time_s * 1000};
	arena_init(&w->arena, FILES_ARENA_MAX);
	int code = o->scanner ? scan_whole(w, in, e) : 0;
	if (code == 0)
		code = read_all(w, in, e);
	arena_release(&w->arena);
	free(w);
	return code;
}
