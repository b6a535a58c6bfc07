/* dns/data, through dns.h as everybody uses it, and names, resolvers and trust anchors */
#include "dns/data.h"
#include "base/clock.h"
#include "dns/dns.h"
#include "dns/system.h"

#include "../tap.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/surat-dns.XXXXXX";

static const char *write_file(const char *name, const char *text)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	if (f) {
		fputs(text, f);
		fclose(f);
	}
	return path;
}

static const char zone[] = "$ORIGIN example.org.\n"
			   "$TTL 300\n"
			   "@  IN MX 10 MX1\n"
			   "   IN MX 20 mx2.example.net.\n"
			   "deep.down IN TXT \"one \" \"two\"\n"
			   "*.wild IN A 192.0.2.7\n"
			   "; security: secure\n"
			   "mx1 A 192.0.2.1\n"
			   "    AAAA 2001:db8::1\n"
			   "_25._tcp.mx1 TLSA 3 1 1 ( 00112233445566778899aabbccddeeff\n"
			   "\t00112233445566778899aabbccddeeff ) ; two lines\n"
			   "www CNAME mx1\n"
			   "; security: insecure\n"
			   "half CNAME www\n"
			   "loop1 CNAME loop2\n"
			   "loop2 CNAME loop1\n"
			   "\n"
			   "; security: bogus\n"
			   "forged A 192.0.2.66\n"
			   "; security: fail\n"
			   "dead A 192.0.2.67\n"
			   "; security: insecure\n"
			   "null MX 0 .\n"
			   "odd MX 10 a\\032b\\;rm.example.org.";

static struct dns *open_zone(enum dns_dnssec dnssec)
{
	struct err e = ERR_INIT;
	struct dns *d = NULL;
	struct dns_options o = {.data_file = write_file("zone", zone), .dnssec = dnssec};
	ok(dns_open(&d, &o, &e) == 0, "the zone is read (%s)", e.text);
	return d;
}

/* want: "status security canonical n" */
static struct dns_answer ask(struct dns *d, const char *name, unsigned type, const char *want)
{
	static const char *const status[] = {"ok", "no-data", "no-name", "failed", "bogus"};
	static const char *const security[] = {"unchecked", "insecure", "secure"};
	struct dns_answer a = {0};
	struct err e = ERR_INIT;
	char got[512];
	if (dns_ask(d, name, type, clock_mono_ms() + 1000, &a, &e) < 0)
		snprintf(got, sizeof(got), "%s", e.text);
	else
		snprintf(got, sizeof(got), "%s %s %s %zu", status[a.status], security[a.security],
		    a.canonical ? a.canonical : "-", a.n);
	is_str(got, want, name);
	return a;
}

static void check(struct dns *d, const char *name, unsigned type, const char *want)
{
	struct dns_answer a = ask(d, name, type, want);
	dns_answer_release(&a);
}

