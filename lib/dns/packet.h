/*
 * packet.h - dns/'s own: a question as octets, and the octets of an answer as what they say to it.
 *
 * Only for answers that nobody validates: libunbound reads its own (engine.h).
 */
#ifndef SURAT_DNS_PACKET_H
#define SURAT_DNS_PACKET_H

#include "dns/dns.h"

enum {
	PACKET_QUESTION_MAX = 512,
	PACKET_UDP_MAX = 1232, /* what we take over UDP: it fits any path without fragments */
	PACKET_MAX = 65535
};
/* How it is asked: PACKET_SIGNED wants signatures, and data that the resolver calls bogus too (DO, CD). */
enum packet_how { PACKET_PLAIN, PACKET_EDNS, PACKET_SIGNED };
/* name: one that dns_is_name() takes, or ".". Returns how many octets. */
size_t packet_ask(unsigned char out[PACKET_QUESTION_MAX], unsigned id, const char *name,
    unsigned type, enum packet_how how);

enum packet_says {
	PACKET_FOREIGN,   /* no answer to this question: passed over, as if it had not come */
	PACKET_TRUNCATED, /* ask again over TCP */
	PACKET_NO_EDNS,   /* ask again without EDNS */
	PACKET_FAILED,    /* this server does not know: out->why */
	PACKET_ALIAS,     /* a CNAME leads to out->canonical, and what is there is not told */
	PACKET_ANSWER,    /* out is filled, but for its security */
};
/* What a packet says to the question that was asked with this id. out is released by the caller in all cases. */
enum packet_says packet_read(
    struct span wire, unsigned id, const char *name, unsigned type, struct dns_answer *out);

#endif
