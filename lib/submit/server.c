#include "submit/server.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

static const struct {
	const char *scheme;
	enum smtp_protocol protocol;
	bool implicit_tls;
	unsigned port, local_port;
} schemes[] = {
    {"smtp", SMTP, false, 587, 25},
    {"smtps", SMTP, true, 465, 465},
    {"lmtp", LMTP, false, 24, 24},
};

static bool is_local(const struct net_url *u)
{
	struct net_addr a;
	if (u->socket || span_is_nocase(span_of(u->host), "localhost"))
		return true;
	return net_addr_parse(span_of(u->host), 0, &a) && net_addr_is_loopback(&a);
}

int submit_server_parse(struct submit_server *s, const char *url, struct err *e)
{
	struct net_url u;
	size_t i = 0;
	if (net_url_parse(&u, span_of(url), "smtp", e) < 0)
		return -1;
	while (i < ARRAY_LEN(schemes) && strcmp(schemes[i].scheme, u.scheme) != 0)
		i++;
	if (i == ARRAY_LEN(schemes) || (u.path && *u.path) ||
	    (u.socket && schemes[i].protocol != LMTP)) {
		net_url_release(&u);
		return err_set(e, EX_USAGE,
		    _("%.200s: not smtp://, smtps:// or lmtp:// and a host, nor lmtp:/socket"),
		    url);
	}
	*s = (struct submit_server){.protocol = schemes[i].protocol,
	    .implicit_tls = schemes[i].implicit_tls,
	    .local = is_local(&u),
	    .host = u.host,
	    .socket = u.socket,
	    .user = u.user};
	s->port = u.port ? u.port : s->local ? schemes[i].local_port : schemes[i].port;
	u.host = u.socket = u.user = NULL;
	net_url_release(&u);
	return 0;
}

void submit_server_release(struct submit_server *s)
{
	free(s->host);
	free(s->socket);
	free(s->user);
	*s = (struct submit_server){0};
}

enum submit_tls submit_server_tls(const struct submit_server *s, enum submit_tls wanted)
{
	if (wanted != SUBMIT_TLS_AUTO)
		return wanted;
	return s->local && !s->implicit_tls ? SUBMIT_TLS_MAY : SUBMIT_TLS_VERIFY;
}
