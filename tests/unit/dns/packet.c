/* dns/packet: a question as octets, and what answers say; dns/kept: what is kept of them */
#include "dns/packet.h"
#include "dns/kept.h"

#include "../tap.h"

#include <stdlib.h>

enum { ID = 0x1234 };

struct wire {
	unsigned char p[4096];
	size_t n;
};

static void put(struct wire *w, const void *p, size_t n)
{
	memcpy(w->p + w->n, p, n);
	w->n += n;
}

static void put16(struct wire *w, unsigned v)
{
	put(w, (unsigned char[]){(unsigned char)(v >> 8), (unsigned char)v}, 2);
}

static void put_name(struct wire *w, const char *name)
{
	for (const char *dot; *name; name = *dot ? dot + 1 : dot) {
		dot = strchr(name, '.') ? strchr(name, '.') : name + strlen(name);
		put(w, (unsigned char[]){(unsigned char)(dot - name)}, 1);
		put(w, name, (size_t)(dot - name));
	}
	put(w, "", 1);
}

/* The answer to "x.test A", without records yet. flags: the third and fourth octet. */
static struct wire begin(unsigned flags, unsigned answers, unsigned authority)
{
	struct wire w = {.n = 0};
	put16(&w, ID);
	put16(&w, flags);
	put16(&w, 1);
	put16(&w, answers);
	put16(&w, authority);
	put16(&w, 0);
	put_name(&w, "x.test");
	put16(&w, DNS_A);
	put16(&w, 1);
	return w;
}

static void put_rr(
    struct wire *w, const char *owner, unsigned type, unsigned ttl, const struct wire *rdata)
{
	put_name(w, owner);
	put16(w, type);
	put16(w, 1);
	put16(w, ttl >> 16);
	put16(w, ttl);
	put16(w, (unsigned)rdata->n);
	put(w, rdata->p, rdata->n);
}

static struct wire rdata_name(const char *name)
{
	struct wire w = {.n = 0};
	put_name(&w, name);
	return w;
}

static const struct wire address = {{192, 0, 2, 7}, 4};

static struct wire soa(void)
{
	struct wire w = rdata_name("ns.test");
	put_name(&w, "h.test");
	for (int i = 0; i < 10; i++)
		put16(&w, 1);
	return w;
}

static void says(const struct wire *w, enum packet_says want, const char *what)
{
	struct dns_answer a = {0};
	is_int(
	    packet_read(span_make((const char *)w->p, w->n), ID, "x.test", DNS_A, &a), want, what);
	dns_answer_release(&a);
}

/* want: "status canonical records ttl" */
static void answers(const struct wire *w, const char *want, const char *what)
{
	struct dns_answer a = {0};
	char got[256] = "no answer";
	if (packet_read(span_make((const char *)w->p, w->n), ID, "x.test", DNS_A, &a) ==
	    PACKET_ANSWER)
		snprintf(got, sizeof(got), "%d %s %zu %u", a.status,
		    a.canonical ? a.canonical : "-", a.n, a.ttl);
	is_str(got, want, what);
	dns_answer_release(&a);
}

