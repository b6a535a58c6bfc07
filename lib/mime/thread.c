#include "mime/thread.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "codec/utf8.h"
#include "mime/subject.h"

#include <stdlib.h>

enum {
	DEPTH_MAX = 1000, /* what would hang deeper stands at the top: no loop, no deep recursion */
	SUBJECT_MAX = 1 << 20
};

/* A table of nodes by a key: ids, subjects. Never more than half full. */
struct slot {
	struct span key;
	struct thread_node *node;
	bool reply;
};
struct table {
	struct slot *v;
	size_t n, cap;
};
struct thread {
	struct arena arena;
	struct table ids, subjects;
	struct thread_node **all; /* in the order they were made */
	size_t n, cap;
	struct thread_node *first;
};

/* --- tables --- */

static uint64_t hash(struct span key)
{
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.ptr[i]) * 1099511628211u;
	return h ^ (h >> 29);
}

static struct slot *probe(const struct table *t, struct span key)
{
	size_t i = (size_t)hash(key) & (t->cap - 1);
	while (t->v[i].key.ptr && !span_eq(t->v[i].key, key))
		i = (i + 1) & (t->cap - 1);
	return &t->v[i];
}

static void grow(struct table *t)
{
	struct table bigger = {.cap = t->cap ? 2 * t->cap : 1024, .n = t->n};
	bigger.v = mem_new(bigger.cap, sizeof(*bigger.v));
	for (size_t i = 0; i < t->cap; i++)
		if (t->v[i].key.ptr)
			*probe(&bigger, t->v[i].key) = t->v[i];
	free(t->v);
	*t = bigger;
}

/* The slot for a key; one that was not there has node NULL and must be filled. */
static struct slot *slot_for(struct table *t, struct span key)
{
	if (2 * (t->n + 1) > t->cap)
		grow(t);
	struct slot *s = probe(t, key);
	if (!s->key.ptr) {
		s->key = key;
		t->n++;
	}
	return s;
}

/* --- nodes and links --- */

static struct thread_node *node_new(struct thread *t)
{
	struct thread_node *x = arena_new(&t->arena, 1, sizeof(*x));
	ENSURE(x);
	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 1024;
		t->all = mem_resize(t->all, t->cap, sizeof(*t->all));
	}
	t->all[t->n++] = x;
	return x;
}

static struct thread_node *node_of(struct thread *t, struct span id)
{
	struct slot *s = slot_for(&t->ids, id);
	if (!s->node)
		s->node = node_new(t);
	return s->node;
}

/* Would it hang below itself, or too deep? */
static bool may_hang(const struct thread_node *x, const struct thread_node *parent)
{
	unsigned depth = 0;
	for (; parent; parent = parent->parent)
		if (parent == x || ++depth > DEPTH_MAX)
			return false;
	return true;
}

/* The next <id> of a field. */
static bool next_id(struct span *rest, struct span *id)
{
	struct span before;
	while (span_cut(rest, '<', &before)) {
		struct span inside;
		if (!span_cut(rest, '>', &inside))
			return false;
		*id = span_trim(inside);
		if (id->len)
			return true;
	}
	return false;
}

/* Step 1 of RFC 5256: each reference hangs below the one before it, the message below the last. */
static void place(struct thread *t, const struct thread_message *m)
{
	struct span rest = m->id, id = {0}, ref;
	struct thread_node *x = next_id(&rest, &id) ? node_of(t, id) : node_new(t), *last = NULL;
	if (x->message) /* an id that two messages have */
		x = node_new(t);
	x->message = m;
	rest = m->references;
	bool only_one = !next_id(&rest, &ref);
	rest = only_one ? m->in_reply_to : m->references;
	while (next_id(&rest, &ref)) {
		struct thread_node *r = node_of(t, ref);
		if (last && !r->parent && may_hang(r, last))
			r->parent = last;
		last = r;
		if (only_one)
			break;
	}
	if (!last || may_hang(x, last))
		x->parent = last;
}

/* --- trees: from parents to children --- */

/* One by one not too deep, together they may be. */
static void flatten(struct thread *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (!may_hang(NULL, t->all[i]->parent))
			t->all[i]->parent = NULL;
}

/* Backwards, so that each stands before those that came later. */
static void hang(struct thread *t)
{
	for (size_t i = t->n; i-- > 0;) {
		struct thread_node *x = t->all[i],
				   **list = x->parent ? &x->parent->child : &t->first;
		x->next = *list;
		*list = x;
	}
}

static void adopt(struct thread_node *children, struct thread_node *parent)
{
	for (; children; children = children->next)
		children->parent = parent;
}

/* Step 3: places without a message go; their children move up, but at the top several stay together. */
static void prune(struct thread_node **list, struct thread_node *parent)
{
	while (*list) {
		struct thread_node *x = *list;
		prune(&x->child, x);
		bool together = !parent && x->child && x->child->next;
		if (x->message || together) {
			list = &x->next;
			continue;
		}
		struct thread_node *after = x->next;
		adopt(x->child, parent);
		*list = x->child;
		while (*list)
			list = &(*list)->next;
		*list = after;
	}
}

