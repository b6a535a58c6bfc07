/* check_host() of RFC 7208, by a zone and a table: each line names the section that asks for it. */
#include "auth/spf.h"

#include "../tap.h"
#include "zone.h"

static const char zone_text[] =
    "$ORIGIN example.org.\n"
    "; --- section 5, each mechanism\n"
    "all TXT \"v=spf1 -all\"\n"
    "neutral TXT \"v=spf1\"\n"
    "qualifiers TXT \"v=spf1 ?ip4:192.0.2.1 ~ip4:192.0.2.2 +ip4:192.0.2.3 -ip4:192.0.2.4\"\n"
    "net TXT \"v=spf1 ip4:192.0.2.0/25 ip6:2001:db8::/33 -all\"\n"
    "net0 TXT \"v=spf1 ip4:10.0.0.1/0 -all\"\n"
    "a TXT \"v=spf1 a a:host.example.org/24//64 -all\"\n"
    "a A 192.0.2.10\n"
    "a AAAA 2001:db8::10\n"
    "host A 198.51.100.1\n"
    "host AAAA 2001:db8:1::1\n"
    "mx TXT \"v=spf1 mx mx:other.example.org -all\"\n"
    "mx MX 10 host\n"
    "other MX 10 a\n"
    "mx11 TXT \"v=spf1 mx -all\"\n"
    "mx11 MX 1 m1\nmx11 MX 1 m2\nmx11 MX 1 m3\nmx11 MX 1 m4\nmx11 MX 1 m5\nmx11 MX 1 m6\n"
    "mx11 MX 1 m7\nmx11 MX 1 m8\nmx11 MX 1 m9\nmx11 MX 1 m10\nmx11 MX 1 m11\n"
    "ptr TXT \"v=spf1 ptr -all\"\n"
    "ptrto TXT \"v=spf1 ptr:example.org -all\"\n"
    "10.2.0.192.in-addr.arpa. PTR a.example.org.\n"
    "11.2.0.192.in-addr.arpa. PTR a.example.org.\n"
    "20.2.0.192.in-addr.arpa. PTR x.ptr.example.org.\n"
    "x.ptr A 192.0.2.20\n"
    "exists TXT \"v=spf1 exists:%{ir}.%{l1r-}.list.%{d2} -all\"\n"
    "1.2.0.192.ana.list A 127.0.0.2\n"
    "include TXT \"v=spf1 include:net.example.org ?all\"\n"
    "includenone TXT \"v=spf1 include:host.example.org -all\"\n"
    "includebad TXT \"v=spf1 include:bad.example.org -all\"\n"
    "includefail TXT \"v=spf1 include:down.example.org -all\"\n"
    "; --- section 6\n"
    "redirect TXT \"v=spf1 redirect=net.example.org\"\n"
    "redirectall TXT \"v=spf1 redirect=net.example.org ?all\"\n"
    "redirectnone TXT \"v=spf1 redirect=host.example.org\"\n"
    "why TXT \"v=spf1 exp=text.example.org -all\"\n"
    "text TXT \"%{c} is not one of %{d}, says %{r}; %{s} %{H}\"\n"
    "whyinclude TXT \"v=spf1 include:why.example.org -all\"\n"
    "whyredirect TXT \"v=spf1 redirect=why.example.org\"\n"
    "whytwo TXT \"v=spf1 exp=two.example.org -all\"\n"
    "two TXT \"one\"\ntwo TXT \"two\"\n"
    "whybad TXT \"v=spf1 exp=badtext.example.org -all\"\n"
    "badtext TXT \"%{x}\"\n"
    "; --- section 4\n"
    "bad TXT \"v=spf1 a:x\"\n"
    "late TXT \"v=spf1 +all moo\"\n"
    "twice TXT \"v=spf1 -all\"\ntwice TXT \"v=spf1 +all\"\n"
    "foreign TXT \"v=spf10 -all\"\nforeign TXT \"v=spf1 +all\"\nforeign TXT \"something\"\n"
    "case TXT \"V=SPF1 -ALL\"\n"
    "joined TXT \"v=spf1 ip4:192\" \".0.2.1 -all\"\n"
    "ten TXT \"v=spf1 a a a a a a a a a a +all\"\nten A 203.0.113.1\n"
    "eleven TXT \"v=spf1 a a a a a a a a a a a +all\"\neleven A 203.0.113.1\n"
    "elevenlate TXT \"v=spf1 ip4:192.0.2.1 a a a a a a a a a a a +all\"\n"
    "loop TXT \"v=spf1 include:loop.example.org -all\"\n"
    "loopto TXT \"v=spf1 redirect=loopto.example.org\"\n"
    "voids TXT \"v=spf1 a:n1.example.org a:n2.example.org +all\"\n"
    "voids3 TXT \"v=spf1 a:n1.example.org a:n2.example.org a:n3.example.org +all\"\n"
    "; --- section 7\n"
    "trim TXT \"v=spf1 exists:%{l}.%{l}.%{l}.%{l}.%{l}.trim.example.org -all\"\n"
    "upper TXT \"v=spf1 exists:%{L}.up.example.org -all\"\n"
    "ana%2Bx.up A 127.0.0.2\n"
    "hello TXT \"v=spf1 exists:%{h}.helo.example.org -all\"\n"
    "mta.example.net.helo A 127.0.0.2\n"
    "six TXT \"v=spf1 exists:%{ir}.%{v}.six.example.org -all\"\n"
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.six A 127.0.0.2\n"
    "pmacro TXT \"v=spf1 exists:%{p}.pm.example.org -all\"\n"
    "a.example.org.pm A 127.0.0.2\n"
    "unknown.pm A 127.0.0.2\n"
    "local TXT \"v=spf1 exists:%{l}.list.example.org +all\"\n"
    "xn--bcher-kva.example. TXT \"v=spf1 +all\"\n"
    "; security: fail\n"
    "down TXT \"v=spf1 -all\"\n"
    "downa TXT \"v=spf1 a:down.example.org -all\"\n";

