#include "base/alloc.h"
#include "store/room.h"

#include <stdlib.h>

enum { NAMES_MAX = 1 << 30 };

struct scan_item *scan_add(struct store_scan *sc)
{
	if (sc->n == sc->cap) {
		sc->cap = sc->cap ? sc->cap * 2 : 64;
		sc->v = mem_resize(sc->v, sc->cap, sizeof(*sc->v));
	}
	sc->v[sc->n] = (struct scan_item){0};
	return &sc->v[sc->n++];
}

int store_scan_open(struct store *s, struct store_scan **out, struct err *e)
{
	struct store_scan *sc = mem_new(1, sizeof(*sc));
	sc->store = s;
	arena_init(&sc->names, NAMES_MAX);
	buf_init(&sc->name, SIZE_MAX);
	if (s->ops->scan(s, sc, e) < 0) {
		store_scan_free(sc);
		return -1;
	}
	*out = sc;
	return 0;
}

int store_scan_next(struct store_scan *sc, struct store_entry *entry, struct err *e)
{
	(void)e;
	if (sc->at == sc->n)
		return 0;
	const struct scan_item *it = &sc->v[sc->at++];
	buf_reset(&sc->name);
	if (sc->store->kind == STORE_MH)
		buf_addf(&sc->name, "%s/%s", sc->store->path, it->base);
	else if (it->base)
		buf_addf(
		    &sc->name, "%s/%s/%s", sc->store->path, it->in_new ? "new" : "cur", it->base);
	else
		buf_addf(
		    &sc->name, "mbox:%s#%llu", sc->store->path, (unsigned long long)it->from_at);
	*entry = (struct store_entry){.name = sc->name.ptr,
	    .flags = it->flags,
	    .size = it->size,
	    .time_s = it->time_s,
	    .offset = it->offset,
	    .length = it->length};
	return 1;
}

void store_scan_free(struct store_scan *sc)
{
	if (!sc)
		return;
	arena_release(&sc->names);
	buf_release(&sc->name);
	free(sc->v);
	free(sc);
}
