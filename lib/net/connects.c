#include "base/intl.h"
#include "net/addr.h"

int net_connects_find(
    const struct strv *connects, const char *host, struct net_addrs *to, struct err *e)
{
	for (size_t i = 0; connects && i < connects->n; i++) {
		struct span rest = span_of(connects->v[i]), name;
		struct net_url u;
		struct net_addr a;
		if (!span_cut(&rest, '=', &name) || !span_is_nocase(name, host))
			continue;
		if (net_url_parse(&u, rest, "tcp", e) < 0)
			return err_prefix(e, "--connect: ");
		bool good = u.host && u.port && net_addr_parse(span_of(u.host), u.port, &a);
		net_url_release(&u);
		if (!good)
			return err_set(e, EX_USAGE, _("--connect: HOST=ADDR:PORT was expected"));
		net_addrs_add(to, &a);
		return 1;
	}
	return 0;
}
