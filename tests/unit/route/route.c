/* route/: what is planned for each kind of domain, and a plan's way through JSON */
#include "route/route.h"

#include "base/random.h"

#include "../tap.h"

#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/surat-route.XXXXXX";
static struct dns *dns;

#define D32 "0011223344556677889900112233445566778899001122334455667788990011"
static const char zone[] = "$ORIGIN test.\n"
			   "; security: secure\n"
			   "dane MX 10 mx.dane\n"
			   "mx.dane A 192.0.2.1\n"
			   "mx.dane AAAA 2001:db8::1\n"
			   "_25._tcp.mx.dane TLSA 3 1 1 " D32 "\n"
			   "_25._tcp.mx.dane TLSA 1 1 1 " D32 "\n"
			   "_25._tcp.mx.dane TLSA 3 1 2 " D32 "\n"
			   "plain MX 10 mx.plain\n"
			   "mx.plain A 192.0.2.2\n"
			   "unusable MX 10 mx.unusable\n"
			   "mx.unusable A 192.0.2.3\n"
			   "_25._tcp.mx.unusable TLSA 0 0 1 " D32 "\n"
			   "tlsabogus MX 10 mx.tlsabogus\n"
			   "tlsabogus MX 20 mx.dane\n"
			   "mx.tlsabogus A 192.0.2.4\n"
			   "tlsafail MX 10 mx.tlsafail\n"
			   "mx.tlsafail A 192.0.2.5\n"
			   "alias MX 10 mx.alias\n"
			   "mx.alias CNAME mx.dane\n"
			   "half MX 10 mx.half\n"
			   "mx.half CNAME mx.far\n"
			   "_25._tcp.mx.half TLSA 2 0 1 " D32 "\n"
			   "secureimplicit A 192.0.2.6\n"
			   "_25._tcp.secureimplicit TLSA 3 1 1 " D32 "\n"
			   "weaktlsa MX 10 mx.weaktlsa\n"
			   "mx.weaktlsa A 192.0.2.9\n"
			   "null MX 0 .\n"
			   "nullmixed MX 0 .\n"
			   "nullmixed MX 5 mx.dane\n"
			   "doubled MX 30 mx.dane\n"
			   "doubled MX 10 MX.dane\n"
			   "doubled MX 20 mx.plain\n"
			   "www CNAME dane\n"
			   "; security: insecure\n"
			   "_25._tcp.mx.weaktlsa TLSA 3 1 1 " D32 "\n"
			   "mx.far A 192.0.2.7\n"
			   "insecure MX 10 mx.dane\n"
			   "implicit A 192.0.2.8\n"
			   "noaddress TXT nothing\n"
			   "nowhere MX 10 nx.nowhere\n"
			   "literal MX 10 192.0.2.1.\n"
			   "odd MX 10 a\\032b\\;c\n"
			   "v6 MX 10 mx.v6\n"
			   "mx.v6 AAAA 2001:db8::6\n"
			   "broken6 MX 10 mx.broken6\n"
			   "ring MX 10 a.ring\n"
			   "ring MX 20 us.test.\n"
			   "ring MX 20 b.ring\n"
			   "ring MX 30 c.ring\n"
			   "selfbest MX 10 us.test.\n"
			   "a.ring A 192.0.2.20\n"
			   "b.ring A 192.0.2.21\n"
			   "c.ring A 192.0.2.22\n"
			   "us A 192.0.2.23\n"
			   "spread MX 10 s1.spread\n"
			   "spread MX 10 s2.spread\n"
			   "spread MX 10 s3.spread\n"
			   "spread MX 5 s0.spread\n"
			   "*.spread A 192.0.2.30\n"
			   "xn--bcher-kva MX 10 mx.dane\n"
			   "; security: bogus\n"
			   "bogus MX 10 mx.dane\n"
			   "_25._tcp.mx.tlsabogus TLSA 3 1 1 " D32 "\n"
			   "; security: fail\n"
			   "fail MX 10 mx.dane\n"
			   "_25._tcp.mx.tlsafail TXT nothing\n"
			   "loop1 CNAME loop2\n"
			   "loop2 CNAME loop1\n";

