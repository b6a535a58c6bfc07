/* What a look has found so far. */
#include "base/alloc.h"
#include "mime/shape.h"
#include "secure/look_internal.h"

#include <stdlib.h>

enum { PARTS_MAX = 10000 };

void secure_look_init(struct secure_look *l)
{
	*l = (struct secure_look){.payload_layer = -1, .plain_layer = -1};
}

void look_release_from(struct secure_look *l, size_t parts, size_t layers, size_t findings)
{
	for (; l->part_n > parts; l->part_n--) {
		struct secure_part *p = &l->parts[l->part_n - 1];
		free(p->number);
		free(p->type);
		free(p->filename);
	}
	for (; l->found.n > findings; l->found.n--)
		secure_finding_release(&l->found.v[l->found.n - 1]);
	l->layer_n = layers;
}

void secure_look_release(struct secure_look *l)
{
	look_release_from(l, 0, 0, 0);
	secure_findings_release(&l->found);
	for (size_t i = 0; i < l->field_n; i++) {
		free(l->fields[i].name);
		free(l->fields[i].value);
		free(l->fields[i].outer);
	}
	while (l->spools) {
		struct secure_spool *s = l->spools;
		l->spools = s->next;
		spool_release(&s->spool);
		free(s);
	}
	if (l->payload)
		header_release(&l->payload->header);
	free(l->payload);
	free(l->parts);
	free(l->layers);
	free(l->fields);
	free(l->apart);
	secure_look_init(l);
}

struct spool *look_spool(struct walk *w)
{
	struct secure_spool *s = mem_new(1, sizeof(*s));
	spool_init(&s->spool);
	s->next = w->l->spools;
	w->l->spools = s;
	return &s->spool;
}

char *look_number(const struct place *at, const struct node *n)
{
	/* the multipart of an attached message has none of its own: it is that message's, and not the whole one's */
	const struct mime_part *p = n->part;
	while (!*mime_part_number(p) && p->parent)
		p = p->parent;
	const char *own = mime_part_number(p);
	return !*at->prefix ? str_dup(own)
	       : *own       ? str_printf("%s/%s", at->prefix, own)
			    : str_dup(at->prefix);
}

ptrdiff_t look_add_layer(struct walk *w, const struct place *at, enum secure_method m,
    enum secure_kind k, size_t first, bool whole)
{
	struct secure_look *l = w->l;
	l->layers = mem_resize(l->layers, l->layer_n + 1, sizeof(*l->layers));
	l->layers[l->layer_n] =
	    (struct secure_layer){at->layer, k, m, first, l->found.n - first, whole};
	return (ptrdiff_t)l->layer_n++;
}

int look_add_part(struct walk *w, const struct node *n, const struct place *at)
{
	struct secure_look *l = w->l;
	if (l->part_n == PARTS_MAX) {
		l->limited = true;
		return 0;
	}
	l->parts = mem_resize(l->parts, l->part_n + 1, sizeof(*l->parts));
	l->parts[l->part_n++] = (struct secure_part){look_number(at, n),
	    str_printf("%s/%s", n->part->type, n->part->subtype),
	    n->part->filename.len ? span_dup(n->part->filename) : NULL, at->layer};
	return 0;
}

const struct secure_finding *secure_covered(
    const struct secure_look *l, ptrdiff_t layer, enum secure_kind kind)
{
	const struct secure_finding *best = NULL;
	for (; layer >= 0 && !best; layer = l->layers[layer].parent) {
		const struct secure_layer *y = &l->layers[layer];
		for (size_t i = y->first; i < y->first + y->n && !best; i++)
			if (l->found.v[i].kind == kind &&
			    (l->found.v[i].result == SECURE_PASS ||
				(kind == SECURE_ENCRYPTION &&
				    l->found.v[i].result == SECURE_POLICY)))
				best = &l->found.v[i];
	}
	return best;
}

void look_say(struct walk *w, enum secure_method m, enum secure_kind k, const char *part,
    enum secure_result r, const char *what)
{
	struct secure_finding *f = secure_findings_add(&w->l->found, m, k, part);
	if (f)
		secure_finding_say(f, r, "%s", what);
	else
		w->l->limited = true;
}
