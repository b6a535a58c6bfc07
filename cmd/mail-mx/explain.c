#include "base/intl.h"
#include "codec/inert.h"
#include "mx.h"

#include <stdio.h>

enum { TEXT_MAX = 64 * 1024 };

static void line(const char *indent, const char *text, const char *clause)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	inert_add(&b, span_of(text), 0);
	printf("%s%s%s%s%s\n", indent, buf_cstr(&b), clause ? " [" : "", clause ? clause : "",
	    clause ? "]" : "");
	buf_release(&b);
}

static void steps(const char *indent, const struct route_steps *s)
{
	for (size_t i = 0; i < s->n; i++)
		line(indent, s->v[i].text, s->v[i].clause);
}

static void explain_host(const struct route_host *h)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	char text[64];
	buf_addf(&b, "%u %s", h->preference, h->name);
	line("  ", buf_cstr(&b), NULL);
	for (size_t i = 0; i < h->addresses.n; i++) {
		net_addr_text(&h->addresses.v[i], text, sizeof(text));
		line("    ", text, NULL);
	}
	steps("    ", &h->steps);
	buf_reset(&b);
	buf_adds(&b, "=> ");
	mx_verdict(h, &b);
	line("    ", buf_cstr(&b), NULL);
	buf_release(&b);
}

/* What the sender of a letter would get to read, RFC 3464 2.3: an answer that may change is waited for, others come back at once. */
static void explain_dsn(const struct route_plan *p)
{
	const struct err *e = &p->error;
	struct buf b = BUF_INIT(TEXT_MAX);
	if (!e->code)
		return;
	if (e->code == EX_TEMPFAIL || e->code == EX_PROTOCOL)
		buf_addf(&b,
		    _("a sender keeps the letter and tries again; a DSN would say: Action: "
		      "delayed, Status: %s, %s"),
		    e->enhanced, e->text);
	else
		buf_addf(&b,
		    _("a sender returns the letter at once; the DSN would say: Action: failed, "
		      "Status: %s, %s"),
		    e->enhanced, e->text);
	line("  ", buf_cstr(&b), "RFC 3463, 3464");
	buf_release(&b);
}

void mx_explain(const struct route_plan *p)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	mx_domain_text(p, &b);
	printf("%s\n", buf_cstr(&b));
	buf_release(&b);
	steps("  ", &p->steps);
	for (size_t i = 0; i < p->host_count; i++)
		explain_host(&p->hosts[i]);
	explain_dsn(p);
}
