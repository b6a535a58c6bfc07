#include "net/addr.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

static bool has_controls(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return true;
	return false;
}

/* A copy with %XX undone; NULL for a bad escape or one that gives a control character. */
static char *percent_decode(struct span text)
{
	char *copy = mem_new(text.len + 1, 1);
	size_t n = 0;
	for (size_t i = 0; i < text.len; i++) {
		int c = (unsigned char)text.ptr[i];
		if (c == '%') {
			int high = i + 2 < text.len ? hex_value(text.ptr[i + 1]) : -1;
			int low = i + 2 < text.len ? hex_value(text.ptr[i + 2]) : -1;
			c = high < 0 || low < 0 ? 0 : high << 4 | low;
			if (c < 0x20 || c == 0x7f) {
				free(copy);
				return NULL;
			}
			i += 2;
		}
		copy[n++] = (char)c;
	}
	return copy;
}

/* "scheme:" in front: true, *rest behind the colon. "host:25" has none, as a scheme is followed by a slash. */
static bool cut_scheme(struct span text, struct span *rest, struct net_url *u)
{
	size_t n = 0;
	while (n < text.len &&
	       (is_alpha(text.ptr[n]) || is_digit(text.ptr[n]) || strchr("+-.", text.ptr[n])))
		n++;
	if (n == 0 || n >= sizeof(u->scheme) || n + 1 >= text.len || text.ptr[n] != ':' ||
	    text.ptr[n + 1] != '/')
		return false;
	for (size_t i = 0; i < n; i++)
		u->scheme[i] = to_lower(text.ptr[i]);
	u->scheme[n] = '\0';
	*rest = span_skip(text, n + 1);
	return true;
}

static int parse_user(struct net_url *u, struct span user, struct err *e)
{
	if (span_index(user, ':') >= 0)
		return err_set(e, EX_USAGE,
		    _("a password does not belong into an address that others can see"));
	u->user = percent_decode(user);
	return u->user ? 0 : err_set(e, EX_USAGE, _("a bad %% escape in the user name"));
}

static int parse_host_port(struct net_url *u, struct span text, struct err *e)
{
	struct span host = text, port = SPAN("");
	struct net_addr ignored;
	uint64_t number;
	const char *end = text.len && text.ptr[0] == '[' ? memchr(text.ptr, ']', text.len) : NULL;
	ptrdiff_t colon = -1;
	if (end) {
		host = span_take(text, (size_t)(end - text.ptr) + 1);
		port = span_skip(text, host.len);
		colon = port.len && port.ptr[0] == ':' ? 0 : -1;
		if (port.len && colon < 0)
			return err_set(e, EX_USAGE, _("unexpected text behind \"]\""));
	} else if (!net_addr_parse(
		       text, 0, &ignored)) { /* a bare IPv6 address has colons of its own */
		colon = span_index(text, ':');
		if (colon >= 0) {
			host = span_take(text, (size_t)colon);
			port = span_skip(text, (size_t)colon);
		}
	}
	if (colon >= 0) {
		if (!span_to_u64(span_skip(port, 1), 65535, &number) || number == 0)
			return err_set(
			    e, EX_USAGE, _("\"%.*s\" is no port"), SPAN_ARG(span_skip(port, 1)));
		u->port = (unsigned)number;
	}
	if (end) {
		host = span_make(host.ptr + 1, host.len - 2);
		if (!net_addr_parse(host, 0, &ignored))
			return err_set(e, EX_USAGE, _("\"%.*s\" is no address"), SPAN_ARG(host));
	}
	if (host.len == 0)
		return err_set(e, EX_USAGE, _("no host name"));
	for (size_t i = 0; i < host.len; i++)
		if (strchr(" \t/\\<>\"@?#", host.ptr[i]) ||
		    (!end && host.ptr[i] == ':' && !net_addr_parse(host, 0, &ignored)))
			return err_set(e, EX_USAGE, _("\"%.*s\" is no host name"), SPAN_ARG(host));
	u->host = span_dup(host);
	return 0;
}

static int parse_authority(struct net_url *u, struct span text, struct err *e)
{
	ptrdiff_t slash = span_index(text, '/');
	struct span authority = slash < 0 ? text : span_take(text, (size_t)slash);
	size_t at = authority.len;
	while (at > 0 && authority.ptr[at - 1] != '@')
		at--;
	if (at > 0 && parse_user(u, span_take(authority, at - 1), e) < 0)
		return -1;
	if (parse_host_port(u, span_skip(authority, at), e) < 0)
		return -1;
	if (slash >= 0 && (size_t)slash + 1 < text.len) {
		u->path = percent_decode(span_skip(text, (size_t)slash + 1));
		if (!u->path)
			return err_set(e, EX_USAGE, _("a bad %% escape in the path"));
	}
	return 0;
}

static int parse(struct net_url *u, struct span text, const char *default_scheme, struct err *e)
{
	struct span rest;
	if (has_controls(text))
		return err_set(e, EX_USAGE, _("control characters in a server's address"));
	if (!cut_scheme(text, &rest, u)) {
		if (!default_scheme)
			return err_set(e, EX_USAGE, _("it should read scheme://host"));
		ENSURE(strlen(default_scheme) < sizeof(u->scheme));
		memcpy(u->scheme, default_scheme, strlen(default_scheme) + 1);
		return parse_authority(u, text, e);
	}
	if (span_starts(rest, "//"))
		return parse_authority(u, span_skip(rest, 2), e);
	u->socket = percent_decode(rest);
	return u->socket ? 0 : err_set(e, EX_USAGE, _("a bad %% escape in the path"));
}

/* In front of an error: what may be a password is not said again. */
static int named(struct span text, struct err *e)
{
	ptrdiff_t colon = span_find(text, SPAN("://"));
	size_t from = colon < 0 ? 0 : (size_t)colon + 3, at = text.len;
	while (at > from && text.ptr[at - 1] != '@')
		at--;
	if (at == from || span_index(span_make(text.ptr + from, at - from), ':') < 0)
		return err_prefix(e, "%.*s: ", SPAN_ARG(span_take(text, 200)));
	return err_prefix(e, "%.*s...@%.*s: ", (int)(from < 20 ? from : 20), text.ptr,
	    SPAN_ARG(span_take(span_skip(text, at), 200)));
}

int net_url_parse(struct net_url *out, struct span text, const char *default_scheme, struct err *e)
{
	struct net_url u = {.port = 0};
	if (parse(&u, text, default_scheme, e) < 0) {
		net_url_release(&u);
		return named(text, e);
	}
	*out = u;
	return 0;
}

void net_url_release(struct net_url *u)
{
	free(u->user);
	free(u->host);
	free(u->path);
	free(u->socket);
	*u = (struct net_url){.port = 0};
}
