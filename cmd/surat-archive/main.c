/*
 * surat-archive: the helper that knows archives, so that no other program loads libarchive or is exposed to it.
 *
 *	surat-archive check PATH...					one line, the first thing that cannot be read: 66
 *	surat-archive create --format zip [--time SECONDS] PATH...	the archive on standard output
 *	surat-archive list						an archive on standard input; one JSON object an entry
 *	surat-archive unpack						the same, each file's octets behind its object
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "cli/cli.h"
#include "create.h"
#include "input.h"
#include "io/confine.h"
#include "io/file.h"
#include "list.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHECK, CREATE, LIST, UNPACK };
enum { UNPACK_CPU_SECONDS = 300, UNPACK_WALL_SECONDS = 3600 };
enum { CPU_SECONDS = 20, WALL_SECONDS = 60, MEMORY_MAX = 512 << 20 };

struct options {
	struct cli_common common;
	int format;
	int64_t time_s, max_entries, max_bytes;
};

static const struct cli_option own[] = {
    CLI_CHOICE(0, "format", "F", struct options, format, create_formats,
	N_("zip, tar.gz, tar.xz, tar.zst or 7z")),
    CLI_NUMBER(0, "time", N_("SECONDS"), struct options, time_s, 0, INT64_MAX,
	N_("of all entries, since 1970")),
    CLI_NUMBER(0, "max-entries", "N", struct options, max_entries, 1, UINT32_MAX,
	N_("list no more; 100000")),
    CLI_BYTES(0, "max-bytes", "N", struct options, max_bytes, N_("read and unpack no more; 1G")),
};
static const struct cli_group groups[] = {{NULL, own, ARRAY_LEN(own), 0, 0}};
static const struct cli_command commands[] = {
    {"check", N_("PATH..."), N_("can all of it be read?"), CHECK, NULL},
    {"create", N_("[options] PATH... > archive"), N_("make an archive"), CREATE, NULL},
    {"list", N_("< archive"), N_("what is in it, as JSON"), LIST, NULL},
    {"unpack", N_("< archive"), N_("the same, with the octets of each file behind its object"),
	UNPACK, NULL},
};
static const struct cli_program program = {.name = "surat-archive",
    .synopsis = N_("COMMAND [options]"),
    .summary = N_("makes archives and looks into them, for the other programs"),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .commands = commands,
    .command_count = ARRAY_LEN(commands),
    .common_offset = offsetof(struct options, common)};

static int check(const struct strv *paths, struct err *e)
{
	if (create_check(paths, e) == 0)
		return 0;
	/* for whoever started this: the reason, where it looks for it */
	fd_write_all(STDOUT_FILENO, span_of(e->text), NULL);
	return e->code;
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	const struct options *o = opts;
	bool makes = args->command == CHECK || args->command == CREATE;
	if (makes && !args->operands.n)
		return err_set(e, EX_USAGE, _("no path is given"));
	switch (args->command) {
	case CHECK: return check(&args->operands, e);
	case CREATE:
		/* names are UTF-8 whatever the locale; zip's times are local */
		setlocale(LC_CTYPE, "C.UTF-8");
		setenv("TZ", "UTC0", 1);
		confine(CONFINE_FILES);
		return create(&args->operands, o->format, o->time_s, e);
	case LIST:
	case UNPACK: {
		bool octets = args->command == UNPACK;
		struct list_limits l = {(unsigned)o->max_entries, (unsigned long long)o->max_bytes};
		setlocale(LC_CTYPE, "C.UTF-8");
		confine_time_and_memory(octets ? UNPACK_CPU_SECONDS : CPU_SECONDS,
		    octets ? UNPACK_WALL_SECONDS : WALL_SECONDS, MEMORY_MAX);
		confine(CONFINE_FILES);
		return octets ? unpack(&l, e) : list(&l, e);
	}
	default: return err_set(e, EX_USAGE, _("check, create, list or unpack?"));
	}
}

int main(int argc, char **argv)
{
	struct options o = {.time_s = -1, .max_entries = 100000, .max_bytes = 1 << 30};
	return cli_main(&program, argc, argv, &o, run);
}
