/*
 * send.c - one transaction: commands are written, and what their replies are about is remembered; then all replies are read as a batch.
 * Without PIPELINING the batch is of one command each.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "smtp/client.h"
#include "smtp/command.h"

#include <stdlib.h>

enum {
	BATCH = 1000, /* replies to wait for at once */
	EARLY_MAX =
	    256
	    << 10, /* a message up to this rides behind its envelope, unseen whether that is accepted */
};

struct expected {
	enum smtp_phase phase;
	size_t rcpt;
};
struct flight {
	struct smtp_client *c;
	struct smtp_mail *m;
	struct expected *v;
	size_t n, cap;
	size_t accepted;  /* recipients */
	bool refused;     /* MAIL was */
	bool go_ahead;    /* 354 came */
	bool all_written; /* every octet of the message left us */
};

static struct smtp_answer *answer_of(struct flight *f, size_t i)
{
	return &f->m->rcpts[i].answer;
}

static bool is_accepted(const struct smtp_answer *a)
{
	return a->status == SMTP_UNSETTLED && a->phase == SMTP_RCPT && a->code / 100 == 2;
}

static void settle_rest(struct flight *f, const struct smtp_answer *a)
{
	smtp_settle_rest(f->m->rcpts, f->m->rcpt_count, a);
}

/* --- what a reply means --- */

static int judge_mail(struct flight *f, struct err *e)
{
	struct smtp_answer a;
	if (f->c->reply.code / 100 == 2)
		return 0;
	if (f->c->reply.code / 100 == 3)
		return smtp_refused(f->c, e);
	f->refused = true;
	smtp_answer_reply(&a, SMTP_MAIL, &f->c->reply);
	settle_rest(f, &a);
	return 0;
}

/* RFC 5321 4.5.3.1.10: a 552 for one of many is an old way to say "too many for now". */
static void soften_552(struct flight *f, struct smtp_answer *a)
{
	if (a->code == 552 && f->accepted && !a->enhanced[0]) {
		a->status = SMTP_DEFERRED;
		a->exit = EX_TEMPFAIL;
	}
}

static int judge_rcpt(struct flight *f, size_t i, struct err *e)
{
	struct smtp_answer *a = answer_of(f, i);
	if (f->c->reply.code / 100 == 3)
		return smtp_refused(f->c, e);
	if (f->refused)
		return 0;
	smtp_answer_reply(a, SMTP_RCPT, &f->c->reply);
	if (a->status == SMTP_SENT) {
		f->accepted++;
		if (!f->m->ask)
			a->status = SMTP_UNSETTLED;
	}
	soften_552(f, a);
	return 0;
}

static int judge_data(struct flight *f, struct err *e)
{
	struct smtp_answer a;
	switch (f->c->reply.code / 100) {
	case 3: f->go_ahead = true; return 0;
	case 2:
		return smtp_refused(
		    f->c, e); /* "unexpected reply": who knows what it took for what */
	}
	f->c->dirty = true;
	smtp_answer_reply(&a, SMTP_DATA, &f->c->reply);
	settle_rest(f, &a);
	return 0;
}

/* SMTP: one reply for all; LMTP: one for each accepted recipient, in their order. */
static int judge_end(struct flight *f, size_t i, struct err *e)
{
	struct smtp_answer a;
	if (f->c->reply.code / 100 == 3 || (f->c->reply.code / 100 == 2 && !f->all_written))
		return smtp_refused(f->c, e); /* neither yes nor no; yes to half of it */
	if (f->c->reply.code / 100 != 2)
		f->c->dirty = true;
	smtp_answer_reply(&a, SMTP_DOT, &f->c->reply);
	if (f->c->protocol == LMTP)
		*answer_of(f, i) = a;
	else
		settle_rest(f, &a);
	return 0;
}

static int judge(struct flight *f, const struct expected *x, struct err *e)
{
	switch (x->phase) {
	case SMTP_MAIL: return judge_mail(f, e);
	case SMTP_RCPT: return judge_rcpt(f, x->rcpt, e);
	case SMTP_DATA: return judge_data(f, e);
	case SMTP_DOT: return judge_end(f, x->rcpt, e);
	default: return f->c->reply.code / 100 == 2 ? 0 : smtp_refused(f->c, e); /* RSET */
	}
}

/* --- flights --- */

/* 421: the server closes, whatever else was under way (RFC 5321 3.8). */
static int closing(struct flight *f, struct err *e)
{
	struct smtp_answer a;
	smtp_answer_reply(&a, f->c->phase, &f->c->reply);
	settle_rest(f, &a);
	return smtp_refused(f->c, e);
}

static int land(struct flight *f, struct err *e)
{
	int r = 0;
	for (size_t i = 0; i < f->n && r == 0; i++) {
		bool final = f->v[i].phase == SMTP_DOT;
		if (smtp_read(f->c, f->v[i].phase,
			final ? f->c->final_timeout_ms : f->c->timeout_ms, e) < 0)
			r = -1;
		else
			r = judge(f, &f->v[i], e);
		if (r == 0 && f->c->reply.code == 421)
			r = closing(f, e);
	}
	f->n = 0;
	return r;
}

