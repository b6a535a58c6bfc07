#include "base/alloc.h"
#include "base/intl.h"
#include "codec/idna.h"
#include "route/job.h"

#include <stdlib.h>

enum { INPUT_MAX = 1024, ASCII_MAX = 1024 };

static int refuse(struct job *j, const char *why)
{
	struct err *e = &j->plan->error;
	err_set(e, EX_DATAERR, "%s", why);
	return err_reply(e, 0, "5.1.3");
}

static int to_domain(struct job *j, struct span name, char **out)
{
	struct buf ascii = BUF_INIT(ASCII_MAX);
	struct err *e = &j->plan->error, why = ERR_INIT;
	if (idna_to_ascii(&ascii, name, &why) < 0) {
		/* "name: not a domain name: why"; the name is said by whoever prints */
		const char *text = strstr(why.text, ": ");
		err_set(e, EX_DATAERR, "%s", text ? text + 2 : why.text);
		err_reply(e, 0, "5.1.3");
		buf_release(&ascii);
		return -1;
	}
	*out = buf_detach(&ascii);
	return 0;
}

static void add_literal(struct job *j, const struct net_addr *a)
{
	char text[64];
	net_addr_text(a, text, sizeof(text));
	j->plan->kind = ROUTE_LITERAL;
	free(j->plan->domain);
	j->plan->domain = str_printf(a->sa.ss_family == AF_INET6 ? "[IPv6:%s]" : "[%s]", text);
	struct route_host *h = job_add_host(j, j->plan->domain, 0);
	net_addrs_add(&h->addresses, a);
	if ((j->o->only4 && a->sa.ss_family != AF_INET) ||
	    (j->o->only6 && a->sa.ss_family != AF_INET6)) {
		err_set(&h->error, EX_NOHOST, _("not an address of the family asked for"));
		err_reply(&h->error, 0, "5.4.4");
	}
	job_step(j, &j->plan->steps, "RFC 5321 4.1.3",
	    _("%s is an address literal: there is nothing to look up, and DANE cannot apply"),
	    j->plan->domain);
}

/* "[...]", what is between the brackets. */
static int parse_bracketed(struct job *j, struct span inner)
{
	struct net_addr a;
	unsigned port = j->plan->port ? j->plan->port : j->o->port;
	bool tagged = span_starts_nocase(inner, "IPv6:");
	if (net_addr_parse(tagged ? span_skip(inner, 5) : inner, port, &a) &&
	    (!tagged || a.sa.ss_family == AF_INET6)) {
		add_literal(j, &a);
		return 0;
	}
	if (span_index(inner, ':') >= 0)
		return refuse(j, _("not an address literal"));
	j->plan->kind = ROUTE_HOST;
	if (to_domain(j, inner, &j->plan->domain) < 0)
		return -1;
	job_add_host(j, j->plan->domain, 0);
	job_step(j, &j->plan->steps, NULL,
	    _("%s is named in brackets: its MX records do not count"), j->plan->domain);
	return 0;
}

static int parse_brackets(struct job *j, struct span name)
{
	ptrdiff_t end = span_index(name, ']');
	struct span rest;
	uint64_t port;
	if (end < 0)
		return refuse(j, _("\"[\" without \"]\""));
	rest = span_skip(name, (size_t)end + 1);
	if (rest.len) {
		if (rest.ptr[0] != ':' || !span_to_u64(span_skip(rest, 1), 65535, &port) || !port)
			return refuse(j, _("what follows \"]\" is no port"));
		j->plan->port = (unsigned)port;
	}
	return parse_bracketed(j, span_make(name.ptr + 1, (size_t)end - 1));
}

int operand_parse(struct job *j, struct span what)
{
	struct net_addr a;
	struct span name = what;
	j->plan->input = span_dup(span_take(what, INPUT_MAX));
	if (what.len > INPUT_MAX)
		return refuse(j, _("not a domain name: too long"));
	for (size_t i = what.len; i > 0; i--)
		if (what.ptr[i - 1] == '@') { /* an address: RFC 5321 4.1.2, its last "@" */
			name = span_skip(what, i);
			break;
		}
	if (name.len && name.ptr[0] == '[')
		return parse_brackets(j, name);
	if (net_addr_parse(name, 0, &a))
		return refuse(
		    j, _("an address, and no domain; as a literal it stands in brackets"));
	j->plan->kind = ROUTE_MX;
	return to_domain(j, name, &j->plan->domain);
}
