/*
 * mail-queue - keeps letters that cannot go now, and tries again.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/confine.h"
#include "mail_queue.h"

#include <stdlib.h>
#include <unistd.h>

static const struct cli_option own_options[] = {
    CLI_STRING(0, "spool", N_("DIR"), struct options, spool,
	N_("the spool's folder (default: $XDG_STATE_HOME/surat/queue)")),
};
/* Never from the configuration: what is deleted must be said where it is done. */
#define FILTER(name, value, kind, field, help)                                                     \
	{                                                                                          \
		0, name, value, kind, offsetof(struct filter, field), help, CLI_COMMAND_LINE       \
	}
static const struct cli_option filter_options[] = {
    FILTER("domain", "D", CLI_KIND_STRING, domain, N_("waiting for a recipient of this domain")),
    FILTER("sender", N_("ADDRESS"), CLI_KIND_STRING, sender,
	N_("from this address, or @DOMAIN; '<>' for none")),
    FILTER("older", N_("AGE"), CLI_KIND_TIME, older_s, N_("in the queue for longer than that")),
    FILTER("held", NULL, CLI_KIND_FLAG, held, N_("held by hand")),
};
static const struct cli_option all_options[] = {
    FILTER("all", NULL, CLI_KIND_FLAG, all, N_("every message")),
};
static const struct cli_option add_options[] = {
    CLI_FLAG(0, "mbox", struct options, mbox, N_("standard input is many messages: mboxrd")),
};

static int parse_rate(int64_t *pause_us, const char *value, struct err *e)
{
	static const struct {
		const char *unit;
		int64_t minutes_60;
	} units[] = {{"s", 1}, {"sec", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"hour", 3600}};
	struct span rest = span_of(value), number;
	uint64_t n;
	bool unit = span_cut(&rest, '/', &number);
	int64_t seconds = unit ? 0 : 60;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (unit && span_is(rest, units[i].unit))
			seconds = units[i].minutes_60;
	if (!span_to_u64(number, 1000000, &n) || n == 0 || !seconds)
		return err_set(e, EX_USAGE, _("N/min, N/s or N/h, not \"%s\""), value);
	*pause_us = seconds * 1000000 / (int64_t)n;
	return 0;
}

static int set_rate(void *opts, const char *value, struct err *e)
{
	struct options *o = opts;
	return parse_rate(&o->run.pause_us, value, e);
}

static int set_domain_rate(void *opts, const char *value, struct err *e)
{
	struct options *o = opts;
	return parse_rate(&o->run.own_pause_us, value, e);
}

static const char *const unknown_words[] = {"retry", "hold", "give-up", NULL};

