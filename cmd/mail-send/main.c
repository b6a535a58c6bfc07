/*
 * mail-send - a message on standard input to a server, to the recipients' mail exchangers, or by LMTP.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/confine.h"
#include "send.h"

#include <stdlib.h>

static const char *const stops[] = {"never", "connect", "ehlo", "tls", "auth", "rcpt", NULL};

static const struct cli_option options[] = {
    CLI_FLAG(0, "mbox", struct send_options, mbox, N_("a stream of messages, as mboxrd")),
    {0, "queue", "always", CLI_KIND_STRING, offsetof(struct send_options, queue),
	N_("what is deferred waits in the spool; =always: all of it, at once"), CLI_OPTIONAL},
    CLI_STRING(0, "aliases", N_("FILE"), struct send_options, aliases,
	N_("who is meant by names without a domain, as in /etc/aliases")),
    CLI_LIST(0, "dkim", N_("DOMAIN"), struct send_options, dkim,
	N_("sign for this domain, as mail-sign does")),
    CLI_LIST(0, "selector", N_("NAME"), struct send_options, selectors,
	N_("the key is published at NAME._domainkey.DOMAIN (repeatable)")),
    CLI_LIST(0, "dkim-key", N_("FILE"), struct send_options, dkim_keys,
	N_("the private key, RSA or Ed25519, PEM (repeatable)")),
    CLI_STRING(0, "spool", N_("FOLDER"), struct send_options, spool, N_("the spool")),
    CLI_FLAG(0, "no-keep", struct send_options, no_keep,
	N_("keep nothing of a deferred message that came through a pipe")),
    {0, "dry-run", NULL, CLI_KIND_FLAG, offsetof(struct send_options, dry_run),
	N_("everything up to the message itself"), CLI_COMMAND_LINE},
    {0, "verify", NULL, CLI_KIND_FLAG, offsetof(struct send_options, verify),
	N_("the same without a message: is the recipient known there?"), CLI_COMMAND_LINE},
    {0, "stop-after", N_("STAGE"), CLI_KIND_CHOICE, offsetof(struct send_options, stop_after),
	N_("connect, ehlo, tls, auth or rcpt, then QUIT"), CLI_COMMAND_LINE, 0, 0, stops},
    {0, "plan", NULL, CLI_KIND_FLAG, offsetof(struct send_options, plan),
	N_("print the way, contact no mail server"), CLI_COMMAND_LINE},
    CLI_FLAG(0, "report", struct send_options, report,
	N_("a line for each recipient (--json: an object)")),
    {0, "batch", NULL, CLI_KIND_FLAG, offsetof(struct send_options, batch),
	N_("jobs of mail-queue on standard input"), CLI_COMMAND_LINE},
    {0, "tlsrpt", N_("DOMAIN"), CLI_KIND_STRING, offsetof(struct send_options, tlsrpt),
	N_("yesterday's report about TLS with that domain's servers, as a message"),
	CLI_COMMAND_LINE},
    {'i', NULL, NULL, CLI_KIND_FLAG, offsetof(struct send_options, dot),
	N_("sendmail's, without effect: a dot never ends the message"), CLI_HIDDEN},
    {'o', NULL, "X", CLI_KIND_LIST, offsetof(struct send_options, ignored),
	N_("sendmail's -oi, -oem and their like, without effect"), CLI_HIDDEN},
    {'b', NULL, "m", CLI_KIND_STRING, offsetof(struct send_options, mode),
	N_("sendmail's -bm, what is done anyway"), CLI_HIDDEN},
    {'F', NULL, N_("NAME"), CLI_KIND_STRING, offsetof(struct send_options, full_name),
	N_("sendmail's, the sender's name for a From that is missing"), CLI_HIDDEN},
};

/* --- the run --- */

static bool is_given(const struct send_options *o, const char *name)
{
	return strv_has(&o->common.given, name);
}

void send_settings(struct send *s, struct submit_settings *out)
{
	struct send_options *o = s->o;
	bool told = o->network.timeout_s != 60 || is_given(o, "timeout");
	*out = (struct submit_settings){.route = &s->env.route,
	    .account = &s->account,
	    .secrets = &o->submit.secrets,
	    .network = &o->network,
	    .fingerprints = &o->submit.fingerprints,
	    .config = o->common.config,
	    .final_timeout_ms = told ? o->network.timeout_s * 1000 : 600000,
	    .trace = s->trace ? cli_trace_line : NULL,
	    .trace_ctx = s->trace};
	if (o->network.deadline_s)
		out->deadline_ms = clock_mono_ms() + o->network.deadline_s * 1000;
}

/* Who is called sendmail by cron has neither -f nor a configuration: the user, at this machine. A question needs no sender. */
static void default_sender(struct send *s)
{
	struct send_options *o = s->o;
	const char *email = getenv("EMAIL");
	if (o->submit.sender || s->account.from || (email && *email))
		return;
	if (o->sendmail)
		o->submit.sender = send_local_address(NULL);
	else if (o->verify || o->plan || o->stop_after)
		o->submit.sender = str_dup("<>");
}

