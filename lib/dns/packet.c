#include "dns/packet.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "dns/name.h"
#include "dns/record.h"

#include <stdlib.h>

/* of the fourth octet, and of OPT's flags */
enum { FLAG_CD = 0x10, FLAG_DO = 0x80 };
enum { HEADER = 12, CHAIN_MAX = 16, NEGATIVE_TTL_MAX = 300 };
enum { FLAG_QR = 0x80, FLAG_TC = 0x02, OPCODE = 0x78, FLAG_RD = 0x01 }; /* of the third octet */

static void put16(unsigned char *p, unsigned v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

static unsigned get16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

size_t packet_ask(unsigned char out[PACKET_QUESTION_MAX], unsigned id, const char *name,
    unsigned type, enum packet_how how)
{
	struct span rest = span_of(name), label;
	size_t n = HEADER;
	memset(out, 0, PACKET_QUESTION_MAX);
	put16(out, id);
	out[2] = FLAG_RD;
	out[5] = 1;
	for (bool more = strcmp(name, ".") != 0; more; n += 1 + label.len) {
		more = span_cut(&rest, '.', &label);
		out[n] = (unsigned char)label.len;
		memcpy(out + n + 1, label.ptr, label.len);
	}
	n++;
	put16(out + n, type);
	put16(out + n + 2, LDNS_RR_CLASS_IN);
	n += 4;
	if (how == PACKET_PLAIN)
		return n;
	/* RFC 6891 6.1.2: the root's name, OPT, the size we take, flags, no options */
	out[11] = 1;
	put16(out + n + 1, LDNS_RR_TYPE_OPT);
	put16(out + n + 3, PACKET_UDP_MAX);
	if (how == PACKET_SIGNED) {
		out[3] = FLAG_CD;
		out[n + 7] = FLAG_DO;
	}
	return n + 11;
}

struct reading {
	const unsigned char *wire;
	size_t len, pos;
	ldns_rr **v; /* of the answer section */
	size_t n;
};

static void reading_release(struct reading *r)
{
	for (size_t i = 0; i < r->n; i++)
		ldns_rr_free(r->v[i]);
	free(r->v);
}

static ldns_rr *next_rr(struct reading *r, ldns_pkt_section section)
{
	ldns_rr *rr = NULL;
	return ldns_wire2rr(&rr, r->wire, r->len, &r->pos, section) == LDNS_STATUS_OK ? rr : NULL;
}

/* RFC 5452 9.1: the question comes back as it was asked. *owner: its name. */
static bool is_our_question(struct reading *r, const char *name, unsigned type, ldns_rdf **owner)
{
	ldns_rr *rr = next_rr(r, LDNS_SECTION_QUESTION);
	ldns_rdf *wanted = ldns_dname_new_frm_str(name);
	bool ours = rr && wanted && (unsigned)ldns_rr_get_type(rr) == type &&
		    ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
		    ldns_dname_compare(ldns_rr_owner(rr), wanted) == 0;
	ldns_rr_free(rr);
	if (ours)
		*owner = wanted;
	else
		ldns_rdf_deep_free(wanted);
	return ours;
}

static bool read_answers(struct reading *r)
{
	size_t n = get16(r->wire + 6);
	/* a record has eleven octets at least: no more are promised than there is room for */
	if (n > (r->len - r->pos) / 11 + 1)
		return false;
	r->v = mem_new(n + 1, sizeof(ldns_rr *));
	while (r->n < n) {
		ldns_rr *rr = next_rr(r, LDNS_SECTION_ANSWER);
		if (!rr)
			return false;
		r->v[r->n++] = rr;
	}
	return true;
}

static const ldns_rr *find(const struct reading *r, const ldns_rdf *owner, unsigned type)
{
	for (size_t i = 0; i < r->n; i++)
		if ((unsigned)ldns_rr_get_type(r->v[i]) == type &&
		    ldns_rr_get_class(r->v[i]) == LDNS_RR_CLASS_IN &&
		    ldns_dname_compare(ldns_rr_owner(r->v[i]), owner) == 0)
			return r->v[i];
	return NULL;
}

static void lower_ttl(struct dns_answer *a, const ldns_rr *rr)
{
	if (ldns_rr_ttl(rr) < a->ttl)
		a->ttl = ldns_rr_ttl(rr);
}

static void take_records(
    const struct reading *r, const ldns_rdf *owner, unsigned type, struct dns_answer *a)
{
	for (size_t i = 0; i < r->n; i++) {
		struct dns_record record;
		if ((unsigned)ldns_rr_get_type(r->v[i]) != type ||
		    ldns_rr_get_class(r->v[i]) != LDNS_RR_CLASS_IN ||
		    ldns_dname_compare(ldns_rr_owner(r->v[i]), owner) != 0)
			continue;
		lower_ttl(a, r->v[i]);
		if (dns_record_from_rr(r->v[i], &record))
			dns_answer_add(a, &record);
	}
	if (!a->n)
		dns_answer_fail(a, DNS_FAILED, _("the records cannot be read"));
}

/* Is there an SOA (the name is known, the type is not there), or only NS (ask somebody else)? */
static bool has_authority(struct reading *r, unsigned wanted, uint32_t *ttl)
{
	bool found = false;
	for (unsigned n = get16(r->wire + 8); n && !found; n--) {
		ldns_rr *rr = next_rr(r, LDNS_SECTION_AUTHORITY);
		if (!rr)
			return false;
		found = (unsigned)ldns_rr_get_type(rr) == wanted;
		if (found && ttl)
			*ttl = ldns_rr_ttl(rr);
		ldns_rr_free(rr);
	}
	return found;
}

static enum packet_says fail(struct dns_answer *a, const char *why)
{
	dns_answer_fail(a, DNS_FAILED, "%s", why);
	return PACKET_FAILED;
}

/* There are no records. */
static enum packet_says read_nothing(
    struct reading *r, unsigned rcode, bool alias, struct dns_answer *a)
{
	size_t at = r->pos;
	a->ttl = 0;
	if (has_authority(r, DNS_SOA, &a->ttl) || rcode == LDNS_RCODE_NXDOMAIN) {
		if (a->ttl > NEGATIVE_TTL_MAX)
			a->ttl = NEGATIVE_TTL_MAX;
		a->status = rcode == LDNS_RCODE_NXDOMAIN ? DNS_NO_NAME : DNS_NO_DATA;
		return PACKET_ANSWER;
	}
	if (alias)
		return PACKET_ALIAS;
	r->pos = at;
	if (has_authority(r, DNS_NS, NULL))
		return fail(a, _("it names other servers, and asks none (no resolver)"));
	a->status = DNS_NO_DATA;
	return PACKET_ANSWER;
}

/* From the question's name along the CNAMEs. */
static enum packet_says follow(
    struct reading *r, unsigned rcode, ldns_rdf *owner, unsigned type, struct dns_answer *a)
{
	const ldns_rr *link;
	const ldns_rdf *at = owner;
	enum packet_says says = PACKET_ANSWER;
	int links = 0;
	a->ttl = UINT32_MAX;
	while (!find(r, at, type) && links <= CHAIN_MAX && (link = find(r, at, DNS_CNAME)) &&
	       ldns_rr_rdf(link, 0)) {
		lower_ttl(a, link);
		at = ldns_rr_rdf(link, 0);
		links++;
	}
	a->canonical = dns_name_from_rdf(at);
	if (links > CHAIN_MAX)
		says = fail(a, _("a chain of CNAMEs that does not end"));
	else if (find(r, at, type))
		take_records(r, at, type, a);
	else
		says = read_nothing(r, rcode, links > 0, a);
	return says;
}

static enum packet_says read_rcode(unsigned rcode, struct dns_answer *a)
{
	char *word;
	if (rcode == LDNS_RCODE_FORMERR || rcode == LDNS_RCODE_NOTIMPL)
		return PACKET_NO_EDNS;
	word = ldns_pkt_rcode2str((ldns_pkt_rcode)rcode);
	fail(a, word ? word : "?");
	free(word);
	return PACKET_FAILED;
}

enum packet_says packet_read(
    struct span wire, unsigned id, const char *name, unsigned type, struct dns_answer *out)
{
	struct reading r = {
	    .wire = (const unsigned char *)wire.ptr, .len = wire.len, .pos = HEADER};
	ldns_rdf *owner = NULL;
	enum packet_says says;
	if (wire.len < HEADER || get16(r.wire) != id || (r.wire[2] & (FLAG_QR | OPCODE)) != FLAG_QR)
		return PACKET_FOREIGN;
	unsigned rcode = r.wire[3] & 15;
	/* some that know no EDNS send the header back and nothing else */
	if (get16(r.wire + 4) == 0 && rcode != LDNS_RCODE_NOERROR)
		return read_rcode(rcode, out);
	if (get16(r.wire + 4) != 1 || !is_our_question(&r, name, type, &owner))
		return PACKET_FOREIGN;
	if (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN)
		says = read_rcode(rcode, out);
	else if (r.wire[2] & FLAG_TC)
		says = PACKET_TRUNCATED;
	else if (!read_answers(&r))
		says = fail(out, _("an answer that cannot be read"));
	else
		says = follow(&r, rcode, owner, type, out);
	reading_release(&r);
	ldns_rdf_deep_free(owner);
	return says;
}