static void test_answers(void)
{
	struct dns *d = open_zone(DNS_DNSSEC_AUTO);
	if (!d)
		return;
	struct dns_answer a = ask(d, "EXAMPLE.org.", DNS_MX, "ok insecure example.org 2");
	if (a.n == 2) {
		is_int(a.v[0].preference, 10, "in the order of the file");
		is_str(a.v[0].name, "mx1.example.org", "names are lower case");
		is_str(a.v[1].name, "mx2.example.net", "and have no final dot");
		is_int(a.ttl, 300, "$TTL counts");
	}
	dns_answer_release(&a);
	a = ask(d, "deep.down.example.org", DNS_TXT, "ok insecure deep.down.example.org 1");
	if (a.n)
		is_mem(a.v[0].data, a.v[0].len, "one two", 7, "strings are joined");
	dns_answer_release(&a);
	a = ask(d, "_25._tcp.mx1.example.org", DNS_TLSA, "ok secure _25._tcp.mx1.example.org 1");
	if (a.n) {
		is_int(
		    a.v[0].usage * 100 + a.v[0].selector * 10 + a.v[0].matching, 311, "TLSA 3 1 1");
		is_int((long long)a.v[0].len, 32, "with its digest");
	}
	dns_answer_release(&a);
	a = ask(d, "null.example.org", DNS_MX, "ok insecure null.example.org 1");
	if (a.n)
		is_str(a.v[0].name, ".", "the root is a dot");
	dns_answer_release(&a);
	a = ask(d, "odd.example.org", DNS_MX, "ok insecure odd.example.org 1");
	if (a.n) {
		is_str(a.v[0].name, "a\\032b\\;rm.example.org", "odd octets stay escaped");
		ok(!dns_is_host_name(span_of(a.v[0].name)), "and are no host");
	}
	dns_answer_release(&a);
	check(d, "mx1.example.org", DNS_A, "ok secure mx1.example.org 1");
	check(d, "mx1.example.org", DNS_AAAA, "ok secure mx1.example.org 1");
	check(d, "mx1.example.org", DNS_MX, "no-data secure mx1.example.org 0");
	check(d, "down.example.org", DNS_A, "no-data insecure down.example.org 0");
	check(d, "nx.example.org", DNS_A, "no-name insecure nx.example.org 0");
	check(d, "nx.mx1.example.org", DNS_A, "no-name secure nx.mx1.example.org 0");
	check(d, "example.com", DNS_A, "no-name insecure example.com 0");
	check(d, "a.b.wild.example.org", DNS_A, "ok insecure a.b.wild.example.org 1");
	check(d, "a.deep.down.example.org", DNS_A, "no-name insecure a.deep.down.example.org 0");
	check(d, "www.example.org", DNS_A, "ok secure mx1.example.org 1");
	check(d, "www.example.org", DNS_CNAME, "ok secure www.example.org 1");
	check(d, "half.example.org", DNS_A, "ok insecure mx1.example.org 1");
	check(d, "loop1.example.org", DNS_A, "failed unchecked - 0");
	check(d, "forged.example.org", DNS_A, "bogus unchecked - 0");
	check(d, "dead.example.org", DNS_A, "failed unchecked - 0");
	check(d, "dead.example.org", DNS_TLSA, "failed unchecked - 0");
	check(d, "no such.name", DNS_A, "no-name unchecked - 0");
	dns_free(d);
	d = open_zone(DNS_DNSSEC_OFF);
	check(d, "mx1.example.org", DNS_A, "ok unchecked mx1.example.org 1");
	check(d, "forged.example.org", DNS_A, "ok unchecked forged.example.org 1");
	check(d, "dead.example.org", DNS_A, "failed unchecked - 0");
	dns_free(d);
}

static void test_batch(void)
{
	struct dns *d = open_zone(DNS_DNSSEC_AUTO);
	struct dns_question *q = NULL;
	struct err e = ERR_INIT;
	int owners[3], seen = 0;
	for (size_t i = 0; i < 3; i++)
		dns_batch_add(d, i == 1 ? "nx.example.org" : "mx1.example.org", DNS_A,
		    clock_mono_ms() + 1000, &owners[i]);
	while (dns_batch_wait(d, NULL, &q, &e) == DNS_ANSWERED) {
		ok(q->owner == &owners[seen], "each answer knows who asked");
		is_int(q->answer.status, seen == 1 ? DNS_NO_NAME : DNS_OK, "and is the right one");
		seen++;
		dns_question_free(q);
	}
	is_int(seen, 3, "three answers");
	dns_batch_add(d, "mx1.example.org", DNS_A, clock_mono_ms() + 1000, NULL);
	dns_free(d); /* with one not taken */
}

static void refuse(const char *text, const char *why)
{
	struct dns_data *d = NULL;
	struct err e = ERR_INIT;
	int r = dns_data_parse(&d, "zone", span_of(text), &e);
	ok(r < 0 && e.code == EX_DATAERR && strncmp(e.text, why, strlen(why)) == 0, "refused: %s",
	    e.text);
	if (r == 0)
		dns_data_free(d);
}

