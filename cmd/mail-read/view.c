#include "view.h"

#include "base/alloc.h"

#include <stdlib.h>

/* --- reading --- */

static struct view_part *at(struct view *view, const struct mime_part *part)
{
	while (view->n <= part->serial) {
		if (view->n == view->cap) {
			view->cap = view->cap ? 2 * view->cap : 16;
			view->v = mem_resize(view->v, view->cap, sizeof(*view->v));
		}
		view->v[view->n++] = (struct view_part){.blank = true};
	}
	return &view->v[part->serial];
}

static bool is_blank(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_space(s.ptr[i]))
			return false;
	return true;
}

int view_read(struct view *view, struct source *in, struct err *e)
{
	struct mime_event ev;
	int r;
	*view = (struct view){0};
	mime_parser_init(&view->parser, in, NULL);
	while ((r = mime_next(&view->parser, &ev, e)) > 0) {
		struct view_part *p = at(view, ev.part);
		if (ev.type == MIME_HEADERS_END)
			p->part = ev.part;
		if (ev.type != MIME_BODY || ev.where != MIME_IN_BODY)
			continue;
		p->bytes += ev.body.len;
		p->blank = p->blank && is_blank(ev.body);
	}
	return r;
}

void view_release(struct view *view)
{
	free(view->v);
	mime_parser_release(&view->parser);
}

/* --- choosing: parts stand in the order of the message, so a part's own begin behind it --- */

enum { NOTHING, SOME_TEXT, HTML, PLAIN };

static bool is_inside(const struct mime_part *part, const struct mime_part *top)
{
	while (part && part != top)
		part = part->parent;
	return part == top;
}

static int kind_of_leaf(const struct view_part *p)
{
	if (!p->part->leaf || !mime_part_is(p->part, "text") || mime_part_is_attachment(p->part))
		return NOTHING;
	if (mime_part_is(p->part, "text/html"))
		return HTML;
	return !mime_part_is(p->part, "text/plain") ? SOME_TEXT : p->blank ? NOTHING : PLAIN;
}

/* What there is to read in a part and those in it; a message within is another matter. */
static bool has_kind(const struct view *view, const struct mime_part *top, int kind)
{
	for (size_t i = top->serial; i < view->n; i++) {
		const struct view_part *p = &view->v[i];
		if (!p->part)
			continue;
		if (!is_inside(p->part, top))
			break;
		if (kind_of_leaf(p) == kind)
			return true;
	}
	return false;
}

static const struct mime_part *child_with(
    const struct view *view, const struct mime_part *parent, int kind)
{
	for (size_t i = parent->serial + 1; i < view->n; i++) {
		const struct mime_part *part = view->v[i].part;
		if (part && part->parent == parent && has_kind(view, part, kind))
			return part;
	}
	return NULL;
}

/* The one of the alternatives that is read. */
static const struct mime_part *best(
    const struct view *view, const struct mime_part *parent, bool html)
{
	int first = html ? HTML : PLAIN, second = html ? PLAIN : HTML;
	const struct mime_part *part = child_with(view, parent, first);
	if (!part)
		part = child_with(view, parent, second);
	return part ? part : child_with(view, parent, SOME_TEXT);
}

/* Whether a part is left out because another one of its parent's is read instead. Listed still: what is attached in it. */
static bool is_passed_over(
    const struct view *view, const struct mime_part *part, const struct mime_part **chosen)
{
	for (; part && part->parent; part = part->parent) {
		const struct mime_part *instead = chosen[part->parent->serial];
		if (instead && instead != part && strcmp(part->parent->subtype, "alternative") == 0)
			return true;
	}
	(void)view;
	return false;
}

void view_choose(struct view *view, bool html)
{
	const struct mime_part **chosen = mem_new(view->n + 1, sizeof(*chosen));
	for (size_t i = 0; i < view->n; i++) {
		struct view_part *p = &view->v[i];
		if (!p->part)
			continue;
		if (strcmp(p->part->type, "multipart") == 0 &&
		    strcmp(p->part->subtype, "alternative") == 0)
			chosen[i] = best(view, p->part, html);
		bool passed = is_passed_over(view, p->part, chosen);
		bool text = kind_of_leaf(p) != NOTHING;
		p->shown = (text || p->part->is_message) && !passed;
		p->listed = p->part->leaf && !p->shown &&
			    (mime_part_is_attachment(p->part) ||
				!(passed || mime_part_is(p->part, "text")));
	}
	free(chosen);
}
