#include "../tap.h"

#include "io/sink.h"
#include "io/stream.h"

#include <stdlib.h>
#include <unistd.h>

/* Every filter gives the same bytes however its input was cut: once in two at every place, and byte by byte. */

enum chain { WIRE, LOCAL, DOTTED, WIRE_DOTTED };

struct chained {
	struct buf got;
	struct sink_buf to;
	struct filter_dot dot;
	struct filter_crlf crlf;
	struct sink *in;
};

static void chain_init(struct chained *c, enum chain which)
{
	buf_init(&c->got, 4096);
	sink_buf_init(&c->to, &c->got);
	filter_dot_init(&c->dot, &c->to.sink);
	filter_crlf_init(&c->crlf, which == WIRE_DOTTED ? &c->dot.sink : &c->to.sink,
	    which == LOCAL ? CRLF_LOCAL : CRLF_WIRE);
	c->in = which == DOTTED ? &c->dot.sink : &c->crlf.sink;
}

/* In pieces: `first` bytes, then `step` at a time. 0, or the error's code. */
static int feed(struct chained *c, struct span in, size_t first, size_t step, struct err *e)
{
	int r = sink_put(c->in, span_take(in, first), e);
	for (in = span_skip(in, first); r == 0 && in.len; in = span_skip(in, step))
		r = sink_put(c->in, span_take(in, step), e);
	return r == 0 && sink_end(c->in, e) == 0 ? 0 : e->code;
}

static bool gives(
    enum chain which, struct span in, size_t first, size_t step, struct span want, int code)
{
	struct chained c;
	struct err e = ERR_INIT;
	chain_init(&c, which);
	int r = feed(&c, in, first, step, &e);
	bool good =
	    r == code && (code || (c.got.len == want.len &&
				      (!want.len || !memcmp(c.got.ptr, want.ptr, want.len))));
	if (!good)
		printf("#   cut at %zu: code %d (%s), %zu bytes: %s\n", first, r, e.text, c.got.len,
		    buf_cstr(&c.got));
	buf_release(&c.got);
	return good;
}

static void filter_is(
    enum chain which, struct span in, struct span want, int code, const char *what)
{
	bool good = true;
	for (size_t cut = 0; cut <= in.len; cut++)
		good = gives(which, in, cut, in.len + 1, want, code) && good;
	good = gives(which, in, 0, 1, want, code) && good;
	ok(good, "%s", what);
}

static void to_the_wire(void)
{
	filter_is(WIRE, SPAN(""), SPAN(""), 0, "wire: nothing stays nothing");
	filter_is(WIRE, SPAN("a\nb\r\n\n\r\nc"), SPAN("a\r\nb\r\n\r\n\r\nc"), 0,
	    "wire: LF and CRLF become CRLF");
	filter_is(
	    WIRE, SPAN("a\rb\n"), SPAN(""), EX_DATAERR, "wire: a CR inside a line is refused");
	filter_is(WIRE, SPAN("a\r\r\n"), SPAN(""), EX_DATAERR, "wire: CR CR LF is refused");
	filter_is(WIRE, SPAN("a\n\r"), SPAN(""), EX_DATAERR, "wire: a CR at the end is refused");
	filter_is(WIRE, SPAN("a\0b\n"), SPAN(""), EX_DATAERR, "wire: a NUL is refused");
	filter_is(LOCAL, SPAN("a\r\nb\nc\r\r\nd\re\r"), SPAN("a\nb\nc\r\nd\re\r"), 0,
	    "local: CRLF becomes LF, other CRs stay");
	struct chained c;
	struct err e = ERR_INIT;
	chain_init(&c, WIRE);
	feed(&c, SPAN("one\ntwo\r\nth\ree\n"), 5, 3, &e);
	is_str(e.text, "line 3: a carriage return inside a line cannot be sent",
	    "wire: the error names the line");
	buf_release(&c.got);
}

