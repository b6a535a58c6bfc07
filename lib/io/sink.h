/*
 * sink.h - where bytes go, and the filters on their way. A source is where they come from.
 *
 * A filter is a sink that hands on to another. Put as often as you like in pieces of any size (results never depend on how the
 * bytes were cut), then end exactly once: what a filter holds back comes out there. end() passes down the chain.
 *
 *	struct sink_fd out; struct filter_crlf crlf; struct filter_dot dot;
 *	sink_fd_init(&out, 1);
 *	filter_dot_init(&dot, &out.sink);		// SMTP dot-stuffing, ends with CRLF.CRLF
 *	filter_crlf_init(&crlf, &dot.sink, CRLF_WIRE);	// LF or CRLF in, CRLF out, a stray CR refused
 *	sink_put(&crlf.sink, span, e) ... sink_end(&crlf.sink, e)
 */
#ifndef SURAT_IO_SINK_H
#define SURAT_IO_SINK_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

struct stream;

struct sink {
	int (*put)(struct sink *s, struct span bytes, struct err *e);
	int (*end)(struct sink *s, struct err *e); /* NULL: nothing to do */
};
int sink_put(struct sink *s, struct span bytes, struct err *e);
int sink_puts(struct sink *s, const char *text, struct err *e);
int sink_end(struct sink *s, struct err *e);

/* A descriptor, buffered (64 KiB); end flushes (EX_IOERR) and does not close. */
struct sink_fd {
	struct sink sink;
	int fd;
	size_t len;
	char bytes[65536];
};
void sink_fd_init(struct sink_fd *s, int fd);
/* The same, the caller's to free(): it is large for a stack. */
struct sink_fd *sink_fd_new(int fd);
/* Into a buffer; past its maximum EX_DATAERR. */
struct sink_buf {
	struct sink sink;
	struct buf *buf;
};
void sink_buf_init(struct sink_buf *s, struct buf *b);
/* Into a stream; end does not flush. */
struct sink_stream {
	struct sink sink;
	struct stream *stream;
};
void sink_stream_init(struct sink_stream *s, struct stream *to);

/* Line ends. WIRE: every LF and CRLF becomes CRLF, a CR not before LF and a NUL are refused with EX_DATAERR (SMTP smuggling).
 * LOCAL: CRLF becomes LF, other CRs stay. */
enum crlf_mode { CRLF_WIRE, CRLF_LOCAL };
struct filter_crlf {
	struct sink sink;
	struct sink *next;
	enum crlf_mode mode;
	bool cr;
	uint64_t line; /* for the message */
};
void filter_crlf_init(struct filter_crlf *f, struct sink *next, enum crlf_mode mode);

/* SMTP and POP3 transparency, RFC 5321 4.5.2: expects CRLF lines, doubles a dot at a line's start; end adds a missing CRLF and ".\r\n". */
struct filter_dot {
	struct sink sink;
	struct sink *next;
	int state;
};
void filter_dot_init(struct filter_dot *f, struct sink *next);

/* The other way: takes the wire's bytes, hands on what is before the lone dot, and says when it came. Only CRLF.CRLF ends; a bare CR or LF next to the
 * dot is refused with EX_PROTOCOL (smuggling). *used: how many of the bytes belonged to the message; 1 when the end was seen, 0 not yet. */
struct undot {
	struct sink *next;
	int state;
	bool bare; /* a bare LF or CR was seen somewhere in the body */
};
void undot_init(struct undot *u, struct sink *next);
int undot_put(struct undot *u, struct span bytes, size_t *used, struct err *e);

/* More than max bytes: EX_DATAERR "larger than N bytes". */
struct filter_limit {
	struct sink sink;
	struct sink *next;
	uint64_t left, max;
};
void filter_limit_init(struct filter_limit *f, struct sink *next, uint64_t max);

/* Everything to both. */
struct filter_tee {
	struct sink sink;
	struct sink *one, *two;
};
void filter_tee_init(struct filter_tee *f, struct sink *one, struct sink *two);

/* A source: up to n bytes, 0 at the end, -1. */
struct source {
	ssize_t (*read)(struct source *s, char *p, size_t n, struct err *e);
};
struct source_fd {
	struct source source;
	int fd;
	bool waits; /* no regular file: a signal that asks us to stop ends the wait (EX_TEMPFAIL) */
};
void source_fd_init(struct source_fd *s, int fd);
struct source_mem {
	struct source source;
	struct span rest;
	size_t chunk; /* at most so many a read; 0: all (tests cut with this) */
};
void source_mem_init(struct source_mem *s, struct span bytes);
/* len bytes of a file from offset on, by pread: many may read one descriptor. */
struct source_range {
	struct source source;
	int fd;
	int64_t at, end;
};
void source_range_init(struct source_range *s, int fd, int64_t offset, int64_t len);
/* One that can be read from its start once more: what was read is kept (at most max bytes) until then. */
struct source_replay {
	struct source source;
	struct source *in;
	struct buf seen;
	size_t at;
	bool again;
};
void source_replay_init(struct source_replay *s, struct source *in, size_t max);
/* EX_DATAERR where more was read than is kept. */
int source_replay_rewind(struct source_replay *s, struct err *e);
void source_replay_release(struct source_replay *s);
/* All of a source into a sink (not ended). */
int sink_pump(struct sink *to, struct source *from, struct err *e);

#endif
