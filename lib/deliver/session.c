#include "deliver/session.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/random.h"
#include "io/spool.h"
#include "mime/date.h"

#include <stdlib.h>

struct session {
	const struct deliver_session *o;
	struct strv mailboxes, rules; /* of the accepted recipients, in their order */
	struct spool spool;
	bool receiving, quarantined;
	char id[13];
};

/* --- the envelope --- */

static bool any_command(const struct session *s)
{
	for (size_t i = 0; i < s->mailboxes.n; i++)
		if (deliver_is_command(s->mailboxes.v[i]))
			return true;
	return false;
}

static int alone(const struct session *s, const char *mailbox, struct err *e)
{
	bool command = deliver_is_command(mailbox);
	if (s->o->server.lmtp || !s->mailboxes.n || (!command && !any_command(s)))
		return 0;
	err_set(e, EX_TEMPFAIL, "%s", _("this one goes in a transaction of its own"));
	return err_reply(e, 452, "4.5.3");
}

/* Paths and commands are no stranger's business; our own log has them. Over LMTP it is our mail system that asks. */
static void make_discreet(const struct session *s, struct err *e)
{
	int code = e->code;
	if (!code || e->smtp || s->o->server.lmtp)
		return;
	err_set(e, code, "%s",
	    err_is_temporary(e) ? _("not now, try again later") : _("refused by the mailbox"));
}

static int find_place(struct session *s, const struct smtp_server *server, const char *recipient,
    struct deliver_place *place, struct err *e)
{
	if (deliver_local_find(s->o->local, recipient, place, e) < 0 ||
	    alone(s, place->mailbox, e) < 0)
		return -1;
	return deliver_check_quota(s->o->options, place->mailbox, server->envelope.declared, e);
}

static int on_recipient(
    void *ctx, const struct smtp_server *server, const char *recipient, struct err *e)
{
	struct session *s = ctx;
	struct deliver_place place;
	if (find_place(s, server, recipient, &place, e) < 0) {
		struct deliver_to to = {.sender = server->envelope.sender, .recipient = recipient};
		if (s->o->note)
			s->o->note(s->o->ctx, &to, NULL, e);
		make_discreet(s, e);
		return -1;
	}
	strv_add(&s->mailboxes, place.mailbox);
	strv_add(&s->rules, place.rule);
	return 0;
}

static struct sink *on_begin(void *ctx, const struct smtp_server *server, struct err *e)
{
	struct session *s = ctx;
	(void)server;
	(void)e;
	spool_init(&s->spool);
	s->receiving = true;
	random_name(s->id, sizeof(s->id) - 1);
	return &s->spool.sink;
}

static void on_reset(void *ctx)
{
	struct session *s = ctx;
	if (s->receiving)
		spool_release(&s->spool);
	s->receiving = s->quarantined = false;
	strv_release(&s->mailboxes);
	strv_release(&s->rules);
}

/* --- the trace of it: RFC 5321 4.4 --- */

/* What the client calls itself is its own invention: one word of printable ASCII, or the comment around it would not hold. */
static void add_word(struct buf *b, const char *s)
{
	for (size_t n = 0; *s && n < 255; s++, n++)
		buf_addc(b,
		    (unsigned char)*s <= ' ' || (unsigned char)*s > '~' || strchr("()\\;\"<>", *s)
			? '?'
			: *s);
}

/* The registered words of RFC 3848 and RFC 6531. */
static void add_protocol(struct buf *b, const struct smtp_server *s)
{
	bool utf8 = s->envelope.utf8;
	if (s->options->lmtp)
		buf_adds(b, utf8 ? "UTF8LMTP" : "LMTP");
	else
		buf_adds(b, utf8 ? "UTF8SMTP" : s->extended ? "ESMTP" : "SMTP");
	if (s->tls)
		buf_addc(b, 'S');
}

static void add_received(
    struct buf *b, const struct session *s, const struct smtp_server *server, const char *recipient)
{
	int64_t now = clock_real_s();
	const char *ip = s->o->client_ip;
	buf_adds(b, "Received: from ");
	add_word(b, server->hello);
	if (ip)
		buf_addf(b, " ([%s%s])", strchr(ip, ':') ? "IPv6:" : "", ip);
	buf_adds(b, "\n\tby ");
	add_word(b, server->options->name ? server->options->name : "localhost");
	buf_adds(b, " with ");
	add_protocol(b, server);
	buf_addf(b, " id %s\n\tfor <%s>; ", s->id, recipient);
	date_write(b, now, date_local_offset(now));
	buf_addc(b, '\n');
}

/* --- the message --- */

struct work { /* one recipient */
	struct deliver_to to;
	struct deliver_receipt receipt;
	struct buf received;
};

static int put(struct session *s, const struct smtp_server *server, struct deliver *d, size_t i,
    struct work *w, struct err *e)
{
	struct source_spool src;
	const char *recipient = server->envelope.recipients.v[i];
	const struct deliver_local *local = s->o->local;
	buf_init(&w->received, 8192);
	add_received(&w->received, s, server, recipient);
	w->to = (struct deliver_to){.mailbox = s->mailboxes.v[i],
	    .rule = s->rules.v[i],
	    .action = s->quarantined ? "quarantine" : NULL,
	    .sender = server->envelope.sender,
	    .recipient = recipient,
	    .client_ip = s->o->client_ip,
	    .client_name = server->hello,
	    .received = buf_span(&w->received),
	    .one_user = !local->map && !local->domains.n};
	source_spool_init(&src, &s->spool);
	return deliver_message(d, &src.source, &w->to, &w->receipt, e);
}