static const struct cli_option run_only_options[] = {
    {0, "all-users", NULL, CLI_KIND_FLAG, offsetof(struct options, all_users),
	N_("root: each user's spool, as that user"), CLI_COMMAND_LINE},
};
static const struct cli_option run_options[] = {
    {0, "force", NULL, CLI_KIND_FLAG, offsetof(struct options, run.force),
	N_("also what is not due yet"), CLI_COMMAND_LINE},
    {0, "plan", NULL, CLI_KIND_FLAG, offsetof(struct options, plan),
	N_("only say what would be tried, when and why"), CLI_COMMAND_LINE},
    CLI_NUMBER('j', "jobs", "N", struct options, jobs, 1, 1000, N_("destinations at once: 8")),
    CLI_NUMBER(0, "per-domain", "N", struct options, per_domain, 1, 1000,
	N_("transports for one destination: 2")),
    CLI_CALL(0, "rate", "N/min", set_rate, N_("at most so many messages handed over")),
    CLI_CALL(0, "domain-rate", "N/min", set_domain_rate, N_("the same for each destination")),
    CLI_CHOICE(0, "unknown", "WHAT", struct options, unknown, unknown_words,
	N_("of who may have got it already: retry (once), hold, give-up")),
    CLI_SPAN(0, "transport-timeout", N_("AGE"), struct options, run.silence_s,
	N_("a transport that says nothing new for so long is ended: 20m")),
};
static const struct cli_option schedule_options[] = {
    CLI_STRING(0, "transport", N_("COMMAND"), struct options, transport,
	N_("what carries the messages, instead of mail-send")),
    CLI_SPAN(0, "retry", N_("AGE"), struct options, run.schedule.retry_s,
	N_("the first pause, which doubles each time: 5m")),
    CLI_SPAN(0, "retry-max", N_("AGE"), struct options, run.schedule.retry_max_s,
	N_("the longest pause: 4h")),
    CLI_SPAN(0, "delay-warning", N_("AGE"), struct options, run.schedule.warn_s,
	N_("when the sender is told of a delay: 4h")),
    CLI_SPAN(0, "expire", N_("AGE"), struct options, run.schedule.expire_s,
	N_("when it is given up: 5d")),
    CLI_NUMBER(0, "max-reports", "N", struct options, reports_max, 0, 1000000,
	N_("reports to senders in one run: 100")),
};
static const struct cli_option show_options[] = {
    {0, "raw", NULL, CLI_KIND_FLAG, offsetof(struct options, raw),
	N_("the message alone, as it is"), CLI_COMMAND_LINE},
};
static const struct cli_option check_options[] = {
    {0, "repair", NULL, CLI_KIND_FLAG, offsetof(struct options, repair),
	N_("put what is damaged into quarantine"), CLI_COMMAND_LINE},
};
static const struct cli_option import_options[] = {
    CLI_BYTES(0, "max-archive", "N", struct options, max_archive,
	N_("refuse an archive that is larger, or unpacks to more: 100G")),
};
static const struct cli_command commands[] = {
    {"add", N_("recipient... < message"), N_("accepts a message, prints its ID"), COMMAND_ADD,
	NULL},
    {"list", "", N_("what waits, for whom, until when and why"), COMMAND_LIST, "ls"},
    {"show", "ID...", N_("one message"), COMMAND_SHOW, NULL},
    {"run", "[ID...]", N_("tries what is due, or these"), COMMAND_RUN, "flush"},
    {"watch", "", N_("runs whenever something is due, until it is stopped"), COMMAND_WATCH, NULL},
    {"hold", N_("ID... | filter"), N_("is not tried until it is released"), COMMAND_HOLD, NULL},
    {"release", N_("ID... | filter"), N_("is tried again"), COMMAND_RELEASE, NULL},
    {"delete", N_("ID... | filter"), N_("without a word to anybody"), COMMAND_DELETE, "rm"},
    {"bounce", N_("ID... | filter"), N_("returned to the sender"), COMMAND_BOUNCE, NULL},
    {"stats", "", N_("domains by age"), COMMAND_STATS, NULL},
    {"check", "", N_("is every file in a legal state?"), COMMAND_CHECK, NULL},
    {"export", N_("ARCHIVE"), N_("all of it leaves, into an archive"), COMMAND_EXPORT, NULL},
    {"import", N_("ARCHIVE"), N_("what another host has exported"), COMMAND_IMPORT, NULL},
};

int open_spool(const struct options *o, int flags, struct queue *q, struct err *e)
{
	char *path = NULL;
	if (!o->spool && account_state_path("queue", &path, e) < 0)
		return -1;
	int r = queue_open(q, o->spool ? o->spool : path, flags, e);
	free(path);
	return r;
}

static int check_usage(const struct options *o, const struct cli_args *args, struct err *e)
{
	bool takes = args->command != COMMAND_LIST && args->command != COMMAND_STATS &&
		     args->command != COMMAND_CHECK && args->command != COMMAND_WATCH;
	if (args->operands.n && !takes)
		return err_set(
		    e, EX_USAGE, _("\"%s\": this command takes no operand"), args->operands.v[0]);
	if (o->run.schedule.retry_s < 1 || o->run.schedule.retry_max_s < o->run.schedule.retry_s)
		return err_set(e, EX_USAGE, _("--retry-max must not be less than --retry"));
	if (o->run.silence_s < 1)
		return err_set(e, EX_USAGE, _("--transport-timeout must be a second at least"));
	return 0;
}

static int dispatch(struct options *o, struct cli_args *args, struct err *e)
{
	switch ((enum command)args->command) {
	case COMMAND_ADD: return add(o, &args->operands, e);
	case COMMAND_LIST: return list(o, e);
	case COMMAND_SHOW: return show(o, &args->operands, e);
	case COMMAND_RUN:
		if (o->all_users)
			return run_all_users(o, &args->operands, e);
		return run(o, &args->operands, e);
	case COMMAND_WATCH: return watch(o, e);
	case COMMAND_STATS: return stats(o, e);
	case COMMAND_CHECK: return check(o, e);
	case COMMAND_EXPORT: return export_queue(o, &args->operands, e);
	case COMMAND_IMPORT: return import_queue(o, &args->operands, e);
	default: return change(o, (enum command)args->command, &args->operands, e);
	}
}

