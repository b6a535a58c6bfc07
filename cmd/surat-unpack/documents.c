/* PDF, whose objects may be packed, and OLE2 documents, in which files may lie. */
#include "base/alloc.h"
#include "inspect/look.h"
#include "inspect/pdf.h"
#include "unpack.h"

#include <stdlib.h>
#include <zlib.h>

/* --- PDF ---------------------------------------------------------------------------- */

/* An object stream unpacked into the names in it. */
struct flate {
	struct sink sink;
	struct content *c;
	struct inspect_pdf names;
	z_stream z;
	bool open, done;
};

static void found_damaged(struct flate *f)
{
	inspect_found(f->c->place, INSPECT_DAMAGED, SPAN("a PDF's object stream"));
	f->done = true;
}

static int begin(struct flate *f)
{
	f->z = (z_stream){0};
	f->open = inflateInit(&f->z) == Z_OK;
	f->done = !f->open;
	inspect_pdf_names(&f->names, f->c->place);
	return 0;
}

static int flate_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct flate *f = (struct flate *)sink;
	char out[16384];
	if (!f->open)
		begin(f);
	f->z.next_in = (unsigned char *)(uintptr_t)bytes.ptr;
	f->z.avail_in = (unsigned)bytes.len;
	while (!f->done) {
		f->z.next_out = (unsigned char *)out;
		f->z.avail_out = sizeof(out);
		int code = inflate(&f->z, Z_NO_FLUSH);
		size_t n = sizeof(out) - f->z.avail_out;
		if (unpack_count(f->c->u, f->c->place, n, e) < 0 ||
		    sink_put(&f->names.sink, span_make(out, n), e) < 0)
			return -1;
		if (code == Z_STREAM_END)
			f->done = true;
		else if (code == Z_BUF_ERROR || (code == Z_OK && !f->z.avail_in && f->z.avail_out))
			return 0;
		else if (code != Z_OK)
			found_damaged(f);
	}
	return 0;
}

static int flate_end(struct sink *sink, struct err *e)
{
	struct flate *f = (struct flate *)sink;
	int r = f->open ? sink_end(&f->names.sink, e) : 0;
	if (f->open && !f->done)
		found_damaged(f);
	if (f->open)
		inflateEnd(&f->z);
	f->open = f->done = false;
	return r;
}

int unpack_pdf(struct content *c, struct err *e)
{
	struct flate flate = {.sink = {flate_put, flate_end}, .c = c};
	struct inspect_pdf pdf;
	inspect_pdf_init(&pdf, c->place, &flate.sink);
	int r = sink_pump(&pdf.sink, &c->source, e);
	if (r == 0)
		r = sink_end(&pdf.sink, e);
	if (flate.open)
		inflateEnd(&flate.z);
	return r;
}

/* --- OLE2 ------------------------------------------------------------------------------ */

static int skip_text(struct source *in, struct err *e)
{
	char c = 1;
	ssize_t n = 1;
	for (unsigned i = 0; i < 1024 && c && n > 0; i++)
		n = in->read(in, &c, 1, e);
	return n < 0 ? -1 : 0;
}

static int skip_bytes(struct source *in, size_t count, struct err *e)
{
	char c;
	ssize_t n = 1;
	while (count-- && n > 0)
		n = in->read(in, &c, 1, e);
	return n < 0 ? -1 : 0;
}

/* A package: its length, two bytes, a label, a path, eight bytes that tell of the next, a path, a length, the file (MS-OLEDS has only its frame). */
static int skip_package_head(struct source *in, struct err *e)
{
	if (skip_bytes(in, 6, e) < 0 || skip_text(in, e) < 0 || skip_text(in, e) < 0 ||
	    skip_bytes(in, 8, e) < 0 || skip_text(in, e) < 0)
		return -1;
	return skip_bytes(in, 4, e);
}

static int each_stream(void *ctx, struct span name, struct source *bytes, struct err *e)
{
	struct content *c = ctx;
	struct buf path = BUF_INIT(INSPECT_TEXT_MAX);
	if (c->depth >= (unsigned)c->u->limits->depth) {
		unpack_limit(c->place, INSPECT_LIMIT_DEPTH, c->u->limits->depth);
		return 0;
	}
	buf_addf(&path, "%.*s%s%.*s", SPAN_ARG(c->place->name), c->place->name.len ? " > " : "",
	    SPAN_ARG(name));
	struct inspect_place place = {&c->u->result, SPAN(""), buf_span(&path)};
	int r = span_ends_nocase(name, "Ole10Native") ? skip_package_head(bytes, e) : 0;
	if (r == 0)
		r = unpack_content(c->u, &place, SPAN(""), c->depth + 1, bytes, NULL, e);
	buf_release(&path);
	return r;
}

int unpack_ole(struct content *c, struct err *e)
{
	struct buf held = BUF_INIT(0);
	struct inspect_bytes_mem *mem = c->random ? NULL : unpack_hold(c, &held, e);
	if (!c->random && !mem)
		return -1;
	struct inspect_ole ole = {.in = c->random ? c->random : &mem->bytes,
	    .place = c->place,
	    .stream = each_stream,
	    .ctx = c};
	int r = inspect_ole(&ole, e);
	if (mem)
		unpack_drop(c->u, &held);
	free(mem);
	return r;
}
