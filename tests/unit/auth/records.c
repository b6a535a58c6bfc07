/* SPF, DKIM and DMARC records: the grammars of RFC 7208, 6376 with 8463, and 9989 */
#include "auth/dkim_key.h"
#include "auth/dmarc_record.h"
#include "auth/spf_record.h"
#include "base/alloc.h"

#include "../tap.h"

/* For a line of TAP. */
static const char *line_of(const char *text, char out[61])
{
	size_t n = 0;
	for (; text[n] && n < 60; n++)
		out[n] = (char)(text[n] < ' ' ? '.' : text[n]);
	out[n] = '\0';
	return out;
}

static void spf(const char *text, bool good)
{
	struct spf_record r = {0};
	struct err e = ERR_INIT;
	char shown[61];
	int got = spf_record_parse(&r, span_of(text), &e);
	ok((got == 0) == good && (good || e.code == EX_DATAERR), "%s: %s (%s)",
	    good ? "SPF" : "no SPF", line_of(text, shown), e.text);
	spf_record_release(&r);
}

static void test_spf(void)
{
	static const char *const good[] = {"v=spf1", "v=spf1 ", "V=SPF1 -ALL", "v=spf1 +all",
	    "v=spf1 ?a ~mx -ptr", "v=spf1 a/24 a//64 a/24//64 mx/0 mx//0",
	    "v=spf1 a:example.org/24//64 mx:example.org.",
	    "v=spf1 ptr:example.org exists:%{i}._spf.%{d2}",
	    "v=spf1 include:_spf.example.org   -all",
	    "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.1 ip6:2001:db8::/32 ip6:::1",
	    "v=spf1 ip6:::ffff:192.0.2.1/128", "v=spf1 redirect=_spf.example.org",
	    "v=spf1 exp=explain._spf.%{d} -all", "v=spf1 exists:%{l1r-}.%{d}",
	    "v=spf1 exists:%{ir}.%{v}._spf.%{d2}", "v=spf1 a:%{d}", "v=spf1 a:%{d}.example.org",
	    "v=spf1 unknown-mod.2=%{s}!x mx -all", "v=spf1 a=b",
	    "v=spf1 exists:a%%b%_c%-d.example.org", "v=spf1 exists:%{L}.%{D}.example.org",
	    "v=spf1 a:xn--bcher-kva.example", "v=spf1 a:a/b.example.org",
	    "v=spf1 exists:%{p}.%{h}.x1-y"};
	static const char *const bad[] = {"", "v=spf2 a", "v=spf10", "v=spf1a", " v=spf1",
	    "v=spf1\ta", "v=spf1 alll", "v=spf1 all:x.org", "v=spf1 a:", "v=spf1 a:example",
	    "v=spf1 a:example.123", "v=spf1 a:example.org/33", "v=spf1 a/", "v=spf1 a//",
	    "v=spf1 a/024", "v=spf1 a//129", "v=spf1 ip4:192.0.2", "v=spf1 ip4:192.0.2.256",
	    "v=spf1 ip4:192.0.02.1", "v=spf1 ip4:192.0.2.0/33", "v=spf1 ip4",
	    "v=spf1 ip4:", "v=spf1 ip4/24", "v=spf1 ip6:2001:db8", "v=spf1 ip6:2001:db8::/129",
	    "v=spf1 ip6:192.0.2.1", "v=spf1 include", "v=spf1 include:", "v=spf1 include:a",
	    "v=spf1 exists", "v=spf1 redirect=", "v=spf1 redirect=a.org redirect=b.org",
	    "v=spf1 exp=a.org exp=b.org", "v=spf1 exists:%{x}.org",
	    "v=spf1 exists:%{c}.example.org", "v=spf1 exists:%{d0}", "v=spf1 exists:%{d}}",
	    "v=spf1 exists:%{d", "v=spf1 exists:%", "v=spf1 exists:%x.org", "v=spf1 exists:%{dr2}",
	    "v=spf1 --all", "v=spf1 !all",
	    ("v=spf1 a:b\xc3\xbc"
	     "cher.org"),
	    "v=spf1 m\x01x", "v=spf1 a:example.-org", "v=spf1 a:.", "v=spf1 unknown=%{q}",
	    "v=spf1 1x=y", "v=spf1 mx:example.org/24/64", "v=spf1 foo", "v=spf1 -",
	    "v=spf1 ptr:", "v=spf1 ptr/24"};
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		spf(good[i], true);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		spf(bad[i], false);
	spf("v=spf1 include=x.org:", true); /* an odd modifier, and yet one */
	struct spf_record r;
	struct err e = ERR_INIT;
	if (ok(spf_record_parse(&r,
		   SPAN("v=spf1 ~a:x.example.org/20//48 ip4:192.0.2.7/31 redirect=r.org"),
		   &e) == 0 &&
		    r.n == 3,
		"a record taken apart")) {
		ok(r.v[0].kind == SPF_A && r.v[0].qualifier == '~' && r.v[0].bits4 == 20 &&
			r.v[0].bits6 == 48,
		    "a");
		is_span(r.v[0].domain, "x.example.org", "its domain");
		ok(r.v[1].kind == SPF_IP4 && memcmp(r.v[1].address, "\xc0\0\2\7", 4) == 0 &&
			r.v[1].bits4 == 31 && r.v[1].qualifier == '+',
		    "ip4");
		ok(r.v[2].kind == SPF_REDIRECT, "redirect");
		is_span(r.v[2].domain, "r.org", "and where to");
	}
	spf_record_release(&r);
}

