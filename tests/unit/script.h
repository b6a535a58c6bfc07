/*
 * script.h - a stream whose other side is a text: what the server will say, in pieces of a chosen size; what we write is kept.
 *
 *	struct script sc = {.says = "* OK hi\r\n", .chunk = 1};
 *	script_open(&sc, &stream);
 */
#ifndef SURAT_TESTS_SCRIPT_H
#define SURAT_TESTS_SCRIPT_H

#include "io/stream.h"

#include <string.h>

struct script {
	const char *says;
	size_t len, at, chunk; /* len 0: strlen(says); chunk 0: all at once */
	struct buf heard;
	unsigned writes; /* flights: a stream writes once a flush */
};

__attribute__((unused)) static ssize_t script_read(void *ctx, char *p, size_t n, struct err *e)
{
	struct script *s = ctx;
	(void)e;
	size_t left = s->len - s->at;
	n = n < left ? n : left;
	n = s->chunk && s->chunk < n ? s->chunk : n;
	memcpy(p, s->says + s->at, n);
	s->at += n;
	return (ssize_t)n;
}

__attribute__((unused)) static ssize_t script_write(
    void *ctx, const char *p, size_t n, struct err *e)
{
	struct script *s = ctx;
	(void)e;
	buf_addn(&s->heard, p, n);
	s->writes++;
	return (ssize_t)n;
}

__attribute__((unused)) static void script_close(void *ctx)
{
	(void)ctx;
}

__attribute__((unused)) static void script_open(struct script *s, struct stream *to)
{
	static const struct stream_ops ops = {script_read, script_write, script_close};
	if (!s->len)
		s->len = strlen(s->says);
	s->heard.max = 1 << 20;
	stream_init_ops(to, &ops, s, -1, -1);
}

/* A test's name from what was said: the first line, without what would break TAP. */
__attribute__((unused)) static const char *script_name(const char *says, char out[64])
{
	size_t n = 0;
	for (; *says && n < 60; says++)
		out[n++] = *says < ' ' || *says == '#' ? '.' : *says;
	out[n] = 0;
	return out;
}

#endif
