/*
 * ole_room.h - a compound file's sectors and chains, what ole.c's files share. Private to them.
 */
#ifndef SURAT_INSPECT_OLE_ROOM_H
#define SURAT_INSPECT_OLE_ROOM_H

#include "inspect/ole.h"

enum { CFB_END = 0xfffffffe, CFB_LAST = 0xfffffffa /* sectors are below */, CFB_SECTOR_MAX = 4096 };

struct cfb {
	const struct inspect_bytes *in;
	unsigned shift, mini_shift; /* 9 or 12, 6 */
	uint32_t cutoff;            /* shorter streams lie in the mini stream */
	uint32_t directory, mini_fat, root_start;
	uint64_t sectors, root_size;
	uint32_t *fat_sectors; /* where the FAT lies */
	size_t fat_count;
	uint64_t
	    budget; /* bytes that all streams together may still give: chains may share sectors */
	bool damaged;
	/* the one sector of the FAT that was read last */
	uint32_t cached;
	unsigned char cache[CFB_SECTOR_MAX];
	/* and of the mini FAT's chain */
	uint32_t mini_index, mini_sector;
};
/* A stream read from its start. */
struct cfb_stream {
	struct source source;
	struct cfb *cfb;
	uint32_t sector;
	uint64_t left, steps;
	size_t at; /* in the sector */
	bool mini;
	/* of the mini stream, which lies in the root's chain: the sector that was found last */
	uint32_t big_index, big_sector;
};
/* 0 it is one, 1 it is none (or so damaged that nothing can be read), -1. */
int cfb_open(struct cfb *c, const struct inspect_bytes *in, struct err *e);
void cfb_release(struct cfb *c);
void cfb_stream_init(struct cfb_stream *s, struct cfb *c, uint32_t start, uint64_t size);
/* The directory, whose length only its chain says. */
void cfb_directory_init(struct cfb_stream *s, struct cfb *c);
/* Fills p as far as there is: how many bytes, -1. */
ssize_t cfb_read_all(struct cfb_stream *s, void *p, size_t n, struct err *e);

static inline uint32_t cfb_le(const unsigned char *p, unsigned n)
{
	uint32_t v = 0;
	while (n--)
		v = v << 8 | p[n];
	return v;
}

/* office.c: what the streams of documents say. */
int office_workbook(struct cfb_stream *s, const struct inspect_place *place, struct err *e);
int office_word(struct cfb_stream *s, const struct inspect_place *place, struct err *e);
int office_slides(struct cfb_stream *s, const struct inspect_place *place, struct err *e);

#endif
