/*
 * send.c - one transaction: commands are written, and what their replies are about is remembered; then all replies are read as a batch.
 * Without PIPELINING the batch is of one command each.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "smtp/client.h"
#include "smtp/command.h"
#include "smtp/flight.h"

#include <stdlib.h>

enum {
	BATCH = 1000, /* replies to wait for at once */
	EARLY_MAX =
	    256
	    << 10, /* a message up to this rides behind its envelope, unseen whether that is accepted */
	AHEAD_RCPTS = 100, /* of a message that rides behind another one */
	LAST_WORDS_MS = 5000,
};

/* --- flights --- */

static int read_next(struct smtp_flight *f, struct err *e)
{
	enum smtp_phase phase = f->v[f->at++].phase;
	return smtp_read(
	    f->c, phase, phase == SMTP_DOT ? f->c->final_timeout_ms : f->c->timeout_ms, e);
}

static int land(struct smtp_flight *f, struct err *e)
{
	while (f->at < f->n)
		if (read_next(f, e) < 0 || smtp_flight_judge(f, &f->v[f->at - 1], e) < 0)
			return -1;
	f->at = f->n = 0;
	return 0;
}

static void remember(struct smtp_flight *f, enum smtp_phase phase, size_t rcpt)
{
	if (f->n == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 8;
		f->v = mem_resize(f->v, f->cap, sizeof(*f->v));
	}
	f->v[f->n++] = (struct smtp_expected){phase, rcpt};
}

/* A command was written; its reply is awaited now, or with the others. */
static int expect(struct smtp_flight *f, enum smtp_phase phase, size_t rcpt, struct err *e)
{
	remember(f, phase, rcpt);
	return smtp_client_can(f->c, SMTP_PIPELINING) && f->n < BATCH ? 0 : land(f, e);
}

static bool address_fits(struct smtp_flight *f, size_t i)
{
	struct err why = ERR_INIT;
	if (smtp_address_fits(f->m->rcpts[i].address))
		return true;
	err_set(&why, EX_DATAERR, _("this is no address to send to"));
	smtp_answer_err(smtp_flight_answer(f, i), SMTP_RCPT, &why);
	return false;
}

static int envelope(struct smtp_flight *f, struct err *e)
{
	if (f->c->dirty) {
		stream_puts(f->c->stream, "RSET\r\n");
		if (expect(f, SMTP_RSET, 0, e) < 0)
			return -1;
		f->c->dirty = false;
	}
	smtp_mail_write(f->c, f->m);
	if (expect(f, SMTP_MAIL, 0, e) < 0)
		return -1;
	for (size_t i = 0; i < f->m->rcpt_count && !f->refused; i++) {
		if (!address_fits(f, i))
			continue;
		smtp_rcpt_write(f->c, &f->m->rcpts[i]);
		if (expect(f, SMTP_RCPT, i, e) < 0)
			return -1;
	}
	return 0;
}

/* --- the message --- */

static bool may_bdat(const struct smtp_flight *f)
{
	return smtp_client_can(f->c, SMTP_CHUNKING) && f->m->wire_size && f->c->protocol == SMTP;
}

static bool may_go_early(const struct smtp_flight *f)
{
	return may_bdat(f) && smtp_client_can(f->c, SMTP_PIPELINING) &&
	       f->m->wire_size <= EARLY_MAX;
}

/* What comes back for the whole message. */
static int end_of_message(struct smtp_flight *f, struct err *e)
{
	if (f->c->protocol == SMTP)
		remember(f, SMTP_DOT, 0);
	for (size_t i = 0; f->c->protocol == LMTP && i < f->m->rcpt_count; i++)
		if (smtp_flight_accepted(f, i))
			remember(f, SMTP_DOT, i);
	return land(f, e);
}

/* The connection broke while the message was on its way: a server that hung up may have said why. */
static int hear_out(struct smtp_flight *f)
{
	if (f->c->stream->err.code)
		end_of_message(f, NULL);
	f->c->phase = SMTP_BODY;
	return -1;
}

static int write_message(struct smtp_flight *f, bool bdat, struct err *e)
{
	if (bdat)
		stream_printf(
		    f->c->stream, "BDAT %llu LAST\r\n", (unsigned long long)f->m->wire_size);
	if (smtp_body_write(f->c, f->m, bdat, e) < 0)
		return hear_out(f);
	f->end = stream_written(f->c->stream);
	smtp_time(f->c, f->c->timeout_ms);
	if (stream_flush(f->c->stream, e) < 0) {
		err_prefix(e, "%s: ", smtp_phase_name(SMTP_BODY));
		return hear_out(f);
	}
	f->c->phase = SMTP_DOT;
	return 0;
}

