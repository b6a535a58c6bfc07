/* dns/zones: what the keys of a zone prove, and what they do not. Keys and signatures are ldns's. */
#include "dns/zones.h"
#include "dns/dns.h"

#include "../tap.h"

#include <ldns/ldns.h>
#include <stdlib.h>

enum { NOW_HALF = 3600 };

static ldns_key_list *keys;
static ldns_signing_algorithm algorithm = LDNS_SIGN_ECDSAP256SHA256;

static ldns_rr *record(const char *text)
{
	ldns_rr *rr = NULL;
	if (ldns_rr_new_frm_str(&rr, text, 300, NULL, NULL) != LDNS_STATUS_OK)
		printf("Bail out! %s\n", text);
	return rr;
}

static void new_key(const char *zone)
{
	ldns_key *k = ldns_key_new_frm_algorithm(algorithm, 2048);
	ldns_key_set_pubkey_owner(k, ldns_dname_new_frm_str(zone));
	ldns_key_set_flags(k, 257);
	ldns_rr *public = ldns_key2rr(k);
	ldns_key_set_keytag(k, ldns_calc_keytag(public));
	ldns_rr_free(public);
	if (keys)
		ldns_key_list_free(keys);
	keys = ldns_key_list_new();
	ldns_key_list_push_key(keys, k);
}

static void good_from(int64_t from, int64_t until)
{
	ldns_key *k = ldns_key_list_key(keys, 0);
	ldns_key_set_inception(k, (uint32_t)from);
	ldns_key_set_expiration(k, (uint32_t)until);
}

/* The records of an answer, as a packet. */
static struct span packet(ldns_rr_list *answer)
{
	uint8_t *wire = NULL;
	size_t n = 0;
	ldns_pkt *p = ldns_pkt_new();
	ldns_pkt_set_qr(p, true);
	ldns_pkt_push_rr_list(p, LDNS_SECTION_ANSWER, answer);
	if (ldns_pkt2wire(&wire, p, &n) != LDNS_STATUS_OK)
		printf("Bail out! no packet\n");
	ldns_rr_list_free(answer);
	ldns_pkt_free(p);
	return span_make((char *)wire, n);
}

static void learn(struct zones *z, const char *zone, unsigned flags)
{
	ldns_key_set_flags(ldns_key_list_key(keys, 0), (uint16_t)flags);
	ldns_rr *rr = ldns_key2rr(ldns_key_list_key(keys, 0));
	ldns_rr_list *l = ldns_rr_list_new();
	ldns_rr_list_push_rr(l, rr);
	struct span wire = packet(l);
	zones_add(z, zone, wire, 300);
	free((char *)(uintptr_t)wire.ptr);
}

/* Two records signed together; afterwards the second becomes `second`, where that is not NULL. */
static struct span signed_packet(const char *first, const char *then, const char *second)
{
	ldns_rr_list *l = ldns_rr_list_new();
	ldns_rr_list_push_rr(l, record(first));
	ldns_rr_list_push_rr(l, record(then));
	ldns_rr_list *sigs = ldns_sign_public(l, keys);
	if (second) {
		ldns_rr_free(ldns_rr_list_pop_rr(l));
		ldns_rr_list_push_rr(l, record(second));
	}
	ldns_rr_list_push_rr_list(l, sigs);
	ldns_rr_list_free(sigs);
	return packet(l);
}

static void proves(struct zones *z, struct span wire, const char *name, bool want, const char *what)
{
	ok(zones_prove(z, wire, name, DNS_A) == want, "%s", what);
	free((char *)(uintptr_t)wire.ptr);
}

#define A1 "h.zone.test. 300 IN A 192.0.2.1"
#define A2 "h.zone.test. 300 IN A 192.0.2.2"

static void test_algorithm(const char *name)
{
	struct zones *z = zones_new();
	int64_t now = time(NULL);
	printf("# %s\n", name);
	new_key("zone.test.");
	good_from(now - NOW_HALF, now + NOW_HALF);
	proves(z, signed_packet(A1, A2, NULL), "h.zone.test", false, "no keys: nothing");
	learn(z, "zone.test", 257);
	ok(zones_cover(z, "a.b.zone.test") && zones_cover(z, "zone.test") &&
		!zones_cover(z, "test") && !zones_cover(z, "xzone.test"),
	    "what the zone covers");
	proves(z, signed_packet(A1, A2, NULL), "h.zone.test", true, "records and their signature");
	proves(z, signed_packet(A2, A1, NULL), "h.zone.test", true, "in any order");
	proves(z, signed_packet(A1, A2, "h.zone.test. 300 IN A 192.0.2.3"), "h.zone.test", false,
	    "one was changed");
	proves(z, signed_packet(A1, A2, "x.zone.test. 300 IN A 192.0.2.2"), "h.zone.test", false,
	    "one is missing");
	proves(z, signed_packet(A1, A2, NULL), "x.zone.test", false, "another name");
	proves(z,
	    signed_packet("h.zone.test. 300 IN AAAA ::1", "h.zone.test. 300 IN AAAA ::2", NULL),
	    "h.zone.test", false, "another type");
	proves(z,
	    signed_packet(
		"*.zone.test. 300 IN A 192.0.2.1", "*.zone.test. 300 IN A 192.0.2.2", NULL),
	    "h.zone.test", false, "a wildcard");
	proves(z,
	    signed_packet(
		"h.other.test. 300 IN A 192.0.2.1", "h.other.test. 300 IN A 192.0.2.2", NULL),
	    "h.other.test", false, "a name that is not the zone's");
	good_from(now - 2 * NOW_HALF, now - NOW_HALF);
	proves(z, signed_packet(A1, A2, NULL), "h.zone.test", false, "it ended");
	good_from(now + NOW_HALF, now + 2 * NOW_HALF);
	proves(z, signed_packet(A1, A2, NULL), "h.zone.test", false, "it has not begun");
	good_from(now - NOW_HALF, now + NOW_HALF);
	new_key("zone.test.");
	good_from(now - NOW_HALF, now + NOW_HALF);
	proves(z, signed_packet(A1, A2, NULL), "h.zone.test", false, "by a key that nobody knows");
	learn(z, "zone.test", 257 | 0x80);
	proves(z, signed_packet(A1, A2, NULL), "h.zone.test", false, "by one that was revoked");
	learn(z, "zone.test", 1);
	proves(z, signed_packet(A1, A2, NULL), "h.zone.test", false, "by one that is no zone's");
	zones_free(z);
}

static void test_wanted(void)
{
	struct zones *z = zones_new();
	ok(zones_want(z, "zone.test") && !zones_want(z, "zone.test"), "keys are wanted once");
	ok(!zones_want(z, "test"), "those of top-level domains never");
	ok(!zones_cover(z, "a.zone.test"), "wanted is not known");
	zones_add(z, "zone.test", SPAN("nonsense"), 60);
	ok(!zones_cover(z, "a.zone.test"), "nor is nonsense");
	ok(!zones_prove(z, SPAN("nonsense"), "a.zone.test", DNS_A), "which proves nothing");
	zones_free(z);
}

int main(void)
{
	test_algorithm("ECDSA");
	algorithm = LDNS_SIGN_RSASHA256;
	test_algorithm("RSA");
	algorithm = LDNS_SIGN_ED25519;
	test_algorithm("Ed25519");
	test_wanted();
	ldns_key_list_free(keys);
	return tap_done();
}
