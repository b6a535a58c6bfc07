/* server.c - the URL of a mail server. */
#include "base/alloc.h"
#include "base/intl.h"
#include "fetch/fetch.h"
#include "net/addr.h"

#include <stdlib.h>

static bool is_loopback(const char *host)
{
	struct net_addr a;
	if (span_is_nocase(span_of(host), "localhost"))
		return true;
	return net_addr_parse(span_of(host), 0, &a) && net_addr_is_loopback(&a);
}

static const struct {
	const char *scheme;
	bool pop3, implicit_tls;
	unsigned port;
} schemes[] = {
    {"imap", false, false, 143},
    {"imaps", false, true, 993},
    {"pop3", true, false, 110},
    {"pop3s", true, true, 995},
};

/* The same account by imap:// or imaps:// on the standard ports is one account. */
static char *state_key(const struct fetch_server *sv, bool standard_port)
{
	struct buf b = BUF_INIT(4096);
	buf_addf(&b, "%s://%s@%s", sv->pop3 ? "pop3" : "imap", sv->user ? sv->user : "", sv->host);
	if (sv->socket)
		buf_addf(&b, ":%s", sv->socket);
	else if (!standard_port)
		buf_addf(&b, ":%u", sv->port);
	return buf_detach(&b);
}

int fetch_server_parse(struct fetch_server *sv, struct span url, const char *user, struct err *e)
{
	struct net_url u;
	size_t i;
	if (net_url_parse(&u, url, NULL, e) < 0)
		return -1;
	for (i = 0; i < ARRAY_LEN(schemes) && strcmp(schemes[i].scheme, u.scheme) != 0; i++)
		;
	if (i == ARRAY_LEN(schemes) || !(u.host || u.socket)) {
		net_url_release(&u);
		return err_set(e, EX_USAGE,
		    _("%.*s: not imap://, imaps://, pop3:// or pop3s:// and a host"),
		    SPAN_ARG(url));
	}
	*sv = (struct fetch_server){.pop3 = schemes[i].pop3,
	    .implicit_tls = schemes[i].implicit_tls,
	    .host = str_dup(u.socket ? "localhost" : u.host),
	    .socket = u.socket ? str_dup(u.socket) : NULL,
	    .port = u.port ? u.port : schemes[i].port,
	    .loopback = u.socket || is_loopback(u.host)};
	if (user || u.user)
		sv->user = str_dup(user ? user : u.user);
	if (u.path && *u.path)
		sv->folder = str_dup(u.path);
	sv->key = state_key(sv, !u.port || u.port == schemes[i].port);
	net_url_release(&u);
	return 0;
}

void fetch_server_release(struct fetch_server *sv)
{
	free(sv->user);
	free(sv->host);
	free(sv->socket);
	free(sv->folder);
	free(sv->key);
	*sv = (struct fetch_server){0};
}