static struct route_plan *plan_with(const char *what, const struct route_options *o)
{
	struct err e = ERR_INIT;
	struct route_plan *p = NULL;
	struct dns_question *q = NULL;
	struct route_batch *b = route_batch_new(dns, o);
	int mark;
	route_batch_add(b, span_of(what), &mark);
	ok(route_batch_wait(b, NULL, &p, &q, &e) == DNS_ANSWERED, "a plan for the next one");
	ok(p && p->owner == &mark, "it is ours");
	is_int(route_batch_wait(b, NULL, &p, &q, &e), DNS_IDLE, "and the only one");
	route_batch_free(b);
	return p;
}

/* Everything that matters, in one line. */
static void describe(const struct route_plan *p, char *out, size_t size)
{
	size_t n = 0;
	char a[64];
	if (p->error.code)
		n += (size_t)snprintf(out, size, "%d %s", p->error.code, p->error.enhanced);
	else
		n += (size_t)snprintf(out, size, "%s", route_security_word(p->security));
	for (size_t i = 0; i < p->host_count && n < size; i++) {
		const struct route_host *h = &p->hosts[i];
		n += (size_t)snprintf(out + n, size - n, " | %u %s", h->preference, h->name);
		for (size_t k = 0; k < h->addresses.n && n < size; k++) {
			net_addr_text(&h->addresses.v[k], a, sizeof(a));
			n += (size_t)snprintf(out + n, size - n, " %s", a);
		}
		if (h->error.code)
			n += (size_t)snprintf(
			    out + n, size - n, " !%d %s", h->error.code, h->error.enhanced);
		else
			n += (size_t)snprintf(out + n, size - n, " %s %s",
			    route_security_word(h->security), route_tls_word(h->tls));
		if (h->tlsa_base)
			n += (size_t)snprintf(out + n, size - n, " %zu+%zu@%s", h->pin_count,
			    h->unusable_pins, h->tlsa_base);
	}
}

static const struct route_options usual = {.port = 25, .timeout_ms = 5000};

static void check_with(const char *what, const struct route_options *o, const char *want)
{
	struct route_plan *p = plan_with(what, o);
	char got[1024];
	if (!p)
		return;
	describe(p, got, sizeof(got));
	is_str(got, want, strchr(what, '\n') ? "a newline" : what);
	route_plan_free(p);
}

static void check(const char *what, const char *want)
{
	check_with(what, &usual, want);
}

static void test_dane(void)
{
	check("dane.test",
	    "secure | 10 mx.dane.test 192.0.2.1 2001:db8::1 secure dane 1+2@mx.dane.test");
	check("plain.test", "secure | 10 mx.plain.test 192.0.2.2 secure may");
	check("unusable.test",
	    "secure | 10 mx.unusable.test 192.0.2.3 secure encrypt 0+1@mx.unusable.test");
	check("weaktlsa.test", "secure | 10 mx.weaktlsa.test 192.0.2.9 secure may");
	check("insecure.test", "insecure | 10 mx.dane.test 192.0.2.1 2001:db8::1 secure may");
	check("tlsabogus.test", "secure | 10 mx.tlsabogus.test 192.0.2.4 !76 4.7.5 | 20 "
				"mx.dane.test 192.0.2.1 2001:db8::1 secure dane 1+2@mx.dane.test");
	check("tlsafail.test", "75 4.4.3 | 10 mx.tlsafail.test 192.0.2.5 !75 4.4.3");
	check("alias.test",
	    "secure | 10 mx.alias.test 192.0.2.1 2001:db8::1 secure dane 1+2@mx.dane.test");
	check("half.test", "secure | 10 mx.half.test 192.0.2.7 insecure dane 1+0@mx.half.test");
	check("secureimplicit.test",
	    "secure | 0 secureimplicit.test 192.0.2.6 secure dane 1+0@secureimplicit.test");
	check("[mx.dane.test]",
	    "secure | 0 mx.dane.test 192.0.2.1 2001:db8::1 secure dane 1+2@mx.dane.test");
	check("[mx.dane.test]:26", "secure | 0 mx.dane.test 192.0.2.1 2001:db8::1 secure may");
	struct route_options o = usual;
	o.dane_only = true;
	check_with("dane.test", &o,
	    "secure | 10 mx.dane.test 192.0.2.1 2001:db8::1 secure dane 1+2@mx.dane.test");
	check_with("plain.test", &o, "76 4.7.5 | 10 mx.plain.test 192.0.2.2 !76 4.7.5");
	check_with(
	    "insecure.test", &o, "76 4.7.5 | 10 mx.dane.test 192.0.2.1 2001:db8::1 !76 4.7.5");
	check_with("unusable.test", &o,
	    "76 4.7.5 | 10 mx.unusable.test 192.0.2.3 !76 4.7.5 0+1@mx.unusable.test");
	o = usual;
	o.no_dane = true;
	check_with("dane.test", &o, "secure | 10 mx.dane.test 192.0.2.1 2001:db8::1 secure may");
	o = usual;
	o.require_dnssec = true;
	check_with("dane.test", &o,
	    "secure | 10 mx.dane.test 192.0.2.1 2001:db8::1 secure dane 1+2@mx.dane.test");
	check_with("insecure.test", &o, "76 4.7.5");
	check_with("half.test", &o, "76 4.7.5 | 10 mx.half.test 192.0.2.7 !76 4.7.5");
	struct route_plan *p = plan_with("www.test", &usual);
	is_str(p->canonical, "dane.test", "an alias for a domain");
	ok(p->host_count == 1 && p->hosts[0].names.n == 3 &&
		strcmp(p->hosts[0].names.v[0], "mx.dane.test") == 0 &&
		strcmp(p->hosts[0].names.v[1], "www.test") == 0 &&
		strcmp(p->hosts[0].names.v[2], "dane.test") == 0,
	    "a certificate may name the host, the domain, and what it is an alias for");
	route_plan_free(p);
	p = plan_with("alias.test", &usual);
	ok(p->host_count == 1 && p->hosts[0].names.n == 3 &&
		strcmp(p->hosts[0].names.v[0], "mx.dane.test") == 0 &&
		strcmp(p->hosts[0].names.v[1], "mx.alias.test") == 0,
	    "where the records were found comes first");
	route_plan_free(p);
}

