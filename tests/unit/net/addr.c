#include "net/addr.h"

#include "../tap.h"

static void address(const char *text, const char *want)
{
	struct net_addr a;
	char shown[64] = "";
	bool good = net_addr_parse(span_of(text), 25, &a);
	if (good)
		net_addr_text(&a, shown, sizeof(shown));
	if (want && good)
		is_str(shown, want, text);
	else
		ok(good == (want != NULL), "%s is %san address", text, want ? "" : "not ");
	if (good)
		is_int(net_addr_port(&a), 25, "with the port");
}

static void test_address(void)
{
	address("192.0.2.1", "192.0.2.1");
	address("2001:db8::1", "2001:db8::1");
	address("[2001:DB8:0::1]", "2001:db8::1");
	address("192.0.2.256", NULL);
	address("192.0.2", NULL);
	address("[2001:db8::1", NULL);
	address("example.org", NULL);
	address("", NULL);
	struct net_addr none;
	ok(!net_addr_parse((struct span){NULL, 0}, 25, &none), "nothing at all is no address");
	address("::1%nosuchif", NULL);
	struct net_addr a;
	ok(net_addr_parse(SPAN("127.1.2.3"), 0, &a) && net_addr_is_loopback(&a),
	    "127.1.2.3 is loopback");
	ok(net_addr_parse(SPAN("::1"), 0, &a) && net_addr_is_loopback(&a), "::1 is loopback");
	ok(net_addr_parse(SPAN("::ffff:127.0.0.1"), 0, &a) && net_addr_is_loopback(&a),
	    "so is its mapped form");
	ok(net_addr_parse(SPAN("128.0.0.1"), 0, &a) && !net_addr_is_loopback(&a),
	    "128.0.0.1 is not");
}

/* want: "scheme|user|host|port|path|socket", NULL when it must be refused */
static void url(const char *text, const char *want)
{
	struct net_url u;
	struct err e = ERR_INIT;
	char shown[512];
	int r = net_url_parse(&u, span_of(text), "smtp", &e);
	if (r < 0) {
		ok(want == NULL && e.code == EX_USAGE, "%s is refused: %s", text, e.text);
		return;
	}
	snprintf(shown, sizeof(shown), "%s|%s|%s|%u|%s|%s", u.scheme, u.user ? u.user : "",
	    u.host ? u.host : "", u.port, u.path ? u.path : "", u.socket ? u.socket : "");
	if (want)
		is_str(shown, want, text);
	else
		ok(false, "%s should be refused, is %s", text, shown);
	net_url_release(&u);
}

static void test_url(void)
{
	url("smtp://mail.example.org", "smtp||mail.example.org|0||");
	url("SMTPS://ana@mail.example.org:465", "smtps|ana|mail.example.org|465||");
	url("smtp://ana@example.org@mail.example.org", "smtp|ana@example.org|mail.example.org|0||");
	url("smtp://ana%40example.org@mail.example.org/",
	    "smtp|ana@example.org|mail.example.org|0||");
	url("imaps://ana@mail.example.org/INBOX/Sub%20folder",
	    "imaps|ana|mail.example.org|0|INBOX/Sub folder|");
	url("lmtp:/run/lmtp", "lmtp|||0||/run/lmtp");
	url("smtp://[2001:db8::1]:2525", "smtp||2001:db8::1|2525||");
	url("smtp://2001:db8::1", "smtp||2001:db8::1|0||");
	url("localhost:2525", "smtp||localhost|2525||");
	url("localhost", "smtp||localhost|0||");
	url("127.0.0.1:25", "smtp||127.0.0.1|25||");
	url("smtp://ana:secret@mail.example.org", NULL);
	url("smtp://mail.example.org:0", NULL);
	url("smtp://mail.example.org:65536", NULL);
	url("smtp://mail.example.org:2x", NULL);
	url("smtp://", NULL);
	url("smtp://a\nb", NULL);
	url("smtp://a%0ab@host", NULL);
	url("smtp://a%4@host", NULL);
	url("smtp://a b", NULL);
	url("smtp://[nonsense]", NULL);
	url("smtp://a:b:c", NULL);
	url("", NULL);
}

static void test_lookup(void)
{
	struct net_addrs list = {0};
	struct err e = ERR_INIT;
	is_int(net_lookup("127.0.0.1", 25, AF_UNSPEC, &list, &e), 0, "a literal needs no lookup");
	is_int((long long)list.n, 1, "and is one address");
	is_int(net_lookup("127.0.0.1", 25, AF_INET6, &list, &e), -1, "of the wrong family");
	is_int(e.code, EX_NOHOST, "it is no host");
	is_int((long long)list.n, 1, "and nothing is added");
	net_addrs_release(&list);
	/* no hosts file has this one */
	is_int(net_lookup("surat.localhost", 25, AF_INET, &list, &e), 0,
	    "what ends in .localhost is here");
	ok(list.n >= 1 && net_addr_is_loopback(&list.v[0]) && net_addr_port(&list.v[0]) == 25,
	    "on the loopback");
	net_addrs_release(&list);
}

int main(void)
{
	test_address();
	test_url();
	test_lookup();
	return tap_done();
}
