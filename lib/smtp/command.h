/*
 * command.h - the smtp room's own: one command, one reply.
 */
#ifndef SURAT_SMTP_COMMAND_H
#define SURAT_SMTP_COMMAND_H

#include "smtp/client.h"

/* What comes next must be done in that time, and before the deadline of the whole. */
void smtp_time(struct smtp_client *c, int64_t timeout_ms);
/* Sends what was written and reads one reply into c->reply within timeout_ms: its code, or -1. */
int smtp_read(struct smtp_client *c, enum smtp_phase phase, int64_t timeout_ms, struct err *e);
/* The last reply as an error that begins with the phase: "RCPT TO: 550 no". Returns -1. */
int smtp_refused(struct smtp_client *c, struct err *e);
/* Control characters could end a command early. */
bool smtp_has_controls(const char *s);
/* The last line of defence: callers check addresses by RFC 5321 before they connect. */
bool smtp_address_fits(const char *s);

/* mail.c: can this server take it at all? -1: e says why not, with its status (EX_UNAVAILABLE, EX_DATAERR). */
int smtp_mail_check(const struct smtp_client *c, const struct smtp_mail *m, struct err *e);
/* Writes MAIL and RCPT with the parameters the server knows. */
void smtp_mail_write(struct smtp_client *c, const struct smtp_mail *m);
void smtp_rcpt_write(struct smtp_client *c, const struct smtp_rcpt *r);

/* send.c: those under way, whatever becomes of them. */
void smtp_flights_release(struct smtp_client *c);

/* body.c: the message onto the wire, with its lone dot or (bdat) as it is, wire_size octets. *all: every octet went out, so from now on
 * the server may have it. -1: e->code EX_TEMPFAIL the connection, else the message; the connection is of no more use in any case. */
int smtp_body_write(struct smtp_client *c, struct smtp_mail *m, bool bdat, struct err *e);

#endif