static const struct {
	const char *what, *ip, *sender;
	enum auth_code code;
	const char *reason; /* some of it, or NULL */
} cases[] = {
    {"4.7 no record", "192.0.2.1", "ana@host.example.org", AUTH_NONE, "no SPF record"},
    {"4.3 no such domain", "192.0.2.1", "ana@nothing.example.org", AUTH_NONE, "no domain"},
    {"4.3 one label", "192.0.2.1", "ana@example", AUTH_NONE, NULL},
    {"4.3 an empty label", "192.0.2.1", "ana@a..example.org", AUTH_NONE, NULL},
    {"4.3 a literal", "192.0.2.1", "ana@[192.0.2.1]", AUTH_NONE, NULL},
    {"4.3 no local part", "192.0.2.1", "@all.example.org", AUTH_FAIL, NULL},
    {"4.4 the DNS fails", "192.0.2.1", "ana@down.example.org", AUTH_TEMPERROR, NULL},
    {"4.5 other records", "192.0.2.1", "ana@foreign.example.org", AUTH_PASS, NULL},
    {"4.5 two records", "192.0.2.1", "ana@twice.example.org", AUTH_PERMERROR, "2 SPF records"},
    {"4.5 case", "192.0.2.1", "ana@case.example.org", AUTH_FAIL, NULL},
    {"3.3 strings are joined", "192.0.2.1", "ana@joined.example.org", AUTH_PASS, NULL},
    {"4.6 an error", "192.0.2.1", "ana@bad.example.org", AUTH_PERMERROR, NULL},
    {"4.6 an error behind all", "192.0.2.1", "ana@late.example.org", AUTH_PERMERROR, "moo"},
    {"4.6.2 ?", "192.0.2.1", "ana@qualifiers.example.org", AUTH_NEUTRAL, NULL},
    {"4.6.2 ~", "192.0.2.2", "ana@qualifiers.example.org", AUTH_SOFTFAIL, NULL},
    {"4.6.2 +", "192.0.2.3", "ana@qualifiers.example.org", AUTH_PASS, NULL},
    {"4.6.2 -", "192.0.2.4", "ana@qualifiers.example.org", AUTH_FAIL, NULL},
    {"4.7 nothing matches", "192.0.2.5", "ana@qualifiers.example.org", AUTH_NEUTRAL, NULL},
    {"4.7 an empty record", "192.0.2.5", "ana@neutral.example.org", AUTH_NEUTRAL, NULL},
    {"4.6.4 ten", "192.0.2.1", "ana@ten.example.org", AUTH_PASS, NULL},
    {"4.6.4 eleven", "192.0.2.1", "ana@eleven.example.org", AUTH_PERMERROR, "ten"},
    {"4.6.4 eleven, decided before", "192.0.2.1", "ana@elevenlate.example.org", AUTH_PASS, NULL},
    {"4.6.4 a loop", "192.0.2.1", "ana@loop.example.org", AUTH_PERMERROR, "ten"},
    {"4.6.4 a loop of redirects", "192.0.2.1", "ana@loopto.example.org", AUTH_PERMERROR, "ten"},
    {"4.6.4 two without an answer", "192.0.2.1", "ana@voids.example.org", AUTH_PASS, NULL},
    {"4.6.4 three", "192.0.2.1", "ana@voids3.example.org", AUTH_PERMERROR, "two"},
    {"4.6.4 eleven MX", "192.0.2.1", "ana@mx11.example.org", AUTH_PERMERROR, "ten MX"},
    {"5.1 all", "192.0.2.1", "ana@all.example.org", AUTH_FAIL, "\"-all\" of all.example.org"},
    {"5.2 include passes", "192.0.2.1", "ana@include.example.org", AUTH_PASS, "include:"},
    {"5.2 include fails", "198.51.100.1", "ana@include.example.org", AUTH_NEUTRAL, NULL},
    {"5.2 include of none", "192.0.2.1", "ana@includenone.example.org", AUTH_PERMERROR, "includes"},
    {"5.2 include of an error", "192.0.2.1", "ana@includebad.example.org", AUTH_PERMERROR, NULL},
    {"5.2 include, no DNS", "192.0.2.1", "ana@includefail.example.org", AUTH_TEMPERROR, NULL},
    {"5.3 a", "192.0.2.10", "ana@a.example.org", AUTH_PASS, "\"a\""},
    {"5.3 a, IPv6", "2001:db8::10", "ana@a.example.org", AUTH_PASS, "\"a\""},
    {"5.3 a with a network", "198.51.100.200", "ana@a.example.org", AUTH_PASS, NULL},
    {"5.3 a with an IPv6 network", "2001:db8:1::ffff", "ana@a.example.org", AUTH_PASS, NULL},
    {"5.3 not a", "192.0.2.11", "ana@a.example.org", AUTH_FAIL, NULL},
    {"5.3 a, no DNS", "192.0.2.1", "ana@downa.example.org", AUTH_TEMPERROR, NULL},
    {"5.4 mx", "198.51.100.1", "ana@mx.example.org", AUTH_PASS, "\"mx\""},
    {"5.4 mx of another", "192.0.2.10", "ana@mx.example.org", AUTH_PASS, "mx:other"},
    {"5.4 not mx", "192.0.2.1", "ana@mx.example.org", AUTH_FAIL, NULL},
    {"5.5 ptr", "192.0.2.20", "ana@ptr.example.org", AUTH_PASS, NULL},
    {"5.5 ptr of another domain", "192.0.2.10", "ana@ptr.example.org", AUTH_FAIL, NULL},
    {"5.5 ptr below", "192.0.2.10", "ana@ptrto.example.org", AUTH_PASS, NULL},
    {"5.5 ptr that does not lead back", "192.0.2.11", "ana@ptrto.example.org", AUTH_FAIL, NULL},
    {"5.6 ip4", "192.0.2.127", "ana@net.example.org", AUTH_PASS, NULL},
    {"5.6 not ip4", "192.0.2.128", "ana@net.example.org", AUTH_FAIL, NULL},
    {"5.6 ip4 in IPv6", "::ffff:192.0.2.127", "ana@net.example.org", AUTH_PASS, NULL},
    {"5.6 /0", "203.0.113.1", "ana@net0.example.org", AUTH_PASS, NULL},
    {"5.6 ip6", "2001:db8:7fff::1", "ana@net.example.org", AUTH_PASS, NULL},
    {"5.6 not ip6", "2001:db8:8000::1", "ana@net.example.org", AUTH_FAIL, NULL},
    {"5.7 exists", "192.0.2.1", "news-ana@exists.example.org", AUTH_FAIL, NULL},
    {"5.7 exists, l1r-", "192.0.2.1", "ana-news@exists.example.org", AUTH_PASS, NULL},
    {"6.1 redirect", "192.0.2.1", "ana@redirect.example.org", AUTH_PASS, "net.example.org"},
    {"6.1 redirect beside all", "192.0.2.1", "ana@redirectall.example.org", AUTH_NEUTRAL, NULL},
    {"6.1 redirect to none", "192.0.2.1", "ana@redirectnone.example.org", AUTH_PERMERROR, NULL},
    {"6.2 exp", "192.0.2.1", "ana@why.example.org", AUTH_FAIL,
	"192.0.2.1 is not one of why.example.org, says here.example; ana@why.example.org "
	"mta.example.net"},
    {"6.2 not of an include", "192.0.2.1", "ana@whyinclude.example.org", AUTH_FAIL, "\"-all\""},
    {"6.2 of a redirect", "192.0.2.1", "ana@whyredirect.example.org", AUTH_FAIL, "says:"},
    {"6.2 two texts", "192.0.2.1", "ana@whytwo.example.org", AUTH_FAIL, "of whytwo.example.org"},
    {"6.2 a bad text", "192.0.2.1", "ana@whybad.example.org", AUTH_FAIL, NULL},
    {"7.3 escaped", "192.0.2.1", "ana+x@upper.example.org", AUTH_PASS, NULL},
    {"7.3 helo", "192.0.2.1", "ana@hello.example.org", AUTH_PASS, NULL},
    {"7.3 IPv6", "2001:db8::1", "ana@six.example.org", AUTH_PASS, NULL},
    {"7.3 p", "192.0.2.10", "ana@pmacro.example.org", AUTH_PASS, NULL},
    {"7.3 p unknown", "192.0.2.99", "ana@pmacro.example.org", AUTH_PASS, NULL},
    {"7.3 too long", "192.0.2.1",
	"a123456789012345678901234567890123456789012345678901234567890@trim.example.org", AUTH_FAIL,
	NULL},
    {"8616 a local part in UTF-8", "192.0.2.1", "\xc3\xa4@local.example.org", AUTH_PASS, NULL},
    {"8616 a U-label", "192.0.2.1",
	"ana@b\xc3\xbc"
	"cher.example",
	AUTH_PASS, NULL},
};