static int begin(struct send *s, struct err *e)
{
	struct send_options *o = s->o;
	bool guessed = false;
	struct submit_context c = {.options = &o->submit,
	    .account = &s->account,
	    .program = o->program,
	    .common = &o->common,
	    .opts = o};
	if (account_load(&s->account, o->program, o, &o->common, o->submit.sender, e) < 0)
		return -1;
	if (send_aliases_read(s, e) < 0 || send_sign_read(s, e) < 0)
		return -1;
	default_sender(s);
	if (submit_envelope(&o->submit, &s->account, &s->env, e) < 0 ||
	    submit_settle(&c, &s->env.route, &guessed, e) < 0)
		return -1;
	if (guessed)
		cli_warn(o->program, &o->common, _("no server was named: %s"), s->env.route.server);
	if (o->network.trace && !(s->trace = cli_trace_open(o->network.trace, e)))
		return -1;
	if (o->report || o->common.json)
		s->report =
		    submit_report_new(o->common.json ? REPORT_JSON : REPORT_AUTO, o->common.color);
	return 0;
}

int send_begin(struct send *s, struct send_options *o, struct err *e)
{
	*s = (struct send){.o = o};
	if (begin(s, e) == 0)
		return 0;
	send_end(s);
	return -1;
}

void send_end(struct send *s)
{
	if (s->open)
		submit_release(&s->submit);
	if (s->report)
		report_close(s->report, NULL);
	cli_trace_close(s->trace);
	buf_release(&s->aliases);
	dkim_signers_release(&s->signers);
	queue_envelope_release(&s->env);
	account_release(&s->account);
}

void send_note_code(struct send *s, int code)
{
	static const int heavy[] = {EX_TEMPFAIL, EX_UNAVAILABLE};
	for (size_t i = 0; i < ARRAY_LEN(heavy); i++)
		if (s->code == heavy[i] || code == heavy[i]) {
			s->code = heavy[i];
			return;
		}
	if (!s->code)
		s->code = code;
}

static int check_usage(const struct send_options *o, const struct cli_args *args, struct err *e)
{
	bool given = args->operands.n > 0, read = o->submit.read_recipients;
	if (o->queue && *o->queue && strcmp(o->queue, "always") != 0)
		return err_set(e, EX_USAGE, _("--queue or --queue=always"));
	if (o->mode && strcmp(o->mode, "m") != 0)
		return err_set(e, EX_USAGE, _("-b%.20s is for a program called sendmail"), o->mode);
	if (o->smtp)
		return given || read ? err_set(e, EX_USAGE, _("-bs takes no recipients")) : 0;
	if (o->tlsrpt)
		return given || read ? err_set(e, EX_USAGE, _("--tlsrpt takes no recipients")) : 0;
	if (o->batch)
		return given || read ? err_set(e, EX_USAGE, _("--batch takes no recipients")) : 0;
	if (o->stop_after && o->stop_after < SUBMIT_STOP_RCPT && !given && !read)
		return 0;
	if (given && read && !o->sendmail)
		return err_set(e, EX_USAGE, _("recipients are given, and -t would read others"));
	if (!given && (!read || o->verify))
		return err_set(e, EX_USAGE, _("no recipients: name them, or read them with -t"));
	return 0;
}

int send_run(void *opts, struct cli_args *args, struct err *e)
{
	struct send_options *o = opts;
	struct send s;
	if (!o->common.show_config && check_usage(o, args, e) < 0)
		return -1;
	confine(CONFINE_FILES | CONFINE_NETWORK | CONFINE_SPAWN);
	if (o->batch)
		return send_batch(o, e);
	if (o->tlsrpt)
		return send_tlsrpt(o, e);
	if (send_begin(&s, o, e) < 0)
		return -1;
	int r = o->smtp   ? send_smtp(&s, e)
		: o->plan ? send_plan(&s, &args->operands, e)
		: o->verify || (o->stop_after && !o->submit.read_recipients)
		    ? send_verify(&s, &args->operands, e)
		    : send_messages(&s, &args->operands, e);
	if (r >= 0 && s.report) {
		struct report *report = s.report;
		s.report = NULL;
		if (report_close(report, e) < 0)
			r = -1;
	}
	send_end(&s);
	return r;
}

int main(int argc, char **argv)
{
	struct send_options o = {.argc = argc, .argv = argv};
	struct cli_group groups[] = {
	    {.options = options, .count = ARRAY_LEN(options)},
	    submit_envelope_group(offsetof(struct send_options, submit)),
	    submit_route_group(offsetof(struct send_options, submit)),
	    cli_secrets_group(offsetof(struct send_options, submit.secrets)),
	    cli_network_group(offsetof(struct send_options, network)),
	};
	struct cli_program program = {
	    .name = "mail-send",
	    .synopsis = N_("[options] [--] recipient... | -t  < message"),
	    .summary = N_("Sends the message on standard input."),
	    .groups = groups,
	    .group_count = ARRAY_LEN(groups),
	    .common_offset = offsetof(struct send_options, common),
	};
	o.program = &program;
	cli_network_init(&o.network);
	if (send_is_sendmail(argv[0]))
		return send_as_sendmail(&program, &o, argc, argv);
	return cli_main(&program, argc, argv, &o, send_run);
}
