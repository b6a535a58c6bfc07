/* mail.c - MAIL and RCPT with their parameters, each only where the server knows it. */
#include "base/clock.h"
#include "base/intl.h"
#include "codec/time.h"
#include "smtp/client.h"
#include "smtp/command.h"

/* --- what the server must be able to do --- */

static int cannot(struct err *e, const char *enhanced, const char *why)
{
	err_set(e, EX_UNAVAILABLE, "%s", why);
	return err_reply(e, 0, enhanced);
}

static int check_size(const struct smtp_client *c, const struct smtp_mail *m, struct err *e)
{
	if (!c->size_max || m->wire_size <= c->size_max)
		return 0;
	err_set(e, EX_UNAVAILABLE, _("the message has %llu octets, the server takes %llu at most"),
	    (unsigned long long)m->wire_size, (unsigned long long)c->size_max);
	return err_reply(e, 0, "5.3.4");
}

/* RFC 4865 4: a message that cannot be held must not go out early. */
static int check_hold(const struct smtp_client *c, const struct smtp_mail *m, struct err *e)
{
	if (!m->hold_until_s)
		return 0;
	if (!smtp_client_can(c, SMTP_FUTURERELEASE))
		return cannot(e, "5.3.3", _("the server cannot hold a message until later"));
	int64_t wait = m->hold_until_s - clock_real_s();
	if (c->hold_max_s && wait > 0 && (uint64_t)wait > c->hold_max_s)
		return cannot(e, "5.3.3", _("the server does not hold a message that long"));
	if (c->hold_until_max_s && m->hold_until_s > c->hold_until_max_s)
		return cannot(e, "5.3.3", _("the server does not hold a message that long"));
	return 0;
}

/* RFC 2852 4: with R the server must know it, and not want more time than there is. */
static int check_deliver_by(const struct smtp_client *c, const struct smtp_mail *m, struct err *e)
{
	uint64_t seconds;
	struct span by = span_of(m->deliver_by), number;
	if (!m->deliver_by || !span_cut(&by, ';', &number) || !span_starts_nocase(by, "R"))
		return 0;
	if (!smtp_client_can(c, SMTP_DELIVERBY))
		return cannot(e, "5.3.3", _("the server promises no delivery in a given time"));
	if (c->deliver_by_min && span_to_u64(number, INT64_MAX, &seconds) &&
	    (int64_t)seconds < c->deliver_by_min)
		return cannot(e, "5.4.7", _("the server wants more time for the delivery"));
	return 0;
}

int smtp_mail_check(const struct smtp_client *c, const struct smtp_mail *m, struct err *e)
{
	if (!smtp_address_fits(m->sender))
		return err_set(e, EX_DATAERR, _("this is no address to send from"));
	if (m->utf8 && !smtp_client_can(c, SMTP_SMTPUTF8))
		return cannot(e, "5.6.7", _("the server takes no UTF-8 in addresses and headers"));
	if (m->eight_bit && !m->ask && !smtp_client_can(c, SMTP_8BITMIME))
		return cannot(e, "5.6.3", _("the server takes no 8-bit text"));
	if (m->require_tls && !(c->tls && smtp_client_can(c, SMTP_REQUIRETLS)))
		return cannot(e, "5.7.30", _("the server does not promise TLS all the way"));
	if (check_size(c, m, e) < 0 || check_hold(c, m, e) < 0)
		return -1;
	return check_deliver_by(c, m, e);
}

/* --- MAIL --- */

/* RFC 6533 says how UTF-8 goes into xtext; ENVID is ASCII by then (checked where it is given). */
static void add_dsn(struct buf *b, const struct smtp_mail *m)
{
	if (m->ret)
		buf_addf(b, " RET=%s", m->ret);
	if (m->envid) {
		buf_adds(b, " ENVID=");
		smtp_xtext(b, span_of(m->envid));
	}
}

static void add_hold(struct buf *b, const struct smtp_mail *m)
{
	buf_adds(b, " HOLDUNTIL=");
	date_write_rfc3339(b, m->hold_until_s);
}

void smtp_mail_write(struct smtp_client *c, const struct smtp_mail *m)
{
	struct buf b = BUF_INIT(16 << 10);
	buf_addf(&b, "MAIL FROM:<%s>", m->sender);
	if (m->wire_size && smtp_client_can(c, SMTP_SIZE))
		buf_addf(&b, " SIZE=%llu", (unsigned long long)m->wire_size);
	if (m->eight_bit && smtp_client_can(c, SMTP_8BITMIME))
		buf_adds(&b, " BODY=8BITMIME");
	if (m->utf8)
		buf_adds(&b, " SMTPUTF8");
	if (smtp_client_can(c, SMTP_DSN))
		add_dsn(&b, m);
	if (m->require_tls)
		buf_adds(&b, " REQUIRETLS");
	if (m->hold_until_s)
		add_hold(&b, m);
	if (m->deliver_by && smtp_client_can(c, SMTP_DELIVERBY))
		buf_addf(&b, " BY=%s", m->deliver_by);
	if (m->priority && smtp_client_can(c, SMTP_MT_PRIORITY))
		buf_addf(&b, " MT-PRIORITY=%s", m->priority);
	buf_adds(&b, "\r\n");
	stream_write(c->stream, buf_span(&b));
	buf_release(&b);
}

/* --- RCPT --- */

void smtp_rcpt_write(struct smtp_client *c, const struct smtp_rcpt *r)
{
	struct buf b = BUF_INIT(16 << 10);
	buf_addf(&b, "RCPT TO:<%s>", r->address);
	if (smtp_client_can(c, SMTP_DSN)) {
		if (r->notify)
			buf_addf(&b, " NOTIFY=%s", r->notify);
		if (r->orcpt)
			buf_addf(&b, " ORCPT=%s", r->orcpt);
	}
	buf_adds(&b, "\r\n");
	stream_write(c->stream, buf_span(&b));
	buf_release(&b);
}