static void test_mx(void)
{
	check("null.test", "69 5.1.10");
	check("nullmixed.test",
	    "secure | 5 mx.dane.test 192.0.2.1 2001:db8::1 secure dane 1+2@mx.dane.test");
	check("doubled.test", "secure | 10 mx.dane.test 192.0.2.1 2001:db8::1 secure dane "
			      "1+2@mx.dane.test | 20 mx.plain.test 192.0.2.2 secure may");
	check("implicit.test", "insecure | 0 implicit.test 192.0.2.8 insecure may");
	check("noaddress.test", "68 5.4.4 | 0 noaddress.test !68 5.4.4");
	check("nowhere.test", "68 5.4.4 | 10 nx.nowhere.test !68 5.4.4");
	check("literal.test", "68 5.4.4 | 10 192.0.2.1 !68 5.4.4");
	check("odd.test", "68 5.4.4 | 10 a\\032b\\;c.test !68 5.4.4");
	check("nx.test", "68 5.1.2");
	check("bogus.test", "76 4.7.5");
	check("fail.test", "75 4.4.3");
	check("loop1.test", "75 4.4.3");
	check("v6.test", "insecure | 10 mx.v6.test 2001:db8::6 insecure may");
	struct route_options o = usual;
	o.only4 = true;
	check_with("v6.test", &o, "68 5.4.4 | 10 mx.v6.test !68 5.4.4");
	check_with(
	    "dane.test", &o, "secure | 10 mx.dane.test 192.0.2.1 secure dane 1+2@mx.dane.test");
	check_with(
	    "[IPv6:2001:db8::1]", &o, "68 5.4.4 | 0 [IPv6:2001:db8::1] 2001:db8::1 !68 5.4.4");
	o.only4 = false;
	o.only6 = true;
	check_with(
	    "dane.test", &o, "secure | 10 mx.dane.test 2001:db8::1 secure dane 1+2@mx.dane.test");
	struct strv self = {0};
	strv_add(&self, "US.test");
	o = usual;
	o.self = &self;
	check_with("ring.test", &o, "insecure | 10 a.ring.test 192.0.2.20 insecure may");
	check_with("selfbest.test", &o, "69 5.4.6");
	strv_release(&self);
	o = usual;
	o.mx_only = true;
	check_with("doubled.test", &o,
	    "secure | 10 mx.dane.test unsigned-data may | 20 mx.plain.test unsigned-data may");
	check_with("implicit.test", &o, "insecure | 0 implicit.test 192.0.2.8 insecure may");
}