static void one(struct zone *z, const char *what, const struct spf_question *q, enum auth_code code,
    const char *reason)
{
	struct auth_results all = {.explain = true};
	struct err e = ERR_INIT;
	struct auth_result *r = auth_results_add(&all, "spf");
	auth_ask_begin(z->ask);
	spf_expect(z->ask, q);
	int result = spf_check(z->ask, q, r, &e);
	bool right =
	    result == 0 && r->code == code && (!reason || (r->reason && strstr(r->reason, reason)));
	ok(right, "%s: %s", what, auth_code_word(r->code));
	if (!right) {
		printf("# want %s (%s), got %s: %s\n", auth_code_word(code), reason ? reason : "",
		    auth_code_word(r->code), r->reason ? r->reason : "");
		for (size_t i = 0; i < r->steps.n; i++)
			printf("#   %s\n", r->steps.v[i]);
	}
	auth_results_release(&all);
}

static void test_identities(struct zone *z)
{
	struct spf_question q = {.client_ip = "192.0.2.1", .helo = "all.example.org", .sender = ""};
	one(z, "2.4 nobody: the HELO name counts", &q, AUTH_FAIL, "all.example.org");
	q.sender = NULL;
	one(z, "no sender known", &q, AUTH_FAIL, NULL);
	q.helo = NULL;
	one(z, "nothing known", &q, AUTH_NONE, NULL);
	q = (struct spf_question){.sender = "ana@all.example.org"};
	one(z, "no client known", &q, AUTH_NONE, "not known");
	q.client_ip = "192.0.2";
	one(z, "no address", &q, AUTH_PERMERROR, NULL);
}

int main(void)
{
	struct zone z;
	zone_open(&z, zone_text);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spf_question q = {.client_ip = cases[i].ip,
		    .helo = "mta.example.net",
		    .sender = cases[i].sender,
		    .receiver = "here.example"};
		one(&z, cases[i].what, &q, cases[i].code, cases[i].reason);
	}
	test_identities(&z);
	zone_close(&z);
	return tap_done();
}
