/* mail-fetch - what is new on an IMAP or POP3 server, into a mailbox, once; and mail that stays on the server. */
#include "fetch.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/confine.h"

static const char *const tls_levels[] = {
    "auto", "none", "may", "encrypt", "fingerprint", "verify", "dane", "dane-only", NULL};

static const struct cli_option get_options[] = {
    CLI_STRING(0, "to", "MAILBOX", struct opts, to,
	N_("where messages go: a mailbox, or - for mboxrd on standard output; with move and copy, "
	   "a folder of the server")),
    CLI_STRING(0, "lmtp", N_("COMMAND"), struct opts, lmtp,
	N_("hand each message to a command that speaks LMTP, such as 'mail-deliver --lmtp'")),
    CLI_FLAG(0, "keep", struct opts, keep, N_("leave messages on the server (that is so anyway)")),
    CLI_FLAG(0, "delete", struct opts, erase, N_("delete them there once they are safe here")),
    CLI_NUMBER(0, "delete-after", N_("DAYS"), struct opts, delete_after_days, 0, 36500,
	N_("delete them there so long after they were fetched")),
    CLI_TIME(0, "since", N_("TIME"), struct opts, since_s, 0, N_("only what came since then")),
    CLI_NUMBER(
	0, "limit", "N", struct opts, limit, 1, INT64_MAX, N_("at most so many, the oldest first")),
    CLI_NUMBER(0, "jobs", "N", struct opts, jobs, 1, 16, N_("so many folders at a time")),
    CLI_STRING(0, "state", N_("FILE"), struct opts, state,
	N_("the database of what was fetched, instead of the usual one")),
};
static const struct cli_option look_options[] = {
    {0, "where", N_("QUERY"), CLI_KIND_STRING, offsetof(struct opts, where),
	N_("list only these: from:alice is:unread..."), CLI_COMMAND_LINE},
    {0, "names", N_("FILE"), CLI_KIND_STRING, offsetof(struct opts, names),
	N_("the messages' names, one a line; - is standard input"), CLI_COMMAND_LINE},
    {'0', NULL, NULL, CLI_KIND_FLAG, offsetof(struct opts, nul),
	N_("names end with NUL, in and out"), CLI_COMMAND_LINE},
    {0, "add", N_("FLAG"), CLI_KIND_LIST, offsetof(struct opts, add),
	N_("a flag to set: seen, flagged, replied, draft, deleted or a keyword (repeatable)"),
	CLI_COMMAND_LINE},
    {0, "remove", N_("FLAG"), CLI_KIND_LIST, offsetof(struct opts, remove),
	N_("a flag to take away (repeatable)"), CLI_COMMAND_LINE},
};
static const char *const dnssec[] = {"auto", "required", "off", NULL};
static const struct cli_option network_options[] = {
    CLI_CHOICE(0, "tls", N_("LEVEL"), struct opts, tls, tls_levels,
	N_("auto, none, may, encrypt, fingerprint, verify, dane or dane-only")),
    CLI_LIST(0, "fingerprint", "sha256:HEX", struct opts, fingerprints,
	N_("the server's certificate or public key has this (repeatable)")),
    CLI_SPAN(0, "timeout", N_("SECONDS"), struct opts, network.timeout_s,
	N_("longest wait for one whole reply")),
    CLI_SPAN(0, "deadline", N_("SECONDS"), struct opts, network.deadline_s,
	N_("longest time for the whole run")),
    CLI_LIST(0, "resolver", "ADDR[@PORT]", struct opts, network.resolvers,
	N_("a name server (repeatable), instead of those in /etc/resolv.conf")),
    CLI_STRING(0, "trust-anchor", N_("FILE"), struct opts, network.trust_anchor,
	N_("the root key for DNSSEC")),
    CLI_CHOICE(
	0, "dnssec", "WHEN", struct opts, network.dnssec, dnssec, N_("auto, required or off")),
    CLI_STRING(0, "dns-data", N_("FILE"), struct opts, network.dns_data,
	N_("answer from these records and ask nobody")),
    CLI_STRING(0, "ca-file", N_("FILE"), struct opts, network.ca_file,
	N_("trusted certificates, instead of the system's")),
    CLI_STRING(
	0, "cert", N_("FILE"), struct opts, network.cert, N_("our certificate (with its chain)")),
    CLI_STRING(0, "key", N_("FILE"), struct opts, network.key, N_("and its private key")),
    CLI_FLAG('4', NULL, struct opts, network.only4, N_("IPv4 only")),
    CLI_FLAG('6', NULL, struct opts, network.only6, N_("IPv6 only")),
    CLI_STRING(
	0, "bind", "ADDR", struct opts, network.bind, N_("the local address to connect from")),
    CLI_LIST(0, "connect", "HOST=ADDR:PORT", struct opts, network.connects,
	N_("connect there when HOST is meant, for laboratories")),
    {0, "trace", N_("FILE"), CLI_KIND_STRING, offsetof(struct opts, network.trace),
	N_("the dialogue, secrets masked, on standard error or in a file"), CLI_OPTIONAL},
};