static void test_shuffle(void)
{
	int first[3] = {0};
	for (int i = 0; i < 60; i++) {
		struct route_plan *p = NULL;
		struct dns_question *q = NULL;
		struct err e = ERR_INIT;
		struct route_batch *b = route_batch_new(dns, &usual);
		route_batch_add(b, SPAN("spread.test"), NULL);
		if (route_batch_wait(b, NULL, &p, &q, &e) == DNS_ANSWERED && p->host_count == 4 &&
		    strcmp(p->hosts[0].name, "s0.spread.test") == 0)
			first[p->hosts[1].name[1] - '1']++;
		route_plan_free(p);
		route_batch_free(b);
	}
	ok(first[0] + first[1] + first[2] == 60, "the best preference always comes first");
	ok(first[0] > 3 && first[1] > 3 && first[2] > 3,
	    "each of the others is the next at times (%d, %d, %d)", first[0], first[1], first[2]);
}

static void test_operands(void)
{
	check("ana@dane.test",
	    "secure | 10 mx.dane.test 192.0.2.1 2001:db8::1 secure dane 1+2@mx.dane.test");
	check("\"a@b\"@DANE.test.",
	    "secure | 10 mx.dane.test 192.0.2.1 2001:db8::1 secure dane 1+2@mx.dane.test");
	check("b\xc3\xbc"
	      "cher.test",
	    "insecure | 10 mx.dane.test 192.0.2.1 2001:db8::1 secure may");
	check("b\xc3\xbc"
	      "cher",
	    "68 5.1.2");
	check("ana@[192.0.2.1]", "unsigned-data | 0 [192.0.2.1] 192.0.2.1 unsigned-data may");
	check("[IPv6:2001:DB8::1]:2525",
	    "unsigned-data | 0 [IPv6:2001:db8::1] 2001:db8::1 unsigned-data may");
	check("192.0.2.1", "65 5.1.3");
	check("2001:db8::1", "65 5.1.3");
	check("[IPv6:192.0.2.1]", "65 5.1.3");
	check("[192.0.2.1", "65 5.1.3");
	check("[192.0.2.1]x", "65 5.1.3");
	check("[192.0.2.1]:0", "65 5.1.3");
	check("[x-tag:stuff]", "65 5.1.3");
	check("[]", "65 5.1.3");
	check("", "65 5.1.3");
	check("a b", "65 5.1.3");
	check("a\nb", "65 5.1.3");
	check("a..b", "65 5.1.3");
	check("-a.test", "65 5.1.3");
	check("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test", "65 5.1.3");
	char longer[2000];
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	check(longer, "65 5.1.3");
}

static void test_steps(void)
{
	struct route_options o = usual;
	o.explain = true;
	struct route_plan *p = plan_with("tlsabogus.test", &o);
	ok(p->steps.n >= 1 && p->hosts[0].steps.n >= 2, "there are steps");
	bool said = false;
	for (size_t i = 0; i < p->hosts[0].steps.n; i++)
		said |= p->hosts[0].steps.v[i].clause &&
			strcmp(p->hosts[0].steps.v[i].clause, "RFC 7672 2.1.2") == 0;
	ok(said, "with the clause that makes the host wait");
	route_plan_free(p);
	p = plan_with("dane.test", &usual);
	is_int((long long)(p->steps.n + p->hosts[0].steps.n), 0, "none unless asked for");
	route_plan_free(p);
}

static void round_trip(const char *what)
{
	struct route_plan *p = plan_with(what, &usual), *back = NULL;
	struct err e = ERR_INIT;
	char before[1024], after[1024] = "";
	json_t *j = route_plan_json(p);
	char *line = json_dumps(j, JSON_COMPACT);
	describe(p, before, sizeof(before));
	ok(!strchr(line, '\n'), "one line");
	if (route_plan_read(&back, span_of(line), 25, &e) == 0)
		describe(back, after, sizeof(after));
	else
		ok(false, "%s: %s", line, e.text);
	is_str(after, before, "the same when it was read back");
	if (back && back->host_count && back->hosts[0].addresses.n)
		is_int(net_addr_port(&back->hosts[0].addresses.v[0]), p->port ? p->port : 25,
		    "with its port");
	if (back && back->host_count && back->hosts[0].pin_count)
		is_mem(back->hosts[0].pins[0].data, back->hosts[0].pins[0].len,
		    p->hosts[0].pins[0].data, p->hosts[0].pins[0].len, "and its pins");
	free(line);
	json_decref(j);
	route_plan_free(p);
	route_plan_free(back);
}

