/*
 * keep_open.h - a filter chain ends, what it writes into goes on. Private to this room.
 */
#ifndef SURAT_SECURE_KEEP_OPEN_H
#define SURAT_SECURE_KEEP_OPEN_H

#include "io/sink.h"

struct keep_open {
	struct sink sink;
	struct sink *next;
};

static inline int keep_open_put(struct sink *s, struct span bytes, struct err *e)
{
	return sink_put(((struct keep_open *)s)->next, bytes, e);
}

static inline void keep_open_init(struct keep_open *k, struct sink *next)
{
	*k = (struct keep_open){{keep_open_put, NULL}, next};
}

#endif