static struct cli_group groups[] = {
    {N_("Fetching"), get_options, ARRAY_LEN(get_options), 0, 0},
    {N_("Messages on the server"), look_options, ARRAY_LEN(look_options), 0, 0},
    {N_("The server"), network_options, ARRAY_LEN(network_options), 0, 0},
    {0},
};
static const struct cli_command commands[] = {
    {"get", N_("[ACCOUNT|URL] [FOLDER...]"),
	N_("new messages into the mailbox (also without a command)"), CMD_GET, NULL},
    {"watch", N_("[ACCOUNT|URL] [FOLDER]"), N_("the same, again and again, as they arrive (IMAP)"),
	CMD_WATCH, NULL},
    {"folders", N_("[ACCOUNT|URL]"), N_("the folders there are"), CMD_FOLDERS, NULL},
    {"status", N_("[ACCOUNT|URL] [FOLDER...]"), N_("how many messages, unread ones, new ones"),
	CMD_STATUS, NULL},
    {"list", N_("[ACCOUNT|URL] [FOLDER...]"), N_("the messages there are (IMAP)"), CMD_LIST, NULL},
    {"search", N_("QUERY [ACCOUNT|URL] [FOLDER...]"), N_("names of the messages that answer"),
	CMD_SEARCH, NULL},
    {"show", N_("NAME"), N_("a message, to be read"), CMD_SHOW, NULL},
    {"raw", N_("NAME..."), N_("a message as it is; several as mboxrd"), CMD_RAW, NULL},
    {"flag", N_("NAME..."), N_("set and take away flags: --add, --remove"), CMD_FLAG, NULL},
    {"move", N_("NAME..."), N_("to another folder of the server: --to"), CMD_MOVE, NULL},
    {"copy", N_("NAME..."), N_("the same, and they stay"), CMD_COPY, NULL},
    {"delete", N_("NAME..."), N_("delete messages on the server"), CMD_DELETE, NULL},
    {"append", N_("[ACCOUNT|URL] [FOLDER] < MESSAGE"), N_("put a message into a folder"),
	CMD_APPEND, NULL},
};
const struct cli_program program = {
    .name = "mail-fetch",
    .synopsis = N_("[COMMAND] [options] [ACCOUNT|URL] [FOLDER...]"),
    .summary = N_("Fetches new mail by IMAP or POP3, each message once, and acts on mail that "
		  "stays on the server."),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .commands = commands,
    .command_count = ARRAY_LEN(commands),
    .common_offset = offsetof(struct opts, common),
};

static int run(void *opts, struct cli_args *args, struct err *e)
{
	static int (*const runs[])(struct opts *, struct cli_args *, struct err *) = {
	    [CMD_GET] = get_run,
	    [CMD_WATCH] = watch_run,
	    [CMD_FOLDERS] = folders_run,
	    [CMD_STATUS] = status_run,
	    [CMD_LIST] = list_run,
	    [CMD_SEARCH] = search_run,
	    [CMD_SHOW] = show_run,
	    [CMD_RAW] = raw_run,
	    [CMD_FLAG] = flag_run,
	    [CMD_MOVE] = move_run,
	    [CMD_COPY] = copy_run,
	    [CMD_DELETE] = delete_run,
	    [CMD_APPEND] = append_run,
	};
	confine(CONFINE_FILES | CONFINE_NETWORK | CONFINE_SPAWN);
	return runs[args->command < 0 ? CMD_GET : args->command](opts, args, e);
}

int main(int argc, char **argv)
{
	struct opts o = {.jobs = 1, .delete_after_days = -1};
	cli_network_init(&o.network);
	groups[ARRAY_LEN(groups) - 1] = cli_secrets_group(offsetof(struct opts, secrets));
	return cli_main(&program, argc, argv, &o, run);
}
