#include "fetch/lookup.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "cli/cli.h"
#include "io/child.h"

enum { PLAN_LINE = 1 << 20, PATIENCE_MS = 120000 };

/* --- by mail-mx --- */

static bool needs_mx(const struct fetch_server *sv, const struct fetch_link *link)
{
	const struct cli_network *n = link->network;
	if (sv->loopback)
		return false;
	return n->resolvers.n || n->dns_data || n->trust_anchor ||
	       n->dnssec == CLI_DNSSEC_REQUIRED || link->tls == FETCH_TLS_DANE ||
	       link->tls == FETCH_TLS_DANE_ONLY;
}

static void option(struct strv *argv, const char *name, const char *value)
{
	if (value)
		strv_take(argv, str_printf("--%s=%s", name, value));
}

/* What the command line says of DNS, spelled again. */
static void arguments(const struct fetch_link *link, struct strv *argv)
{
	static const char *const dnssec[] = {NULL, "required", "off"};
	static const char *const tls[] = {
	    [FETCH_TLS_DANE] = "dane", [FETCH_TLS_DANE_ONLY] = "dane-only"};
	const struct cli_network *n = link->network;
	strv_add(argv, "mail-mx");
	strv_add(argv, "--plan");
	option(argv, "tls", link->tls >= FETCH_TLS_DANE ? tls[link->tls] : "verify");
	for (size_t i = 0; i < n->resolvers.n; i++)
		option(argv, "resolver", n->resolvers.v[i]);
	option(argv, "trust-anchor", n->trust_anchor);
	option(argv, "dns-data", n->dns_data);
	option(argv, "dnssec", dnssec[n->dnssec]);
	strv_take(argv, str_printf("--timeout=%lld", (long long)n->timeout_s));
	if (n->only4)
		strv_add(argv, "-4");
	if (n->only6)
		strv_add(argv, "-6");
}

static int converse(
    struct child *c, const struct fetch_server *sv, struct route_plan **plan, struct err *e)
{
	struct stream s;
	struct span line;
	stream_init_fd(&s, c->out, c->in);
	s.in_max = PLAN_LINE;
	stream_timeout(&s, PATIENCE_MS);
	stream_printf(&s, "[%s]:%u\n", sv->host, sv->port);
	int r = stream_flush(&s, e) < 0 ? -1 : stream_line(&s, &line, PLAN_LINE, e);
	if (r == 0)
		r = err_set(e, EX_TEMPFAIL, _("it ended without an answer"));
	if (r > 0)
		r = route_plan_read(plan, line, sv->port, e);
	stream_release(&s);
	return r < 0 ? -1 : 0;
}

static int ask(const struct fetch_server *sv, const struct fetch_link *link,
    struct route_plan **plan, struct err *e)
{
	struct strv argv = {0};
	struct child c;
	arguments(link, &argv);
	int r = child_start(&c, argv.v, NULL, CHILD_STDIN | CHILD_STDOUT, e);
	strv_release(&argv);
	if (r < 0)
		return -1;
	r = converse(&c, sv, plan, e);
	int status;
	struct err ignored = ERR_INIT;
	child_wait(&c, 5000, &status, &ignored); /* it ends with its input */
	return r < 0 ? err_prefix(e, "mail-mx: ") : 0;
}

static int by_mx(const struct fetch_server *sv, const struct fetch_link *link, struct net_addrs *to,
    struct route_plan **plan, struct err *e)
{
	struct route_plan *p;
	if (ask(sv, link, &p, e) < 0)
		return -1;
	const struct err *why = p->error.code   ? &p->error
				: p->host_count ? &p->hosts[0].error
						: NULL;
	if (!why || why->code) {
		if (why)
			err_copy(e, why);
		else
			err_set(e, EX_NOHOST, _("no such host"));
		route_plan_free(p);
		return -1;
	}
	for (size_t i = 0; i < p->hosts[0].addresses.n; i++)
		net_addrs_add(to, &p->hosts[0].addresses.v[i]);
	*plan = p;
	return 0;
}

int fetch_lookup(const struct fetch_server *sv, const struct fetch_link *link, struct net_addrs *to,
    struct route_plan **plan, struct err *e)
{
	struct net_addr literal;
	int r = net_connects_find(&link->network->connects, sv->host, to, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	if (net_addr_parse(span_of(sv->host), sv->port, &literal)) {
		net_addrs_add(to, &literal);
		return 0;
	}
	if (needs_mx(sv, link))
		return by_mx(sv, link, to, plan, e);
	int family = link->network->only4 ? AF_INET : link->network->only6 ? AF_INET6 : AF_UNSPEC;
	return net_lookup(sv->host, sv->port, family, to, e);
}