/* --- sorting by date --- */

static const struct thread_message *first_message(const struct thread_node *x)
{
	while (!x->message)
		x = x->child;
	return x->message;
}

static int by_date(const void *pa, const void *pb)
{
	const struct thread_message *a = first_message(*(struct thread_node *const *)pa);
	const struct thread_message *b = first_message(*(struct thread_node *const *)pb);
	if (a->date_s != b->date_s)
		return a->date_s < b->date_s ? -1 : 1;
	return a < b ? -1 : a > b; /* the order they came in */
}

static void sort_list(struct thread_node **list)
{
	size_t n = 0, i = 0;
	for (struct thread_node *x = *list; x; x = x->next)
		n++;
	if (n < 2)
		return;
	struct thread_node **v = mem_new(n, sizeof(*v));
	for (struct thread_node *x = *list; x; x = x->next)
		v[i++] = x;
	qsort(v, n, sizeof(*v), by_date);
	for (i = 0; i < n; i++)
		v[i]->next = i + 1 < n ? v[i + 1] : NULL;
	*list = v[0];
	free(v);
}

static void sort_all(struct thread_node **list)
{
	for (struct thread_node *x = *list; x; x = x->next)
		sort_all(&x->child);
	sort_list(list);
}

/* --- step 5: conversations with the same subject --- */

/* The folded base subject in the arena; "" where there is none. */
static struct span subject_of(struct thread *t, const struct thread_node *x, bool *reply)
{
	struct buf base = BUF_INIT(SUBJECT_MAX), folded = BUF_INIT(4 * SUBJECT_MAX);
	*reply = subject_base(&base, first_message(x)->subject);
	utf8_fold(&folded, buf_span(&base));
	struct span s = arena_dup(&t->arena, buf_span(&folded));
	buf_release(&base);
	buf_release(&folded);
	return s;
}

static void note_subject(struct thread *t, struct thread_node *x, struct span subject, bool reply)
{
	struct slot *s = slot_for(&t->subjects, subject);
	bool better = !s->node || (!x->message && s->node->message) ||
		      (s->reply && !reply && s->node->message);
	if (!better)
		return;
	s->node = x;
	s->reply = reply;
}

/* In front: they are sorted once more in the end, and nobody has to look for the last one. */
static void put_below(struct thread_node *x, struct thread_node *parent)
{
	x->parent = parent;
	x->next = parent->child;
	parent->child = x;
}

/* x leaves the top; its conversation joins the one of the slot. */
static void merge(struct thread *t, struct slot *s, struct thread_node *x, bool reply)
{
	struct thread_node *other = s->node;
	if (!other->message && !x->message) {
		for (struct thread_node *c = x->child, *after; c; c = after) {
			after = c->next;
			put_below(c, other);
		}
	} else if (!other->message || (reply && !s->reply)) {
		put_below(x, other);
	} else {
		/* two that say the same and neither answers the other: siblings below an empty place, which takes the other's */
		struct thread_node *self = node_new(t);
		*self = *other;
		adopt(self->child, self);
		*other = (struct thread_node){.next = self->next, .child = NULL};
		put_below(self, other);
		put_below(x, other);
		s->reply = false;
	}
}

static void join_subjects(struct thread *t)
{
	size_t n = 0, i = 0;
	for (struct thread_node *x = t->first; x; x = x->next)
		n++;
	struct slot *tops = mem_new(n + 1, sizeof(*tops));
	for (struct thread_node *x = t->first; x; x = x->next, i++) {
		tops[i].node = x;
		tops[i].key = subject_of(t, x, &tops[i].reply);
		if (tops[i].key.len)
			note_subject(t, x, tops[i].key, tops[i].reply);
	}
	struct thread_node **list = &t->first;
	for (i = 0; i < n; i++) {
		struct thread_node *x = tops[i].node;
		struct slot *s = tops[i].key.len ? slot_for(&t->subjects, tops[i].key) : NULL;
		if (!s || s->node == x) {
			list = &x->next;
			continue;
		}
		*list = x->next;
		merge(t, s, x, tops[i].reply);
	}
	free(tops);
}

/* --- all --- */

struct thread *thread_new(const struct thread_message *v, size_t n)
{
	struct thread *t = mem_new(1, sizeof(*t));
	arena_init(&t->arena, SIZE_MAX / 2);
	for (size_t i = 0; i < n; i++)
		place(t, &v[i]);
	flatten(t);
	hang(t);
	prune(&t->first, NULL);
	sort_all(&t->first);
	join_subjects(t);
	sort_all(&t->first);
	return t;
}

void thread_free(struct thread *t)
{
	if (!t)
		return;
	free(t->ids.v);
	free(t->subjects.v);
	free(t->all);
	arena_release(&t->arena);
	free(t);
}

const struct thread_node *thread_first(const struct thread *t)
{
	return t->first;
}

const struct thread_node *thread_next(const struct thread_node *x, unsigned *depth)
{
	if (x->child) {
		++*depth;
		return x->child;
	}
	while (!x->next) {
		x = x->parent;
		if (!x)
			return NULL;
		--*depth;
	}
	return x->next;
}
