/*
 * record.h - dns/'s own: from ldns's records and from the wire to struct dns_record.
 */
#ifndef SURAT_DNS_RECORD_H
#define SURAT_DNS_RECORD_H

#include "dns/dns.h"

#include <ldns/ldns.h>

/* False when the record is not whole: nothing to release then. */
bool dns_record_from_rr(const ldns_rr *rr, struct dns_record *out);
bool dns_record_from_wire(unsigned type, const void *rdata, size_t len, struct dns_record *out);
void dns_record_copy(struct dns_record *to, const struct dns_record *from);
void dns_record_release(struct dns_record *r);
/* Takes the record over; past DNS_RECORDS_MAX it is released and a->cut set. */
void dns_answer_add(struct dns_answer *a, struct dns_record *r);
/* Status and reason; records are dropped. */
void dns_answer_fail(struct dns_answer *a, enum dns_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
