/*
 * The SMTP and LMTP server against whatever a client may send: the first byte chooses the kind. The same happens however the input is cut; what reaches the caller
 * has no control characters, and nothing is accepted half.
 */
#include "smtp/server.h"

#include "../unit/script.h"
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good)
{
	if (!good)
		abort();
}

struct seen {
	struct buf log, message;
	struct sink_buf to;
	bool receiving;
};

static void log_address(struct seen *s, const char *what, const char *address)
{
	for (const char *p = address; *p; p++)
		require((unsigned char)*p >= ' ' && *p != 127);
	buf_addf(&s->log, "%s<%s>", what, address);
}

static int on_sender(void *ctx, const struct smtp_server *server, const char *sender, struct err *e)
{
	(void)server;
	(void)e;
	log_address(ctx, "F", sender);
	return 0;
}

static int on_recipient(
    void *ctx, const struct smtp_server *server, const char *recipient, struct err *e)
{
	(void)server;
	log_address(ctx, "T", recipient);
	return recipient[0] == 'x' ? err_set(e, EX_NOUSER, "%s", recipient) : 0;
}

static struct sink *on_begin(void *ctx, const struct smtp_server *server, struct err *e)
{
	struct seen *s = ctx;
	(void)e;
	require(server->envelope.recipients.n > 0 && !s->receiving);
	s->receiving = true;
	buf_reset(&s->message);
	sink_buf_init(&s->to, &s->message);
	return &s->to.sink;
}

static void on_end(void *ctx, const struct smtp_server *server, struct err *results, size_t n)
{
	struct seen *s = ctx;
	require(s->receiving && n == (server->options->lmtp ? server->envelope.recipients.n : 1));
	buf_addf(&s->log, "E%zu[%.*s]", n, SPAN_ARG(buf_span(&s->message)));
	for (size_t i = 0; i < n; i++)
		if (s->message.len % 3 == i % 3)
			err_set(&results[i], EX_TEMPFAIL, "full");
}

static void on_reset(void *ctx)
{
	struct seen *s = ctx;
	s->receiving = false;
	buf_addc(&s->log, 'R');
}

static void run(struct span says, bool lmtp, size_t chunk, struct buf *out)
{
	static const struct smtp_server_hooks hooks = {
	    on_sender, on_recipient, on_begin, on_end, on_reset};
	struct smtp_server_options o = {.lmtp = lmtp, .size_max = 1000, .recipients_max = 5};
	struct seen seen = {.log = BUF_INIT(1 << 24), .message = BUF_INIT(1 << 20)};
	struct script sc = {.says = says.ptr, .len = says.len, .chunk = chunk};
	struct stream stream;
	struct smtp_server s;
	struct err e = ERR_INIT;
	script_open(&sc, &stream);
	sc.heard.max = 1 << 24;
	smtp_server_init(&s, &stream, &o, &hooks, &seen);
	int r = smtp_server_run(&s, &e);
	smtp_server_release(&s);
	stream_release(&stream);
	require(!seen.receiving);
	buf_add(out, buf_span(&sc.heard));
	buf_add(out, buf_span(&seen.log));
	buf_addf(out, "%d %s", r, r < 0 ? e.text : "");
	buf_release(&sc.heard);
	buf_release(&seen.log);
	buf_release(&seen.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT(1 << 25), cut = BUF_INIT(1 << 25);
	if (size < 2 || size > 100000)
		return 0;
	struct span says = span_make((const char *)data + 1, size - 1);
	bool lmtp = data[0] == 'L';
	run(says, lmtp, 0, &whole);
	for (size_t chunk = 1; chunk < 30; chunk *= 5) {
		buf_reset(&cut);
		run(says, lmtp, chunk, &cut);
		require(span_eq(buf_span(&whole), buf_span(&cut)));
	}
	buf_release(&whole);
	buf_release(&cut);
	return 0;
}
