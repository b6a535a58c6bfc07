/*
 * mail-verify - who really sent a message, and how that is known: SPF, DKIM, DMARC, ARC, S/MIME, OpenPGP.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/confine.h"
#include "net/addr.h"
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DNS_TIMEOUT_S = 20 /* RFC 7208 4.6.4 asks for at least so long */ };

/* What is looked at, and in whose name, is a matter of each call: an account's "dkim" and "helo" are for sending. */
#define FLAG(name, field, help)                                                                    \
	{                                                                                          \
		0, name, NULL, CLI_KIND_FLAG, offsetof(struct verify_options, field), help,        \
		    CLI_COMMAND_LINE                                                               \
	}
#define WORD(letter, name, value, field, help)                                                     \
	{                                                                                          \
		letter, name, value, CLI_KIND_STRING, offsetof(struct verify_options, field),      \
		    help, CLI_COMMAND_LINE                                                         \
	}
static const struct cli_option checks[] = {
    FLAG("all", all, N_("everything; also where nothing is named")),
    FLAG("spf", spf, N_("may the client send for the sender? (RFC 7208)")),
    FLAG("spf-only", spf_only, N_("the same, and no message is read")),
    FLAG("dkim", dkim, N_("DKIM signatures (RFC 6376, 8463)")),
    FLAG("dmarc", dmarc, N_("does what was proved belong to From? (RFC 9989)")),
    FLAG("arc", arc, N_("the chain of those who handed it on (RFC 8617)")),
    WORD(0, "client-ip", "ADDR", client_ip, N_("the client that sent it")),
    WORD(0, "helo", N_("NAME"), helo, N_("what that client called itself")),
    WORD('f', "sender", N_("ADDRESS"), sender, N_("the sender of the envelope; \"\" for nobody")),
    CLI_NUMBER(0, "dkim-min-bits", "N", struct verify_options, dkim_min_bits, 512, 16384,
	N_("the shortest RSA key that proves anything: 1024")),
    CLI_FLAG(0, "dkim-allow-sha1", struct verify_options, dkim_allow_sha1,
	N_("take SHA-1 for good, against RFC 8301")),
};
static const struct cli_option output[] = {
    CLI_FLAG(0, "explain", struct verify_options, explain,
	N_("every step, with the record that decided")),
    FLAG("add-header", add_header,
	N_("pass the message on, with Authentication-Results; forged ones of our name go")),
    CLI_STRING(0, "authserv-id", N_("NAME"), struct verify_options, authserv_id,
	N_("our name in Authentication-Results: this machine's")),
    CLI_FLAG(0, "mbox", struct verify_options, mbox, N_("the input is an mbox of many messages")),
    CLI_SPAN(0, "timeout", N_("SECONDS"), struct verify_options, network.timeout_s,
	N_("for all questions of a message: 20")),
    CLI_SPAN(0, "deadline", N_("SECONDS"), struct verify_options, network.deadline_s,
	N_("for all questions of the run")),
};

static int check_client(const struct verify_options *o, struct err *e)
{
	struct net_addr ip;
	if (o->client_ip && !net_addr_parse(span_of(o->client_ip), 0, &ip))
		return err_set(e, EX_USAGE, _("--client-ip: \"%s\" is no address"), o->client_ip);
	if ((o->spf || o->spf_only) && !o->client_ip)
		return err_set(e, EX_USAGE, _("SPF judges a client: --client-ip ADDR"));
	if (o->client_ip && !o->helo && !(o->sender && *o->sender))
		return err_set(e, EX_USAGE,
		    _("--client-ip goes with -f ADDRESS or --helo NAME: for whom did it send?"));
	return 0;
}

static int check_options(struct verify_options *o, const struct cli_args *args, struct err *e)
{
	if (o->add_header && (o->common.json || o->explain))
		return err_set(e, EX_USAGE,
		    _("with --add-header standard output is the message: no --json, no --explain"));
	if (o->add_header && args->operands.n > 1 && !o->mbox)
		return err_set(
		    e, EX_USAGE, _("--add-header passes one message on, or with --mbox many"));
	if (o->spf_only && (args->operands.n || o->mbox || o->add_header))
		return err_set(e, EX_USAGE, _("--spf-only reads no message"));
	if (o->secure.decrypt && (o->mbox || args->operands.n > 1))
		return err_set(e, EX_USAGE, _("--decrypt takes one message"));
	if (o->secure.decrypt && o->add_header)
		return err_set(e, EX_USAGE, _("--decrypt and --add-header exclude each other"));
	/* a --scan that the configuration has says how, not only that; --scan off takes something away */
	if (!o->spf && !o->spf_only && !o->dkim && !o->dmarc && !o->arc &&
	    !secure_named(&o->secure) && !(strv_has(&o->common.given, "scan") && verify_scans(o)))
		o->all = true;
	return check_client(o, e);
}

