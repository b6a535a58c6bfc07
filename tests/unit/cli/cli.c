#include "cli/cli.h"

#include "../tap.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "cli/internal.h"
#include "cli/trace.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST, ADD };
enum { NOON = 1795521600 }; /* 2026-11-24T12:00:00Z */

struct more {
	char *called;
	char *only_add;
};
struct opts {
	struct cli_common common;
	struct cli_network net;
	struct more more;
	bool flag;
	int count, choice;
	char *text, *maybe;
	struct strv to;
	int64_t number, when, ahead, span, bytes;
};

static int call(void *group, const char *value, struct err *e)
{
	struct more *m = group;
	if (value && !strcmp(value, "bad"))
		return err_set(e, EX_USAGE, "never say bad");
	free(m->called);
	m->called = str_dup(value ? value : "(none)");
	return 0;
}

static const char *const words[] = {"none", "may", "verify", NULL};
static const struct cli_option own[] = {
    CLI_FLAG('x', "flag", struct opts, flag, "a flag"),
    {'c', "count", NULL, CLI_KIND_COUNT, offsetof(struct opts, count), "counts"},
    CLI_STRING('s', "text", "TEXT", struct opts, text, "a text"),
    {0, "maybe", "TEXT", CLI_KIND_STRING, offsetof(struct opts, maybe), "a text or none",
	CLI_OPTIONAL},
    CLI_LIST('t', "to", "ADDRESS", struct opts, to, "a list"),
    CLI_NUMBER(0, "number", "N", struct opts, number, -5, 20, "a number"),
    CLI_CHOICE(0, "choice", "WORD", struct opts, choice, words, "a word"),
    CLI_TIME(0, "when", "TIME", struct opts, when, 0, "a time"),
    CLI_TIME(0, "until", "TIME", struct opts, ahead, CLI_AHEAD, "a time to come"),
    CLI_SPAN(0, "wait", "SECONDS", struct opts, span, "a span"),
    CLI_BYTES(0, "max-size", "BYTES", struct opts, bytes, "a size"),
    {0, "synonym", NULL, CLI_KIND_FLAG, offsetof(struct opts, flag), "the same",
	CLI_HIDDEN | CLI_COMMAND_LINE},
};
static const struct cli_option more[] = {
    CLI_CALL('C', "call", "VALUE", call, "calls"),
    CLI_CALL(0, "plain-call", NULL, call, "calls without a value"),
};
static const struct cli_option for_add[] = {
    {0, "only-add", "X", CLI_KIND_STRING, offsetof(struct more, only_add), "for add"},
};
static const struct cli_command commands[] = {
    {"list", "[ID...]", "what waits", LIST, "ls"}, {"add", NULL, "one more", ADD, NULL}};

/* Everything a program has. */
struct world {
	struct cli_group groups[4];
	struct cli_program program;
	struct opts o;
	struct cli_args args;
	struct err e;
};

static void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->groups[0] = (struct cli_group){"Options", own, ARRAY_LEN(own), 0, 0};
	w->groups[1] =
	    (struct cli_group){"More", more, ARRAY_LEN(more), offsetof(struct opts, more), 0};
	w->groups[2] = (struct cli_group){
	    "Of add", for_add, ARRAY_LEN(for_add), offsetof(struct opts, more), CLI_FOR(ADD)};
	w->groups[3] = cli_network_group(offsetof(struct opts, net));
	w->program = (struct cli_program){.name = "mail-try",
	    .synopsis = "[COMMAND] [options]",
	    .summary = "Tries.",
	    .groups = w->groups,
	    .group_count = 4,
	    .commands = commands,
	    .command_count = 2};
	cli_network_init(&w->o.net);
}

static void world_release(struct world *w)
{
	cli_value_release(&w->program, &w->o);
	strv_release(&w->args.operands);
	free(w->o.more.called);
}

static int parse(struct world *w, const char *const *words_of)
{
	char *argv[20];
	int argc = 0;
	argv[argc++] = str_dup("mail-try");
	while (*words_of)
		argv[argc++] = str_dup(*words_of++);
	argv[argc] = NULL;
	int r = cli_parse(&w->program, argc, argv, &w->o, &w->args, &w->e);
	while (argc > 0)
		free(argv[--argc]); /* what was kept is a copy */
	return r;
}
#define PARSE(w, ...) parse((w), (const char *const[]){__VA_ARGS__, NULL})

