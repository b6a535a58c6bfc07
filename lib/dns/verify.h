/*
 * verify.h - dns/'s own: one signature over records, by one key (RFC 4034, RFC 4035 5.3).
 */
#ifndef SURAT_DNS_VERIFY_H
#define SURAT_DNS_VERIFY_H

#include <ldns/ldns.h>
#include <openssl/evp.h>
#include <stdbool.h>

/* A DNSKEY made ready, so that it is not read anew for each signature. */
struct verify_key {
	unsigned algorithm, tag;
	EVP_PKEY *pkey;
};
/* False: not a zone's key, revoked, or of a kind that is left to libunbound (all but ECDSA with P-256, RSA with SHA-256, Ed25519). */
bool verify_key_init(struct verify_key *k, const ldns_rr *dnskey);
void verify_key_release(struct verify_key *k);
/* records: of one name and type. sig: an RRSIG record. now_s counts, and who signs and what is signed is the caller's to compare. */
bool verify_records(
    const struct verify_key *k, const ldns_rr_list *records, const ldns_rr *sig, int64_t now_s);

#endif