static void test_bad_files(void)
{
	struct dns_data *d = NULL;
	struct err e = ERR_INIT;
	refuse("a.test. A 192.0.2.1\nb.test. A not.an.address\n", "zone:2: ");
	refuse("a.test. A 192.0.2.1\n\n; security: maybe\n", "zone:3: security");
	refuse("b.test. MX 10\n", "zone:1: ");
	is_int(dns_data_parse(&d, "zone", span_make("a\0b", 3), &e), -1, "a NUL is refused");
	is_int(dns_data_parse(&d, "zone", SPAN(""), &e), 0, "an empty file has no names");
	struct dns_answer a = {0};
	dns_data_ask(d, "a.test", DNS_A, true, &a);
	is_int(a.status, DNS_NO_NAME, "at all");
	dns_answer_release(&a);
	dns_data_free(d);
	is_int(dns_data_read(&d, "/nonexistent/zone", &e), -1, "a missing file");
	is_int(e.code, EX_NOINPUT, "is no input");
}

static void test_names(void)
{
	ok(dns_is_name(SPAN("_25._tcp.mx.example.org")), "a service name");
	ok(!dns_is_name(SPAN("")) && !dns_is_name(SPAN(".")) && !dns_is_name(SPAN("a..b")),
	    "empty labels");
	char label[130];
	memset(label, 'a', sizeof(label));
	ok(dns_is_name(span_make(label, 63)) && !dns_is_name(span_make(label, 64)),
	    "63 octets a label");
	ok(dns_is_host_name(SPAN("mx-1.example.org")) && dns_is_host_name(SPAN("mx_1.example.org")),
	    "host names");
	ok(!dns_is_host_name(SPAN("192.0.2.1")) && !dns_is_host_name(SPAN("-a.org")) &&
		!dns_is_host_name(SPAN("a*.org")),
	    "and what is none");
}

static void test_system(void)
{
	struct strv list = {0};
	struct err e = ERR_INIT;
	static const char *const good[] = {
	    "127.0.0.1", "127.0.0.1@5353", "2001:db8::53", "::1@53", "fe80::1%lo@53"};
	static const char *const bad[] = {"", "localhost", "127.0.0.1@", "127.0.0.1@0",
	    "127.0.0.1@65536", "127.0.0.1:53", "127.0.0.1%lo", "@53", "fe80::1%"};
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ok(dns_resolver_check(good[i]), "%s is a resolver", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ok(!dns_resolver_check(bad[i]), "\"%s\" is none", bad[i]);
	is_int(dns_resolvers_read(
		   write_file("resolv.conf", "# x\nsearch a.b\nnameserver 192.0.2.53\nnameserver "
					     "nonsense\n  nameserver\t::1\nnameserver"),
		   &list, &e),
	    0, "resolv.conf");
	ok(list.n == 2 && strcmp(list.v[0], "192.0.2.53") == 0 && strcmp(list.v[1], "::1") == 0,
	    "has two name servers");
	strv_release(&list);
	is_int(dns_resolvers_read("/nonexistent", &list, &e), 0, "without one");
	ok(list.n == 1 && strcmp(list.v[0], "127.0.0.1") == 0, "it is this machine, as for libc");
	strv_release(&list);
	is_int(dns_anchors_read(
		   write_file("anchor",
		       "test. IN DS 1 13 2 "
		       "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"),
		   &list, &e),
	    0, "an anchor");
	ok(list.n == 1 && strncmp(list.v[0], "test.\t", 6) == 0, "is one line of text");
	strv_release(&list);
	is_int(dns_anchors_read(write_file("anchor", "; nothing\n"), &list, &e), -1,
	    "no anchor in it");
	is_int(e.code, EX_CONFIG, "is a wrong configuration");
	is_int(dns_anchors_read(write_file("anchor", "test. A 192.0.2.1\n"), &list, &e), -1,
	    "nor in an address");
	is_int(dns_anchors_read("/nonexistent", &list, &e), -1, "nor without a file");
	is_int(e.code, EX_CONFIG, "the same");
	strv_release(&list);
	is_int(dns_anchors_read(NULL, &list, &e), 0, "the root's key");
	ok(list.n >= 1, "is known");
	strv_release(&list);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	test_answers();
	test_batch();
	test_bad_files();
	test_names();
	test_system();
	unlink(write_file("zone", ""));
	unlink(write_file("resolv.conf", ""));
	unlink(write_file("anchor", ""));
	rmdir(folder);
	return tap_done();
}
