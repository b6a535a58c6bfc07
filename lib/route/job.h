/*
 * job.h - route/'s own: a plan in the making.
 *
 * operand.c reads what is asked, mx.c turns the MX answer into hosts, host.c finds each host's addresses, dane.c its pins, sts_job.c the domain's
 * MTA-STS policy (helper.c fetches it), require.c what REQUIRETLS adds, route.c asks and waits.
 */
#ifndef SURAT_ROUTE_JOB_H
#define SURAT_ROUTE_JOB_H

#include "route/helper.h"
#include "route/route.h"

struct route_batch {
	struct dns *dns;
	const struct route_options *o;
	struct job *jobs;  /* all of them */
	struct job *ready; /* of these one that needed no question */
	size_t count;
	struct ask *asks;      /* those beside the plans */
	struct helper *helper; /* where MTA-STS is asked for */
};

enum ask_kind { ASK_MX, ASK_A, ASK_AAAA, ASK_ALIAS, ASK_TLSA, ASK_STS, ASK_STS_ADDRESS };

struct ask {
	struct job *job; /* NULL: asked beside, for owner */
	void *owner;
	enum ask_kind kind;
	size_t host;
	struct ask *next, **link;
};
struct job_host {                  /* what a host still waits for, and has */
	unsigned waiting;          /* address questions under way */
	struct dns_answer a, aaaa; /* empty where not asked */
	char *bases[2];            /* TLSA base domains left to try */
	size_t base_count;
};
struct job_sts {
	char *id;              /* of the record */
	struct strv addresses; /* of the web server */
	unsigned waiting;      /* questions for them under way */
};
struct job {
	struct route_batch *batch;
	struct dns *dns;
	struct route_plan *plan;
	const struct route_options *o;
	int64_t deadline_ms;
	size_t waiting; /* questions under way, those to the helper too */
	struct job_sts sts;
	struct job_host *hosts; /* as many as the plan's */
	struct ask *asks;       /* all questions, each the owner of one in dns/ */
	struct job *next, **link;
};

/* Asks for the job; host is an index into its hosts. */
void job_ask(struct job *j, enum ask_kind kind, size_t host, const char *name, unsigned type);
void job_step(const struct job *j, struct route_steps *steps, const char *clause, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));
/* An answer of the DNS as a reason why not: 76 bogus, 75 failed, 68 no such name or no records. */
void job_answer_error(struct err *e, const struct dns_answer *a, const char *what);
struct route_host *job_add_host(struct job *j, const char *name, unsigned preference);
enum route_security job_security(const struct dns_answer *a);

/* Fills in domain, kind, port; literals get their host with its address. -1: the plan's error says why. */
int operand_parse(struct job *j, struct span what);
/* The domain's MX answer came. */
void mx_answered(struct job *j, struct dns_answer *a);
/* Asks for the addresses of every host that may be tried. */
void host_ask_all(struct job *j);
void host_answered(struct job *j, size_t host, enum ask_kind kind, struct dns_answer *a);
/* The host's addresses are being asked for, and TLSA records may be wanted next. */
void dane_expect(const struct job *j, const char *host);
/* The addresses are there: asks for TLSA records where RFC 7672 says so. */
void dane_start(struct job *j, size_t host);
void dane_alias_answered(struct job *j, size_t host, const struct dns_answer *a);
void dane_answered(struct job *j, size_t host, const char *name, const struct dns_answer *a);

/* The record at _mta-sts is asked for, beside the MX. */
void sts_job_start(struct job *j);
void sts_job_record_answered(struct job *j, const struct dns_answer *a);
void sts_job_address_answered(struct job *j, const struct dns_answer *a);
/* o NULL: the helper failed. */
void sts_job_answered(struct job *j, const json_t *o, const struct err *failed);
/* Everything is known: what each host must be like now. */
void sts_job_apply(struct job *j);
void sts_job_release(struct job *j);
/* After that: what a letter with REQUIRETLS asks for beside it. */
void require_apply(struct job *j);

#endif
