/*
 * "|command": the message on its standard input, the envelope in its environment, its exit code for an answer.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "base/strv.h"
#include "deliver/room.h"
#include "io/child.h"
#include "io/stream.h"
#include "io/sys.h"

#include <errno.h>
#include <stdlib.h>

enum { TIMEOUT_MS = 10 * 60 * 1000, ANSWER_MAX = 400 };

bool deliver_is_command(const char *mailbox)
{
	return *mailbox == '|';
}

/* --- the environment --- */

static void set(struct strv *env, const char *name, struct span value)
{
	strv_take(env, str_printf("%s=%.*s", name, SPAN_ARG(value)));
}

static struct span local_part(struct span address)
{
	size_t at = address.len;
	while (at > 0 && address.ptr[at - 1] != '@')
		at--;
	return at ? span_take(address, at - 1) : address;
}

static struct span extension(struct span local)
{
	ptrdiff_t plus = span_index(local, '+');
	return plus < 0 ? SPAN("") : span_skip(local, (size_t)plus + 1);
}

/* "ana+list@example.org": LOCAL ana+list, EXTENSION list, DOMAIN example.org */
static void set_recipient(struct strv *env, struct span recipient)
{
	struct span local = local_part(recipient);
	set(env, "RECIPIENT", recipient);
	set(env, "LOCAL", local);
	set(env, "DOMAIN", span_skip(recipient, local.len + (local.len < recipient.len)));
	set(env, "EXTENSION", extension(local));
}

/* Names as Postfix's local(8) has them. All are always set: what a caller's environment says must not be taken for the envelope. */
static void make_env(struct strv *env, const struct deliver_to *to)
{
	set(env, "SENDER", span_of(to->sender));
	set_recipient(env, span_of(to->recipient));
	set(env, "CLIENT_ADDRESS", span_of(to->client_ip));
	struct span helo = span_of(to->client_name);
	set(env, "CLIENT_HELO", span_starts(helo, "-") ? SPAN("?") : helo);
}

/* Programs that a command starts may take it for an option (CVE-2020-7247 and its kin): no variable of ours begins with "-". */
static int check_addresses(const struct deliver_to *to, struct err *e)
{
	const char *const both[] = {to->sender, to->recipient};
	for (size_t i = 0; i < ARRAY_LEN(both); i++)
		if (both[i] && both[i][0] == '-') {
			err_set(e, EX_UNAVAILABLE,
			    _("<%s>: an address that begins with \"-\" goes to no command"),
			    both[i]);
			return err_reply(e, 550, i ? "5.1.3" : "5.1.7");
		}
	if (span_starts(extension(local_part(span_of(to->recipient))), "-")) {
		err_set(e, EX_UNAVAILABLE, _("<%s>: an address with \"+-\" goes to no command"),
		    to->recipient);
		return err_reply(e, 550, "5.1.3");
	}
	return 0;
}

/* --- its input and output --- */

struct to_command {
	struct sink sink;
	struct stream stream;
	struct buf answer; /* the beginning of what it says */
	bool closed;       /* it wants no more */
};

static void hear(struct to_command *c)
{
	struct span said = stream_peek(&c->stream);
	buf_add(&c->answer, span_take(said, ANSWER_MAX - c->answer.len));
	stream_take(&c->stream, said.len);
}

/* A command may stop reading and still be content ("head -1"): its exit code decides. */
static int command_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct to_command *c = (struct to_command *)sink;
	while (bytes.len && !c->closed) {
		struct span piece = span_take(bytes, 65536);
		bytes = span_skip(bytes, piece.len);
		stream_write(&c->stream, piece);
		if (stream_flush(&c->stream, e) < 0) {
			if (!e || e->sys != EPIPE)
				return -1;
			c->closed = true;
			err_clear(e);
		}
		hear(c);
	}
	return 0;
}

/* Its input ends; what it still says is heard until it closes its output. */
static int finish_talk(struct to_command *c, struct child *child, struct err *e)
{
	int r;
	err_clear(&c->stream.err);
	buf_reset(&c->stream.out);
	sys_close(child->in);
	child->in = -1;
	c->stream.wfd = -1;
	while ((r = stream_fill(&c->stream, e)) > 0)
		hear(c);
	return r;
}

/* --- its answer --- */

/* sysexits that say "for good"; all others, and what is none (a missing shell, a crash), may be otherwise tomorrow. */
static int judge(int status, struct span said, struct err *e)
{
	static const int final[] = {EX_DATAERR, EX_NOUSER, EX_NOHOST, EX_UNAVAILABLE, EX_NOPERM};
	struct span line = SPAN("");
	int code = EX_TEMPFAIL;
	if (status == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(final); i++)
		if (status == final[i])
			code = status;
	span_line(&said, &line);
	if (status > 128)
		err_set(e, code, _("the command was ended by signal %d"), status - 128);
	else
		err_set(e, code, _("the command ended with %d%s%.*s"), status, line.len ? ": " : "",
		    SPAN_ARG(line));
	return -1;
}

static int talk(struct child *child, struct source *message, const struct store_delivery *d,
    int64_t timeout_ms, struct err *e)
{
	struct to_command c = {.sink = {.put = command_put}, .answer = BUF_INIT(ANSWER_MAX + 1)};
	int status = 0;
	stream_init_fd(&c.stream, child->out, child->in);
	stream_timeout(&c.stream, timeout_ms);
	int r = store_write(&c.sink, message, d, e);
	if (r == 0)
		r = finish_talk(&c, child, e);
	stream_release(&c.stream);
	if (r < 0)
		child_kill(child);
	else if ((r = child_wait(child, timeout_ms, &status, e)) == 0)
		r = judge(status, buf_span(&c.answer), e);
	buf_release(&c.answer);
	return r;
}

int deliver_command(const struct deliver_options *o, struct source *message,
    const struct deliver_to *to, const struct store_delivery *d, struct err *e)
{
	struct child child;
	struct strv env = {0};
	if (check_addresses(to, e) < 0)
		return -1;
	make_env(&env, to);
	int r = child_shell(&child, to->mailbox + 1, env.v, CHILD_STDIN | CHILD_STDOUT, e);
	strv_release(&env);
	if (r < 0) {
		if (e)
			e->code = EX_TEMPFAIL;
		return -1;
	}
	return talk(
	    &child, message, d, o->command_timeout_ms ? o->command_timeout_ms : TIMEOUT_MS, e);
}
