#include "dns/zones.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "dns/dns.h"
#include "dns/name.h"
#include "dns/verify.h"

#include <stdlib.h>

enum { SLOTS = 2048, KEYS_MAX = 8, WANTED_S = 60 };

struct zone {
	char *name; /* NULL: the slot is free */
	int64_t until_ms;
	struct verify_key keys[KEYS_MAX];
	size_t n; /* 0: they were wanted */
};
struct zones {
	bool used;            /* else none of its memory was ever touched, and most runs end so */
	struct zone v[SLOTS]; /* by the hash of the name; the newer one takes the place */
};

struct zones *zones_new(void)
{
	return mem_new(1, sizeof(struct zones));
}

static void zone_release(struct zone *z)
{
	while (z->n)
		verify_key_release(&z->keys[--z->n]);
	free(z->name);
	z->name = NULL;
}

void zones_free(struct zones *z)
{
	for (size_t i = 0; z && z->used && i < SLOTS; i++)
		zone_release(&z->v[i]);
	free(z);
}

static struct zone *slot(struct zones *z, const char *name)
{
	uint32_t h = 2166136261u;
	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return &z->v[(h ^ h >> 16) % SLOTS];
}

static struct zone *find(struct zones *z, const char *name)
{
	struct zone *at = slot(z, name);
	return at->name && strcmp(at->name, name) == 0 && at->until_ms > clock_mono_ms() ? at
											 : NULL;
}

static struct zone *take_slot(struct zones *z, const char *name, int64_t ttl_s)
{
	struct zone *at = slot(z, name);
	z->used = true;
	zone_release(at);
	at->name = str_dup(name);
	at->until_ms = clock_mono_ms() + ttl_s * 1000;
	return at;
}

static ldns_pkt *read_packet(struct span wire)
{
	ldns_pkt *p = NULL;
	return wire.len && ldns_wire2pkt(&p, (const uint8_t *)wire.ptr, wire.len) == LDNS_STATUS_OK
		   ? p
		   : NULL;
}

void zones_add(struct zones *z, const char *zone, struct span wire, uint32_t ttl)
{
	ldns_pkt *p = read_packet(wire);
	ldns_rdf *owner = p ? ldns_dname_new_frm_str(zone) : NULL;
	struct zone *at = owner ? take_slot(z, zone, ttl) : NULL;
	const ldns_rr_list *all = p ? ldns_pkt_answer(p) : NULL;
	for (size_t i = 0; at && i < ldns_rr_list_rr_count(all) && at->n < KEYS_MAX; i++) {
		const ldns_rr *rr = ldns_rr_list_rr(all, i);
		if (ldns_dname_compare(ldns_rr_owner(rr), owner) == 0 &&
		    verify_key_init(&at->keys[at->n], rr))
			at->n++;
	}
	ldns_rdf_deep_free(owner);
	ldns_pkt_free(p);
}

bool zones_cover(struct zones *z, const char *name)
{
	for (const char *dot; (dot = strchr(name, '.')); name = dot + 1) {
		const struct zone *at = find(z, name);
		if (at && at->n)
			return true;
	}
	return false;
}

bool zones_want(struct zones *z, const char *zone)
{
	if (!strchr(zone, '.') || find(z, zone))
		return false;
	take_slot(z, zone, WANTED_S);
	return true;
}

/* A signature over these records that may prove them: of a zone that they can be in, and not for a wildcard (RFC 4035 5.3.1, 5.3.4). */
static bool is_fit(const ldns_rr *sig, const ldns_rdf *owner, unsigned type)
{
	if (ldns_rr_get_type(sig) != LDNS_RR_TYPE_RRSIG || ldns_rr_rd_count(sig) < 9 ||
	    ldns_rr_get_class(sig) != LDNS_RR_CLASS_IN ||
	    ldns_dname_compare(ldns_rr_owner(sig), owner) != 0)
		return false;
	const ldns_rdf *signer = ldns_rr_rrsig_signame(sig);
	return (unsigned)ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(sig)) == type &&
	       ldns_rdf2native_int8(ldns_rr_rrsig_labels(sig)) == ldns_dname_label_count(owner) &&
	       (ldns_dname_compare(signer, owner) == 0 || ldns_dname_is_subdomain(owner, signer));
}

static bool is_by_a_known_key(struct zones *z, const ldns_rr_list *records, const ldns_rr *sig)
{
	char *name = dns_name_from_rdf(ldns_rr_rrsig_signame(sig));
	const struct zone *zone = name ? find(z, name) : NULL;
	bool good = false;
	for (size_t i = 0; zone && !good && i < zone->n; i++)
		good = verify_records(&zone->keys[i], records, sig, ldns_time(NULL));
	free(name);
	return good;
}

/* The records of this name and type: the list is the caller's, they are the packet's. */
static ldns_rr_list *list_records(const ldns_rr_list *all, const ldns_rdf *owner, unsigned type)
{
	ldns_rr_list *records = ldns_rr_list_new();
	ENSURE(records);
	for (size_t i = 0; i < ldns_rr_list_rr_count(all); i++) {
		ldns_rr *rr = ldns_rr_list_rr(all, i);
		if ((unsigned)ldns_rr_get_type(rr) == type &&
		    ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
		    ldns_dname_compare(ldns_rr_owner(rr), owner) == 0)
			ldns_rr_list_push_rr(records, rr);
	}
	return records;
}

static bool prove(struct zones *z, const ldns_rr_list *all, const ldns_rdf *owner, unsigned type)
{
	enum { SIGNATURES_MAX = 4 }; /* whoever adds many that fit nothing does not keep us busy */
	ldns_rr_list *records = list_records(all, owner, type);
	bool good = false;
	int tried = 0;
	for (size_t i = 0; !good && ldns_rr_list_rr_count(records) &&
			   i < ldns_rr_list_rr_count(all) && tried < SIGNATURES_MAX;
	     i++) {
		const ldns_rr *sig = ldns_rr_list_rr(all, i);
		if (!is_fit(sig, owner, type))
			continue;
		tried++;
		good = is_by_a_known_key(z, records, sig);
	}
	ldns_rr_list_free(records);
	return good;
}

bool zones_prove(struct zones *z, struct span wire, const char *name, unsigned type)
{
	ldns_pkt *p = read_packet(wire);
	ldns_rdf *owner = p ? ldns_dname_new_frm_str(name) : NULL;
	bool good = owner && ldns_pkt_get_rcode(p) == LDNS_RCODE_NOERROR &&
		    prove(z, ldns_pkt_answer(p), owner, type);
	ldns_rdf_deep_free(owner);
	ldns_pkt_free(p);
	return good;
}
