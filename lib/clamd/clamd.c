#include "clamd/clamd.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "net/connect.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	CHUNK = 64 << 10,
	ANSWER_MAX = 4096,
	CONNECT_MS = 10000,
	ANSWER_MS = 120000,
	GOODBYE_MS = 5000
};

/* --- the address ---------------------------------------------------------------------- */

static int read_host(struct clamd *c, struct span address, struct err *e)
{
	size_t at = address.len;
	uint64_t port;
	while (at && address.ptr[at - 1] != ':')
		at--;
	struct span host = span_take(address, at ? at - 1 : 0);
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		host = span_make(host.ptr + 1, host.len - 2);
	if (!host.len || !span_to_u64(span_skip(address, at), 65535, &port) || !port)
		return err_set(e, EX_USAGE,
		    _("clamd: \"%.*s\" is neither a socket's path nor HOST:PORT"),
		    SPAN_ARG(address));
	c->host = span_dup(host);
	c->port = (unsigned)port;
	return 0;
}

int clamd_init(struct clamd *c, const char *address, struct err *e)
{
	*c = (struct clamd){.timeout_ms = ANSWER_MS};
	if (!strchr(address, '/'))
		return read_host(c, span_of(address), e);
	c->socket = str_dup(address);
	return 0;
}

void clamd_close(struct clamd *c)
{
	if (c->open)
		stream_release(&c->stream);
	c->open = false;
	c->asked = 0;
}

void clamd_release(struct clamd *c)
{
	/* said, so that it need not find out */
	if (c->open && !c->early) {
		stream_timeout(&c->stream, GOODBYE_MS);
		stream_puts(&c->stream, "nEND\n");
		stream_flush(&c->stream, NULL);
	}
	clamd_close(c);
	free(c->socket);
	free(c->host);
	c->socket = c->host = NULL;
}

/* --- the connection --------------------------------------------------------------------- */

static int connect_tcp(const struct clamd *c, struct err *e)
{
	struct net_connect_options o = {.timeout_ms = CONNECT_MS};
	struct net_addrs to = {0};
	size_t which;
	int fd = net_lookup(c->host, c->port, AF_UNSPEC, &to, e) < 0
		     ? -1
		     : net_connect(&to, &o, &which, e);
	net_addrs_release(&to);
	return fd;
}

static int absent(const struct clamd *c, struct err *e)
{
	if (e)
		e->code = EX_TEMPFAIL;
	return c->socket ? err_prefix(e, "clamd: ")
			 : err_prefix(e, "clamd: %s:%u: ", c->host, c->port);
}

static int open_connection(struct clamd *c, struct err *e)
{
	int fd = c->socket ? net_connect_unix(c->socket, e) : connect_tcp(c, e);
	if (fd < 0)
		return absent(c, e);
	stream_init_fd(&c->stream, fd, fd);
	c->stream.own_fds = true;
	c->open = true;
	c->asked = 0;
	stream_puts(&c->stream, "nIDSESSION\n");
	return 0;
}

/* Idle, it says nothing: what can be read is its goodbye (IdleTimeout, a restart), and then another connection is made. */
static bool has_gone(struct clamd *c)
{
	return stream_ready(&c->stream, NULL) != 0;
}

int clamd_begin(struct clamd *c, struct err *e)
{
	if (c->open && (c->early || has_gone(c)))
		clamd_close(c);
	if (!c->open && open_connection(c, e) < 0)
		return -1;
	c->early = false;
	c->asked++;
	stream_timeout(&c->stream, c->timeout_ms);
	stream_puts(&c->stream, "nINSTREAM\n");
	return 0;
}

/* --- a piece ------------------------------------------------------------------------------- */

static void put_chunk(struct clamd *c, struct span bytes)
{
	unsigned char head[4] = {(unsigned char)(bytes.len >> 24), (unsigned char)(bytes.len >> 16),
	    (unsigned char)(bytes.len >> 8), (unsigned char)bytes.len};
	stream_writen(&c->stream, head, sizeof(head));
	stream_write(&c->stream, bytes);
}

/* It answers before the end where it wants no more: its limit was passed. */
static bool is_early(struct clamd *c)
{
	c->early = c->early || c->stream.err.code || stream_ready(&c->stream, NULL) != 0;
	return c->early;
}