static void remember(struct flight *f, enum smtp_phase phase, size_t rcpt)
{
	if (f->n == f->cap) {
		f->cap = f->cap ? 2 * f->cap : 8;
		f->v = mem_resize(f->v, f->cap, sizeof(*f->v));
	}
	f->v[f->n++] = (struct expected){phase, rcpt};
}

/* A command was written; its reply is awaited now, or with the others. */
static int expect(struct flight *f, enum smtp_phase phase, size_t rcpt, struct err *e)
{
	remember(f, phase, rcpt);
	return smtp_client_can(f->c, SMTP_PIPELINING) && f->n < BATCH ? 0 : land(f, e);
}

static bool address_fits(struct flight *f, size_t i)
{
	struct err why = ERR_INIT;
	if (smtp_address_fits(f->m->rcpts[i].address))
		return true;
	err_set(&why, EX_DATAERR, _("this is no address to send to"));
	smtp_answer_err(answer_of(f, i), SMTP_RCPT, &why);
	return false;
}

static int envelope(struct flight *f, struct err *e)
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

static bool may_bdat(const struct flight *f)
{
	return smtp_client_can(f->c, SMTP_CHUNKING) && f->m->wire_size && f->c->protocol == SMTP;
}

static bool may_go_early(const struct flight *f)
{
	return may_bdat(f) && smtp_client_can(f->c, SMTP_PIPELINING) &&
	       f->m->wire_size <= EARLY_MAX;
}

/* What comes back for the whole message. */
static int end_of_message(struct flight *f, struct err *e)
{
	if (f->c->protocol == SMTP)
		remember(f, SMTP_DOT, 0);
	for (size_t i = 0; f->c->protocol == LMTP && i < f->m->rcpt_count; i++)
		if (is_accepted(answer_of(f, i)))
			remember(f, SMTP_DOT, i);
	return land(f, e);
}

/* The connection broke while the message was on its way: a server that hung up may have said why. */
static int hear_out(struct flight *f)
{
	if (f->c->stream->err.code)
		end_of_message(f, NULL);
	f->c->phase = SMTP_BODY;
	return -1;
}

static int write_message(struct flight *f, bool bdat, struct err *e)
{
	if (bdat)
		stream_printf(
		    f->c->stream, "BDAT %llu LAST\r\n", (unsigned long long)f->m->wire_size);
	if (smtp_body_write(f->c, f->m, bdat, e) < 0)
		return hear_out(f);
	smtp_time(f->c, f->c->timeout_ms);
	if (stream_flush(f->c->stream, e) < 0) {
		err_prefix(e, "%s: ", smtp_phase_name(SMTP_BODY));
		return hear_out(f);
	}
	f->all_written = true;
	f->c->phase = SMTP_DOT;
	return 0;
}

/* DATA rode along, everybody was refused, and the server says go ahead all the same: RFC 2920 3.1 wants a lone dot. */
static int lone_dot(struct flight *f, struct err *e)
{
	f->c->dirty = true;
	if (f->c->protocol == LMTP)
		return err_set(e, EX_PROTOCOL, _("DATA: accepted although there is no recipient"));
	stream_puts(f->c->stream, ".\r\n");
	return smtp_read(f->c, SMTP_DOT, f->c->timeout_ms, e) < 0 ? -1 : 0;
}

static int by_data(struct flight *f, struct err *e)
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

static int by_bdat(struct flight *f, struct err *e)
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

static int only_ask(struct flight *f, struct err *e)
{
	if (land(f, e) < 0)
		return -1;
	stream_puts(f->c->stream, "RSET\r\n");
	return expect(f, SMTP_RSET, 0, e) < 0 ? -1 : land(f, e);
}

static int transaction(struct flight *f, struct err *e)
{
	struct err why = ERR_INIT;
	struct smtp_answer a;
	if (smtp_mail_check(f->c, f->m, &why) < 0) {
		smtp_answer_err(&a, SMTP_MAIL, &why);
		settle_rest(f, &a);
		return 0;
	}
	if (envelope(f, e) < 0)
		return -1;
	if (f->m->ask)
		return only_ask(f, e);
	return may_bdat(f) ? by_bdat(f, e) : by_data(f, e);
}

/* The connection broke, or the message did. What the server may have got whole is unknown from now on. */
static void settle_broken(struct flight *f, const struct err *e)
{
	struct smtp_answer a;
	smtp_answer_err(&a, f->c->phase, e);
	if (f->all_written) {
		a.status = SMTP_UNKNOWN;
		a.exit = EX_TEMPFAIL;
	} else if (a.status == SMTP_REFUSED && e->code != EX_DATAERR) {
		a.status = SMTP_DEFERRED; /* its refusal was about this connection */
		a.exit = EX_TEMPFAIL;
	}
	settle_rest(f, &a);
}

int smtp_client_send(struct smtp_client *c, struct smtp_mail *m, struct err *e)
{
	struct flight f = {.c = c, .m = m};
	struct err why = ERR_INIT;
	for (size_t i = 0; i < m->rcpt_count; i++)
		m->rcpts[i].answer = (struct smtp_answer){.status = SMTP_UNSETTLED};
	int r = transaction(&f, &why);
	if (r < 0) {
		settle_broken(&f, &why);
		err_copy(e, &why);
	}
	free(f.v);
	return r;
}
