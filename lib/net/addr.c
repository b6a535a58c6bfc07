#include "net/addr.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

static struct span without_brackets(struct span text)
{
	if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
		return span_make(text.ptr + 1, text.len - 2);
	return text;
}

static bool parse_v6(struct span text, unsigned port, struct net_addr *out)
{
	char host[64], *zone;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)&out->sa;
	struct in6_addr addr;
	unsigned scope = 0;
	if (text.len >= sizeof(host))
		return false;
	memcpy(host, text.ptr, text.len);
	host[text.len] = '\0';
	zone = strchr(host, '%');
	if (zone) {
		*zone++ = '\0';
		scope = if_nametoindex(zone);
		if (scope == 0)
			return false;
	}
	if (inet_pton(AF_INET6, host, &addr) != 1)
		return false;
	memset(out, 0, sizeof(*out));
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)port);
	in6->sin6_addr = addr;
	in6->sin6_scope_id = scope;
	out->len = sizeof(*in6);
	return true;
}

bool net_addr_parse(struct span text, unsigned port, struct net_addr *out)
{
	char host[INET_ADDRSTRLEN];
	struct in_addr addr;
	if (text.len >= 1 && text.ptr[0] == '[' && text.ptr[text.len - 1] != ']')
		return false;
	text = without_brackets(text);
	if (text.len == 0 || memchr(text.ptr, '\0', text.len))
		return false;
	if (span_index(text, ':') >= 0)
		return parse_v6(text, port, out);
	if (text.len >= sizeof(host))
		return false;
	memcpy(host, text.ptr, text.len);
	host[text.len] = '\0';
	if (inet_pton(AF_INET, host, &addr) != 1)
		return false;
	memset(out, 0, sizeof(*out));
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&out->sa;
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	in->sin_addr = addr;
	out->len = sizeof(*in);
	return true;
}

void net_addr_text(const struct net_addr *a, char *out, size_t size)
{
	out[0] = '\0';
	if (getnameinfo((const struct sockaddr *)&a->sa, a->len, out, (socklen_t)size, NULL, 0,
		NI_NUMERICHOST) != 0)
		snprintf(out, size, "?");
}

unsigned net_addr_port(const struct net_addr *a)
{
	if (a->sa.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)(const void *)&a->sa)->sin6_port);
	if (a->sa.ss_family == AF_INET)
		return ntohs(((const struct sockaddr_in *)(const void *)&a->sa)->sin_port);
	return 0;
}

bool net_addr_is_loopback(const struct net_addr *a)
{
	if (a->sa.ss_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)&a->sa)->sin_addr.s_addr) >>
			   24 ==
		       127;
	if (a->sa.ss_family == AF_INET6) {
		const struct in6_addr *in6 =
		    &((const struct sockaddr_in6 *)(const void *)&a->sa)->sin6_addr;
		return IN6_IS_ADDR_LOOPBACK(in6) ||
		       (IN6_IS_ADDR_V4MAPPED(in6) && in6->s6_addr[12] == 127);
	}
	return a->sa.ss_family == AF_UNIX;
}

void net_addrs_add(struct net_addrs *l, const struct net_addr *a)
{
	l->v = mem_resize(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = *a;
}

void net_addrs_release(struct net_addrs *l)
{
	free(l->v);
	*l = (struct net_addrs){0};
}

/* The machine itself. */
static void add_loopback(unsigned port, int family, struct net_addrs *out)
{
	struct net_addr a;
	if (family != AF_INET && net_addr_parse(SPAN("::1"), port, &a))
		net_addrs_add(out, &a);
	if (family != AF_INET6 && net_addr_parse(SPAN("127.0.0.1"), port, &a))
		net_addrs_add(out, &a);
}

int net_lookup(const char *host, unsigned port, int family, struct net_addrs *out, struct err *e)
{
	struct net_addr one;
	/* a literal needs no resolver, and none of what loading one costs */
	if (net_addr_parse(span_of(host), port, &one)) {
		if (family != AF_UNSPEC && one.sa.ss_family != family)
			return err_set(
			    e, EX_NOHOST, _("%s: not an address of the family asked for"), host);
		net_addrs_add(out, &one);
		return 0;
	}
	/* RFC 6761 6.3: nobody is asked for these */
	if (span_ends_nocase(span_of(host), ".localhost")) {
		add_loopback(port, family, out);
		return 0;
	}
	struct addrinfo hints = {.ai_family = family,
			    .ai_socktype = SOCK_STREAM,
			    .ai_flags = AI_NUMERICSERV},
			*list = NULL;
	char service[8];
	snprintf(service, sizeof(service), "%u", port);
	int r = getaddrinfo(host, service, &hints, &list);
	if (r != 0 &&
	    span_is_nocase(span_of(host), "localhost")) { /* a container may have no /etc/hosts */
		add_loopback(port, family, out);
		return 0;
	}
	if (r == EAI_NONAME || r == EAI_NODATA || r == EAI_ADDRFAMILY)
		return err_set(e, EX_NOHOST, _("%s: no such host"), host);
	if (r != 0)
		return err_set(
		    e, EX_TEMPFAIL, _("%s: cannot be looked up: %s"), host, gai_strerror(r));
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
		memset(&one, 0, sizeof(one));
		memcpy(&one.sa, ai->ai_addr, ai->ai_addrlen);
		one.len = ai->ai_addrlen;
		net_addrs_add(out, &one);
	}
	freeaddrinfo(list);
	return 0;
}
