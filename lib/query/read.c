#include "mime/decode.h"
#include "mime/shape.h"
#include "query/run.h"

/* type:image, type:image/png, type:pdf */
static bool type_is(const struct mime_part *part, struct span wanted)
{
	struct span type = wanted, main;
	if (span_is(wanted, part->type) || span_is(wanted, part->subtype))
		return true;
	span_cut(&type, '/', &main);
	return span_is(main, part->type) && (span_is(type, part->subtype) || span_is(type, "*"));
}

static void part_terms(struct query_run *run, const struct query_node *n,
    const struct mime_part *part, struct span filename)
{
	for (const struct query_node *c = n->first; c; c = c->next)
		part_terms(run, c, part, filename);
	if (n->kind != QUERY_TERM)
		return;
	if (n->field == QUERY_ATTACHMENT)
		run->hit[n->index] |= mime_part_is_attachment(part);
	else if (n->field == QUERY_FILENAME || n->field == QUERY_ANY)
		run->hit[n->index] |= filename.len && span_find(filename, n->text) >= 0;
	else if (n->field == QUERY_TYPE)
		run->hit[n->index] |= type_is(part, n->text);
}

static void look_at_part(struct query_run *run, const struct mime_part *part)
{
	struct buf name = BUF_INIT(64 * 1024);
	query_fold(&name, part->filename);
	part_terms(run, run->q->top, part, buf_span(&name));
	buf_release(&name);
}

/* Whether the text of this part is wanted. A text that is attached is text all the same. */
static bool is_text(const struct query_run *run, const struct mime_part *part)
{
	return part->leaf && run->texts[0] && mime_part_is(part, "text");
}

struct part_text {
	struct mime_decoder decoder;
	const struct mime_part *part; /* NULL: none is open */
};

static int end_text(struct part_text *t, struct mime_part *part, struct err *e)
{
	if (t->part != part)
		return 0;
	t->part = NULL;
	return mime_decoder_end(&t->decoder, part, e);
}

/* 1: an event was used that may have decided; 0 not. */
static int on_event(
    struct query_run *run, struct part_text *t, const struct mime_event *ev, struct err *e)
{
	unsigned hits = run->search.hits;
	switch (ev->type) {
	case MIME_FIELD: return 0;
	case MIME_HEADERS_END:
		look_at_part(run, ev->part);
		if (is_text(run, ev->part)) {
			text_search_reset(&run->search);
			mime_decoder_init(
			    &t->decoder, ev->part, MIME_DECODE_TEXT, &run->search.sink);
			t->part = ev->part;
		}
		return 1;
	case MIME_BODY:
		if (t->part == ev->part && ev->where == MIME_IN_BODY &&
		    sink_put(mime_decoder_sink(&t->decoder), ev->body, e) < 0)
			return -1;
		break;
	case MIME_PART_END:
		if (end_text(t, ev->part, e) < 0)
			return -1;
		break;
	}
	return run->search.hits != hits;
}

/* All parts, or as many as decide it. Limits and other faults of content end the search, not the program. */
int query_read_parts(struct query_run *run, struct source *in, struct err *e)
{
	struct mime_parser p;
	struct mime_event ev;
	struct part_text text = {.part = NULL};
	struct err why = ERR_INIT;
	int r;
	mime_parser_init(&p, in, NULL);
	while ((r = mime_next(&p, &ev, &why)) > 0) {
		if ((r = on_event(run, &text, &ev, &why)) < 0)
			break;
		if (r > 0 && query_eval(run, run->q->top) != QUERY_UNKNOWN)
			break;
	}
	if (text.part) {
		struct mime_part part = *text.part;
		mime_decoder_end(&text.decoder, &part, NULL);
	}
	mime_parser_release(&p);
	run->have_parts = true;
	return r < 0 && why.code != EX_DATAERR ? err_copy(e, &why) : 0;
}

int query_read_header(struct query_run *run, struct source *in, struct err *e)
{
	struct err why = ERR_INIT;
	int r = header_read(&run->header, in, NULL, &why);
	run->have_header = true;
	return r < 0 && why.code != EX_DATAERR ? err_copy(e, &why) : 0;
}
