/*
 * helper.h - surat-unpack, as others see it: a file is put into it, and what is found in it comes out, however it ends.
 *
 *	struct inspect_helper h;
 *	sink = inspect_helper_open(&h, &place, &limits, e);
 *	sink_put(sink, bytes, e) ... sink_end(sink, e);		// the findings are in the place's result now
 *
 * One that is ended by the system (its time, its memory) or dies is a finding too: the file was not fully inspected.
 */
#ifndef SURAT_INSPECT_HELPER_H
#define SURAT_INSPECT_HELPER_H

#include "inspect/result.h"
#include "io/child.h"
#include "io/sink.h"
#include "io/stream.h"

#include <jansson.h>

struct inspect_limits {
	int64_t bytes;       /* unpacked in all, of one attachment: 256 MiB */
	int64_t entry_bytes; /* of one file in an archive: 100 MiB */
	int64_t entries;     /* files in all: 9,000 */
	int64_t depth;       /* archives in archives: 12 */
	int64_t ratio;       /* times the attachment's size, from 16 MiB on: 200 */
	int64_t memory;      /* of the helper: 56 MiB */
	int64_t cpu_s;       /* of the helper, for one attachment: 4 */
	int64_t time_s;      /* of anybody's, for a message: 60 */
};
/* All below what clamd looks at by itself (10,000 files, 17 levels, 100 MB of one, 400 MB of all), so that its "OK" never stands for more than it has seen. */
extern const struct inspect_limits inspect_limits_default;
/* "entries=500,bytes=1G,time=10": sets those. EX_USAGE. */
int inspect_limits_set(struct inspect_limits *l, const char *text, struct err *e);

struct inspect_helper {
	struct sink sink;
	const struct inspect_place *place;
	struct child child;
	struct stream stream; /* to it and from it */
	int64_t deadline_ms;
	/* each entry of an archive, as the helper says it (borrowed), where somebody asks; set before it is opened */
	void (*entry)(void *ctx, json_t *entry);
	void *ctx;
	bool done;    /* it said so itself */
	bool no_time; /* it took longer than it may */
};
/* The sink, or NULL where the helper cannot be started. deadline_ms: clock_mono_ms when all must have ended. */
struct sink *inspect_helper_open(struct inspect_helper *h, const struct inspect_place *place,
    const struct inspect_limits *limits, int64_t deadline_ms, struct err *e);
/* One line of what it says: 1 it is the last one, 0, -1 it is none of its. Hostile until proven otherwise. */
int inspect_helper_line(struct inspect_helper *h, struct span line);

#endif
