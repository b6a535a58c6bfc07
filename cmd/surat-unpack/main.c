/*
 * surat-unpack: the helper that looks into files: archives in archives, PDF and OLE2 documents. A file on standard input; one JSON object a line on standard output:
 *
 *	{"rule":"macro","path":"a.zip > b.doc","detail":"VBA"}				something was found
 *	{"entry":"b.doc","size":3,"type":"file","depth":1}	with --list
 *	{"done":true,"entries":1,"bytes":3}						the end: without it, it was not reached
 *
 * Nothing is unpacked to disk. Time and memory are the system's limits on this process, as the libraries it needs do not always end by themselves.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/confine.h"
#include "io/spool.h"
#include "unpack.h"

#include <locale.h>
#include <unistd.h>

enum { ADDRESSES_MORE = 512 << 20, INPUT_MAX_SHIFT = 32 };

struct options {
	struct cli_common common;
	struct unpack_limits limits;
	int64_t cpu_s, wall_s;
	bool list;
};

static const struct cli_option own[] = {
    CLI_FLAG(0, "list", struct options, list, N_("list what is in it, too")),
    CLI_BYTES(0, "max-bytes", "N", struct options, limits.bytes, N_("unpack no more in all; 256M")),
    CLI_BYTES(0, "max-entry", "N", struct options, limits.entry_bytes, N_("nor of one file; 100M")),
    CLI_NUMBER(0, "max-entries", "N", struct options, limits.entries, 1, 100000000,
	N_("look at no more files; 9000")),
    CLI_NUMBER(
	0, "max-depth", "N", struct options, limits.depth, 1, 100, N_("archives in archives; 12")),
    CLI_NUMBER(0, "max-ratio", "N", struct options, limits.ratio, 1, 1000000,
	N_("unpack to no more times its size; 200")),
    CLI_BYTES(0, "max-memory", "N", struct options, limits.memory, N_("of this process; 56M")),
    CLI_NUMBER(
	0, "cpu", N_("SECONDS"), struct options, cpu_s, 1, 100000, N_("of processor time; 4")),
    CLI_NUMBER(
	0, "wall", N_("SECONDS"), struct options, wall_s, 1, 100000, N_("of anybody's time; 30")),
};
static const struct cli_group groups[] = {{NULL, own, ARRAY_LEN(own), 0, 0}};
static const struct cli_program program = {.name = "surat-unpack",
    .synopsis = N_("[options] < file"),
    .summary = N_("looks into archives and documents, for the other programs"),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .common_offset = offsetof(struct options, common)};

struct spool_bytes {
	struct inspect_bytes bytes;
	const struct spool *spool;
};

static ssize_t spool_bytes_pread(
    const struct inspect_bytes *b, void *p, size_t n, uint64_t at, struct err *e)
{
	return spool_pread(((const struct spool_bytes *)b)->spool, p, n, at, e);
}

static int look(const struct options *o, const struct spool *spool, struct err *e)
{
	struct unpack u = {.limits = &o->limits, .list = o->list, .packed = spool->size};
	struct spool_bytes bytes = {{spool_bytes_pread, spool->size}, spool};
	struct inspect_place place = {&u.result, SPAN(""), SPAN("")};
	struct source_spool in;
	inspect_result_init(&u.result);
	source_spool_init(&in, spool);
	int r = unpack_content(&u, &place, SPAN(""), 0, &in.source, &bytes.bytes, e);
	/* a limit was passed: that is an answer */
	if (r < 0 && u.over)
		r = 0;
	if (say_findings(&u, e) < 0 || (r == 0 && say_done(&u, e) < 0))
		r = -1;
	inspect_result_release(&u.result);
	return r;
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	const struct options *o = opts;
	struct source_fd in;
	struct filter_limit limit;
	struct spool spool;
	if (args->operands.n)
		return err_set(e, EX_USAGE, _("no operand is taken"));
	setlocale(LC_CTYPE, "C.UTF-8");
	spool_init(&spool);
	source_fd_init(&in, STDIN_FILENO);
	filter_limit_init(&limit, &spool.sink, (uint64_t)1 << INPUT_MAX_SHIFT);
	int r = sink_pump(&limit.sink, &in.source, e);
	if (r == 0) {
		/* from here on, as what comes may come slowly */
		confine_time_and_memory((unsigned)o->cpu_s, (unsigned)o->wall_s,
		    (unsigned long)o->limits.memory + ADDRESSES_MORE);
		confine_data((unsigned long)o->limits.memory);
		confine(0);
		r = look(o, &spool, e);
	}
	spool_release(&spool);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = {.limits = {.bytes = 256 << 20,
				.entry_bytes = 100 << 20,
				.entries = 9000,
				.depth = 12,
				.ratio = 200,
				.memory = 56 << 20},
	    .cpu_s = 4,
	    .wall_s = 30};
	return cli_main(&program, argc, argv, &o, run);
}
