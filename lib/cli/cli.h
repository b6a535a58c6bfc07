/*
 * cli.h - one option table a program: parsing, --help, usage, completion, --show-config and the man page test all come from it.
 *
 *	struct opts { struct cli_common common; struct strv to; bool quote; ... };
 *	static const struct cli_option options[] = {
 *		CLI_LIST('t', "to", "ADDRESS", struct opts, to, N_("a recipient (repeatable)")),
 *		CLI_FLAG(0, "quote", struct opts, quote, N_("quote the answered text")),
 *	};
 *	static const struct cli_program program = {.name = "mail-compose", .synopsis = N_("[options] < text > message"), ...};
 *	int main(int argc, char **argv) { return cli_main(&program, argc, argv, &o, run); }
 *
 * Long options may be written --name=value or --name value; short ones may be joined; "--" ends options; operands may stand between
 * options; a flag takes =yes or =no too, so that the command line can undo the configuration. Nothing is abbreviated: scripts would break with the
 * next option. An unknown option, a missing value: one line, EX_USAGE. The same tables name the keys of the configuration file.
 *
 * Strings and lists belong to the table: cli_main frees them when run has returned. A default is NULL or malloc'ed.
 */
#ifndef SURAT_CLI_CLI_H
#define SURAT_CLI_CLI_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

#include <stddef.h>
#include <stdint.h>

enum cli_kind {
	CLI_KIND_FLAG,   /* bool */
	CLI_KIND_COUNT,  /* int, one more each time */
	CLI_KIND_STRING, /* char *, owned, the last wins */
	CLI_KIND_LIST,   /* struct strv */
	CLI_KIND_NUMBER, /* int64_t, in min..max */
	CLI_KIND_CHOICE, /* int: index of the word in choices */
	CLI_KIND_TIME,   /* int64_t: seconds since 1970, from an AGE or TIME */
	CLI_KIND_SPAN,   /* int64_t: seconds, from "10", "10s", "2h", "3d" */
	CLI_KIND_BYTES,  /* int64_t: from "100", "20k", "3M" */
	CLI_KIND_CALL, /* calls set(the group's struct, value): anything else; value NULL when it takes none */
};
enum {
	CLI_OPTIONAL = 1,     /* the value may be missing (only --name=value gives one): then "" */
	CLI_COMMAND_LINE = 2, /* not a configuration key */
	CLI_HIDDEN = 4,       /* a synonym, not in --help */
	CLI_AHEAD = 8,        /* CLI_KIND_TIME: an AGE counts from now on */
};
struct cli_option {
	char letter;       /* or 0 */
	const char *name;  /* or NULL */
	const char *value; /* its name in help, or NULL where it takes none */
	enum cli_kind kind;
	size_t offset;
	const char *help;
	unsigned flags;
	int64_t min, max;
	const char *const *choices; /* NULL-terminated */
	int (*set)(void *opts, const char *value, struct err *e);
};
#define CLI_FLAG(letter, name, type, field, help)                                                  \
	{                                                                                          \
		letter, name, NULL, CLI_KIND_FLAG, offsetof(type, field), help                     \
	}
#define CLI_STRING(letter, name, value, type, field, help)                                         \
	{                                                                                          \
		letter, name, value, CLI_KIND_STRING, offsetof(type, field), help                  \
	}
#define CLI_LIST(letter, name, value, type, field, help)                                           \
	{                                                                                          \
		letter, name, value, CLI_KIND_LIST, offsetof(type, field), help                    \
	}
#define CLI_NUMBER(letter, name, value, type, field, min, max, help)                               \
	{                                                                                          \
		letter, name, value, CLI_KIND_NUMBER, offsetof(type, field), help, 0, min, max     \
	}
#define CLI_CHOICE(letter, name, value, type, field, words, help)                                  \
	{                                                                                          \
		letter, name, value, CLI_KIND_CHOICE, offsetof(type, field), help, 0, 0, 0, words  \
	}
#define CLI_TIME(letter, name, value, type, field, flags, help)                                    \
	{                                                                                          \
		letter, name, value, CLI_KIND_TIME, offsetof(type, field), help, flags             \
	}
#define CLI_SPAN(letter, name, value, type, field, help)                                           \
	{                                                                                          \
		letter, name, value, CLI_KIND_SPAN, offsetof(type, field), help                    \
	}
#define CLI_BYTES(letter, name, value, type, field, help)                                          \
	{                                                                                          \
		letter, name, value, CLI_KIND_BYTES, offsetof(type, field), help                   \
	}
#define CLI_CALL(letter, name, value, function, help)                                              \
	{                                                                                          \
		letter, name, value, CLI_KIND_CALL, 0, help, 0, 0, 0, NULL, function               \
	}