static int open_dns(struct verify *v, struct err *e)
{
	static const enum dns_dnssec modes[] = {[CLI_DNSSEC_AUTO] = DNS_DNSSEC_AUTO,
	    [CLI_DNSSEC_REQUIRED] = DNS_DNSSEC_REQUIRED,
	    [CLI_DNSSEC_OFF] = DNS_DNSSEC_OFF};
	const struct cli_network *n = &v->o->network;
	struct dns_options d = {
	    .resolvers = &n->resolvers,
	    .trust_anchor = n->trust_anchor,
	    .data_file = n->dns_data,
	    .dnssec = modes[n->dnssec],
	};
	if (dns_open(&v->dns, &d, e) < 0)
		return -1;
	v->ask = auth_ask_new(v->dns, n->timeout_s * 1000,
	    n->deadline_s ? clock_mono_ms() + n->deadline_s * 1000 : 0);
	return 0;
}

/* RFC 8601 2.5: the name of who says so; a machine's own unless told. */
static void settle_name(struct verify *v)
{
	size_t max = sizeof(v->authserv_id);
	if (v->o->authserv_id)
		snprintf(v->authserv_id, max, "%s", v->o->authserv_id);
	else if (gethostname(v->authserv_id, max) < 0 || !*v->authserv_id)
		snprintf(v->authserv_id, max, "localhost");
	v->authserv_id[max - 1] = '\0';
}

static void settle(struct verify *v)
{
	const struct verify_options *o = v->o;
	settle_name(v);
	v->auth = (struct auth_options){
	    .spf = o->spf || o->spf_only || o->all,
	    .dkim = o->dkim || o->all,
	    .dmarc = o->dmarc || o->all,
	    .arc = o->arc || o->all,
	    .explain = o->explain,
	    .key = {.min_bits = (unsigned)o->dkim_min_bits,
		.allow_sha1 = o->dkim_allow_sha1,
		.now_s = clock_real_s()},
	    .client = {.client_ip = o->client_ip,
		.helo = o->helo,
		.sender = o->sender,
		.receiver = v->authserv_id,
		.now_s = clock_real_s()},
	};
	v->report = verify_report(o, v->several);
}

/* What the message is held against. A broken file is no fault of the message: whoever hands it to us (mail-deliver) must not refuse it for that. */
static int open_all(struct verify *v, struct err *e)
{
	int r = secure_open(v, e);
	if (r == 0)
		r = verify_scan_open(v, e);
	if (r < 0 && e->code == EX_DATAERR)
		e->code = EX_CONFIG;
	return r;
}

static int work(
    struct verify *v, const struct account *account, const struct strv *operands, struct err *e)
{
	int r = open_dns(v, e);
	if (r < 0) {
		if (e->code == EX_DATAERR)
			e->code = EX_CONFIG;
		return -1;
	}
	v->several = v->o->mbox || operands->n > 1;
	settle(v);
	r = open_all(v, e);
	if (r == 0)
		r = v->o->spf_only ? verify_client(v, e) : verify_messages(v, account, operands, e);
	verify_scan_close(v);
	secure_close(v);
	if (report_close(v->report, r < 0 ? NULL : e) < 0)
		r = -1;
	auth_ask_free(v->ask);
	dns_free(v->dns);
	return r < 0 ? -1 : v->bad ? 1 : v->later ? EX_TEMPFAIL : 0;
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct verify_options *o = opts;
	struct verify v = {.o = o};
	struct account account;
	if (account_load(&account, o->program, o, &o->common, NULL, e) < 0)
		return -1;
	confine(CONFINE_FILES | CONFINE_NETWORK | CONFINE_SPAWN);
	int r = check_options(o, args, e);
	if (r == 0)
		r = work(&v, &account, &args->operands, e);
	account_release(&account);
	return r;
}

int main(int argc, char **argv)
{
	struct verify_options o = {.dkim_min_bits = 1024};
	struct cli_group groups[] = {
	    {.heading = N_("What is looked at"), .options = checks, .count = ARRAY_LEN(checks)},
	    secure_group(offsetof(struct verify_options, secure)),
	    scan_group(offsetof(struct verify_options, scan)),
	    {.heading = N_("What comes out"), .options = output, .count = ARRAY_LEN(output)},
	    cli_dns_group(offsetof(struct verify_options, network)),
	};
	struct cli_program program = {
	    .name = "mail-verify",
	    .synopsis = N_("[options] [MESSAGE...]"),
	    .summary =
		N_("Says who really sent a message, and how that is known. Without MESSAGE it is "
		   "read from standard input."),
	    .groups = groups,
	    .group_count = ARRAY_LEN(groups),
	    .common_offset = offsetof(struct verify_options, common),
	};
	o.program = &program;
	cli_network_init(&o.network);
	o.network.timeout_s = DNS_TIMEOUT_S;
	return cli_main(&program, argc, argv, &o, run);
}
