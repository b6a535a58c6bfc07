#include "smtp/client.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/inert.h"
#include "codec/time.h"
#include "smtp/command.h"

#include <stdio.h>

enum { FINAL_TIMEOUT_MS = 600000, QUIT_TIMEOUT_MS = 5000, ADDRESS_MAX = 1000 };

const char *smtp_phase_name(enum smtp_phase p)
{
	static const char *const names[] = {N_("connection"), N_("greeting"), "EHLO", "STARTTLS",
	    "AUTH", "RSET", "MAIL FROM", "RCPT TO", "DATA", N_("message"), N_("end of message"),
	    "QUIT"};
	return (size_t)p < ARRAY_LEN(names) ? names[p] : "?";
}

void smtp_client_init(
    struct smtp_client *c, struct stream *s, enum smtp_protocol protocol, int64_t timeout_ms)
{
	*c = (struct smtp_client){.stream = s,
	    .protocol = protocol,
	    .timeout_ms = timeout_ms,
	    .final_timeout_ms = FINAL_TIMEOUT_MS,
	    .reply = SMTP_REPLY_INIT};
}

void smtp_client_release(struct smtp_client *c)
{
	smtp_flights_release(c);
	smtp_reply_release(&c->reply);
}

bool smtp_client_can(const struct smtp_client *c, enum smtp_extension x)
{
	return (c->extensions & x) != 0;
}

/* --- one command, one reply --- */

void smtp_time(struct smtp_client *c, int64_t timeout_ms)
{
	stream_timeout(c->stream, timeout_ms);
	if (c->deadline_ms && c->deadline_ms < c->stream->deadline_ms)
		c->stream->deadline_ms = c->deadline_ms;
}

int smtp_read(struct smtp_client *c, enum smtp_phase phase, int64_t timeout_ms, struct err *e)
{
	c->phase = phase;
	smtp_time(c, timeout_ms);
	int r = c->riding ? smtp_reply_next(&c->reply, c->stream, e)
			  : smtp_reply_read(&c->reply, c->stream, e);
	if (r < 0)
		return err_prefix(e, "%s: ", smtp_phase_name(phase));
	return c->reply.code;
}

int smtp_refused(struct smtp_client *c, struct err *e)
{
	smtp_reply_err(&c->reply, e);
	return err_prefix(e, "%s: ", smtp_phase_name(c->phase));
}

bool smtp_has_controls(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 127)
			return true;
	return false;
}

bool smtp_address_fits(const char *s)
{
	return strlen(s) <= ADDRESS_MAX && !smtp_has_controls(s);
}

/* --- the start of a session --- */

int smtp_client_greeting(struct smtp_client *c, struct err *e)
{
	int code = smtp_read(c, SMTP_GREETING, c->timeout_ms, e);
	if (code < 0)
		return -1;
	return code == 220 ? 0 : smtp_refused(c, e);
}

static const struct {
	const char *word;
	enum smtp_extension bit;
} keywords[] = {
    {"PIPELINING", SMTP_PIPELINING},
    {"8BITMIME", SMTP_8BITMIME},
    {"SIZE", SMTP_SIZE},
    {"STARTTLS", SMTP_STARTTLS_OFFERED},
    {"AUTH", SMTP_AUTH_OFFERED},
    {"CHUNKING", SMTP_CHUNKING},
    {"SMTPUTF8", SMTP_SMTPUTF8},
    {"DSN", SMTP_DSN},
    {"ENHANCEDSTATUSCODES", SMTP_ENHANCEDSTATUSCODES},
    {"REQUIRETLS", SMTP_REQUIRETLS},
    {"FUTURERELEASE", SMTP_FUTURERELEASE},
    {"DELIVERBY", SMTP_DELIVERBY},
    {"MT-PRIORITY", SMTP_MT_PRIORITY},
    {"LIMITS", SMTP_LIMITS},
};

static uint64_t first_number(struct span words)
{
	struct span word;
	uint64_t n = 0;
	if (span_word(&words, &word))
		span_to_u64(word, INT64_MAX, &n);
	return n;
}

static void learn_limits(struct smtp_client *c, struct span words)
{
	struct span word, name;
	while (span_word(&words, &word)) {
		uint64_t n;
		if (!span_cut(&word, '=', &name) || !span_to_u64(word, INT64_MAX, &n) || n == 0)
			continue;
		if (span_is_nocase(name, "RCPTMAX"))
			c->rcpt_max = n;
		else if (span_is_nocase(name, "RCPTDOMAINMAX"))
			c->rcpt_domain_max = n;
		else if (span_is_nocase(name, "MAILMAX"))
			c->mail_max = n;
	}
}

/* RFC 4865 3: the longest interval, and the latest time. */
static void learn_hold(struct smtp_client *c, struct span words)
{
	struct span word;
	c->hold_max_s = first_number(words);
	if (span_word(&words, &word) && span_word(&words, &word))
		date_parse_rfc3339(word, &c->hold_until_max_s);
}

