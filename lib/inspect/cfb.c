/* Sectors, the tables of which follows which, and streams as chains of them (MS-CFB 2). */
#include "base/alloc.h"
#include "inspect/ole_room.h"

#include <stdlib.h>

enum { SHARED = 4 /* times its size, what all streams together may give */ };
enum {
	HEADER = 512,
	IN_HEADER = 109,
	FAT_MAX = 1 << 16 /* sectors of it: files of 4 GB and more are none of mail's */
};
#define NO_SECTOR 0xffffffffu

static int read_at(struct cfb *c, void *p, size_t n, uint64_t at, struct err *e)
{
	size_t have = 0;
	while (have < n) {
		ssize_t r = c->in->pread(c->in, (char *)p + have, n - have, at + have, e);
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		have += (size_t)r;
	}
	memset((char *)p + have, 0xff, n - have);
	c->damaged |= have == 0;
	return 0;
}

static uint64_t place_of(const struct cfb *c, uint32_t sector)
{
	return ((uint64_t)sector + 1) << c->shift;
}

static bool is_sector(const struct cfb *c, uint32_t sector)
{
	return sector < CFB_LAST && sector < c->sectors;
}

/* --- the FAT --------------------------------------------------------------------- */

static void add_fat(struct cfb *c, uint32_t sector)
{
	if (c->fat_count >= FAT_MAX || !is_sector(c, sector))
		return;
	if (c->fat_count % 256 == 0)
		c->fat_sectors = mem_resize(c->fat_sectors, c->fat_count + 256, sizeof(uint32_t));
	c->fat_sectors[c->fat_count++] = sector;
}

/* Further lists of where the FAT lies, each with the next one's place at its end. */
static int read_difat(struct cfb *c, uint32_t sector, uint32_t count, struct err *e)
{
	unsigned char list[CFB_SECTOR_MAX];
	size_t size = (size_t)1 << c->shift;
	for (uint32_t n = 0; is_sector(c, sector) && n < count && n < FAT_MAX / 64; n++) {
		if (read_at(c, list, size, place_of(c, sector), e) < 0)
			return -1;
		for (size_t i = 0; i + 8 <= size; i += 4)
			add_fat(c, cfb_le(list + i, 4));
		sector = cfb_le(list + size - 4, 4);
	}
	return 0;
}

static int next_sector(struct cfb *c, uint32_t sector, uint32_t *next, struct err *e)
{
	size_t index = sector >> (c->shift - 2), at = (sector & ((1u << (c->shift - 2)) - 1)) * 4;
	*next = NO_SECTOR;
	if (index >= c->fat_count)
		return 0;
	uint32_t fat = c->fat_sectors[index];
	if (fat != c->cached &&
	    read_at(c, c->cache, (size_t)1 << c->shift, place_of(c, fat), e) < 0)
		return -1;
	c->cached = fat;
	*next = cfb_le(c->cache + at, 4);
	return 0;
}

int cfb_open(struct cfb *c, const struct inspect_bytes *in, struct err *e)
{
	unsigned char h[HEADER];
	*c = (struct cfb){.in = in,
	    .budget = SHARED * in->size + (64 << 10),
	    .cached = NO_SECTOR,
	    .mini_sector = NO_SECTOR};
	if (read_at(c, h, sizeof(h), 0, e) < 0)
		return -1;
	c->shift = cfb_le(h + 30, 2);
	c->mini_shift = cfb_le(h + 32, 2);
	if (in->size < HEADER || (c->shift != 9 && c->shift != 12) || c->mini_shift != 6)
		return 1;
	c->sectors = (in->size + (1u << c->shift) - 1) >> c->shift;
	c->directory = cfb_le(h + 48, 4);
	c->cutoff = cfb_le(h + 56, 4);
	c->mini_fat = cfb_le(h + 60, 4);
	for (size_t i = 0; i < IN_HEADER; i++)
		add_fat(c, cfb_le(h + 76 + 4 * i, 4));
	if (read_difat(c, cfb_le(h + 68, 4), cfb_le(h + 72, 4), e) < 0)
		return -1;
	return is_sector(c, c->directory) ? 0 : 1;
}

void cfb_release(struct cfb *c)
{
	free(c->fat_sectors);
	c->fat_sectors = NULL;
}

/* --- the mini stream: sectors of 64 bytes in the root's chain ------------------------ */