/* A group of options that several programs share; offset: where its struct lies in the program's own. Two groups for different commands may have an option of the same
 * name; the configuration means the first. */
struct cli_group {
	const char *heading;
	const struct cli_option *options;
	size_t count, offset;
	uint64_t commands; /* CLI_FOR(id) | ...: only these commands take them; 0: all */
};
#define CLI_FOR(id) ((uint64_t)1 << (id))
struct cli_command { /* "list", "add"... for programs with commands */
	const char *name, *synopsis, *help;
	int id;            /* 0 to 63 */
	const char *alias; /* or NULL */
};
struct cli_program {
	const char *name, *synopsis, *summary;
	const struct cli_group *groups; /* own options first; cli_common_group() is added by cli */
	size_t group_count;
	const struct cli_command *commands;
	size_t command_count;
	size_t common_offset;  /* of struct cli_common */
	bool command_required; /* a first operand that is no command is an error, and so is none */
};

/* -h -V -v -q --json --config --show-config -A --color --now, in every program. */
struct cli_common {
	int verbose;
	bool quiet, json, show_config;
	char *config, *account;
	int color; /* enum cli_color */
	struct strv
	    given; /* long names (or letters) the command line gave: these win over the configuration */
	bool help, version, list_options, list_keys;
	char *completion;
	int64_t now_s;
};
enum cli_color { CLI_COLOR_AUTO, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER };

/* For the programs that use the network. */
struct cli_network {
	int64_t timeout_s, deadline_s;   /* 60; 0: none */
	struct strv resolvers, connects; /* ADDR[@PORT]; HOST=ADDR:PORT */
	char *trust_anchor, *dns_data, *ca_file, *cert, *key, *bind, *trace;
	int dnssec; /* enum cli_dnssec */
	bool only4, only6;
	int64_t smtp_port, https_port;
};
enum cli_dnssec { CLI_DNSSEC_AUTO, CLI_DNSSEC_REQUIRED, CLI_DNSSEC_OFF };
/* The options of struct cli_network, which lies at this offset. cli_network_init gives the defaults. */
struct cli_group cli_network_group(size_t offset);
/* The same without --trace, for who holds no dialogue of his own. */
struct cli_group cli_lookup_group(size_t offset);
/* --resolver, --trust-anchor, --dnssec and --dns-data alone, for who asks the DNS and connects to nobody. */
struct cli_group cli_dns_group(size_t offset);
void cli_network_init(struct cli_network *n);
void cli_network_release(struct cli_network *n);

struct cli_args {
	int command; /* id of the command word, or -1 */
	struct strv operands;
};
/* The whole of a main(): signals, locale, parsing, --help and --version (which end here), --now and SOURCE_DATE_EPOCH, the common part; then
 * run(opts, args, e). A negative return prints e (made inert) as "name: text" and ends with e->code; else the return is the exit code (after stdout was
 * flushed and checked). opts must hold its defaults. */
int cli_main(const struct cli_program *p, int argc, char **argv, void *opts,
    int (*run)(void *opts, struct cli_args *args, struct err *e));
/* For a function that has done all there was to do (--show-config): "return cli_end(e)" up to cli_main, which exits with 0. */
int cli_end(struct err *e);
/* Only the parsing. */
int cli_parse(const struct cli_program *p, int argc, char **argv, void *opts, struct cli_args *args,
    struct err *e);
/* Frees what the options hold; cli_main does it by itself. */
void cli_value_release(const struct cli_program *p, void *opts);
/* Sets one option by its long name, as the configuration does. EX_USAGE: not that value; EX_UNAVAILABLE: no such option there. */
int cli_set(
    const struct cli_program *p, void *opts, struct span name, struct span value, struct err *e);
/* The option of that long name in any group, or NULL. */
const struct cli_option *cli_find(const struct cli_program *p, struct span name);
/* Warnings and progress on stderr, inert, one line: "name: text". Not with -q. */
void cli_warn(const struct cli_program *p, const struct cli_common *c, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Prints e on stderr the same way, always. Returns e->code. */
int cli_fail(const struct cli_program *p, const struct err *e);
/* Walks all options, the common ones last: from 0 on, false at the end. */
struct cli_slot {
	const struct cli_option *option;
	const struct cli_group *group;
	size_t offset; /* of its field in opts */
};
bool cli_each(const struct cli_program *p, size_t *at, struct cli_slot *slot);
/* The value an option has now, as one would write it. */
void cli_value_text(const struct cli_slot *slot, const void *opts, struct buf *b);
/* "10", "90s", "2h", "3d", "1w" -> seconds. EX_USAGE. */
int cli_seconds(struct span text, int64_t *out, struct err *e);

#endif
