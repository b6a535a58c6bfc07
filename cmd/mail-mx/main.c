/*
 * mail-mx - where a domain's mail goes, and what a sender would do about it.
 */
#include "account/account.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/confine.h"
#include "mx.h"

#include <stdlib.h>

enum tls {
	TLS_AUTO,
	TLS_NONE,
	TLS_MAY,
	TLS_ENCRYPT,
	TLS_FINGERPRINT,
	TLS_VERIFY,
	TLS_DANE,
	TLS_DANE_ONLY
};
static const char *const tls_words[] = {
    "auto", "none", "may", "encrypt", "fingerprint", "verify", "dane", "dane-only", NULL};

static const struct cli_option options[] = {
    CLI_FLAG('s', "short", struct mx_options, brief, N_("only preference and host")),
    CLI_FLAG(0, "explain", struct mx_options, explain,
	N_("each step, with the clause of the RFC that asks for it")),
    {0, "probe", NULL, CLI_KIND_FLAG, offsetof(struct mx_options, probe),
	N_("talk to every address of every server, and tell what it shows to whom"),
	CLI_COMMAND_LINE},
    {0, "expires-within", N_("DAYS"), CLI_KIND_NUMBER, offsetof(struct mx_options, expires_days),
	N_("probe, and tell only of certificates that end so soon; 1 if there are any"),
	CLI_COMMAND_LINE, 1, 36500},
    {0, "policy", NULL, CLI_KIND_FLAG, offsetof(struct mx_options, policy),
	N_("what is published beside: SPF, DMARC, MTA-STS, TLSRPT, BIMI, DNSSEC"),
	CLI_COMMAND_LINE},
    {0, "dkim-selector", N_("NAME"), CLI_KIND_LIST, offsetof(struct mx_options, selectors),
	N_("and the DKIM key of this selector (repeatable)"), CLI_COMMAND_LINE},
    {0, "lint", NULL, CLI_KIND_FLAG, offsetof(struct mx_options, lint),
	N_("only what is wrong with it, and what to publish instead; 65 if anything is an error"),
	CLI_COMMAND_LINE},
    CLI_FLAG(0, "plan", struct mx_options, plan,
	N_("a line of JSON for each domain, as mail-send takes it")),
    CLI_NUMBER(
	'j', "jobs", "N", struct mx_options, jobs, 1, 1000, N_("domains looked up at once: 200")),
    CLI_FLAG(0, "unordered", struct mx_options, unordered,
	N_("results as they come, not in the order of the names")),
    CLI_CHOICE(0, "tls", N_("LEVEL"), struct mx_options, tls, tls_words,
	N_("what the sender demands; DANE is looked up for auto, dane, dane-only, MTA-STS for "
	   "auto")),
    {0, "require-tls", NULL, CLI_KIND_FLAG, offsetof(struct mx_options, require_tls),
	N_("for a letter with REQUIRETLS: only servers that may have it (RFC 8689)"),
	CLI_COMMAND_LINE},
    {0, "self", N_("NAME"), CLI_KIND_LIST, offsetof(struct mx_options, self),
	N_("a name of the sending host, if it may be among the MX (repeatable)"), CLI_COMMAND_LINE},
};

#define CHECK(name, value, field, help)                                                            \
	{                                                                                          \
		0, name, value, CLI_KIND_LIST, offsetof(struct mx_options, field), help,           \
		    CLI_COMMAND_LINE                                                               \
	}
static const struct cli_option checks[] = {
    CHECK("check-spf", "TXT", check_spf, N_("an SPF record (RFC 7208)")),
    CHECK("check-dkim", "TXT", check_dkim, N_("a DKIM key record (RFC 6376, 8463)")),
    CHECK("check-dmarc", "TXT", check_dmarc, N_("a DMARC record (RFC 9989)")),
    CHECK("check-sts-record", "TXT", check_sts_record, N_("an MTA-STS record (RFC 8461)")),
    CHECK("check-sts-policy", N_("FILE"), check_sts_policy, N_("an MTA-STS policy")),
};

static int check_options(const struct mx_options *o, struct err *e)
{
	if (o->brief + o->explain + o->plan + o->common.json > 1 && !(o->explain && o->common.json))
		return err_set(
		    e, EX_USAGE, _("--short, --explain, --plan and --json exclude each other"));
	if ((o->probe || o->policy || o->lint) && (o->brief || o->plan))
		return err_set(e, EX_USAGE,
		    _("--probe, --policy and --lint go with neither --short nor --plan"));
	if (o->require_tls && o->brief)
		return err_set(e, EX_USAGE, _("--require-tls needs more than --short looks up"));
	if (o->network.only4 && o->network.only6)
		return err_set(e, EX_USAGE, _("-4 and -6 exclude each other"));
	return 0;
}