static void test_question(void)
{
	unsigned char q[PACKET_QUESTION_MAX];
	static const unsigned char plain[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\1x\4test\0\0\1\0\1",
				   edns[] = "\0\0\x29\x04\xd0\0\0\0\0\0\0";
	is_mem(q, packet_ask(q, ID, "x.test", DNS_A, PACKET_PLAIN), plain, sizeof(plain) - 1,
	    "a question");
	size_t n = packet_ask(q, ID, "x.test", DNS_A, PACKET_EDNS);
	is_int((long long)n, (long long)(sizeof(plain) - 1 + sizeof(edns) - 1), "with EDNS");
	is_mem(
	    q + sizeof(plain) - 1, sizeof(edns) - 1, edns, sizeof(edns) - 1, "says what we take");
	is_int((long long)packet_ask(q, ID, ".", DNS_NS, PACKET_PLAIN), 17, "the root");
	char name[254];
	memset(name, 'a', sizeof(name));
	for (size_t i = 63; i < 253; i += 64)
		name[i] = '.';
	name[253] = '\0';
	is_int((long long)packet_ask(q, ID, name, DNS_MX, PACKET_EDNS), 12 + 255 + 4 + 11,
	    "the longest name");
}

static void test_foreign(void)
{
	struct wire w = begin(0x8180, 0, 0);
	w.p[0]++;
	says(&w, PACKET_FOREIGN, "another id");
	w = begin(0x0100, 0, 0);
	says(&w, PACKET_FOREIGN, "a question is no answer");
	w = begin(0xa980, 0, 0);
	says(&w, PACKET_FOREIGN, "another kind of packet");
	w = begin(0x8180, 0, 0);
	w.p[13] = 'y';
	says(&w, PACKET_FOREIGN, "another name");
	w = begin(0x8180, 0, 0);
	w.p[w.n - 3] = DNS_AAAA;
	says(&w, PACKET_FOREIGN, "another type");
	w = begin(0x8180, 0, 0);
	w.p[w.n - 1] = 3;
	says(&w, PACKET_FOREIGN, "another class");
	w.n = 11;
	says(&w, PACKET_FOREIGN, "half a header");
	w = begin(0x8180, 0, 0);
	w.p[5] = 2;
	says(&w, PACKET_FOREIGN, "two questions");
	w = begin(0x8180, 0, 0);
	w.p[13] = 'X';
	answers(&w, "1 x.test 0 0", "upper case is the same name");
}

static void test_refusals(void)
{
	struct wire w = begin(0x8380, 0, 0);
	says(&w, PACKET_TRUNCATED, "truncated");
	w = begin(0x8181, 0, 0);
	says(&w, PACKET_NO_EDNS, "FORMERR");
	w = begin(0x8184, 0, 0);
	says(&w, PACKET_NO_EDNS, "NOTIMP");
	w = begin(0x8181, 0, 0);
	w.p[5] = 0;
	w.n = 12;
	says(&w, PACKET_NO_EDNS, "FORMERR without the question");
	w = begin(0x8182, 0, 0);
	says(&w, PACKET_FAILED, "SERVFAIL");
	w = begin(0x8385, 0, 0);
	says(&w, PACKET_FAILED, "REFUSED, though truncated");
	w = begin(0x8180, 5, 0);
	says(&w, PACKET_FAILED, "promises records and has none");
	w = begin(0x8180, 65535, 0);
	says(&w, PACKET_FAILED, "promises very many");
	w = begin(0x8180, 0, 1);
	struct wire ns = rdata_name("a.root.test");
	put_rr(&w, "test", DNS_NS, 60, &ns);
	says(&w, PACKET_FAILED, "sends us to somebody else");
}

static void test_answers(void)
{
	struct wire w = begin(0x8180, 2, 0), to = rdata_name("y.test"), back = rdata_name("x.test");
	put_rr(&w, "other.test", DNS_A, 60, &address);
	put_rr(&w, "X.Test", DNS_A, 50, &address);
	answers(&w, "0 x.test 1 50", "records of another name are passed over");
	w = begin(0x8180, 1, 0);
	put_rr(&w, "other.test", DNS_A, 60, &address);
	answers(&w, "1 x.test 0 0", "alone they are none");
	w = begin(0x8180, 2, 0);
	put_rr(&w, "y.test", DNS_A, 60, &address);
	put_rr(&w, "x.test", DNS_CNAME, 7, &to);
	answers(&w, "0 y.test 1 7", "an alias, in any order");
	w = begin(0x8180, 1, 0);
	put_rr(&w, "x.test", DNS_CNAME, 60, &to);
	says(&w, PACKET_ALIAS, "an alias, and no more");
	struct wire nothing = soa();
	w = begin(0x8180, 1, 1);
	put_rr(&w, "x.test", DNS_CNAME, 60, &to);
	put_rr(&w, "test", DNS_SOA, 60, &nothing);
	answers(&w, "1 y.test 0 60", "an alias to a name without records");
	w = begin(0x8183, 1, 1);
	put_rr(&w, "x.test", DNS_CNAME, 60, &to);
	put_rr(&w, "test", DNS_SOA, 100000, &nothing);
	answers(&w, "2 y.test 0 300", "to no name, which is not kept for days");
	w = begin(0x8180, 2, 0);
	put_rr(&w, "x.test", DNS_CNAME, 60, &to);
	put_rr(&w, "y.test", DNS_CNAME, 60, &back);
	says(&w, PACKET_FAILED, "aliases in a circle");
	w = begin(0x8180, 1, 0);
	struct wire short_address = {{192, 0}, 2};
	put_rr(&w, "x.test", DNS_A, 60, &short_address);
	says(&w, PACKET_FAILED, "half an address is none");
}

static void test_kept(void)
{
	struct kept *k = kept_new();
	char name[32], big[4000] = "";
	kept_add(k, "a.test", DNS_A, SPAN("one"), 60);
	kept_add(k, "a.test", DNS_MX, SPAN("two"), 60);
	kept_add(k, "b.test", DNS_A, SPAN("three"), 0);
	ok(span_is(kept_find(k, "a.test", DNS_A), "one") &&
		span_is(kept_find(k, "a.test", DNS_MX), "two"),
	    "what was kept is found, by name and type");
	is_int((long long)kept_find(k, "b.test", DNS_A).len, 0, "not without a time to live");
	kept_add(k, "a.test", DNS_A, SPAN("newer"), 60);
	ok(span_is(kept_find(k, "a.test", DNS_A), "newer"), "the newer one counts");
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "n%d.test", i);
		kept_add(k, name, DNS_A, span_make(big, sizeof(big)), 60);
	}
	is_int((long long)kept_find(k, "a.test", DNS_A).len, 0, "the oldest goes first");
	is_int((long long)kept_find(k, "n4999.test", DNS_A).len, 4000, "the newest stays");
	kept_free(k);
}

int main(void)
{
	test_question();
	test_foreign();
	test_refusals();
	test_answers();
	test_kept();
	return tap_done();
}