static void test_forms(void)
{
	struct world w;
	world_init(&w);
	is_int(PARSE(&w, "-xcct", "a@b", "one", "--to=c=d", "-te", "--text", "-x", "--maybe", "two",
		   "--", "--flag", "-"),
	    0, "every form of an option");
	ok(w.o.flag && w.o.count == 2, "joined letters");
	ok(w.o.to.n == 3 && !strcmp(w.o.to.v[0], "a@b") && !strcmp(w.o.to.v[1], "c=d") &&
		!strcmp(w.o.to.v[2], "e"),
	    "a value apart, with =, joined to its letter");
	is_str(w.o.text, "-x", "a value may begin with a dash");
	is_str(w.o.maybe, "", "an optional value that is missing does not take the next word");
	ok(w.args.operands.n == 4 && !strcmp(w.args.operands.v[1], "two") &&
		!strcmp(w.args.operands.v[2], "--flag") && !strcmp(w.args.operands.v[3], "-"),
	    "operands between options and behind --");
	ok(strv_has(&w.o.common.given, "to") && strv_has(&w.o.common.given, "maybe") &&
		!strv_has(&w.o.common.given, "when"),
	    "what was given is known");
	world_release(&w);
	world_init(&w);
	is_int(PARSE(&w, "--flag=no", "--maybe=x", "--text=", "--text", "b", "-"), 0, "more");
	ok(!w.o.flag && !strcmp(w.o.maybe, "x") && !strcmp(w.o.text, "b"), "the last wins");
	ok(w.args.operands.n == 1, "- is an operand");
	world_release(&w);
}

static void test_kinds(void)
{
	struct world w;
	world_init(&w);
	clock_fix_s(NOON);
	is_int(PARSE(&w, "--number", "-5", "--choice=verify", "--when", "2h", "--until", "2h",
		   "--wait=3m", "--max-size", "3M", "-C", "v", "--timeout", "5"),
	    0, "every kind");
	ok(w.o.number == -5 && w.o.choice == 2 && w.o.span == 180 && w.o.bytes == 3 * 1024 * 1024,
	    "number, choice, span, size");
	is_int(w.o.when, NOON - 7200, "an AGE is that long ago");
	is_int(w.o.ahead, NOON + 7200, "or lies ahead where the option says so");
	is_str(w.o.more.called, "v", "a function gets its group's struct");
	is_int(w.o.net.timeout_s, 5, "a shared group");
	is_int(w.o.net.smtp_port, 25, "its defaults");
	world_release(&w);
	clock_fix_s(-1);
}

static void refuses(const char *a, const char *b, const char *why)
{
	struct world w;
	world_init(&w);
	int r = b ? PARSE(&w, a, b) : PARSE(&w, a);
	ok(r == -1 && w.e.code == EX_USAGE, "%s %s is EX_USAGE", a, b ? b : "");
	is_str(w.e.text, why, "and says why");
	world_release(&w);
}

static void test_refuses(void)
{
	refuses("--nonsense", NULL, "no option --nonsense; see --help");
	refuses("--txt", NULL, "no option --txt; is --text meant?");
	refuses("--too=x", NULL, "no option --too; is --to meant?");
	refuses("--tex", "a", "no option --tex; is --text meant?");
	refuses("-z", NULL, "no option -z; see --help");
	refuses("-xz", NULL, "no option -z; see --help");
	refuses("--text", NULL, "--text wants TEXT");
	refuses("-t", NULL, "-t wants ADDRESS");
	refuses("--count=2", NULL, "--count takes no value");
	refuses("--flag=maybe", NULL, "--flag: \"maybe\" is neither yes nor no");
	refuses("--number", "21", "--number: \"21\" is not a number from -5 to 20");
	refuses("--number", "-6", "--number: \"-6\" is not a number from -5 to 20");
	refuses("--number", "1x", "--number: \"1x\" is not a number from -5 to 20");
	refuses("--number", "", "--number: \"\" is not a number from -5 to 20");
	refuses("--number", "99999999999999999999",
	    "--number: \"99999999999999999999\" is not a number from -5 to 20");
	refuses("--choice", "yes", "--choice: \"yes\" is none of none, may, verify");
	refuses(
	    "--wait", "soon", "--wait: \"soon\" is no time span: write 90, 90s, 5m, 2h, 3d or 1w");
	refuses("--max-size", "9999999999G",
	    "--max-size: \"9999999999G\" is no size: write 100, 20k, 3M or 1G");
	refuses("--max-size", "k", "--max-size: \"k\" is no size: write 100, 20k, 3M or 1G");
	refuses("-C", "bad", "-C: never say bad");
	refuses("list", "--only-add=x", "--only-add is not for list");
}

