#include "base/alloc.h"
#include "base/intl.h"
#include "read.h"

static const char *const sorts[] = {"arrival", "date", "from", "subject", "size", "thread", NULL};

/* Options that make sense for one run, and so are no keys of the configuration. */
#define ONCE(letter, name, value, kind, field, help)                                               \
	{                                                                                          \
		letter, name, value, kind, offsetof(struct options, field), help, CLI_COMMAND_LINE \
	}

static const struct cli_option choosing[] = {
    ONCE(0, "where", N_("QUERY"), CLI_KIND_STRING, where, N_("only messages that answer it")),
};
static const struct cli_option listing[] = {
    CLI_CHOICE(0, "sort", N_("ORDER"), struct options, sort, sorts,
	N_("arrival, date, from, subject, size or thread")),
    ONCE('r', "reverse", NULL, CLI_KIND_FLAG, reverse, N_("the other way round")),
    CLI_NUMBER(
	0, "limit", "N", struct options, limit, 1, INT64_MAX, N_("only the last N of that order")),
};
static const struct cli_option form[] = {
    CLI_STRING(0, "format", N_("TEXT"), struct options, format,
	N_("a line of your own: {from} {subject:40} \\t ...")),
};
static const struct cli_option names[] = {
    ONCE(0, "names", N_("FILE"), CLI_KIND_STRING, names,
	N_("names of messages, one a line; - is standard input")),
};
static const struct cli_option zero[] = {
    CLI_FLAG('0', NULL, struct options, zero, N_("names end in NUL, in and out")),
};
static const struct cli_option stream[] = {
    CLI_FLAG(0, "mbox", struct options, mbox,
	N_("standard input or output is a stream of messages (mboxrd)")),
};
static const struct cli_option showing[] = {
    ONCE(0, "html", NULL, CLI_KIND_FLAG, html, N_("the HTML text where there are both")),
};
static const struct cli_option fields[] = {
    ONCE('n', "field", N_("NAME"), CLI_KIND_LIST, fields,
	N_("only this field's value (repeatable)")),
};
static const struct cli_option taking_apart[] = {
    {'j', "jobs", "N", CLI_KIND_NUMBER, offsetof(struct options, jobs),
	N_("so many messages of a mailbox at a time, in threads"), CLI_COMMAND_LINE, 1, 64},
};
static const struct cli_option extracting[] = {
    ONCE(0, "all", NULL, CLI_KIND_FLAG, all, N_("every part, not only what is attached")),
    CLI_STRING(0, "dir", N_("DIR"), struct options, dir,
	N_("the folder for the files; - is standard output, for one part")),
};
static const struct cli_option flags[] = {
    ONCE(0, "add", N_("FLAGS"), CLI_KIND_LIST, add,
	N_("seen, replied, flagged, trashed, draft, passed")),
    ONCE(0, "remove", N_("FLAGS"), CLI_KIND_LIST, remove, N_("the same")),
};
static const struct cli_option target[] = {
    ONCE(0, "to", N_("MAILBOX"), CLI_KIND_STRING, to, N_("where to")),
};
static const struct cli_option threading[] = {
    ONCE(0, "imap", NULL, CLI_KIND_FLAG, imap, N_("as RFC 5256 writes them: (1 2)(3 (4)(5))")),
};

#define READERS                                                                                    \
	(CLI_FOR(SHOW) | CLI_FOR(HEADERS) | CLI_FOR(PARTS) | CLI_FOR(EXTRACT) | CLI_FOR(RAW))
#define CHANGERS (CLI_FOR(FLAG) | CLI_FOR(MOVE) | CLI_FOR(COPY) | CLI_FOR(DELETE))
#define LISTERS (CLI_FOR(LIST) | CLI_FOR(SEARCH))
#define GROUP(heading, options, commands)                                                          \
	{                                                                                          \
		heading, options, ARRAY_LEN(options), 0, commands                                  \
	}
static const struct cli_group groups[] = {
    GROUP(N_("Which messages"), choosing, CLI_FOR(LIST) | CLI_FOR(COUNT) | CLI_FOR(THREAD)),
    GROUP(N_("Order of a list"), listing, LISTERS),
    GROUP(N_("Form of a list"), form, CLI_FOR(LIST)),
    GROUP(N_("Sets of messages"), names, READERS | CHANGERS),
    GROUP(N_("Names"), zero, READERS | CHANGERS | CLI_FOR(SEARCH)),
    GROUP(N_("Streams"), stream, READERS),
    GROUP(N_("show"), showing, CLI_FOR(SHOW)),
    GROUP(N_("headers"), fields, CLI_FOR(HEADERS)),
    GROUP(N_("parts"), taking_apart, CLI_FOR(PARTS)),
    GROUP(N_("extract"), extracting, CLI_FOR(EXTRACT)),
    GROUP(N_("flag"), flags, CLI_FOR(FLAG)),
    GROUP(N_("move, copy"), target, CLI_FOR(MOVE) | CLI_FOR(COPY)),
    GROUP(N_("thread"), threading, CLI_FOR(THREAD)),
};

static const struct cli_command commands[] = {
    {"list", N_("[MAILBOX...]"), N_("a table of messages"), LIST},
    {"search", N_("QUERY [MAILBOX...]"), N_("the names of the messages that answer"), SEARCH},
    {"thread", N_("[MAILBOX...]"), N_("messages by conversation"), THREAD},
    {"count", N_("[MAILBOX...]"), N_("how many messages there are"), COUNT},
    {"folders", "", N_("the mailboxes of the store"), FOLDERS},
    {"show", N_("[MSG...]"), N_("a message to read"), SHOW},
    {"headers", N_("[MSG...]"), N_("all its header fields, decoded"), HEADERS},
    {"parts", N_("[MSG...|MAILBOX...]"), N_("what it is made of"), PARTS},
    {"extract", N_("MSG [PART...]"), N_("its attachments as files"), EXTRACT},
    {"raw", N_("[MSG...]"), N_("its very bytes"), RAW},
    {"flag", N_("MSG... [+FLAG] [-FLAG]"), N_("sets and clears flags"), FLAG},
    {"move", N_("--to MAILBOX MSG..."), N_("prints the new names"), MOVE},
    {"copy", N_("--to MAILBOX MSG..."), N_("prints the new names"), COPY},
    {"delete", N_("MSG..."), N_("removes messages for good"), DELETE},
    {"expunge", N_("[MAILBOX...]"), N_("removes those flagged as trashed"), EXPUNGE},
};

const struct cli_program read_program = {
    .name = "mail-read",
    .synopsis = N_("COMMAND [options] ..."),
    .summary = N_("List, search, show, extract, flag, move and delete messages in Maildirs, mboxes "
		  "and files.\n"
		  "Without a command: list; with a message on standard input: show."),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .commands = commands,
    .command_count = ARRAY_LEN(commands),
    .common_offset = offsetof(struct options, common),
};