void clamd_put(struct clamd *c, struct span bytes)
{
	while (bytes.len && !is_early(c)) {
		struct span chunk = span_take(bytes, CHUNK);
		stream_timeout(&c->stream, c->timeout_ms);
		put_chunk(c, chunk);
		bytes = span_skip(bytes, chunk.len);
	}
}

/* --- the answer --------------------------------------------------------------------------------- */

static void set_text(struct clamd_answer *a, struct span s)
{
	size_t n = 0;
	for (; n < s.len && n < sizeof(a->text) - 1; n++)
		a->text[n] = s.ptr[n] >= ' ' && s.ptr[n] <= '~' ? s.ptr[n] : '?';
	a->text[n] = '\0';
}

static struct span without_id(struct span line)
{
	size_t n = 0;
	while (n < line.len && is_digit(line.ptr[n]))
		n++;
	return n && span_starts(span_skip(line, n), ": ") ? span_skip(line, n + 2) : line;
}

/* "1: stream: NAME FOUND", "1: stream: OK", "INSTREAM size limit exceeded. ERROR" */
void clamd_parse(struct span line, struct clamd_answer *a)
{
	static const struct span stream = {"stream: ", 8};
	*a = (struct clamd_answer){.verdict = CLAMD_ERROR};
	line = without_id(span_trim(line));
	bool of_stream = span_starts(line, stream.ptr);
	struct span what = of_stream ? span_skip(line, stream.len) : line;
	struct span name = {NULL, 0};
	if (of_stream && what.len > 6 && span_is(span_skip(what, what.len - 6), " FOUND"))
		name = span_trim(span_take(what, what.len - 6));
	set_text(a, name.len ? name : what);
	if (name.len)
		a->verdict = CLAMD_FOUND;
	else if (of_stream && span_is(what, "OK"))
		a->verdict = CLAMD_OK;
	else if (span_find_nocase(line, SPAN("size limit exceeded")) >= 0)
		a->verdict = CLAMD_TOO_LARGE;
}

/* Numbered in the order of the questions; another number is another's answer. */
static bool is_ours(const struct clamd *c, struct span line)
{
	char want[32];
	snprintf(want, sizeof(want), "%llu: ", (unsigned long long)c->asked);
	return span_starts(line, want) || span_find_nocase(line, SPAN("ERROR")) >= 0;
}

static void read_answer(struct clamd *c, struct clamd_answer *a)
{
	struct span line;
	struct err why = ERR_INIT;
	int r = stream_line(&c->stream, &line, ANSWER_MAX, &why);
	*a = (struct clamd_answer){.verdict = CLAMD_ERROR};
	if (r < 0)
		set_text(a, span_of(why.text));
	else if (r == 0)
		set_text(a, span_of(_("closed the connection")));
	else if (!is_ours(c, line))
		set_text(a, span_of(_("an answer to another question")));
	else
		clamd_parse(line, a);
}

/* Whether or not our bytes got through: it may have said why. */
static void read_early(struct clamd *c, struct clamd_answer *a)
{
	/* what it did not wait for it does not get: it may not read any more */
	buf_reset(&c->stream.out);
	struct span line = stream_peek(&c->stream), rest = line;
	if (!line.len && !c->stream.err.code && stream_fill(&c->stream, NULL) > 0)
		rest = line = stream_peek(&c->stream);
	*a = (struct clamd_answer){.verdict = CLAMD_ERROR};
	if (rest.len && span_line(&rest, &line))
		clamd_parse(span_take(line, ANSWER_MAX), a);
	else
		set_text(a, span_of(_("closed the connection")));
	/* nothing is clean before all of it was there */
	if (a->verdict == CLAMD_OK)
		a->verdict = CLAMD_ERROR;
}

void clamd_end(struct clamd *c, struct clamd_answer *a)
{
	if (!is_early(c)) {
		put_chunk(c, SPAN(""));
		stream_timeout(&c->stream, c->timeout_ms);
		if (stream_flush(&c->stream, NULL) < 0)
			c->early = true;
	}
	if (c->early)
		read_early(c, a);
	else
		read_answer(c, a);
	/* behind anything but a verdict nobody knows where it stands */
	if (a->verdict == CLAMD_ERROR || a->verdict == CLAMD_TOO_LARGE)
		clamd_close(c);
}
