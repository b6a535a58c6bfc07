/* DMARC of RFC 9989: records as a receiver reads them, the tree walk, whose the author is, alignment and policies */
#include "auth/dmarc.h"
#include "base/alloc.h"

#include "../tap.h"
#include "zone.h"

static const char zone_text[] =
    "_dmarc.example.org. TXT \"v=DMARC1; p=reject; sp=quarantine; np=none\"\n"
    "sub.example.org. A 192.0.2.1\n"
    "_dmarc.own.example.org. TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.unit.example.org. TXT \"v=DMARC1; p=quarantine; psd=n\"\n"
    "a.unit.example.org. A 192.0.2.1\n"
    "_dmarc.bank. TXT \"v=DMARC1; p=reject; psd=y; np=quarantine\"\n"
    "one.bank. A 192.0.2.1\n"
    "_dmarc.strict.example. TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n"
    "_dmarc.testing.example. TXT \"v=DMARC1; p=reject; t=y; pct=10\"\n"
    "_dmarc.two.example. TXT \"v=DMARC1; p=reject\"\n_dmarc.two.example. TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.rua.example. TXT \"v=DMARC1; p=rejekt; rua=mailto:a@b.example\"\n"
    "_dmarc.norua.example. TXT \"v=DMARC1; p=rejekt\"\n"
    "_dmarc.void.example.org. TXT \"v=DMARC1; p=rejekt\"\n"
    "_dmarc.void.bank. TXT \"v=DMARC1; sp=none\"\n"
    "_dmarc.h.i.j.mail.example.com. TXT \"v=DMARC1; p=quarantine\"\n"
    "_dmarc.f.g.h.i.j.mail.example.com. TXT \"v=DMARC1; p=reject\"\n"
    "xn--bcher-kva.example. A 192.0.2.1\n"
    "_dmarc.xn--bcher-kva.example. TXT \"v=DMARC1; p=reject\"\n"
    "; security: fail\n"
    "_dmarc.down.example. TXT \"v=DMARC1; p=none\"\n";

/* --- organizations --- */

static void organization(struct zone *z, const char *domain, const char *want, const char *record)
{
	struct dmarc_walk w;
	struct auth_result r = {.method = ""};
	struct err e = ERR_INIT;
	auth_ask_begin(z->ask);
	dmarc_walk(&w, z->ask, domain, &r, &e);
	const struct dmarc_step *s = dmarc_walk_record(&w);
	const char *org = w.organization ? w.organization : "", *at = s ? s->domain : "";
	if (!ok(strcmp(org, want) == 0 && strcmp(at, record) == 0 && w.n <= 8, "%s belongs to %s",
		domain, *want ? want : "itself"))
		printf("# got %s, record of %s\n", org, at);
	dmarc_walk_release(&w);
	free(r.reason);
}

static void test_walk(struct zone *z)
{
	organization(z, "example.org", "example.org", "example.org");
	organization(z, "sub.example.org", "example.org", "example.org");
	organization(z, "own.example.org", "example.org", "own.example.org");
	organization(z, "a.unit.example.org", "unit.example.org", "unit.example.org");
	organization(z, "unit.example.org", "unit.example.org", "unit.example.org");
	organization(z, "one.bank", "one.bank", "bank");
	organization(z, "a.one.bank", "one.bank", "bank");
	organization(z, "bank", "bank", "bank");
	organization(z, "nothing.example", "", "");
	organization(z, "two.example", "", "");
	organization(z, "norua.example", "", "");
	/* thirteen labels: from the second question on only the last seven */
	organization(z, "a.b.c.d.e.f.g.h.i.j.mail.example.com", "h.i.j.mail.example.com",
	    "h.i.j.mail.example.com");
}

/* --- authors --- */

static void author(const char *header, const char *want)
{
	struct auth_fields f;
	struct err e = ERR_INIT;
	size_t used;
	auth_fields_split(&f, span_of(header), &used, &e);
	char *got = dmarc_author(&f, &e);
	ok(want ? got && strcmp(got, want) == 0 : !got && e.code == EX_DATAERR, "author %s: %s",
	    want ? want : "unknown", e.text);
	free(got);
	auth_fields_release(&f);
}

