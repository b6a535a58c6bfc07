/*
 * surat-tlsrpt: the helper that keeps what became of TLS, so that mail-send loads no database.
 *
 *	surat-tlsrpt record --state FILE		records of sessions on standard input, a line each (tlsrpt/tlsrpt.h)
 *	surat-tlsrpt report --state FILE --from ADDRESS --record TXT DOMAIN
 *						yesterday's report as a message; exit 1 when nothing happened
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "cli/cli.h"
#include "io/confine.h"
#include "io/stream.h"
#include "tlsrpt/tlsrpt.h"

#include <unistd.h>

enum { RECORD, REPORT };
enum { NOTHING = 1 };

struct options {
	struct cli_common common;
	char *state, *from, *record;
};
static const struct cli_option own[] = {
    CLI_STRING(0, "state", N_("FILE"), struct options, state, N_("the database")),
    CLI_STRING(0, "from", N_("ADDRESS"), struct options, from, N_("who reports")),
    CLI_STRING(0, "record", "TXT", struct options, record,
	N_("the domain's TLSRPT record, which says who wants to know")),
};
static const struct cli_group groups[] = {{NULL, own, ARRAY_LEN(own), 0, 0}};
static const struct cli_command commands[] = {
    {"record", N_("--state FILE"), N_("keep what became of sessions"), RECORD, NULL},
    {"report", N_("--state FILE --from ADDRESS --record TXT DOMAIN"),
	N_("write yesterday's report as a message"), REPORT, NULL},
};
static const struct cli_program program = {.name = "surat-tlsrpt",
    .synopsis = N_("COMMAND [options]"),
    .summary = N_("keeps what became of TLS and reports it, for mail-send"),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .commands = commands,
    .command_count = ARRAY_LEN(commands),
    .common_offset = offsetof(struct options, common),
    .command_required = true};

/* All in one transaction: a commit costs more than a hundred records. */
static int record_all(struct state *st, struct err *e)
{
	struct stream in;
	struct span line;
	int r;
	stream_init_fd(&in, STDIN_FILENO, -1);
	while ((r = stream_line(&in, &line, TLSRPT_LINE, e)) > 0)
		if (tlsrpt_record(st, line, e) < 0) {
			r = -1;
			break;
		}
	stream_release(&in);
	return r;
}

static int record(struct state *st, struct err *e)
{
	if (state_begin(st, e) < 0)
		return -1;
	if (record_all(st, e) == 0 && tlsrpt_forget(st, clock_real_s(), e) == 0)
		return state_commit(st, e);
	state_rollback(st);
	return -1;
}

static int write_message(const struct tlsrpt_report *r, const json_t *json, struct err *e)
{
	struct sink_fd out;
	sink_fd_init(&out, STDOUT_FILENO);
	return tlsrpt_message(r, json, &out.sink, e) < 0 ? -1 : sink_end(&out.sink, e);
}

static int report(struct state *st, const struct options *o, const char *domain, struct err *e)
{
	struct strv rua = {0};
	int64_t now = clock_real_s();
	struct tlsrpt_report r = {.domain = domain,
	    .from = o->from,
	    .rua = &rua,
	    .now_s = now,
	    .day_s = now - now % TLSRPT_DAY_S - TLSRPT_DAY_S};
	json_t *json = NULL;
	int done = tlsrpt_addresses(span_of(o->record), &rua, e);
	if (done == 0)
		done = tlsrpt_json(st, &r, &json, e);
	if (done > 0)
		done = write_message(&r, json, e);
	else if (done == 0)
		done = NOTHING;
	json_decref(json);
	strv_release(&rua);
	return done;
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct options *o = opts;
	struct state *st;
	bool reports = args->command == REPORT;
	if (!o->state || (reports && (!o->from || !o->record)) || args->operands.n != reports)
		return err_set(e, EX_USAGE, _("see --help"));
	confine(CONFINE_FILES);
	if (state_open(&st, o->state, e) < 0)
		return -1;
	int r = tlsrpt_open(st, e);
	if (r == 0)
		r = reports ? report(st, o, args->operands.v[0], e) : record(st, e);
	state_free(st);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = {.state = NULL};
	return cli_main(&program, argc, argv, &o, run);
}