static int start(void *opts, struct cli_args *args, struct err *e)
{
	struct options *o = opts;
	if (args->command < 0)
		args->command = COMMAND_LIST;
	if (account_load(&o->account, o->program, o, &o->common, o->submit.sender, e) < 0)
		return -1;
	o->run.jobs = (int)o->jobs;
	o->run.per_domain = (int)o->per_domain;
	o->run.unknown = (enum queue_unknown)o->unknown;
	o->run.reports_max = (size_t)o->reports_max;
	confine(CONFINE_FILES | CONFINE_SPAWN | CONFINE_NETWORK);
	int code = check_usage(o, args, e);
	if (code == 0)
		code = dispatch(o, args, e);
	account_release(&o->account);
	return code;
}

int main(int argc, char **argv)
{
	enum {
		RUNS = CLI_FOR(COMMAND_RUN) | CLI_FOR(COMMAND_WATCH),
		CHANGES = CLI_FOR(COMMAND_HOLD) | CLI_FOR(COMMAND_RELEASE) |
			  CLI_FOR(COMMAND_DELETE) | CLI_FOR(COMMAND_BOUNCE),
		FILTERS =
		    CHANGES | CLI_FOR(COMMAND_LIST) | CLI_FOR(COMMAND_RUN) | CLI_FOR(COMMAND_STATS),
	};
	struct options o = {.jobs = 8,
	    .per_domain = 2,
	    .argv = argv,
	    .reports_max = 100,
	    .max_archive = INT64_C(100) << 30};
	struct cli_group groups[] = {
	    {.options = own_options, .count = ARRAY_LEN(own_options)},
	    {N_("add"), add_options, ARRAY_LEN(add_options), 0, CLI_FOR(COMMAND_ADD)},
	    submit_envelope_group(offsetof(struct options, submit)),
	    submit_route_group(offsetof(struct options, submit)),
	    cli_secrets_group(offsetof(struct options, submit.secrets)),
	    cli_network_group(offsetof(struct options, network)),
	    {N_("Which messages"), filter_options, ARRAY_LEN(filter_options),
		offsetof(struct options, filter), FILTERS},
	    {N_("hold, release, delete, bounce"), all_options, ARRAY_LEN(all_options),
		offsetof(struct options, filter), CHANGES},
	    {N_("run"), run_only_options, ARRAY_LEN(run_only_options), 0, CLI_FOR(COMMAND_RUN)},
	    {N_("run, watch"), run_options, ARRAY_LEN(run_options), 0, RUNS},
	    {N_("run, watch, bounce"), schedule_options, ARRAY_LEN(schedule_options), 0,
		RUNS | CLI_FOR(COMMAND_BOUNCE)},
	    {N_("show"), show_options, ARRAY_LEN(show_options), 0, CLI_FOR(COMMAND_SHOW)},
	    {N_("check"), check_options, ARRAY_LEN(check_options), 0, CLI_FOR(COMMAND_CHECK)},
	    {N_("import"), import_options, ARRAY_LEN(import_options), 0, CLI_FOR(COMMAND_IMPORT)},
	};
	for (size_t i = 2; i < 6; i++)
		groups[i].commands = CLI_FOR(COMMAND_ADD);
	groups[5].commands |= RUNS; /* handed on to mail-send */
	struct cli_program program = {
	    .name = "mail-queue",
	    .synopsis = N_("COMMAND [options] [ID...]"),
	    .summary = N_("Keeps letters that cannot go now, and tries again."),
	    .groups = groups,
	    .group_count = ARRAY_LEN(groups),
	    .commands = commands,
	    .command_count = ARRAY_LEN(commands),
	    .common_offset = offsetof(struct options, common),
	    .command_required = true,
	};
	o.program = &program;
	queue_run_options_init(&o.run);
	cli_network_init(&o.network);
	return cli_main(&program, argc, argv, &o, start);
}