static void test_commands(void)
{
	struct world w;
	world_init(&w);
	is_int(PARSE(&w, "-x", "ls", "add", "7Q"), 0,
	    "a command, by its other name, behind an option");
	ok(w.args.command == LIST && w.args.operands.n == 2 && !strcmp(w.args.operands.v[0], "add"),
	    "only the first operand is one");
	world_release(&w);
	world_init(&w);
	ok(PARSE(&w, "add", "--only-add", "x") == 0 && !strcmp(w.o.more.only_add, "x"),
	    "an option of one command");
	world_release(&w);
	world_init(&w);
	ok(PARSE(&w, "--", "list") == 0 && w.args.command == -1,
	    "behind -- it is a word like others");
	world_release(&w);
	world_init(&w);
	w.program.command_required = true;
	ok(PARSE(&w, "lst") == -1 && w.e.code == EX_USAGE, "an unknown command is refused");
	is_str(w.e.text, "no command \"lst\"; there are list add", "and the known ones named");
	world_release(&w);
	world_init(&w);
	w.program.command_required = true;
	ok(PARSE(&w, "-x") == -1 && PARSE(&w, "--help") == 0,
	    "none is refused, but not with --help");
	world_release(&w);
}

static void test_clock(void)
{
	struct world w;
	world_init(&w);
	is_int(PARSE(&w, "--when", "1h", "--now", "2026-11-24T12:00:00Z"), 0, "--now");
	is_int(w.o.when, NOON - 3600, "counts for a time that stands before it");
	is_int(clock_real_s(), NOON, "and for the run");
	world_release(&w);
	world_init(&w);
	setenv("SOURCE_DATE_EPOCH", "1795521600", 1);
	clock_fix_s(-1);
	ok(PARSE(&w, "--when", "1d") == 0 && w.o.when == NOON - 86400,
	    "SOURCE_DATE_EPOCH does the same");
	setenv("SOURCE_DATE_EPOCH", "noon", 1);
	ok(PARSE(&w, "-x") == -1 && w.e.code == EX_USAGE, "where it is a number");
	unsetenv("SOURCE_DATE_EPOCH");
	clock_fix_s(-1);
	world_release(&w);
}

static int set(struct world *w, const char *name, const char *value)
{
	return cli_set(&w->program, &w->o, span_of(name), span_of(value), &w->e);
}

static void test_set(void)
{
	struct world w;
	world_init(&w);
	ok(set(&w, "flag", "yes") == 0 && w.o.flag && set(&w, "flag", "off") == 0 && !w.o.flag,
	    "a flag from the configuration");
	ok(set(&w, "count", "3") == 0 && w.o.count == 3, "a count");
	ok(set(&w, "to", "a") == 0 && set(&w, "to", "b") == 0 && w.o.to.n == 2, "a list adds up");
	ok(set(&w, "json", "true") == 0 && w.o.common.json, "a common one");
	ok(set(&w, "plain-call", "yes") == 0 && !strcmp(w.o.more.called, "(none)"), "a call");
	ok(set(&w, "maybe", "") == 0 && !strcmp(w.o.maybe, ""), "an optional value");
	ok(set(&w, "flag", "7") == -1 && w.e.code == EX_USAGE, "a value that does not fit");
	is_str(w.e.text, "flag: \"7\" is neither yes nor no", "says why");
	ok(set(&w, "no-such", "1") == -1 && w.e.code == EX_UNAVAILABLE, "no such option");
	ok(set(&w, "help", "yes") == -1 && w.e.code == EX_UNAVAILABLE, "not for the configuration");
	world_release(&w);
}