static void dots(void)
{
	filter_is(DOTTED, SPAN(""), SPAN(".\r\n"), 0, "dot: an empty message");
	filter_is(DOTTED, SPAN(".\r\n..\r\na.b\r\n."), SPAN("..\r\n...\r\na.b\r\n..\r\n.\r\n"), 0,
	    "dot: doubled at each line's start, a missing CRLF added");
	filter_is(DOTTED, SPAN("a\n.\r\n"), SPAN(""), EX_DATAERR, "dot: a bare LF is refused");
	filter_is(DOTTED, SPAN("a\r.\r\n"), SPAN(""), EX_DATAERR, "dot: a bare CR is refused");
	filter_is(DOTTED, SPAN("a\r"), SPAN(""), EX_DATAERR, "dot: a CR at the end is refused");
	filter_is(WIRE_DOTTED, SPAN("a\n.\nMAIL FROM:<x>\n"),
	    SPAN("a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n"), 0,
	    "wire+dot: LF dot LF cannot end a message");
	filter_is(WIRE_DOTTED, SPAN("a\n.\r\nb"), SPAN("a\r\n..\r\nb\r\n.\r\n"), 0,
	    "wire+dot: nor LF dot CRLF");
	filter_is(WIRE_DOTTED, SPAN("a\r\n.\nb"), SPAN("a\r\n..\r\nb\r\n.\r\n"), 0,
	    "wire+dot: nor CRLF dot LF");
	filter_is(
	    WIRE_DOTTED, SPAN("a\r.\r\nb"), SPAN(""), EX_DATAERR, "wire+dot: nor CR dot CRLF");
	filter_is(
	    WIRE_DOTTED, SPAN("a\r\n.\rb"), SPAN(""), EX_DATAERR, "wire+dot: nor CRLF dot CR");
}

/* The dot at each edge of what filters gather (16 KiB) and of what descriptors gather (64 KiB). */
static void edges(void)
{
	static char in[70000], want[70004];
	bool good = true;
	for (size_t at = 16380; at < 65540; at += at == 16388 ? 65530 - 16388 : 1) {
		struct chained c;
		struct err e = ERR_INIT;
		memset(in, 'x', sizeof(in));
		memcpy(in + at, "\n.\n", 3);
		memset(want, 'x', sizeof(want));
		memcpy(want + at, "\r\n..\r\n", 6);
		chain_init(&c, WIRE_DOTTED);
		c.got.max = sizeof(want) + 16;
		feed(&c, span_make(in, sizeof(in)), 0, 65536, &e);
		good = good && c.got.len == sizeof(in) + 3 + 5 &&
		       !memcmp(c.got.ptr, want, sizeof(in) + 3);
		buf_release(&c.got);
	}
	ok(good, "wire+dot: a dot at each edge of the buffers");
}

/* --- the other way --- */

static int undot(
    struct span in, size_t first, size_t step, struct buf *got, size_t *used, bool *bare)
{
	struct sink_buf to;
	struct undot u;
	struct err e = ERR_INIT;
	sink_buf_init(&to, got);
	undot_init(&u, &to.sink);
	int r = 0;
	*used = 0;
	while (r == 0 && *used < in.len) {
		struct span piece =
		    span_take(span_skip(in, *used), *used < first ? first - *used : step);
		size_t n = 0;
		r = undot_put(&u, piece, &n, &e);
		*used += n;
	}
	*bare = u.bare;
	return r < 0 ? e.code : r;
}

static void undot_is(struct span in, const char *want, size_t want_used, int want_r, bool want_bare,
    const char *what)
{
	bool good = true, bare;
	size_t used;
	for (size_t cut = 0; cut <= in.len; cut++) {
		struct buf got = BUF_INIT(4096);
		int r = undot(in, cut, cut == in.len ? 1 : in.len, &got, &used, &bare);
		if (r != want_r || (r == 1 && (used != want_used || strcmp(buf_cstr(&got), want) ||
						  bare != want_bare)))
			good = false;
		buf_release(&got);
		got = (struct buf)BUF_INIT(4096);
	}
	struct buf got = BUF_INIT(4096);
	int r = undot(in, 0, 1, &got, &used, &bare);
	good =
	    good && r == want_r && (r != 1 || (used == want_used && !strcmp(buf_cstr(&got), want)));
	if (!good)
		printf("#   %d, used %zu, got %s\n", r, used, buf_cstr(&got));
	buf_release(&got);
	ok(good, "%s", what);
}