static void dkim(const char *text, bool good)
{
	struct dkim_key k;
	struct err e = ERR_INIT;
	char shown[61];
	int got = dkim_key_parse(&k, span_of(text), &e);
	ok((got == 0) == good && (good || e.code == EX_DATAERR), "%s: %s (%s)",
	    good ? "DKIM" : "no DKIM", line_of(text, shown), e.text);
	if (got == 0)
		dkim_key_release(&k);
}

#define RSA                                                                                        \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/"            \
	"zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/"           \
	"NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
#define ED "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

static void test_dkim(void)
{
	static const char *const good[] = {"p=" RSA, "v=DKIM1; k=rsa; p=" RSA,
	    "v=DKIM1; k=ed25519; p=" ED, "v=DKIM1; p=", "v=DKIM1;p=;",
	    "v=DKIM1 ; h=sha1:sha256 ; s=* ; t=y:s ; n=a note ; p=", "k=rsa; p=; x=unknown tag",
	    "v=DKIM1; k=future; p=AAAA", "p=" RSA "; s=email:x-other", "p =\r\n\t"};
	static const char *const bad[] = {"", "v=DKIM1",
	    "v=DKIM2; p=", "k=rsa; v=DKIM1; p=", "p=; p=", "p=***", "p=AAA",
	    "v=DKIM1; k=ed25519; p=AAAA", "v=DKIM1; p=AAAA", "p=" RSA "AAAA", "p=;;", ";p=", "p",
	    "=x; p=", "1a=b; p=", "p=; h=", "p=; h=sha1:", "p=; t=y:-", "p=; k=r_s_a", "p=; n=\x80",
	    "p=; n=a\nb", "v=DKIM1; s=email:**; p="};
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		dkim(good[i], true);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		dkim(bad[i], false);
	struct dkim_key k;
	struct err e = ERR_INIT;
	if (ok(dkim_key_parse(&k,
		   SPAN("v=DKIM1; k=ed25519; t=s; s=email; h=sha256; p=11qYAYKxCrfVS/7T "
			"yWQHOg7hcvPapiMlrwIaaPcHURo="),
		   &e) == 0,
		"a key taken apart")) {
		ok(k.type == DKIM_KEY_ED25519 && k.key.len == 32 && k.strict_domain && !k.testing,
		    "type, key, flags");
		is_span(k.hashes, "sha256", "hashes");
		is_span(k.services, "email", "services");
		dkim_key_release(&k);
	}
}

static void dmarc(const char *text, bool good)
{
	struct dmarc_record r;
	struct err e = ERR_INIT;
	char shown[61];
	int got = dmarc_record_parse(&r, span_of(text), &e);
	ok((got == 0) == good && (good || e.code == EX_DATAERR), "%s: %s (%s)",
	    good ? "DMARC" : "no DMARC", line_of(text, shown), e.text);
}

static void test_dmarc(void)
{
	static const char *const good[] = {"v=DMARC1; p=none", "v=DMARC1;p=reject;",
	    "v = DMARC1 ; p = Quarantine ; ", "v=DMARC1; rua=mailto:d@example.org",
	    ("v=DMARC1; p=reject; sp=none; np=reject; adkim=s; aspf=r; t=y; psd=u; fo=1:d:s; "
	     "rua=mailto:a@example.org, mailto:b@example.org!10m; ruf=https://example.org/d?x=%2C"),
	    "v=DMARC1; adkim=r; p=none",
	    "v=DMARC1; p=none; pct=50; rf=afrf; ri=86400; unknown=anything at all",
	    "v=DMARC1; p=none; fo=d", "v=DMARC1; p=none; fo=s:1:d", "v=DMARC1; p=none; psd=y"};
	static const char *const bad[] = {"", "v=DMARC1", "v=DMARC1;", "v=dmarc1; p=none",
	    "V=DMARC1; p=none", "p=none; v=DMARC1", "v=DMARC1 p=none", "v=DMARC1; p=nothing",
	    "v=DMARC1; p=", "v=DMARC1; p=none; p=none", "v=DMARC1; p=none; adkim=x",
	    "v=DMARC1; p=none; t=maybe", "v=DMARC1; p=none; psd=x", "v=DMARC1; p=none; fo=2",
	    "v=DMARC1; p=none; fo=0:1", "v=DMARC1; p=none; fo=d:d",
	    "v=DMARC1; p=none; fo=", "v=DMARC1; p=none; rua=d@example.org",
	    "v=DMARC1; p=none; rua=mailto:d", "v=DMARC1; p=none; rua=mailto:a@b!c",
	    "v=DMARC1; p=none; rua=", "v=DMARC1; p=none; rua=mailto:a@b,",
	    "v=DMARC1; p=none; rua=mailto:a b@c", "v=DMARC1;; p=none",
	    "v=DMARC1; p=none; rua=mailto:a%2@b", "v=DMARC1; p=none; ruf=mailto:a%@b"};
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		dmarc(good[i], true);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		dmarc(bad[i], false);
	struct dmarc_record r;
	struct err e = ERR_INIT;
	ok(dmarc_record_parse(&r, SPAN("v=DMARC1; p=reject; sp=quarantine; fo=1:s"), &e) == 0 &&
		r.policy == DMARC_REJECT && r.subdomains == DMARC_QUARANTINE &&
		r.unknown == DMARC_QUARANTINE && r.psd == 'u' && r.fail_any && r.fail_spf &&
		!r.fail_dkim,
	    "a record taken apart, with its defaults");
}

int main(void)
{
	test_spf();
	test_dkim();
	test_dmarc();
	return tap_done();
}
