#include "dns/kept.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdlib.h>

enum { BUCKETS_FIRST = 64, BYTES_MAX = 4 << 20, PACKET_KEPT_MAX = 4096 };

struct entry {
	struct entry *next;          /* in the bucket */
	struct entry *older, *newer; /* of all */
	unsigned type;
	int64_t until_ms;
	size_t name_len, wire_len;
	char bytes[]; /* the name, a NUL, the packet */
};
struct kept {
	struct entry **buckets; /* a power of two of them, at least one for two entries */
	size_t size, n;
	struct entry *oldest, *newest;
	size_t bytes;
};

struct kept *kept_new(void)
{
	struct kept *k = mem_new(1, sizeof(*k));
	k->size = BUCKETS_FIRST;
	k->buckets = mem_new(k->size, sizeof(struct entry *));
	return k;
}

/* FNV-1a: who fills one bucket with names of his own slows down his own answers. */
static struct entry **bucket(struct kept *k, const char *name, unsigned type)
{
	uint32_t h = 2166136261u ^ type;
	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return &k->buckets[(h ^ h >> 16) & (k->size - 1)];
}

static size_t size_of(const struct entry *en)
{
	return sizeof(*en) + en->name_len + 1 + en->wire_len;
}

static void drop(struct kept *k, struct entry *en)
{
	struct entry **at = bucket(k, en->bytes, en->type);
	while (*at != en)
		at = &(*at)->next;
	*at = en->next;
	*(en->older ? &en->older->newer : &k->oldest) = en->newer;
	*(en->newer ? &en->newer->older : &k->newest) = en->older;
	k->bytes -= size_of(en);
	k->n--;
	free(en);
}

void kept_free(struct kept *k)
{
	while (k && k->oldest)
		drop(k, k->oldest);
	if (k)
		free(k->buckets);
	free(k);
}

static struct entry *find(struct kept *k, const char *name, unsigned type)
{
	struct entry *en = *bucket(k, name, type);
	while (en && (en->type != type || strcmp(en->bytes, name) != 0))
		en = en->next;
	return en;
}

static void grow(struct kept *k)
{
	free(k->buckets);
	k->size *= 2;
	k->buckets = mem_new(k->size, sizeof(struct entry *));
	for (struct entry *en = k->oldest; en; en = en->newer) {
		struct entry **at = bucket(k, en->bytes, en->type);
		en->next = *at;
		*at = en;
	}
}

void kept_add(struct kept *k, const char *name, unsigned type, struct span wire, uint32_t ttl)
{
	struct entry *en = find(k, name, type), **at;
	size_t name_len = strlen(name);
	if (en)
		drop(k, en);
	if (!ttl || wire.len > PACKET_KEPT_MAX)
		return;
	en = mem_new(sizeof(*en) + name_len + 1 + wire.len, 1);
	*en = (struct entry){.type = type,
	    .until_ms = clock_mono_ms() + (int64_t)ttl * 1000,
	    .name_len = name_len,
	    .wire_len = wire.len,
	    .older = k->newest};
	memcpy(en->bytes, name, name_len + 1);
	memcpy(en->bytes + name_len + 1, wire.ptr, wire.len);
	if (++k->n > 2 * k->size)
		grow(k);
	at = bucket(k, name, type);
	en->next = *at;
	*at = en;
	*(k->newest ? &k->newest->newer : &k->oldest) = en;
	k->newest = en;
	for (k->bytes += size_of(en); k->bytes > BYTES_MAX;)
		drop(k, k->oldest);
}

struct span kept_find(struct kept *k, const char *name, unsigned type)
{
	struct entry *en = find(k, name, type);
	if (!en || en->until_ms <= clock_mono_ms())
		return (struct span){0};
	return span_make(en->bytes + en->name_len + 1, en->wire_len);
}
