/*
 * dns.h - questions to the DNS and what came back, each answer with its security.
 *
 * Many questions are under way at once, and answers come as they come:
 *
 *	struct dns_options o = {.dnssec = DNS_DNSSEC_AUTO};
 *	struct dns *d;
 *	if (dns_open(&d, &o, e) < 0) ...
 *	dns_batch_add(d, "example.org", DNS_MX, deadline_ms, owner);
 *	dns_batch_add(d, "example.org", DNS_AAAA, deadline_ms, owner);
 *	while ((r = dns_batch_wait(d, NULL, &q, e)) == DNS_ANSWERED) {
 *		... q->owner, q->answer ...
 *		dns_question_free(q);
 *	}
 *	dns_free(d);
 *
 * Answers come from resolvers, through libunbound, which forwards to them (it never walks down from the real root), caches within the
 * run and validates DNSSEC here, from the root's key: a resolver is a carrier, not an authority. Where nothing can be validated, or shall be,
 * stub.h asks the same resolvers without it. Or answers come from a file (data.h).
 *
 * Limits: 100 questions are outstanding at a resolver, the others wait in line; 256 records an answer; CNAME chains of 16.
 * Names are lower case A-labels without a final dot, the root is "."; octets that no host name has stay escaped as in zone files,
 * so a name from an answer is text without control characters, yet still foreign data: dns_is_host_name() tells whether it may be used.
 */
#ifndef SURAT_DNS_DNS_H
#define SURAT_DNS_DNS_H

#include "base/err.h"
#include "base/strv.h"

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_DS = 43,
	DNS_DNSKEY = 48,
	DNS_TLSA = 52,
};

/* What an answer says. Only the first has records. */
enum dns_status {
	DNS_OK,
	DNS_NO_DATA, /* the name exists, it has no records of the type */
	DNS_NO_NAME, /* NXDOMAIN */
	DNS_FAILED,  /* for now: no answer, SERVFAIL, a CNAME loop */
	DNS_BOGUS,   /* DNSSEC says it is forged, expired or broken */
};
/* How far the first three can be believed. */
enum dns_security {
	DNS_UNCHECKED, /* nobody validated: --dnssec=off, or the resolver strips signatures */
	DNS_INSECURE,  /* proven to be in a zone without signatures */
	DNS_SECURE,    /* validated here, every CNAME on the way too */
};

struct dns_record {
	uint16_t preference;                     /* MX */
	unsigned char usage, selector, matching; /* TLSA */
	char *name;                              /* MX, CNAME, NS, PTR */
	unsigned char
	    *data; /* A 4, AAAA 16, TLSA's data, TXT's strings joined, others: the rdata */
	size_t len;
};
enum { DNS_RECORDS_MAX = 256 };
struct dns_answer {
	enum dns_status status;
	enum dns_security security;
	char *canonical; /* where CNAMEs led; the name itself without any; NULL when not known */
	struct dns_record *v;
	size_t n;
	bool cut; /* there were more than DNS_RECORDS_MAX */
	uint32_t ttl;
	int64_t signed_until_s; /* DNSKEY: when the first of its signatures ends; 0: not known */
	unsigned algorithm;     /* and how they are made */
	char why[256];          /* BOGUS, FAILED: the reason in one line, foreign text */
};

struct dns_question {
	char *name;
	unsigned type; /* enum dns_type, or any other number */
	void *owner;   /* the caller's */
	int64_t deadline_ms;
	struct dns_answer answer;
	/* dns/'s own: */
	struct dns *dns;
	struct dns_question *next;
	struct dns_engine *engine; /* with libunbound, and its number there */
	int id;
	struct dns_pending *pending; /* or without; others wait for the same */
	struct dns_question *mate;
	unsigned links;    /* of a chain of CNAMEs, so far */
	struct span wire;  /* the packet, while its answer is handed on */
	bool quick, slow;  /* zones.h shall decide; it could not */
	bool wants_signer; /* libunbound shall say whose signature it was: */
	char *signer;
};

enum dns_dnssec { DNS_DNSSEC_AUTO, DNS_DNSSEC_REQUIRED, DNS_DNSSEC_OFF };
struct dns_options {
	const struct strv *
	    resolvers; /* "192.0.2.53", "2001:db8::53", "127.0.0.1@5353"; NULL or empty: those of /etc/resolv.conf */
	const char *
	    trust_anchor; /* a file of DS and DNSKEY records; NULL: the system's root key, else the one known here */
	const char *data_file; /* answers come from here, and no packet is sent */
	enum dns_dnssec dnssec;
};

struct dns;
/* EX_USAGE: a resolver that is no address; EX_CONFIG: no usable trust anchor; EX_NOINPUT, EX_DATAERR: the data file. */
int dns_open(struct dns **out, const struct dns_options *o, struct err *e);
/* Questions that are still under way are forgotten and freed. NULL is fine. */
void dns_free(struct dns *d);

/* Asks. name must be a name that dns_is_name() accepts, else the answer is DNS_NO_NAME. deadline_ms as of clock_mono_ms(): then the
 * answer is DNS_FAILED. Belongs to d until dns_batch_wait hands it out. */
void dns_batch_add(
    struct dns *d, const char *name, unsigned type, int64_t deadline_ms, void *owner);
/* A question that will probably follow: asked now, its answer is in the cache when it is wanted. Only at the beginning of a run, where a
 * person waits for one name; among many there is always enough to do meanwhile. */
void dns_batch_expect(struct dns *d, const char *name, unsigned type, int64_t deadline_ms);
/* What else ends the wait: descriptors that can be read, and a time of clock_mono_ms() (0: none). */
enum { DNS_WATCH_MAX = 64 };
struct dns_watch {
	int fds[DNS_WATCH_MAX];
	size_t n;
	int64_t until_ms;
};
/* Waits for the next answer, in whatever order they come. DNS_WATCHED: one of `watch` (NULL: nothing) came first; DNS_IDLE: nothing is
 * under way and nothing is watched; -1: a signal asked us to stop, or the resolver library failed. *q is the caller's to free. */
enum { DNS_IDLE, DNS_ANSWERED, DNS_WATCHED };
int dns_batch_wait(
    struct dns *d, const struct dns_watch *watch, struct dns_question **q, struct err *e);
void dns_question_free(struct dns_question *q);
/* One question, waited for; nothing else may be under way. 0 or -1 as above. */
int dns_ask(struct dns *d, const char *name, unsigned type, int64_t deadline_ms,
    struct dns_answer *out, struct err *e);
void dns_answer_release(struct dns_answer *a);

/* Once it is known: why nothing can be validated in this run ("resolver 192.0.2.53 strips ..."). NULL: all is well so far. */
const char *dns_notice(const struct dns *d);

/* Labels of 1 to 63 octets, at most 253 in all: it can be asked for. */
bool dns_is_name(struct span name);
/* Letters, digits, hyphens inside, and underscores; the last label not all digits: it may name a mail server. */
bool dns_is_host_name(struct span name);

#endif
