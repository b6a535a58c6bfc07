#include "fetch/lmtp.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "mime/address.h"
#include "smtp/client.h"

#include <stdlib.h>

enum { PATIENCE_MS = 10000 };

struct fetch_lmtp {
	struct child child;
	struct stream stream;
	struct smtp_client client;
	char *command, *recipient;
	bool broken; /* it cannot take another message */
};

/* --- what SMTP can carry --- */

struct carried {
	struct source source;
	struct source *from;
};

static ssize_t carried_read(struct source *s, char *p, size_t n, struct err *e)
{
	struct carried *c = (struct carried *)s;
	for (;;) {
		ssize_t got = c->from->read(c->from, p, n, e);
		ssize_t kept = 0;
		if (got <= 0)
			return got;
		for (ssize_t i = 0; i < got; i++)
			if (p[i])
				p[kept++] = p[i] == '\r' ? '\n' : p[i];
		if (kept) /* nothing at all would mean the end */
			return kept;
	}
}

/* --- the envelope --- */

/* The first field, where a delivering server puts it; its value without the angle brackets. */
static struct span return_path(struct span header)
{
	struct span line, value;
	while (span_line(&header, &line) && line.len) {
		if (!span_starts_nocase(line, "Return-Path:"))
			continue;
		value = span_trim(span_skip(line, 12));
		if (value.len < 2 || value.ptr[0] != '<' || value.ptr[value.len - 1] != '>')
			return SPAN("");
		return span_make(value.ptr + 1, value.len - 2);
	}
	return SPAN("");
}

static char *sender_of(const struct fetch_lmtp *l, struct span header)
{
	struct span path = return_path(header);
	bool good = address_check(path, NULL) == ADDRESS_SMTP;
	if (good && address_is_utf8(path))
		good = smtp_client_can(&l->client, SMTP_SMTPUTF8);
	return span_dup(good ? path : SPAN(""));
}

/* --- the conversation --- */

static int named(const struct fetch_lmtp *l, struct err *e)
{
	return err_prefix(e, "%s: ", l->command);
}

int fetch_lmtp_open(struct fetch_lmtp **out, const char *command, const char *recipient,
    int64_t timeout_ms, struct err *e)
{
	struct fetch_lmtp *l = mem_new(1, sizeof(*l));
	if (child_shell(&l->child, command, NULL, CHILD_SOCKET, e) < 0) {
		free(l);
		return err_prefix(e, "%s: ", command);
	}
	l->command = str_dup(command);
	l->recipient = str_dup(recipient);
	stream_init_fd(&l->stream, l->child.in, l->child.in);
	smtp_client_init(&l->client, &l->stream, LMTP, timeout_ms);
	if (smtp_client_greeting(&l->client, e) < 0 ||
	    smtp_client_hello(&l->client, "localhost", e) < 0) {
		named(l, e);
		l->broken = true;
		fetch_lmtp_close(l);
		return -1;
	}
	*out = l;
	return 0;
}

int fetch_lmtp_deliver(void *ctx, const struct fetch_parcel *p, struct err *e)
{
	struct fetch_lmtp *l = ctx;
	struct carried message = {.source = {carried_read}, .from = p->message};
	struct smtp_rcpt to = {.address = l->recipient};
	struct err why = ERR_INIT;
	char *sender = sender_of(l, p->header);
	struct smtp_mail m = {.sender = sender,
	    .rcpts = &to,
	    .rcpt_count = 1,
	    .message = &message.source,
	    .eight_bit = p->eight_bit && smtp_client_can(&l->client, SMTP_8BITMIME),
	    .utf8 = address_is_utf8(span_of(sender)) || address_is_utf8(span_of(l->recipient))};
	l->broken = smtp_client_send(&l->client, &m, &why) < 0;
	free(sender);
	if (to.answer.status == SMTP_SENT)
		return 0; /* even when the connection broke behind it: the next one will say so */
	if (l->broken) {
		err_copy(e, &why);
		return named(l, e);
	}
	if (to.answer.code)
		err_set(e, to.answer.exit, "%d %s%s%s", to.answer.code, to.answer.enhanced,
		    *to.answer.enhanced ? " " : "", to.answer.text);
	else
		err_set(e, to.answer.exit, "%s", to.answer.text);
	named(l, e);
	return 1;
}

void fetch_lmtp_close(struct fetch_lmtp *l)
{
	int status;
	struct err ignored = ERR_INIT;
	if (!l)
		return;
	if (!l->broken)
		smtp_client_quit(&l->client);
	smtp_client_release(&l->client);
	stream_release(&l->stream);
	child_wait(&l->child, PATIENCE_MS, &status, &ignored);
	free(l->command);
	free(l->recipient);
	free(l);
}
