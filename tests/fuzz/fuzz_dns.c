/* What others put into the DNS, and files that play it. The first octet tells what the rest is: 'r' a type and rdata from the wire,
 * 'a' an answer to the question "x.test A" (octets behind the id), 'z' zone text, 'p' a plan as it comes through a pipe; records as text: 's' SPF, 'd' DKIM, 'm' DMARC, 't' MTA-STS, 'y' its policy. */
#include "auth/dkim_key.h"
#include "auth/dmarc_record.h"
#include "auth/spf_record.h"
#include "dns/data.h"
#include "dns/packet.h"
#include "dns/record.h"
#include "route/plan.h"
#include "route/sts.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rdata(const uint8_t *p, size_t n)
{
	struct dns_record r;
	if (n < 2 || !dns_record_from_wire((unsigned)p[0] << 8 | p[1], p + 2, n - 2, &r))
		return;
	/* text that may be printed: nothing in it moves a cursor */
	for (const char *c = r.name; c && *c; c++)
		if (*c <= ' ' || *c >= 0x7f)
			abort();
	if (r.name)
		dns_is_host_name(span_of(r.name));
	dns_record_release(&r);
}

static void answer(const uint8_t *p, size_t n)
{
	struct dns_answer a = {0};
	char *wire = malloc(n + 2);
	wire[0] = wire[1] = 0;
	memcpy(wire + 2, p, n);
	enum packet_says says = packet_read(span_make(wire, n + 2), 0, "x.test", DNS_A, &a);
	if ((says == PACKET_ANSWER && (a.status == DNS_OK) != (a.n > 0)) ||
	    (says == PACKET_ALIAS && !a.canonical) || (says != PACKET_ANSWER && a.n))
		abort();
	for (size_t i = 0; i < a.n; i++)
		if (a.v[i].len != 4)
			abort();
	dns_answer_release(&a);
	free(wire);
}

static void zone(const uint8_t *p, size_t n)
{
	static const char *const names[] = {"a.test", "b.a.test", "*.test", "test", "c.test"};
	static const unsigned types[] = {DNS_MX, DNS_A, DNS_CNAME, DNS_TLSA, DNS_TXT};
	struct dns_data *d;
	struct err e = ERR_INIT;
	if (dns_data_parse(&d, "zone", span_make((const char *)p, n), &e) < 0) {
		if (e.code != EX_DATAERR)
			abort();
		return;
	}
	for (size_t i = 0; i < 25; i++) {
		struct dns_answer a;
		dns_data_ask(d, names[i / 5], types[i % 5], i % 2, &a);
		if ((a.status == DNS_OK) != (a.n > 0))
			abort();
		dns_answer_release(&a);
	}
	dns_data_free(d);
}

static void plan(const uint8_t *p, size_t n)
{
	struct route_plan *one, *two;
	struct err e = ERR_INIT;
	if (route_plan_read(&one, span_make((const char *)p, n), 25, &e) < 0)
		return;
	/* what was read can be written, and read again */
	json_t *j = route_plan_json(one);
	char *line = json_dumps(j, JSON_COMPACT);
	if (!line || route_plan_read(&two, span_of(line), 25, &e) < 0)
		abort();
	free(line);
	json_decref(j);
	route_plan_free(one);
	route_plan_free(two);
}

static void text(char what, struct span s)
{
	struct spf_record spf = {0};
	struct dkim_key dkim = {0};
	struct dmarc_record dmarc;
	struct sts_policy sts = {0};
	struct span id;
	struct err e = ERR_INIT;
	int r = 0;
	switch (what) {
	case 's': r = spf_record_parse(&spf, s, &e); break;
	case 'd': r = dkim_key_parse(&dkim, s, &e); break;
	case 'm': r = dmarc_record_parse(&dmarc, s, &e); break;
	case 't': r = sts_record_parse(s, &id, &e); break;
	case 'y': r = sts_policy_parse(&sts, s, &e); break;
	}
	if (r < 0 && e.code != EX_DATAERR)
		abort();
	if (r == 0) {
		spf_record_release(&spf);
		dkim_key_release(&dkim);
		sts_policy_release(&sts);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	switch (size ? data[0] : 0) {
	case 'r': rdata(data + 1, size - 1); break;
	case 'a': answer(data + 1, size - 1); break;
	case 'z': zone(data + 1, size - 1); break;
	case 'p': plan(data + 1, size - 1); break;
	case 's':
	case 'd':
	case 'm':
	case 't':
	case 'y': text((char)data[0], span_make((const char *)data + 1, size - 1)); break;
	}
	return 0;
}