/* DATA rode along, everybody was refused, and the server says go ahead all the same: RFC 2920 3.1 wants a lone dot. */
static int lone_dot(struct smtp_flight *f, struct err *e)
{
	f->c->dirty = true;
	if (f->c->protocol == LMTP)
		return err_set(e, EX_PROTOCOL, _("DATA: accepted although there is no recipient"));
	stream_puts(f->c->stream, ".\r\n");
	return smtp_read(f->c, SMTP_DOT, f->c->timeout_ms, e) < 0 ? -1 : 0;
}

static int by_data(struct smtp_flight *f, struct err *e)
{
	if (!smtp_client_can(f->c, SMTP_PIPELINING) && !f->accepted) {
		f->c->dirty = true;
		return 0;
	}
	stream_puts(f->c->stream, "DATA\r\n");
	if (expect(f, SMTP_DATA, 0, e) < 0 || land(f, e) < 0)
		return -1;
	if (!f->go_ahead) {
		f->c->dirty = true;
		return 0;
	}
	if (!f->accepted)
		return lone_dot(f, e);
	return write_message(f, false, e) < 0 ? -1 : end_of_message(f, e);
}

static int by_bdat(struct smtp_flight *f, struct err *e)
{
	if (!may_go_early(f)) {
		if (land(f, e) < 0)
			return -1;
		if (!f->accepted) {
			f->c->dirty = true;
			return 0;
		}
	}
	return write_message(f, true, e) < 0 ? -1 : end_of_message(f, e);
}

static int only_ask(struct smtp_flight *f, struct err *e)
{
	if (land(f, e) < 0)
		return -1;
	stream_puts(f->c->stream, "RSET\r\n");
	return expect(f, SMTP_RSET, 0, e) < 0 ? -1 : land(f, e);
}

static int transaction(struct smtp_flight *f, struct err *e)
{
	struct err why = ERR_INIT;
	struct smtp_answer a;
	if (smtp_mail_check(f->c, f->m, &why) < 0) {
		smtp_answer_err(&a, SMTP_MAIL, &why);
		smtp_flight_settle(f, &a);
		return 0;
	}
	if (envelope(f, e) < 0)
		return -1;
	if (f->m->ask)
		return only_ask(f, e);
	return may_bdat(f) ? by_bdat(f, e) : by_data(f, e);
}

/* The connection broke, or the message did. What the server may have got whole is unknown from now on. */
static void settle_broken(struct smtp_flight *f, const struct err *e)
{
	struct smtp_answer a;
	smtp_answer_err(&a, f->c->phase, e);
	if (smtp_flight_is_out(f)) {
		a.status = SMTP_UNKNOWN;
		a.exit = EX_TEMPFAIL;
	} else if (a.status == SMTP_REFUSED && e->code != EX_DATAERR) {
		a.status = SMTP_DEFERRED; /* its refusal was about this connection */
		a.exit = EX_TEMPFAIL;
	}
	smtp_flight_settle(f, &a);
}

static void unsettle(struct smtp_mail *m)
{
	for (size_t i = 0; i < m->rcpt_count; i++)
		m->rcpts[i].answer = (struct smtp_answer){.status = SMTP_UNSETTLED};
}

int smtp_client_send(struct smtp_client *c, struct smtp_mail *m, struct err *e)
{
	struct smtp_flight f = {.c = c, .m = m};
	struct err why = ERR_INIT;
	if (c->first)
		BUG("a message is under way");
	unsettle(m);
	int r = transaction(&f, &why);
	if (r < 0) {
		settle_broken(&f, &why);
		err_copy(e, &why);
	}
	free(f.v);
	return r;
}

/* --- several under way --- */

static bool may_ride(struct smtp_client *c, struct smtp_mail *m)
{
	struct smtp_flight f = {.c = c, .m = m};
	if (!may_go_early(&f) || m->ask || m->rcpt_count > AHEAD_RCPTS)
		return false;
	for (size_t i = 0; i < m->rcpt_count; i++)
		if (!smtp_address_fits(m->rcpts[i].address))
			return false;
	return smtp_mail_check(c, m, NULL) == 0;
}

/* All of a transaction, and no reply is waited for. RSET comes before every MAIL but the first: after a message that was refused for all its recipients
 * a server may still take the next RCPT for the old one's. */