static void undots(void)
{
	undot_is(SPAN("a\r\n.\r\nQUIT\r\n"), "a\r\n", 6, 1, false,
	    "undot: ends at CRLF.CRLF and leaves what follows");
	undot_is(SPAN(".\r\n"), "", 3, 1, false, "undot: an empty message");
	undot_is(SPAN("..\r\n..a\r\n.b\r\n.\r\n"), ".\r\n.a\r\nb\r\n", 16, 1, false,
	    "undot: a leading dot is dropped");
	undot_is(
	    SPAN("a\nb\r\n.\r\n"), "a\nb\r\n", 8, 1, true, "undot: a bare LF elsewhere is told");
	undot_is(
	    SPAN("a\rb\r\n.\r\n"), "a\rb\r\n", 8, 1, true, "undot: a bare CR elsewhere is told");
	undot_is(SPAN("a\r\r\n.\r\n"), "a\r\r\n", 7, 1, true, "undot: CR CR LF is told");
	undot_is(SPAN("a\n.b\r\n.\r\n"), "a\n.b\r\n", 9, 1, true,
	    "undot: a dot behind a bare LF is content");
	undot_is(SPAN("a\r\n.\r"), "", 0, 0, false, "undot: not at its end yet");
	static const struct span smuggling[] = {{"a\n.\nb", 5}, {"a\n.\r\nb", 6}, {"a\r\n.\nb", 6},
	    {"a\r.\r\nb", 6}, {"a\r.\rb", 5}, {"a\r\n.\rb", 6}, {"a\r.\nb", 5}, {"a\n.\rb", 5},
	    {".\n", 2}, {"a\r\n.\r\r\n", 7}, {"a\r\r.\r\n", 6}};
	for (size_t i = 0; i < sizeof(smuggling) / sizeof(*smuggling); i++)
		undot_is(smuggling[i], "", 0, EX_PROTOCOL, false, "undot: smuggling is refused");
}

/* --- the small ones --- */

static void limits(void)
{
	struct buf got = BUF_INIT(6), other = BUF_INIT(100);
	struct sink_buf to, second;
	struct filter_limit l;
	struct filter_tee t;
	struct err e = ERR_INIT;
	sink_buf_init(&to, &got);
	sink_buf_init(&second, &other);
	filter_limit_init(&l, &to.sink, 5);
	is_int(sink_puts(&l.sink, "12345", &e), 0, "limit: exactly so many pass");
	is_int(sink_puts(&l.sink, "6", &e), -1, "limit: one more does not");
	is_str(e.text, "larger than 5 bytes", "limit: says so");
	is_int(e.code, EX_DATAERR, "limit: is bad data");
	filter_tee_init(&t, &to.sink, &second.sink);
	is_int(sink_puts(&t.sink, "6", &e), 0, "tee: to both");
	is_int(sink_puts(&t.sink, "7", &e), -1, "buffer: its maximum is an error");
	is_span(buf_span(&got), "123456", "tee: one");
	is_span(buf_span(&other), "6", "tee: two");
	buf_release(&got);
	buf_release(&other);
}

static void descriptors(void)
{
	static char in[200001];
	struct sink_fd to;
	struct source_mem from;
	struct source_range range;
	struct err e = ERR_INIT;
	char name[] = "/tmp/surat-unit.XXXXXX";
	int fd = mkstemp(name);
	unlink(name);
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (char)('a' + i % 23);
	sink_fd_init(&to, fd);
	source_mem_init(&from, span_make(in, sizeof(in)));
	from.chunk = 777;
	ok(sink_pump(&to.sink, &from.source, &e) == 0 && sink_end(&to.sink, &e) == 0,
	    "descriptor: written in pieces");
	struct buf back = BUF_INIT(sizeof(in));
	struct sink_buf sb;
	sink_buf_init(&sb, &back);
	source_range_init(&range, fd, 1000, sizeof(in) - 1000);
	is_int(sink_pump(&sb.sink, &range.source, &e), 0, "range: read");
	is_mem(back.ptr, back.len, in + 1000, sizeof(in) - 1000,
	    "range: the bytes from the offset on");
	source_range_init(&range, fd, 0, sizeof(in) + 1);
	buf_reset(&back);
	is_int(sink_pump(&sb.sink, &range.source, &e), -1,
	    "range: a file that is shorter than promised is an error");
	is_int(e.code, EX_IOERR, "range: of input");
	buf_release(&back);
	close(fd);
	sink_fd_init(&to, fd);
	sink_puts(&to.sink, "x", &e);
	is_int(sink_end(&to.sink, &e), -1, "descriptor: an error comes out at the end");
}

int main(void)
{
	to_the_wire();
	dots();
	edges();
	undots();
	limits();
	descriptors();
	return tap_done();
}