static void test_author(void)
{
	author("From: Ana <ana@Example.ORG>\n", "example.org");
	author("From: a@example.org, b@example.org\n", "example.org");
	author("From: \"x@evil.example\" <ana@example.org>\n", "example.org");
	author("From: ana@b\xc3\xbc"
	       "cher.example\n",
	    "xn--bcher-kva.example");
	author("From: Team: ana@example.org, budi@example.org;\n", "example.org");
	author("From: Nobody:;\n", NULL);
	author("From: a@example.org, b@example.net\n", NULL);
	author("From: a@example.org\nFrom: a@example.org\nFrom: x@y\n", NULL);
	author("To: a@example.org\n", NULL);
	author("From: ana@[192.0.2.1]\n", NULL);
	author("From: \n", NULL);
	author("From: ana\n", NULL);
}

/* --- the check --- */

struct proved {
	const char *method, *domain;
	enum auth_code code;
};

static void check(struct zone *z, const char *from, const struct proved *v, size_t n,
    enum auth_code code, enum dmarc_policy policy, const char *reason)
{
	struct auth_results all = {.explain = true};
	struct auth_fields f;
	struct err e = ERR_INIT;
	enum dmarc_policy got;
	size_t used;
	/* what begins with a name is a whole header */
	char *header = strchr(from, ':') ? str_dup(from) : str_printf("From: ana@%s\n", from);
	auth_fields_split(&f, span_of(header), &used, &e);
	for (size_t i = 0; i < n; i++) {
		struct auth_result *r = auth_results_add(&all, v[i].method);
		r->domain = str_dup(v[i].domain);
		r->code = v[i].code;
	}
	auth_ask_begin(z->ask);
	int result = dmarc_check(z->ask, &f, &all, &got, &e);
	const struct auth_result *r = all.v[all.n - 1];
	bool right = result == 0 && r->code == code && got == policy &&
		     (!reason || (r->reason && strstr(r->reason, reason)));
	if (!ok(right, "%s, %zu proofs: %s", from, n, auth_code_word(r->code)))
		printf("# want %s, %d; got %d: %s\n", auth_code_word(code), policy, got,
		    r->reason ? r->reason : "");
	auth_results_release(&all);
	auth_fields_release(&f);
	free(header);
}

