/* judge.c - what a reply means to the transaction it is about. */
#include "base/intl.h"
#include "smtp/command.h"
#include "smtp/flight.h"

struct smtp_answer *smtp_flight_answer(struct smtp_flight *f, size_t i)
{
	return &f->m->rcpts[i].answer;
}

bool smtp_flight_accepted(struct smtp_flight *f, size_t i)
{
	const struct smtp_answer *a = smtp_flight_answer(f, i);
	return a->status == SMTP_UNSETTLED && a->phase == SMTP_RCPT && a->code / 100 == 2;
}

void smtp_flight_settle(struct smtp_flight *f, const struct smtp_answer *a)
{
	smtp_settle_rest(f->m->rcpts, f->m->rcpt_count, a);
}

bool smtp_flight_is_out(const struct smtp_flight *f)
{
	return f->end && f->c->stream->sent >= f->end;
}

static int judge_mail(struct smtp_flight *f, struct err *e)
{
	struct smtp_answer a;
	if (f->c->reply.code / 100 == 2)
		return 0;
	if (f->c->reply.code / 100 == 3)
		return smtp_refused(f->c, e);
	f->refused = true;
	smtp_answer_reply(&a, SMTP_MAIL, &f->c->reply);
	smtp_flight_settle(f, &a);
	return 0;
}

/* RFC 5321 4.5.3.1.10: a 552 for one of many is an old way to say "too many for now". */
static void soften_552(struct smtp_flight *f, struct smtp_answer *a)
{
	if (a->code == 552 && f->accepted && !a->enhanced[0]) {
		a->status = SMTP_DEFERRED;
		a->exit = EX_TEMPFAIL;
	}
}

static int judge_rcpt(struct smtp_flight *f, size_t i, struct err *e)
{
	struct smtp_answer *a = smtp_flight_answer(f, i);
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

static int judge_data(struct smtp_flight *f, struct err *e)
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
	smtp_flight_settle(f, &a);
	return 0;
}

/* SMTP: one reply for all; LMTP: one for each accepted recipient, in their order. */
static int judge_end(struct smtp_flight *f, size_t i, struct err *e)
{
	struct smtp_answer a;
	int kind = f->c->reply.code / 100;
	if (kind == 3 || (kind == 2 && !smtp_flight_is_out(f)))
		return smtp_refused(f->c, e); /* neither yes nor no; yes to half of it */
	if (kind != 2)
		f->c->dirty = true;
	smtp_answer_reply(&a, SMTP_DOT, &f->c->reply);
	if (f->c->protocol == LMTP)
		*smtp_flight_answer(f, i) = a;
	else
		smtp_flight_settle(f, &a);
	return 0;
}

/* 421: the server closes, whatever else was under way (RFC 5321 3.8). By LMTP, behind the end of the message, it speaks for one recipient: what became of
 * the message for the others, who were accepted and are owed a reply (RFC 2033 4.2), nobody knows. */
static int closing(struct smtp_flight *f, enum smtp_phase phase, struct err *e)
{
	struct smtp_answer a;
	smtp_answer_reply(&a, phase, &f->c->reply);
	if (phase == SMTP_DOT && f->c->protocol == LMTP)
		a.status = SMTP_UNKNOWN;
	smtp_flight_settle(f, &a);
	return smtp_refused(f->c, e);
}

static int judge(struct smtp_flight *f, const struct smtp_expected *x, struct err *e)
{
	switch (x->phase) {
	case SMTP_MAIL: return judge_mail(f, e);
	case SMTP_RCPT: return judge_rcpt(f, x->rcpt, e);
	case SMTP_DATA: return judge_data(f, e);
	case SMTP_DOT: return judge_end(f, x->rcpt, e);
	default: return f->c->reply.code / 100 == 2 ? 0 : smtp_refused(f->c, e); /* RSET */
	}
}

int smtp_flight_judge(struct smtp_flight *f, const struct smtp_expected *x, struct err *e)
{
	f->heard = true;
	if (x->phase == SMTP_RSET && f->c->reply.code == 421)
		return closing(f, SMTP_RSET, e);
	if (judge(f, x, e) < 0)
		return -1;
	return f->c->reply.code == 421 ? closing(f, x->phase, e) : 0;
}
