/* MTA-STS records and policies, RFC 8461 */
#include "route/sts.h"
#include "base/alloc.h"

#include "../tap.h"

static void record(const char *text, const char *want)
{
	struct span id;
	struct err e = ERR_INIT;
	int r = sts_record_parse(span_of(text), &id, &e);
	if (want && r == 0)
		is_span(id, want, text);
	else
		ok(r < 0 && !want && e.code == EX_DATAERR, "no record: %s (%s)", text, e.text);
}

static void policy(const char *text, bool good)
{
	struct sts_policy p;
	struct err e = ERR_INIT;
	int r = sts_policy_parse(&p, span_of(text), &e);
	ok((r == 0) == good && (good || e.code == EX_DATAERR), "%s policy (%s)", good ? "a" : "no",
	    e.text);
	if (r == 0)
		sts_policy_release(&p);
}

#define HEAD "version: STSv1\nmode: enforce\nmax_age: 604800\n"

static void test_match(void)
{
	struct strv patterns = {0};
	strv_add(&patterns, "mail.example.org");
	strv_add(&patterns, "*.Example.net");
	ok(sts_mx_matches(&patterns, "MAIL.example.org"), "a name, in any case");
	ok(sts_mx_matches(&patterns, "a.example.net"), "one label for the star");
	ok(!sts_mx_matches(&patterns, "a.b.example.net"), "not two");
	ok(!sts_mx_matches(&patterns, "example.net"), "nor none");
	ok(!sts_mx_matches(&patterns, ".example.net"), "nor an empty one");
	ok(!sts_mx_matches(&patterns, "mail.example.org.evil.test"), "all of the name");
	ok(!sts_mx_matches(&patterns, "xmail.example.org"), "from its beginning");
	strv_release(&patterns);
}

int main(void)
{
	record("v=STSv1; id=20160831085700Z;", "20160831085700Z");
	record("v=STSv1;id=1", "1");
	record("v=STSv1 ;\tid=1 ; ext=a:b", "1");
	record("v=STSv1; x=y; id=ab", "ab");
	record("", NULL);
	record("v=STSv1", NULL);
	record("v=STSv1;", NULL);
	record("v=STSv1; id=", NULL);
	record("v=STSv1; id=1; id=2", NULL);
	record("v=STSv1; id=a-b", NULL);
	record("v=STSv1; id=123456789012345678901234567890123", NULL);
	record("v=stsv1; id=1", NULL);
	record(" v=STSv1; id=1", NULL);
	record("id=1; v=STSv1", NULL);
	record("v=STSv1; id=1; =x", NULL);
	record("v=STSv1; id=1; a=b=c", NULL);
	record("v=STSv1; id=1; a", NULL);
	record("v=STSv1; id=1;; a=b", NULL);
	policy(HEAD "mx: mail.example.org\nmx: *.example.net\n", true);
	policy("version: STSv1\r\nmode:testing\r\nmx:\tmx.example.org  \r\nmax_age: 0\r\n", true);
	policy("version: STSv1\nmode: none\nmax_age: 86400", true);
	policy(HEAD "mx: a.example.org\nextension: some thing\n", true);
	policy(HEAD "mx: a.example.org\nmode: nonsense\n", true); /* the second does not count */
	policy("", false);
	policy(HEAD, false);
	policy("mode: enforce\nmax_age: 1\nmx: a.org\n", false);
	policy("version: STSv1\nmax_age: 1\nmx: a.org\n", false);
	policy("version: STSv1\nmode: enforce\nmx: a.org\n", false);
	policy("version: STSv2\nmode: enforce\nmax_age: 1\nmx: a.org\n", false);
	policy("version: STSv1\nmode: Enforce\nmax_age: 1\nmx: a.org\n", false);
	policy("version: STSv1\nmode: enforce\nmax_age: -1\nmx: a.org\n", false);
	policy("version: STSv1\nmode: enforce\nmax_age: 31557601\nmx: a.org\n", false);
	policy(HEAD "mx: *.*.example.org\n", false);
	policy(HEAD "mx: a*.example.org\n", false);
	policy(HEAD "mx: example.org.\n", false);
	policy(HEAD "mx: \n", false);
	policy(HEAD "mx: a.example.org\n\n", false);
	policy(HEAD "mx: a.example.org\nno colon\n", false);
	policy("<html>\n" HEAD "mx: a.example.org\n", false);
	struct sts_policy p;
	struct err e = ERR_INIT;
	if (ok(sts_policy_parse(&p, SPAN(HEAD "mx: mail.example.org\nmx: *.example.net"), &e) == 0,
		"taken apart")) {
		ok(p.mode == STS_ENFORCE && p.max_age_s == 604800 && p.mx.n == 2,
		    "mode, age, hosts");
		is_str(p.mx.v[1], "*.example.net", "a wildcard");
		sts_policy_release(&p);
	}
	test_match();
	return tap_done();
}
