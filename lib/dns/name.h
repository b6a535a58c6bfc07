/*
 * name.h - dns/'s own: names in the one form the room uses, lower case and without a final dot.
 */
#ifndef SURAT_DNS_NAME_H
#define SURAT_DNS_NAME_H

#include "dns/dns.h"

#include <ldns/ldns.h>

/* malloc'ed; NULL when ldns cannot write it. */
char *dns_name_from_rdf(const ldns_rdf *rdf);
/* From text that ends in a dot or not; malloc'ed. */
char *dns_name_normal(struct span name);

#endif