static void test_json(void)
{
	static const char *const bad[] = {
	    "",
	    "[]",
	    "{\"v\":1",
	    "{\"v\":2,\"domain\":\"a\",\"code\":0,\"hosts\":[]}",
	    "{\"v\":1,\"domain\":\"a\",\"code\":0,\"hosts\":[]}",
	    "{\"v\":1,\"code\":69,\"text\":\"x\"}",
	    "{\"v\":1,\"domain\":\"a\",\"code\":-1,\"text\":\"x\"}",
	    "{\"v\":1,\"domain\":\"a\",\"code\":69}",
	    "{\"v\":1,\"domain\":\"a\",\"code\":0,\"hosts\":[{\"host\":\"h\",\"addresses\":["
	    "\"not\"],\"tls\":\"may\"}]}",
	    "{\"v\":1,\"domain\":\"a\",\"code\":0,\"hosts\":[{\"host\":\"h\",\"addresses\":[],"
	    "\"tls\":\"may\"}]}",
	    "{\"v\":1,\"domain\":\"a\",\"code\":0,\"hosts\":[{\"host\":\"h\",\"addresses\":[\"192."
	    "0.2.1\"],\"tls\":\"perhaps\"}]}",
	    "{\"v\":1,\"domain\":\"a\",\"code\":0,\"hosts\":[{\"host\":\"h\",\"addresses\":[\"192."
	    "0.2.1\"],\"tls\":\"dane\"}]}",
	    "{\"v\":1,\"domain\":\"a\",\"code\":0,\"hosts\":[{\"host\":\"h\",\"addresses\":[\"192."
	    "0.2.1\"],\"tls\":\"dane\",\"pins\":[{\"usage\":3,\"selector\":1,\"matching\":1,"
	    "\"data\":\"0g\"}]}]}",
	    "{\"v\":1,\"domain\":\"a\",\"code\":0,\"hosts\":[{\"host\":\"h\",\"tls\":\"may\","
	    "\"error\":{\"code\":0,\"text\":\"x\"}}]}",
	    "{\"v\":1,\"domain\":\"a\",\"code\":0,\"hosts\":[7]}",
	};
	static const char good[] =
	    "{\"v\":1,\"domain\":\"a\",\"code\":0,\"new\":{},\"mx_security\":\"secure\",\"hosts\":["
	    "{\"host\":\"h\",\"addresses\":[\"192.0.2.1\"],\"tls\":\"may\",\"new\":1}]}";
	static const char *const all[] = {"dane.test", "tlsabogus.test", "null.test", "nx.test",
	    "bogus.test", "odd.test", "[192.0.2.1]:2525", "unusable.test", "alias.test", "a\nb"};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		round_trip(all[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct route_plan *p = NULL;
		struct err e = ERR_INIT;
		int r = route_plan_read(&p, span_of(bad[i]), 25, &e);
		ok(r < 0 && e.code == EX_PROTOCOL && !p, "refused: %s (%s)", bad[i], e.text);
		route_plan_free(p);
	}
	struct route_plan *p = NULL;
	struct err e = ERR_INIT;
	ok(route_plan_read(&p, span_of(good), 25, &e) == 0,
	    "keys that are not known are passed over");
	route_plan_free(p);
}

int main(void)
{
	struct err e = ERR_INIT;
	struct dns_options o = {.data_file = path};
	int fd = mkstemp(path);
	if (fd < 0 || write(fd, zone, sizeof(zone) - 1) != (ssize_t)sizeof(zone) - 1)
		return 1;
	close(fd);
	int r = dns_open(&dns, &o, &e);
	unlink(path);
	if (!ok(r == 0, "the zone is read (%s)", e.text))
		return 1;
	test_dane();
	test_mx();
	test_shuffle();
	test_operands();
	test_steps();
	test_json();
	dns_free(dns);
	return tap_done();
}
