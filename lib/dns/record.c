#include "dns/record.h"

#include "base/alloc.h"
#include "dns/name.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool take_name(const ldns_rr *rr, size_t field, struct dns_record *out)
{
	const ldns_rdf *rdf = ldns_rr_rdf(rr, field);
	out->name =
	    rdf && ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_DNAME ? dns_name_from_rdf(rdf) : NULL;
	return out->name != NULL;
}

static void append(struct dns_record *out, const void *p, size_t len)
{
	out->data = mem_resize(out->data, out->len + len + 1, 1);
	if (len)
		memcpy(out->data + out->len, p, len);
	out->len += len;
	out->data[out->len] = '\0';
}

static bool take_bytes(const ldns_rr *rr, size_t field, struct dns_record *out)
{
	const ldns_rdf *rdf = ldns_rr_rdf(rr, field);
	if (!rdf)
		return false;
	append(out, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	return true;
}

/* Every field of a TXT record is a string with its length in front; people cut long texts anywhere (RFC 7208 3.3). */
static bool take_strings(const ldns_rr *rr, struct dns_record *out)
{
	append(out, "", 0);
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		if (ldns_rdf_size(rdf) > 1)
			append(out, ldns_rdf_data(rdf) + 1, ldns_rdf_size(rdf) - 1);
	}
	return true;
}

static bool take_tlsa(const ldns_rr *rr, struct dns_record *out)
{
	if (ldns_rr_rd_count(rr) < 4 || !take_bytes(rr, 3, out))
		return false;
	out->usage = ldns_rdf2native_int8(ldns_rr_rdf(rr, 0));
	out->selector = ldns_rdf2native_int8(ldns_rr_rdf(rr, 1));
	out->matching = ldns_rdf2native_int8(ldns_rr_rdf(rr, 2));
	return true;
}

static bool take_any(const ldns_rr *rr, struct dns_record *out)
{
	append(out, "", 0);
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
		take_bytes(rr, i, out);
	return true;
}

static bool take_mx(const ldns_rr *rr, struct dns_record *out)
{
	const ldns_rdf *preference = ldns_rr_rdf(rr, 0);
	if (!preference || ldns_rdf_size(preference) != 2 || !take_name(rr, 1, out))
		return false;
	out->preference = ldns_rdf2native_int16(preference);
	return true;
}

bool dns_record_from_rr(const ldns_rr *rr, struct dns_record *out)
{
	struct dns_record r = {0};
	bool good;
	switch ((int)ldns_rr_get_type(rr)) {
	case DNS_MX: good = take_mx(rr, &r); break;
	case DNS_CNAME:
	case DNS_NS:
	case DNS_PTR: good = take_name(rr, 0, &r); break;
	case DNS_A: good = take_bytes(rr, 0, &r) && r.len == 4; break;
	case DNS_AAAA: good = take_bytes(rr, 0, &r) && r.len == 16; break;
	case DNS_TXT: good = take_strings(rr, &r); break;
	case DNS_TLSA: good = take_tlsa(rr, &r); break;
	default: good = take_any(rr, &r); break;
	}
	if (good)
		*out = r;
	else
		dns_record_release(&r);
	return good;
}

bool dns_record_from_wire(unsigned type, const void *rdata, size_t len, struct dns_record *out)
{
	if (len > UINT16_MAX || type == 0 || type > UINT16_MAX)
		return false;
	/* ldns reads the rdata with its length in front */
	uint8_t *wire = mem_new(len + 2, 1);
	size_t pos = 0;
	ldns_write_uint16(wire, (uint16_t)len);
	if (len)
		memcpy(wire + 2, rdata, len);
	ldns_rr *rr = ldns_rr_new();
	ENSURE(rr);
	ldns_rr_set_type(rr, (ldns_rr_type)type);
	bool good = ldns_wire2rdf(rr, wire, len + 2, &pos) == LDNS_STATUS_OK && pos == len + 2 &&
		    dns_record_from_rr(rr, out);
	ldns_rr_free(rr);
	free(wire);
	return good;
}

void dns_record_copy(struct dns_record *to, const struct dns_record *from)
{
	*to = *from;
	if (from->name)
		to->name = str_dup(from->name);
	if (from->data)
		to->data = (unsigned char *)mem_dup(from->data, from->len);
}

void dns_record_release(struct dns_record *r)
{
	free(r->name);
	free(r->data);
	*r = (struct dns_record){0};
}

void dns_answer_add(struct dns_answer *a, struct dns_record *r)
{
	if (a->n == DNS_RECORDS_MAX) {
		a->cut = true;
		dns_record_release(r);
		return;
	}
	a->v = mem_resize(a->v, a->n + 1, sizeof(*a->v));
	a->v[a->n++] = *r;
	*r = (struct dns_record){0};
}

void dns_answer_release(struct dns_answer *a)
{
	for (size_t i = 0; i < a->n; i++)
		dns_record_release(&a->v[i]);
	free(a->v);
	free(a->canonical);
	*a = (struct dns_answer){0};
}

void dns_answer_fail(struct dns_answer *a, enum dns_status status, const char *fmt, ...)
{
	va_list ap;
	dns_answer_release(a);
	a->status = status;
	va_start(ap, fmt);
	vsnprintf(a->why, sizeof(a->why), fmt, ap);
	va_end(ap);
}
