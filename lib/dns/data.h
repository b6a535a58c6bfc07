/*
 * data.h - answers from a file of records as in zone files, so that nobody needs a DNS server to try things out.
 *
 *	$ORIGIN example.org.
 *	@       3600 IN MX 10 mx
 *	; security: secure
 *	mx      3600 IN A 192.0.2.1
 *
 * A comment line "; security: secure|insecure|bogus|fail" tells how the answers for the records behind it come out; before the first, insecure. Names that
 * are not there do not exist; names above existing ones do (RFC 8020), "*" stands for what is not there (RFC 4592), CNAMEs are followed.
 */
#ifndef SURAT_DNS_DATA_H
#define SURAT_DNS_DATA_H

#include "dns/dns.h"

struct dns_data;
/* At most 64 MiB. EX_NOINPUT, EX_DATAERR with "path:line: why". */
int dns_data_read(struct dns_data **out, const char *path, struct err *e);
int dns_data_parse(
    struct dns_data **out, const char *path_for_errors, struct span text, struct err *e);
void dns_data_free(struct dns_data *d);
/* checked false: as a resolver answers that nobody validates, bogus records too. */
void dns_data_ask(const struct dns_data *d, const char *name, unsigned type, bool checked,
    struct dns_answer *out);

#endif
