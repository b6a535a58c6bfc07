/*
 * box.c - an mbox: messages are read ahead, so that the DNS answers for many at once, and judged one by one, in their order.
 *
 * What is kept of those that were read: header fields and the hashes of the body, and the whole where something needs it once more. So their number is
 * limited, and so are their bytes: the last one read may be of any size, as one alone may.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "store/store.h"
#include "verify.h"

#include <stdlib.h>

enum { AHEAD_MAX = 12, HELD_MAX = 1 << 20 };

struct read_one {
	struct verify_message message;
	struct mbox_writer out;
	uint64_t held; /* bytes */
};
struct box {
	struct verify *v;
	const char *name;
	struct mbox_reader *reader;
	struct read_one ring[AHEAD_MAX]; /* from ring[first] on, n of them */
	size_t first, n;
	uint64_t index, held;
};

static int say_which(uint64_t index, struct err *e)
{
	return err_prefix(e, _("message %llu: "), (unsigned long long)index);
}

static uint64_t bytes_of(const struct verify *v, const struct verify_message *m)
{
	uint64_t header = verify_wants_auth(v->o) ? m->auth.message.header.len : 0;
	return header + (m->spool ? m->spool->size : 0);
}

/* 1: it is the last of the ring; 0: there is no more; -1. */
static int read_next(struct box *b, struct err *e)
{
	struct source *in;
	int r = mbox_reader_next(b->reader, &in, e);
	if (r <= 0)
		return r;
	struct read_one *o = &b->ring[(b->first + b->n) % AHEAD_MAX];
	char *from = span_dup(mbox_reader_sender(b->reader));
	mbox_writer_init(&o->out, b->v->out, from, mbox_reader_time(b->reader));
	free(from);
	o->message = (struct verify_message){.name = b->name, .index = ++b->index};
	if (verify_read(b->v, &o->message, in, e) < 0) {
		verify_message_release(b->v, &o->message);
		return say_which(b->index, e);
	}
	o->held = bytes_of(b->v, &o->message);
	b->held += o->held;
	b->n++;
	return 1;
}

static void drop_first(struct box *b)
{
	struct read_one *o = &b->ring[b->first];
	verify_message_release(b->v, &o->message);
	b->held -= o->held;
	b->first = (b->first + 1) % AHEAD_MAX;
	b->n--;
}

/* Until so many are left, of so many bytes together. */
static int judge_down_to(struct box *b, size_t n, uint64_t held, struct err *e)
{
	while (b->n && (b->n > n || b->held > held)) {
		struct read_one *o = &b->ring[b->first];
		int r = verify_judge(b->v, &o->message, &o->out.sink, e);
		if (r == 0 && b->v->o->add_header)
			r = sink_end(&o->out.sink, e);
		if (r < 0)
			return say_which(o->message.index, e);
		drop_first(b);
	}
	return 0;
}

/* What ends the stream is told behind all that was whole before it. */
static int all(struct box *b, struct err *e)
{
	/* with nothing to ask there is nothing to gain */
	size_t ahead = verify_wants_auth(b->v->o) ? AHEAD_MAX - 1 : 0;
	struct err why = ERR_INIT;
	int r;
	while ((r = read_next(b, &why)) > 0)
		if (judge_down_to(b, ahead, HELD_MAX, e) < 0)
			return -1;
	if (judge_down_to(b, 0, 0, e) < 0)
		return -1;
	if (r < 0)
		err_copy(e, &why);
	return r;
}

int verify_box(struct verify *v, struct source *in, const char *name, struct err *e)
{
	struct box *b = mem_new(1, sizeof(*b));
	b->v = v;
	b->name = name;
	b->reader = mbox_reader_new(in);
	int r = all(b, e);
	while (b->n)
		drop_first(b);
	mbox_reader_free(b->reader);
	free(b);
	return r;
}
