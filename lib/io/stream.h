/*
 * stream.h - buffered bytes in both directions with one absolute deadline: a descriptor pair, a socket, or TLS over one.
 *
 * Straight-line code over non-blocking descriptors: this file holds the only poll of a conversation. Errors are sticky: write
 * freely, test once at flush. A flush also reads, so that ten thousand pipelined commands cannot deadlock with a peer that waits for
 * us to take its replies.
 *
 *	stream_init_fd(&s, fd, fd);
 *	stream_timeout(&s, 60000);			// from now, for what comes next
 *	stream_puts(&s, "EHLO me\r\n");
 *	if (stream_flush(&s, e) < 0) ...
 *	while ((r = stream_line(&s, &line, 2048, e)) > 0) ...
 *
 * Error codes: a passed deadline or a lost connection EX_TEMPFAIL, reading or writing a local file or pipe EX_IOERR, a line too
 * long EX_PROTOCOL. The stream does not know its name: the caller prefixes the peer.
 */
#ifndef SURAT_IO_STREAM_H
#define SURAT_IO_STREAM_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/types.h>

/* What a layer below answers besides a count: */
enum { STREAM_EOF = 0, STREAM_FAIL = -1, STREAM_WANT_READ = -2, STREAM_WANT_WRITE = -3 };

/* The layer below a stream: plain descriptors (built in), TLS (net/tls.h), a test's script. None of them blocks. */
struct stream_ops {
	ssize_t (*read)(void *ctx, char *p, size_t n, struct err *e);
	ssize_t (*write)(void *ctx, const char *p, size_t n, struct err *e);
	void (*close)(void *ctx); /* frees ctx, closes what it owns */
	/* A file's octets from *offset on, which is moved; errno EINVAL where it cannot. NULL: it never can. */
	ssize_t (*send_file)(void *ctx, int fd, off_t *offset, size_t n, struct err *e);
};

struct stream {
	const struct stream_ops *ops;
	void *ctx;
	int rfd, wfd;        /* what to poll; -1: none */
	struct buf in, out;  /* read and not taken; written and not sent */
	size_t in_at;        /* how much of in was taken */
	uint64_t sent;       /* taken by the layer below, all told */
	int64_t deadline_ms; /* clock_mono_ms, 0: none */
	int64_t end_ms;      /* no deadline that stream_timeout sets lies behind this; 0: none */
	struct err err;      /* sticky */
	bool eof, own_fds;
	bool may_block; /* rfd is a terminal or a file: asked by poll before each read */
	int rflags,
	    wflags;    /* as we found them; given back at the end unless we own the descriptors */
	size_t in_max; /* how much may wait unread: 1 MiB unless changed */
	void (*trace)(void *ctx, bool ours, struct span bytes); /* each line or block, or NULL */
	void *trace_ctx;
};

/* Sets both descriptors non-blocking where they are sockets or pipes (a terminal's mode would be the shell's too). rfd and wfd may be equal, or -1. The stream does not own them
 * unless own_fds is set afterwards. */
void stream_init_fd(struct stream *s, int rfd, int wfd);
/* Over another layer. ctx is closed by stream_release through ops->close. */
void stream_init_ops(struct stream *s, const struct stream_ops *ops, void *ctx, int rfd, int wfd);
/* Puts a layer (TLS) under a stream that is already speaking. Anything buffered unread is an error: EX_PROTOCOL (injected before TLS). */
int stream_push_ops(struct stream *s, const struct stream_ops *ops, void *ctx, struct err *e);
void stream_release(struct stream *s);
/* Deadline = now + ms (0: none). */
void stream_timeout(struct stream *s, int64_t ms);

/* More bytes into the buffer: 1, 0 end of input, -1. Before it waits it sends what was written: who waits for an answer has asked. */
int stream_fill(struct stream *s, struct err *e);
/* What is buffered and not taken. Valid until the next call that reads. */
struct span stream_peek(const struct stream *s);
void stream_take(struct stream *s, size_t n);
/* Up to n bytes; 0 at the end; -1. */
ssize_t stream_read(struct stream *s, void *p, size_t n, struct err *e);
/* Exactly n bytes: 1; 0 when the end came first (what came is lost), -1. */
int stream_read_all(struct stream *s, void *p, size_t n, struct err *e);
/* One line without its LF or CRLF, at most max bytes (else EX_PROTOCOL): 1; 0 at the end of input; -1. A last line without LF counts
 * as a line. *had_crlf, if given, tells whether it ended in CRLF. Valid until the next read. */
int stream_line(struct stream *s, struct span *line, size_t max, struct err *e);
/* 1 if a byte can be read now without waiting (buffered or readable), 0 if not, -1. */
int stream_ready(struct stream *s, struct err *e);

/* How much was written, all told; what of it is gone is sent. */
uint64_t stream_written(const struct stream *s);
void stream_write(struct stream *s, struct span bytes);
void stream_writen(struct stream *s, const void *p, size_t n);
void stream_puts(struct stream *s, const char *text);
void stream_printf(struct stream *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Sends all that was written, reading meanwhile. -1 with the sticky error. Written bytes go out by themselves past 256 KiB. */
int stream_flush(struct stream *s, struct err *e);
/* A file's octets without a copy of our own, after all that was written: 1; 0 when this layer cannot, nothing was sent and stream_write has to do it; -1
 * with the sticky error (EX_IOERR: the file became shorter). They are not traced. */
int stream_send_file(struct stream *s, int fd, int64_t offset, uint64_t len, struct err *e);

#endif