static void note(const struct session *s, const struct work *w, const struct err *why)
{
	if (s->o->note)
		s->o->note(s->o->ctx, &w->to, why->code ? NULL : &w->receipt, why);
}

static void release(struct work *w)
{
	free(w->receipt.path);
	buf_release(&w->received);
}

static void each_by_itself(
    struct session *s, const struct smtp_server *server, struct err *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct deliver d = {.options = s->o->options};
		struct work w = {0};
		if (put(s, server, &d, i, &w, &results[i]) == 0)
			deliver_commit(&d, &results[i]);
		deliver_release(&d);
		note(s, &w, &results[i]);
		release(&w);
	}
}

static void all_or_none(struct session *s, const struct smtp_server *server, struct err *result)
{
	struct deliver d = {.options = s->o->options};
	size_t n = s->mailboxes.n, done = 0;
	struct work *w = mem_new(n, sizeof(*w));
	while (done < n && put(s, server, &d, done, &w[done], result) == 0)
		done++;
	if (done == n)
		deliver_commit(&d, result);
	deliver_release(&d);
	for (size_t i = 0; i < n; i++) {
		if (i <= done)
			note(s, &w[i], result);
		release(&w[i]);
	}
	free(w);
	make_discreet(s, result);
}

/* What mail-verify makes of the message takes its place. */
static int verify(struct session *s, const struct smtp_server *server, struct err *e)
{
	struct source_spool src;
	struct spool seen;
	struct deliver_to from = {.sender = server->envelope.sender,
	    .client_ip = s->o->client_ip,
	    .client_name = server->hello};
	source_spool_init(&src, &s->spool);
	if (deliver_verify(s->o->verify, &src.source, &from, &seen, e) < 0) {
		spool_release(&seen);
		make_discreet(s, e);
		return -1;
	}
	spool_release(&s->spool);
	s->spool = seen;
	return 0;
}

/* All of it, whoever it is for: to the quarantine. */
static void send_to(struct session *s, const char *mailbox, const char *rule)
{
	size_t n = s->mailboxes.n;
	strv_release(&s->mailboxes);
	strv_release(&s->rules);
	for (size_t i = 0; i < n; i++) {
		strv_add(&s->mailboxes, mailbox);
		strv_add(&s->rules, rule);
	}
	s->quarantined = true;
}

/* The same with what scanning makes of it. */
static int scan(struct session *s, struct err *e)
{
	struct source_spool src;
	struct deliver_scanned seen;
	source_spool_init(&src, &s->spool);
	if (deliver_scan(s->o->scan, &src.source, &seen, e) < 0) {
		spool_release(&seen.spool);
		make_discreet(s, e);
		return -1;
	}
	spool_release(&s->spool);
	s->spool = seen.spool;
	if (seen.quarantined)
		send_to(s, s->o->scan->quarantine, seen.rule);
	return 0;
}

static void refuse_all(struct session *s, const struct smtp_server *server, const struct err *why,
    struct err *results, size_t n)
{
	for (size_t i = 0; i < n; i++)
		err_copy(&results[i], why);
	for (size_t i = 0; s->o->note && i < s->mailboxes.n; i++) {
		struct deliver_to to = {.mailbox = s->mailboxes.v[i],
		    .sender = server->envelope.sender,
		    .recipient = server->envelope.recipients.v[i]};
		s->o->note(s->o->ctx, &to, NULL, why);
	}
}

static void on_end(void *ctx, const struct smtp_server *server, struct err *results, size_t n)
{
	struct session *s = ctx;
	struct err why = ERR_INIT;
	if ((s->o->verify && verify(s, server, &why) < 0) || (s->o->scan && scan(s, &why) < 0)) {
		refuse_all(s, server, &why, results, n);
		return;
	}
	if (server->options->lmtp)
		each_by_itself(s, server, results, n);
	else
		all_or_none(s, server, results);
}

/* All mailboxes of an SMTP message are open at once, a few descriptors each: more than a hundred (RFC 5321 4.5.3.1.8) come in further transactions. */
enum { SMTP_RECIPIENTS = 100 };

int deliver_session(const struct deliver_session *o, struct stream *stream, struct err *e)
{
	struct smtp_server_options options = o->server;
	static const struct smtp_server_hooks hooks = {
	    .recipient = on_recipient, .begin = on_begin, .end = on_end, .reset = on_reset};
	struct session s = {.o = o};
	struct smtp_server server;
	if (!options.lmtp && !options.recipients_max)
		options.recipients_max = SMTP_RECIPIENTS;
	smtp_server_init(&server, stream, &options, &hooks, &s);
	int r = smtp_server_run(&server, e);
	smtp_server_release(&server);
	on_reset(&s);
	return r;
}
