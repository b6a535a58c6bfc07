/*
 * surat-https: the helper that speaks HTTPS, so that no other program loads libcurl or is exposed to it.
 *
 *	surat-https policies	questions for MTA-STS policies on standard input, their answers on standard output as they come (answer.h)
 *	surat-https request	one request for whoever signs in (request.h)
 */
#include "answer.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "cli/cli.h"
#include "io/child.h"
#include "io/confine.h"
#include "request.h"

#include <unistd.h>

enum { POLICIES, REQUEST };
enum { QUESTION_MAX = 64 * 1024 };

struct options {
	struct cli_common common;
	char *cache, *ca_file;
	int64_t port;
	struct strv connects;
	bool only4, only6;
};

static const struct cli_option own[] = {
    CLI_STRING(0, "cache", N_("FILE"), struct options, cache, N_("where policies are kept")),
    CLI_STRING(0, "ca-file", N_("FILE"), struct options, ca_file,
	N_("trusted certificates, instead of the system's")),
    CLI_NUMBER(0, "https-port", "N", struct options, port, 1, 65535, N_("instead of 443")),
    CLI_LIST(0, "connect", "HOST=ADDR:PORT", struct options, connects,
	N_("connect there when HOST is meant")),
    CLI_FLAG('4', NULL, struct options, only4, N_("IPv4 only")),
    CLI_FLAG('6', NULL, struct options, only6, N_("IPv6 only")),
};
static const struct cli_group groups[] = {{NULL, own, ARRAY_LEN(own), 0, 0}};
static const struct cli_command commands[] = {
    {"policies", N_("[options]"), N_("answer questions for MTA-STS policies"), POLICIES, NULL},
    {"request", N_("[options]"), N_("make one request, that standard input describes"), REQUEST,
	NULL},
};
static const struct cli_program program = {.name = "surat-https",
    .synopsis = N_("COMMAND [options]"),
    .summary = N_("fetches over HTTPS, for the other programs"),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .commands = commands,
    .command_count = ARRAY_LEN(commands),
    .common_offset = offsetof(struct options, common),
    .command_required = true};

/* All whole lines that have come. 0 at the end of input. */
static int take_questions(struct answerer *a, struct stream *s, struct err *e)
{
	struct span line;
	int r;
	while ((r = stream_ready(s, e)) > 0) {
		if ((r = stream_line(s, &line, QUESTION_MAX, e)) <= 0)
			return r;
		if (answer_line(a, line, e) < 0)
			return -1;
	}
	return r < 0 ? -1 : 1;
}

static int serve(struct answerer *a, const struct options *o, struct err *e)
{
	struct stream *s = a->out;
	bool eof = false;
	while (!eof || fetch_count(a->all)) {
		if (signals_stop())
			return err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
		int r = eof ? 1 : take_questions(a, s, e);
		if (r < 0)
			return -1;
		eof = eof || r == 0;
		for (struct fetch *f; (f = fetch_next(a->all));)
			answer_fetched(a, f);
		const char *problem = cache_problem(a->cache);
		if (problem)
			cli_warn(&program, &o->common, "%s", problem);
		if (stream_flush(s, e) < 0)
			return -1;
		if ((!eof || fetch_count(a->all)) &&
		    fetch_wait(a->all, eof ? -1 : STDIN_FILENO, e) < 0)
			return -1;
	}
	return 0;
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct options *o = opts;
	struct stream s;
	struct fetch_options f = {.ca_file = o->ca_file,
	    .port = (unsigned)o->port,
	    .connects = &o->connects,
	    .only4 = o->only4,
	    .only6 = o->only6};
	if (args->operands.n)
		return err_set(e, EX_USAGE, _("%s: no operand is expected"), args->operands.v[0]);
	confine(CONFINE_FILES | CONFINE_NETWORK);
	if (args->command == REQUEST)
		return request_run(&f, e);
	stream_init_fd(&s, STDIN_FILENO, STDOUT_FILENO);
	struct answerer a = {.cache = cache_new(o->cache), .all = fetch_all_new(&f), .out = &s};
	int r = serve(&a, o, e);
	fetch_all_free(a.all);
	cache_free(a.cache);
	stream_release(&s);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = {.port = 443};
	return cli_main(&program, argc, argv, &o, run);
}
