/*
 * The mbox reader and writer: whatever the stream, and however it is cut, the same messages come out; whatever the message, it is read back as it was
 * written, and as one.
 */
#include "store/mbox.h"

#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
	if (!good)
		abort();
}

/* All messages, each with its From_ line's parts in front, and the error. */
static void read_all(struct span text, size_t chunk, unsigned how, struct buf *out)
{
	struct source_mem in;
	struct source *m;
	struct sink_buf to;
	struct err e = ERR_INIT;
	int r;
	source_mem_init(&in, text);
	in.chunk = chunk;
	sink_buf_init(&to, out);
	struct mbox_reader *reader = mbox_reader_new_how(&in.source, how);
	while ((r = mbox_reader_next(reader, &m, &e)) > 0) {
		buf_addf(out, "[%llu %lld %.*s]", (unsigned long long)mbox_reader_offset(reader),
		    (long long)mbox_reader_time(reader), SPAN_ARG(mbox_reader_sender(reader)));
		if ((r = sink_pump(&to.sink, m, &e)) < 0)
			break;
		buf_addf(out, "[%u]", mbox_reader_flags(reader));
	}
	buf_addf(out, "%d %d", r, r < 0 ? e.code : 0);
	mbox_reader_free(reader);
}

static void check_cuts(struct span text, unsigned how)
{
	struct buf whole = BUF_INIT(1 << 26), cut = BUF_INIT(1 << 26);
	read_all(text, 0, how, &whole);
	for (size_t chunk = 1; chunk < 100; chunk *= 7) {
		buf_reset(&cut);
		read_all(text, chunk, how, &cut);
		require(span_eq(buf_span(&whole), buf_span(&cut)));
	}
	buf_release(&whole);
	buf_release(&cut);
}

static void write_one(struct span text, size_t chunk, struct buf *out)
{
	struct mbox_writer w;
	struct sink_buf to;
	struct err e = ERR_INIT;
	sink_buf_init(&to, out);
	mbox_writer_init(&w, &to.sink, "ana@example.org", 1700000000);
	for (; text.len; text = span_skip(text, chunk))
		require(sink_put(&w.sink, span_take(text, chunk), &e) == 0);
	require(sink_end(&w.sink, &e) == 0);
}

static void check_round_trip(struct span text)
{
	struct buf one = BUF_INIT(1 << 26), cut = BUF_INIT(1 << 26), back = BUF_INIT(1 << 26);
	struct source_mem in;
	struct source *m;
	struct sink_buf to;
	struct err e = ERR_INIT;
	write_one(text, SIZE_MAX / 2, &one);
	write_one(text, 1, &cut);
	require(span_eq(buf_span(&one), buf_span(&cut)));
	source_mem_init(&in, buf_span(&one));
	sink_buf_init(&to, &back);
	struct mbox_reader *reader = mbox_reader_new(&in.source);
	require(mbox_reader_next(reader, &m, &e) == 1 && sink_pump(&to.sink, m, &e) == 0);
	/* a missing last line end is put right */
	if (text.len && text.ptr[text.len - 1] != '\n')
		require(back.len == text.len + 1 && back.ptr[--back.len] == '\n');
	require(span_eq(buf_span(&back), text));
	require(mbox_reader_next(reader, &m, &e) == 0);
	mbox_reader_free(reader);
	buf_release(&one);
	buf_release(&cut);
	buf_release(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make((const char *)data, size);
	static const unsigned hows[] = {
	    0, MBOX_LENIENT | MBOX_HIDE_STATUS, MBOX_RAW | MBOX_LENIENT};
	for (size_t i = 0; i < ARRAY_LEN(hows); i++)
		check_cuts(text, hows[i]);
	check_round_trip(text);
	return 0;
}
