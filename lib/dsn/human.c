/* The part for a person: what happened, to whom, why, and what can be done. */
#include "base/intl.h"
#include "codec/inert.h"
#include "dsn/internal.h"

#include <string.h>

enum { SHOWN_MAX = 1000, LISTED_MAX = 200 };

const char *dsn_title(const struct dsn *d)
{
	switch (d->recipient_count ? d->recipients[0].reason : DSN_REFUSED) {
	case DSN_DELAYED: return _("Not delivered yet");
	case DSN_RELAYED: return _("Sent on");
	case DSN_UNKNOWN: return _("Perhaps not delivered");
	default: return _("Not delivered");
	}
}

static void put_opening(struct buf *b, const struct dsn *d)
{
	switch (d->recipient_count ? d->recipients[0].reason : DSN_REFUSED) {
	case DSN_DELAYED:
		buf_adds(b, _("could not be delivered so far. Nothing needs to be done: it will be "
			      "tried again."));
		break;
	case DSN_RELAYED:
		buf_adds(b, _("was sent on, to servers that do not tell when it arrives."));
		break;
	case DSN_UNKNOWN: buf_adds(b, _("may or may not have been delivered.")); break;
	default: buf_adds(b, _("could not be delivered.")); break;
	}
}

static void put_reason(struct buf *b, const struct dsn_recipient *r)
{
	switch (r->reason) {
	case DSN_REFUSED: buf_adds(b, *r->host ? _("refused by") : _("refused")); break;
	case DSN_EXPIRED: buf_adds(b, _("tried for too long; the last answer was")); break;
	case DSN_UNKNOWN:
		buf_adds(b, _("the connection was lost, more than once, after the message had been "
			      "sent and before that was confirmed"));
		break;
	case DSN_RETURNED: buf_adds(b, _("taken out of the queue by hand")); break;
	case DSN_DELAYED: buf_adds(b, _("the last answer was")); break;
	case DSN_RELAYED: buf_adds(b, *r->host ? _("sent on to") : _("sent on")); break;
	}
}

/* "refused by mx.example.net: 550 5.1.1 no such user" */
static void put_answer(struct buf *b, const struct dsn_recipient *r)
{
	bool said = *r->text || r->code;
	if (*r->host) {
		buf_addc(b, ' ');
		inert_add(b, span_take(span_of(r->host), 255), 0);
	}
	if (!said)
		return;
	buf_adds(b, ": ");
	if (r->code)
		buf_addf(b, "%03d ", r->code);
	if (r->code && *r->enhanced)
		buf_addf(b, "%s ", r->enhanced);
	inert_add(b, span_take(span_of(r->text), SHOWN_MAX), 0);
}

/* RFC 3463: subject and detail in words. */
static const char *refusal_advice(const struct dsn_recipient *r)
{
	static const struct {
		const char *detail, *advice;
	} known[] = {
	    {".1.1", N_("The address does not exist. Look for a typing error, or ask for the right "
			"one.")},
	    {".1.2", N_("The part behind the @ is no place for mail. Look for a typing error.")},
	    {".1.10", N_("That domain takes no mail at all.")},
	    {".2.2", N_("The mailbox is full. Its owner has to make room; send it again then.")},
	    {".2.3", N_("The message is too large for that mailbox. Send less, or another way.")},
	    {".3.4", N_("The message is too large for that server. Send less, or another way.")},
	    {".4.4", N_("No server for that domain could be found. Look for a typing error.")},
	};
	char status[12];
	dsn_enhanced(status, r);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(status + 1, known[i].detail) == 0)
			return _(known[i].advice);
	if (strncmp(status + 1, ".7.", 3) == 0)
		return _("The server did not want this message. Its answer, above, may say why; "
			 "reach the recipient another way and show it.");
	return _("The answer, above, is the server's reason; it will not be tried again.");
}

static const char *advice(const struct dsn_recipient *r)
{
	switch (r->reason) {
	case DSN_REFUSED: return refusal_advice(r);
	case DSN_EXPIRED:
		return _(
		    "It will not be tried again. Send it again when the trouble there is over.");
	case DSN_UNKNOWN: return _("Ask the recipient before you send it again.");
	default: return NULL;
	}
}

static void put_recipient(struct buf *b, const struct dsn_recipient *r)
{
	const char *what = advice(r);
	buf_adds(b, "\n  ");
	inert_add(b, span_of(r->address), 0);
	buf_adds(b, "\n    ");
	put_reason(b, r);
	put_answer(b, r);
	buf_addc(b, '\n');
	if (what)
		buf_addf(b, "    %s\n", what);
}

void dsn_human(struct buf *b, const struct dsn *d, struct span subject, struct span date)
{
	buf_adds(b, _("Your message"));
	if (subject.len) {
		buf_adds(b, " \"");
		inert_add(b, span_take(subject, 200), 0);
		buf_addc(b, '"');
	}
	if (date.len) {
		buf_adds(b, _(" of "));
		inert_add(b, span_take(date, 100), 0);
	}
	buf_adds(b, "\n");
	put_opening(b, d);
	buf_addc(b, '\n');
	size_t shown = d->recipient_count < LISTED_MAX ? d->recipient_count : LISTED_MAX;
	for (size_t i = 0; i < shown; i++)
		put_recipient(b, &d->recipients[i]);
	if (shown < d->recipient_count)
		buf_addf(
		    b, _("\n  and %zu more, in the second part\n"), d->recipient_count - shown);
	buf_addf(b, _("\n%s is below. This was written by the mail queue of %s.\n"),
	    d->whole ? _("Your message") : _("The header of your message"), d->host);
}