static void test_check(struct zone *z)
{
	static const struct proved dkim = {"dkim", "example.org", AUTH_PASS},
				   below = {"dkim", "mail.example.org", AUTH_PASS},
				   other = {"dkim", "evil.example", AUTH_PASS},
				   failed = {"dkim", "example.org", AUTH_FAIL},
				   later = {"dkim", "example.org", AUTH_TEMPERROR},
				   spf = {"spf", "bounce.example.org", AUTH_PASS},
				   unit = {"dkim", "unit.example.org", AUTH_PASS},
				   bank = {"dkim", "two.bank", AUTH_PASS},
				   silent = {"dkim", "down.example", AUTH_PASS},
				   deep = {"spf", "x.strict.example", AUTH_PASS};
	const struct proved both[] = {failed, spf}, none[] = {other, later};
	check(z, "example.org", &dkim, 1, AUTH_PASS, DMARC_NONE, "DKIM of example.org is aligned");
	check(z, "sub.example.org", &dkim, 1, AUTH_PASS, DMARC_NONE, NULL);
	check(z, "sub.example.org", &below, 1, AUTH_PASS, DMARC_NONE, "mail.example.org");
	check(z, "example.org", both, 2, AUTH_PASS, DMARC_NONE, "SPF of bounce.example.org");
	check(z, "example.org", &other, 1, AUTH_FAIL, DMARC_REJECT, "policy reject");
	check(z, "example.org", NULL, 0, AUTH_FAIL, DMARC_REJECT, NULL);
	check(z, "sub.example.org", NULL, 0, AUTH_FAIL, DMARC_QUARANTINE, "policy quarantine");
	check(z, "no.example.org", NULL, 0, AUTH_FAIL, DMARC_NONE, "does not exist: np=none");
	check(z, "own.example.org", &failed, 1, AUTH_FAIL, DMARC_NONE, "policy none");
	check(z, "example.org", &silent, 1, AUTH_FAIL, DMARC_REJECT, "policy reject");
	check(z, "example.org", none, 2, AUTH_TEMPERROR, DMARC_NONE, NULL);
	check(z, "unit.example.org", &dkim, 1, AUTH_FAIL, DMARC_QUARANTINE, "RFC 7489");
	check(z, "a.unit.example.org", &unit, 1, AUTH_PASS, DMARC_NONE, NULL);
	check(z, "example.org", &unit, 1, AUTH_FAIL, DMARC_REJECT, NULL);
	check(z, "one.bank", &bank, 1, AUTH_FAIL, DMARC_REJECT, "_dmarc.bank");
	check(z, "no.bank", NULL, 0, AUTH_FAIL, DMARC_QUARANTINE, "np=quarantine");
	check(z, "strict.example", &deep, 1, AUTH_FAIL, DMARC_REJECT, NULL);
	check(z, "testing.example", NULL, 0, AUTH_FAIL, DMARC_QUARANTINE, "t=y");
	check(z, "testing.example", NULL, 0, AUTH_FAIL, DMARC_QUARANTINE, "pct");
	check(z, "two.example", NULL, 0, AUTH_NONE, DMARC_NONE, NULL);
	check(z, "rua.example", NULL, 0, AUTH_FAIL, DMARC_NONE, "rua");
	check(z, "norua.example", NULL, 0, AUTH_NONE, DMARC_NONE, NULL);
	/* a record without a policy and without rua: no DMARC, whatever is above it (4.10.1) */
	check(z, "void.example.org", NULL, 0, AUTH_NONE, DMARC_NONE, "nobody to report to");
	check(z, "a.void.bank", NULL, 0, AUTH_NONE, DMARC_NONE, NULL);
	check(z, "down.example", NULL, 0, AUTH_TEMPERROR, DMARC_NONE, NULL);
	check(z, "From: x@evil.example\nFrom: a@example.org\n", &other, 1, AUTH_PERMERROR,
	    DMARC_REJECT, "2 From fields");
	check(z, "From: x@evil.example, a@example.org, b@own.example.org\n", &other, 1,
	    AUTH_PERMERROR, DMARC_REJECT, "several domains");
	check(
	    z, "From: x@evil.example, a@example.org\n", &dkim, 1, AUTH_PERMERROR, DMARC_NONE, NULL);
	check(z,
	    "From: a@1.x, a@2.x, a@3.x, a@4.x, a@5.x, a@6.x, a@7.x, a@8.x, a@9.x, a@10.x, a@11.x, "
	    "a@12.x, a@13.x, a@14.x, a@15.x, a@16.x, a@example.org\n",
	    &other, 1, AUTH_PERMERROR, DMARC_REJECT, NULL);
	check(z, "a.b.example.co.uk", NULL, 0, AUTH_NONE, DMARC_NONE, "belongs to example.co.uk");
	check(z,
	    "b\xc3\xbc"
	    "cher.example",
	    NULL, 0, AUTH_FAIL, DMARC_REJECT, NULL);
}

/* --- records --- */

static void record(const char *text, int want, const char *what)
{
	struct dmarc_received r = {0};
	int got = dmarc_record_receive(&r, span_of(text));
	ok(got == want, "%s: %s", what, text);
}

static void test_records(void)
{
	record("v=DMARC1; p=none", 1, "good");
	record("v=DMARC1;p=none;unknown=x;;", 1, "good");
	record(" v = DMARC1 ; p = none", 1, "good");
	record("v=DMARC1; adkim=x; p=none; nonsense; =; fo=q", 1,
	    "what makes no sense is passed over");
	record("v=DMARC1; rua=mailto:a@example.org", 1, "no p, but somebody to report to");
	record("v=DMARC1; p=none; sp=bad", 0, "a bad sp");
	record("v=DMARC1", 0, "nothing in it");
	record("v=dmarc1; p=none", 0, "another version");
	record("p=none; v=DMARC1", 0, "v is not the first");
	record("", 0, "empty");
}

int main(void)
{
	struct zone z;
	zone_open(&z, zone_text);
	test_records();
	test_walk(&z);
	test_author();
	test_check(&z);
	zone_close(&z);
	return tap_done();
}
