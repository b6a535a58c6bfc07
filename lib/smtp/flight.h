/*
 * flight.h - the smtp room's own: one transaction under way, commands written and the replies that are owed for them.
 *
 * send.c writes, judge.c says what a reply means. Several may be under way on one connection, one behind the other (smtp_client_start).
 */
#ifndef SURAT_SMTP_FLIGHT_H
#define SURAT_SMTP_FLIGHT_H

#include "smtp/client.h"

struct smtp_expected {
	enum smtp_phase phase;
	size_t rcpt;
};
struct smtp_flight {
	struct smtp_flight *next; /* behind it on the connection */
	struct smtp_client *c;
	struct smtp_mail *m;
	struct smtp_expected *v;
	size_t at, n, cap; /* at: how many of them were read */
	size_t accepted;   /* recipients */
	bool refused;      /* MAIL was */
	bool go_ahead;     /* 354 came */
	bool heard;        /* at least one reply to it */
	uint64_t
	    end; /* where the message ends in all that is written to the stream; 0: it is not */
};

struct smtp_answer *smtp_flight_answer(struct smtp_flight *f, size_t i);
/* Accepted at RCPT, and nothing more is known yet. */
bool smtp_flight_accepted(struct smtp_flight *f, size_t i);
void smtp_flight_settle(struct smtp_flight *f, const struct smtp_answer *a);
/* Every octet of the message left us. */
bool smtp_flight_is_out(const struct smtp_flight *f);
/* The client's reply, to what was expected. -1: it makes no sense there, or the server closes (421). */
int smtp_flight_judge(struct smtp_flight *f, const struct smtp_expected *x, struct err *e);

#endif