/* MTA-STS takes part where nothing stronger or weaker was asked for. Without a home there is no cache, and policies are fetched each time. */
static const struct route_web *web_settings(struct mx *m)
{
	const struct mx_options *o = m->o;
	if (o->tls != TLS_AUTO || o->brief)
		return NULL;
	account_cache_path("mta-sts.db", &m->cache, NULL);
	m->web = (struct route_web){.cache = m->cache,
	    .ca_file = o->network.ca_file,
	    .port = (unsigned)o->network.https_port,
	    .connects = &o->network.connects};
	return &m->web;
}

static void route_settings(struct mx *m)
{
	const struct mx_options *o = m->o;
	m->route = (struct route_options){
	    .port = (unsigned)o->network.smtp_port,
	    .timeout_ms = o->network.timeout_s * 1000,
	    .only4 = o->network.only4,
	    .only6 = o->network.only6,
	    .no_dane = o->tls != TLS_AUTO && o->tls != TLS_DANE && o->tls != TLS_DANE_ONLY,
	    .dane_only = o->tls == TLS_DANE_ONLY,
	    .require_dnssec = o->network.dnssec == CLI_DNSSEC_REQUIRED,
	    .require_tls = o->require_tls,
	    .mx_only = o->brief,
	    .explain = o->explain,
	    .web = web_settings(m),
	    .self = &o->self,
	};
}

static int open_dns(const struct mx_options *o, struct dns **out, struct err *e)
{
	static const enum dns_dnssec modes[] = {[CLI_DNSSEC_AUTO] = DNS_DNSSEC_AUTO,
	    [CLI_DNSSEC_REQUIRED] = DNS_DNSSEC_REQUIRED,
	    [CLI_DNSSEC_OFF] = DNS_DNSSEC_OFF};
	struct dns_options d = {
	    .resolvers = &o->network.resolvers,
	    .trust_anchor = o->network.trust_anchor,
	    .data_file = o->network.dns_data,
	    .dnssec = modes[o->network.dnssec],
	};
	return dns_open(out, &d, e);
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct mx_options *o = opts;
	struct account account;
	struct mx m = {.o = o};
	o->probe = o->probe || o->expires_days;
	o->policy = o->policy || (o->selectors.n && !o->lint);
	if (account_load(&account, o->program, o, &o->common, NULL, e) < 0)
		return -1;
	account_release(&account);
	confine(CONFINE_FILES | CONFINE_NETWORK | CONFINE_SPAWN);
	if (mx_has_checks(o))
		return args->operands.n
			   ? err_set(e, EX_USAGE,
				 _("--check-... looks nothing up: no domains beside it"))
			   : mx_check(o);
	if (check_options(o, e) < 0 || open_dns(o, &m.dns, e) < 0)
		return -1;
	route_settings(&m);
	m.policy = (struct policy_options){.selectors = &o->selectors, .now_s = clock_real_s()};
	if (o->network.deadline_s)
		m.deadline_ms = clock_mono_ms() + o->network.deadline_s * 1000;
	m.batch = route_batch_new(m.dns, &m.route);
	int code = mx_work(&m, &args->operands, e);
	route_batch_free(m.batch);
	dns_free(m.dns);
	free(m.cache);
	return code;
}

int main(int argc, char **argv)
{
	struct mx_options o = {.jobs = 200};
	struct cli_group groups[] = {
	    {.options = options, .count = ARRAY_LEN(options)},
	    {.heading = N_("Only read, and said if it is wrong"),
		.options = checks,
		.count = ARRAY_LEN(checks)},
	    cli_lookup_group(offsetof(struct mx_options, network)),
	};
	struct cli_program program = {
	    .name = "mail-mx",
	    .synopsis = N_("[options] domain|address|[host]:port ... | -"),
	    .summary = N_(
		"Says where mail for a domain goes. \"-\": names from standard input, one a line."),
	    .groups = groups,
	    .group_count = ARRAY_LEN(groups),
	    .common_offset = offsetof(struct mx_options, common),
	};
	o.program = &program;
	cli_network_init(&o.network);
	return cli_main(&program, argc, argv, &o, run);
}