static int write_ahead(struct smtp_flight *f, struct err *e)
{
	struct smtp_client *c = f->c;
	if (c->first || c->dirty) {
		stream_puts(c->stream, "RSET\r\n");
		remember(f, SMTP_RSET, 0);
		c->dirty = false;
	}
	smtp_mail_write(c, f->m);
	remember(f, SMTP_MAIL, 0);
	for (size_t i = 0; i < f->m->rcpt_count; i++) {
		smtp_rcpt_write(c, &f->m->rcpts[i]);
		remember(f, SMTP_RCPT, i);
	}
	stream_printf(c->stream, "BDAT %llu LAST\r\n", (unsigned long long)f->m->wire_size);
	remember(f, SMTP_DOT, 0);
	if (smtp_body_write(c, f->m, true, e) < 0)
		return -1;
	f->end = stream_written(c->stream);
	return 0;
}

static struct smtp_flight *take_first(struct smtp_client *c)
{
	struct smtp_flight *f = c->first;
	c->first = f->next;
	c->in_flight--;
	return f;
}

static void add_last(struct smtp_client *c, struct smtp_flight *f)
{
	struct smtp_flight **at = &c->first;
	while (*at)
		at = &(*at)->next;
	*at = f;
	c->in_flight++;
}

static void flight_free(struct smtp_flight *f)
{
	free(f->v);
	free(f);
}

void smtp_flights_release(struct smtp_client *c)
{
	while (c->first)
		flight_free(take_first(c));
}

/* The replies that are still owed to one that broke, so that none is taken for an answer to the next. */
static int drain(struct smtp_flight *f, struct err *e)
{
	while (f->at < f->n)
		if (read_next(f, e) < 0)
			return -1;
	return 0;
}

/* The server closes (421), and may have answers all the same. Each one under way is heard as long as it speaks; to whom it said nothing behind that it
 * did nothing either (RFC 5321 3.8), unless it spoke of one behind the 421, or not in replies: then nobody knows. */
static void settle_closed(struct smtp_client *c, struct smtp_flight *broken)
{
	struct smtp_answer bye;
	struct err e = ERR_INIT;
	bool silent = true;
	smtp_answer_reply(&bye, SMTP_MAIL, &c->reply);
	if (c->timeout_ms > LAST_WORDS_MS)
		c->timeout_ms = c->final_timeout_ms = LAST_WORDS_MS;
	bool speaks = drain(broken, &e) == 0;
	while (c->first) {
		struct smtp_flight *f = take_first(c);
		if (speaks)
			err_clear(&e);
		int r = speaks ? land(f, &e) : -1;
		silent = silent && (!f->heard || e.smtp == 421) && e.code != EX_PROTOCOL;
		if (r < 0 && silent)
			smtp_flight_settle(f, &bye);
		else if (r < 0)
			settle_broken(f, &e);
		speaks = speaks && (r == 0 || (e.smtp == 421 && drain(f, &e) == 0));
		flight_free(f);
	}
}

/* Those behind one that broke. */
static void settle_others(struct smtp_client *c, struct smtp_flight *broken, const struct err *why)
{
	if (why->smtp == 421) {
		settle_closed(c, broken);
		return;
	}
	while (c->first) {
		struct smtp_flight *f = take_first(c);
		settle_broken(f, why);
		flight_free(f);
	}
}

int smtp_client_settle(struct smtp_client *c, struct err *e)
{
	struct err why = ERR_INIT;
	if (!c->first)
		return 0;
	struct smtp_flight *f = take_first(c);
	c->riding = true;
	int r = land(f, &why);
	if (r < 0) {
		settle_broken(f, &why);
		settle_others(c, f, &why);
		err_copy(e, &why);
	}
	c->riding = false;
	flight_free(f);
	return r;
}

int smtp_client_start(struct smtp_client *c, struct smtp_mail *m, struct err *e)
{
	struct err why = ERR_INIT;
	if (!may_ride(c, m))
		return 0;
	unsettle(m);
	struct smtp_flight *f = mem_new(1, sizeof(*f));
	*f = (struct smtp_flight){.c = c, .m = m};
	int r = write_ahead(f, &why);
	if (r == 0) {
		add_last(c, f);
		return 1;
	}
	/* the connection is of no more use; what rode before this one is heard to its end */
	while (c->first && smtp_client_settle(c, NULL) == 0)
		;
	settle_broken(f, &why);
	flight_free(f);
	return err_copy(e, &why);
}