static void test_texts(void)
{
	struct world w;
	world_init(&w);
	struct buf b = BUF_INIT(1 << 20);
	cli_help_text(&w.program, -1, &b);
	struct span all = buf_span(&b), line;
	bool fits = true;
	while (span_line(&all, &line))
		fits = fits && line.len <= 100;
	ok(fits, "--help fits 100 columns");
	ok(strstr(buf_cstr(&b), "  -t, --to ADDRESS          a list\n") != NULL,
	    "an option's line");
	ok(strstr(buf_cstr(&b), "      --maybe[=TEXT]") != NULL, "an optional value");
	ok(strstr(buf_cstr(&b), "  list [ID...]              what waits\n") != NULL,
	    "a command's line");
	ok(!strstr(buf_cstr(&b), "synonym") && !strstr(buf_cstr(&b), "list-options"),
	    "nothing hidden");
	ok(strstr(buf_cstr(&b), "--only-add") != NULL, "the options of all commands");
	buf_reset(&b);
	cli_help_text(&w.program, LIST, &b);
	ok(!strstr(buf_cstr(&b), "--only-add"), "or of one");
	buf_reset(&b);
	cli_list_text(&w.program, false, &b);
	ok(strstr(buf_cstr(&b), "--to\n") && strstr(buf_cstr(&b), "--help\n") &&
		!strstr(buf_cstr(&b), "synonym"),
	    "--list-options");
	buf_reset(&b);
	cli_list_text(&w.program, true, &b);
	ok(strstr(buf_cstr(&b), "to\n") && !strstr(buf_cstr(&b), "help\n"), "--list-keys");
	buf_release(&b);
	world_release(&w);
}

static void test_values(void)
{
	static const struct {
		const char *name, *set, *text;
	} v[] = {{"flag", "on", "yes"}, {"count", "3", "3"}, {"text", "a b", "a b"},
	    {"number", "7", "7"}, {"choice", "may", "may"},
	    {"when", "@1795521600", "2026-11-24T12:00:00Z"}, {"wait", "2h", "7200"},
	    {"max-size", "1k", "1024"}, {"call", "x", ""}};
	struct world w;
	world_init(&w);
	struct cli_slot slot;
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct buf b = BUF_INIT(1000);
		ok(set(&w, v[i].name, v[i].set) == 0 &&
			cli_slot_find(&w.program, span_of(v[i].name), &slot),
		    "%s", v[i].name);
		cli_value_text(&slot, &w.o, &b);
		is_str(buf_cstr(&b), v[i].text, "as one would write it");
		buf_release(&b);
	}
	world_release(&w);
}

static void test_trace(void)
{
	char path[] = "/tmp/surat-trace.XXXXXX";
	close(mkstemp(path));
	unlink(path);
	struct err e = ERR_INIT;
	struct cli_trace *t = cli_trace_open(path, &e);
	ok(t != NULL, "a trace into a file");
	cli_trace_line(t, true, SPAN("EHLO me\r\n"));
	cli_trace_line(t, false, SPAN("250 \x1b[31mhi"));
	cli_trace_close(t);
	struct stat st;
	char got[100] = "";
	FILE *f = fopen(path, "r");
	size_t n = fread(got, 1, sizeof(got) - 1, f);
	ok(fstat(fileno(f), &st) == 0 && (st.st_mode & 0777) == 0600, "0600");
	fclose(f);
	got[n] = 0;
	is_str(got, "-> EHLO me\n<- 250 \\x1b[31mhi\n", "lines, inert");
	unlink(path);
	ok(symlink("/tmp/elsewhere", path) == 0 && !cli_trace_open(path, &e) &&
		e.code == EX_CANTCREAT,
	    "not through a link");
	unlink(path);
	cli_trace_line(NULL, true, SPAN("x"));
	cli_trace_close(NULL);
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	test_forms();
	test_kinds();
	test_refuses();
	test_commands();
	test_clock();
	test_set();
	test_texts();
	test_values();
	test_trace();
	return tap_done();
}
