/*
 * plan.h - where a domain's mail goes: a plan is a plain struct. What makes one is route/route.h.
 *
 * Hosts stand in the order to try (RFC 5321 section 5.1: preference groups, each shuffled). A host whose error has a code cannot be tried
 * now; a plan whose error has a code has no host that can.
 *
 * route_plan_json() and route_plan_read() are the two ends of the pipe between mail-mx --plan and mail-send.
 */
#ifndef SURAT_ROUTE_PLAN_H
#define SURAT_ROUTE_PLAN_H

#include "base/err.h"
#include "base/strv.h"
#include "net/addr.h"
#include "route/sts.h"

#include <jansson.h>

enum route_security { ROUTE_UNCHECKED, ROUTE_INSECURE, ROUTE_SECURE };
enum route_tls {
	ROUTE_TLS_MAY,     /* as the server offers it, any certificate */
	ROUTE_TLS_ENCRYPT, /* TLSA records, none of them usable: TLS, any certificate (RFC 7672 2.2) */
	ROUTE_TLS_VERIFY, /* an enforced MTA-STS policy, or REQUIRETLS: a certificate for the host from an authority */
	ROUTE_TLS_DANE, /* the pins decide */
};
enum route_match { ROUTE_STS_NONE, ROUTE_STS_MATCH, ROUTE_STS_MISMATCH };
enum route_kind {
	ROUTE_MX,
	ROUTE_IMPLICIT, /* no MX records: the domain itself (RFC 5321 5.1) */
	ROUTE_HOST,     /* [host]: no MX was asked for */
	ROUTE_LITERAL,  /* [192.0.2.1], [IPv6:2001:db8::1] */
};

struct route_pin { /* a TLSA record that can be used */
	unsigned char usage, selector, matching;
	unsigned char *data;
	size_t len;
};
struct route_step { /* what was found, and the clause that says what follows */
	char *text, *clause;
};
struct route_steps {
	struct route_step *v;
	size_t n;
};
struct route_sts {  /* the domain's MTA-STS policy */
	bool found; /* there is one, and what follows is set */
	bool cached;
	enum sts_mode mode;
	char *id;
	struct strv mx; /* patterns */
	int64_t max_age_s, expires_s;
	char *problem; /* why there is none, or no newer one; NULL: all is well */
};
struct route_host {
	unsigned preference; /* 0 where there was no MX */
	char *name;
	char *canonical; /* where CNAMEs led, NULL: nowhere else */
	struct net_addrs addresses;
	enum route_security security; /* of the addresses */
	enum route_tls tls;
	char *tlsa_base; /* pins were found at _25._tcp.{this}; NULL without */
	struct route_pin *pins;
	size_t pin_count, unusable_pins;
	struct strv names;    /* acceptable in a certificate, the one for SNI first */
	enum route_match sts; /* does the policy name it? NONE: no policy, or its mode is none */
	bool sts_enforced;    /* MTA-STS made it ROUTE_TLS_VERIFY; not part of the JSON */
	struct err error;     /* code 0: it can be tried */
	struct route_steps steps;
};
struct route_plan {
	char *input;     /* as asked */
	char *domain;    /* as A-labels, "[192.0.2.1]", "[IPv6:...]" */
	char *canonical; /* where the domain's CNAMEs led, NULL: nowhere else */
	enum route_kind kind;
	enum route_security security; /* of the MX answer */
	unsigned port;                /* 0: none was named, [host]:port */
	bool require_tls;             /* each server must offer REQUIRETLS, too */
	void *owner;                  /* the caller's */
	struct route_sts sts;
	struct route_host *hosts;
	size_t host_count;
	struct strv notices; /* oddities a person should know of */
	struct err error;    /* code 0: mail can be sent */
	struct route_steps steps;
};
void route_plan_free(struct route_plan *p);

/* The object of mail-mx --plan. */
json_t *route_plan_json(const struct route_plan *p);
/* Reads it back (from another process, so everything is checked). A plan that says why there is none is a plan too: look at its
 * error. port is that of the addresses where the plan names none. EX_PROTOCOL. */
int route_plan_read(struct route_plan **out, struct span line, unsigned port, struct err *e);

const char *route_security_word(enum route_security s);
const char *route_tls_word(enum route_tls t);
/* "none", "testing", "enforce"; "-" without a policy */
const char *route_sts_word(const struct route_sts *s);

#endif