static void learn_mechanisms(struct smtp_client *c, struct span words)
{
	size_t n = strlen(c->mechanisms);
	if (!span_trim(words).len)
		return;
	snprintf(c->mechanisms + n, sizeof(c->mechanisms) - n, "%s%.*s", n ? " " : "",
	    SPAN_ARG(span_trim(words)));
}

static void learn_values(struct smtp_client *c, enum smtp_extension bit, struct span words)
{
	switch (bit) {
	case SMTP_SIZE: c->size_max = first_number(words); break;
	case SMTP_FUTURERELEASE: learn_hold(c, words); break;
	case SMTP_DELIVERBY: c->deliver_by_min = (int64_t)first_number(words); break;
	case SMTP_LIMITS: learn_limits(c, words); break;
	case SMTP_AUTH_OFFERED: learn_mechanisms(c, words); break;
	default: break;
	}
}

/* "AUTH=PLAIN" is how servers of the last century spelled it, in a line beside the right one. */
static void learn(struct smtp_client *c, struct span line)
{
	struct span word;
	if (!span_word(&line, &word))
		return;
	if (span_starts_nocase(word, "AUTH=")) {
		c->extensions |= SMTP_AUTH_OFFERED;
		learn_mechanisms(c, span_skip(word, 5));
		learn_mechanisms(c, line);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		if (span_is_nocase(word, keywords[i].word)) {
			c->extensions |= keywords[i].bit;
			learn_values(c, keywords[i].bit, line);
		}
}

static void forget(struct smtp_client *c)
{
	c->extensions = 0;
	c->esmtp = false;
	c->size_max = c->hold_max_s = c->rcpt_max = c->rcpt_domain_max = c->mail_max = 0;
	c->deliver_by_min = c->hold_until_max_s = 0;
	c->mechanisms[0] = c->name[0] = '\0';
}

static void learn_name(struct smtp_client *c, struct span line)
{
	struct buf b = BUF_INIT(sizeof(c->name) - 1);
	struct span word;
	if (span_word(&line, &word))
		inert_add(&b, span_take(word, sizeof(c->name) / 4), 0);
	memcpy(c->name, buf_cstr(&b), b.len + 1);
	buf_release(&b);
}

static void learn_all(struct smtp_client *c)
{
	struct span rest = buf_span(&c->reply.text), line = SPAN("");
	forget(c);
	span_cut(&rest, '\n', &line);
	learn_name(c, line);
	while (span_line(&rest, &line))
		learn(c, line);
}

static int hello(struct smtp_client *c, const char *verb, const char *my_name, struct err *e)
{
	stream_printf(c->stream, "%s %s\r\n", verb, my_name);
	return smtp_read(c, SMTP_HELLO, c->timeout_ms, e);
}

int smtp_client_hello(struct smtp_client *c, const char *my_name, struct err *e)
{
	if (!*my_name || smtp_has_controls(my_name) || strchr(my_name, ' '))
		return err_set(e, EX_USAGE, _("\"%s\" is no name to say hello with"), my_name);
	int code = hello(c, c->protocol == LMTP ? "LHLO" : "EHLO", my_name, e);
	if (code / 100 == 2) {
		learn_all(c);
		c->esmtp = true;
		return 0;
	}
	/* RFC 5321 3.2: a server that does not know EHLO says so with a 5xx */
	if (code / 100 == 5 && c->protocol == SMTP) {
		forget(c);
		code = hello(c, "HELO", my_name, e);
		if (code / 100 == 2) {
			learn_name(c, buf_span(&c->reply.text));
			return 0;
		}
	}
	return code < 0 ? -1 : smtp_refused(c, e);
}

int smtp_client_starttls(struct smtp_client *c, struct err *e)
{
	if (!smtp_client_can(c, SMTP_STARTTLS_OFFERED)) {
		err_set(e, EX_PROTOCOL, _("the server offers no STARTTLS"));
		return err_reply(e, 0, "5.7.10");
	}
	stream_puts(c->stream, "STARTTLS\r\n");
	int code = smtp_read(c, SMTP_STARTTLS, c->timeout_ms, e);
	if (code < 0)
		return -1;
	if (code != 220)
		return smtp_refused(c, e);
	if (stream_peek(c->stream).len)
		return err_set(e, EX_PROTOCOL, _("STARTTLS: data was injected before TLS began"));
	return 0;
}

void smtp_client_secured(struct smtp_client *c)
{
	forget(c);
	c->tls = true;
}

void smtp_client_quit(struct smtp_client *c)
{
	int64_t patience = c->timeout_ms < QUIT_TIMEOUT_MS ? c->timeout_ms : QUIT_TIMEOUT_MS;
	stream_puts(c->stream, "QUIT\r\n");
	smtp_read(c, SMTP_QUIT, patience, NULL);
}