/* The index-th sector of a chain, counted on from where *at_index stands. */
static int walk(struct cfb *c, uint32_t start, uint32_t index, uint32_t *at_index,
    uint32_t *at_sector, struct err *e)
{
	if (*at_sector == NO_SECTOR || *at_index > index) {
		*at_index = 0;
		*at_sector = start;
	}
	while (*at_index < index && is_sector(c, *at_sector)) {
		if (next_sector(c, *at_sector, at_sector, e) < 0)
			return -1;
		++*at_index;
	}
	return 0;
}

static int next_mini(struct cfb *c, uint32_t mini, uint32_t *next, struct err *e)
{
	unsigned char bytes[4];
	unsigned per = c->shift - 2;
	*next = NO_SECTOR;
	if (walk(c, c->mini_fat, mini >> per, &c->mini_index, &c->mini_sector, e) < 0)
		return -1;
	if (!is_sector(c, c->mini_sector))
		return 0;
	uint64_t at = place_of(c, c->mini_sector) + (mini & ((1u << per) - 1)) * 4;
	if (read_at(c, bytes, sizeof(bytes), at, e) < 0)
		return -1;
	*next = cfb_le(bytes, 4);
	return 0;
}

static int mini_place(struct cfb_stream *s, uint64_t *at, struct err *e)
{
	struct cfb *c = s->cfb;
	uint64_t offset = (uint64_t)s->sector << c->mini_shift;
	uint32_t index = (uint32_t)(offset >> c->shift);
	*at = UINT64_MAX;
	if (offset >= c->root_size)
		return 0;
	if (walk(c, c->root_start, index, &s->big_index, &s->big_sector, e) < 0)
		return -1;
	if (is_sector(c, s->big_sector))
		*at = place_of(c, s->big_sector) + (offset & ((1u << c->shift) - 1));
	return 0;
}

/* --- streams ---------------------------------------------------------------------------- */

static int place_in(struct cfb_stream *s, uint64_t *at, struct err *e)
{
	if (s->mini)
		return mini_place(s, at, e);
	*at = is_sector(s->cfb, s->sector) ? place_of(s->cfb, s->sector) : UINT64_MAX;
	return 0;
}

static int step(struct cfb_stream *s, struct err *e)
{
	uint32_t next;
	int r = s->mini ? next_mini(s->cfb, s->sector, &next, e)
			: next_sector(s->cfb, s->sector, &next, e);
	s->sector = r < 0 ? s->sector : next;
	s->at = 0;
	return r;
}

/* A chain that is longer than the file goes round. */
static ssize_t stream_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct cfb_stream *s = (struct cfb_stream *)source;
	struct cfb *c = s->cfb;
	size_t size = (size_t)1 << (s->mini ? c->mini_shift : c->shift);
	uint64_t at;
	if (!s->left || !n)
		return 0;
	if (!c->budget) {
		c->damaged = true;
		return 0;
	}
	if (s->at == size && step(s, e) < 0)
		return -1;
	if (place_in(s, &at, e) < 0)
		return -1;
	if (at == UINT64_MAX ||
	    (s->at == 0 && ++s->steps > (c->in->size >> (s->mini ? 6 : 9)) + 2)) {
		c->damaged |= s->sector != CFB_END || s->left != UINT64_MAX;
		s->left = 0;
		return 0;
	}
	size_t take = size - s->at;
	take = take < n ? take : n;
	take = take < s->left ? take : (size_t)s->left;
	if (read_at(c, p, take, at + s->at, e) < 0)
		return -1;
	s->at += take;
	c->budget -= take < c->budget ? take : c->budget;
	s->left -= s->left == UINT64_MAX ? 0 : take;
	return (ssize_t)take;
}

void cfb_stream_init(struct cfb_stream *s, struct cfb *c, uint32_t start, uint64_t size)
{
	*s = (struct cfb_stream){.source = {stream_read},
	    .cfb = c,
	    .sector = start,
	    .left = size < c->in->size ? size : c->in->size,
	    .mini = size < c->cutoff,
	    .big_sector = NO_SECTOR};
}

void cfb_directory_init(struct cfb_stream *s, struct cfb *c)
{
	cfb_stream_init(s, c, c->directory, UINT64_MAX);
	s->left = UINT64_MAX;
	s->mini = false;
}

ssize_t cfb_read_all(struct cfb_stream *s, void *p, size_t n, struct err *e)
{
	size_t have = 0;
	while (have < n) {
		ssize_t r = stream_read(&s->source, (char *)p + have, n - have, e);
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		have += (size_t)r;
	}
	return (ssize_t)have;
}
