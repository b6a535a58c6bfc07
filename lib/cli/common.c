#include "base/alloc.h"
#include "base/intl.h"
#include "cli/internal.h"

#include <stdlib.h>

static const char *const colors[] = {"auto", "always", "never", NULL};
static const char *const dnssec[] = {"auto", "required", "off", NULL};

static const struct cli_option common[] = {
    {'h', "help", NULL, CLI_KIND_FLAG, offsetof(struct cli_common, help), N_("this text"),
	CLI_COMMAND_LINE},
    {'V', "version", NULL, CLI_KIND_FLAG, offsetof(struct cli_common, version),
	N_("name and version"), CLI_COMMAND_LINE},
    {'v', "verbose", NULL, CLI_KIND_COUNT, offsetof(struct cli_common, verbose),
	N_("say more on standard error; twice: still more")},
    CLI_FLAG('q', "quiet", struct cli_common, quiet, N_("say nothing but errors")),
    CLI_FLAG(0, "json", struct cli_common, json, N_("results as JSON, one object per line")),
    {0, "config", N_("FILE"), CLI_KIND_STRING, offsetof(struct cli_common, config),
	N_("the configuration, instead of the usual file"), CLI_COMMAND_LINE},
    {0, "show-config", NULL, CLI_KIND_FLAG, offsetof(struct cli_common, show_config),
	N_("each setting and where it came from"), CLI_COMMAND_LINE},
    {'A', "account", N_("NAME"), CLI_KIND_STRING, offsetof(struct cli_common, account),
	N_("an account of the configuration"), CLI_COMMAND_LINE},
    CLI_CHOICE(0, "color", "WHEN", struct cli_common, color, colors, N_("auto, always or never")),
    {0, "now", N_("TIME"), CLI_KIND_TIME, offsetof(struct cli_common, now_s),
	N_("a fixed clock, for runs that can be repeated"), CLI_COMMAND_LINE},
    {0, "completion", "SHELL", CLI_KIND_STRING, offsetof(struct cli_common, completion),
	N_("the completion of this program, for bash"), CLI_COMMAND_LINE | CLI_HIDDEN},
    {0, "list-options", NULL, CLI_KIND_FLAG, offsetof(struct cli_common, list_options),
	N_("all long options"), CLI_COMMAND_LINE | CLI_HIDDEN},
    {0, "list-keys", NULL, CLI_KIND_FLAG, offsetof(struct cli_common, list_keys),
	N_("those that are keys of the configuration"), CLI_COMMAND_LINE | CLI_HIDDEN},
};

/* --trace comes last: cli_lookup_group(). --resolver to --dns-data stand together: cli_dns_group() */
static const struct cli_option network[] = {
    CLI_SPAN(0, "timeout", N_("SECONDS"), struct cli_network, timeout_s,
	N_("longest wait for one whole reply")),
    CLI_SPAN(0, "deadline", N_("SECONDS"), struct cli_network, deadline_s,
	N_("longest time for the whole run")),
    CLI_LIST(0, "resolver", "ADDR[@PORT]", struct cli_network, resolvers,
	N_("a name server (repeatable), instead of those in /etc/resolv.conf")),
    CLI_STRING(0, "trust-anchor", N_("FILE"), struct cli_network, trust_anchor,
	N_("the root key for DNSSEC")),
    CLI_CHOICE(
	0, "dnssec", "WHEN", struct cli_network, dnssec, dnssec, N_("auto, required or off")),
    CLI_STRING(0, "dns-data", N_("FILE"), struct cli_network, dns_data,
	N_("answer from these records and ask nobody")),
    CLI_FLAG('4', NULL, struct cli_network, only4, N_("IPv4 only")),
    CLI_FLAG('6', NULL, struct cli_network, only6, N_("IPv6 only")),
    CLI_NUMBER(0, "smtp-port", "N", struct cli_network, smtp_port, 1, 65535,
	N_("instead of 25, for laboratories")),
    CLI_STRING(0, "ca-file", N_("FILE"), struct cli_network, ca_file,
	N_("trusted certificates, instead of the system's")),
    CLI_NUMBER(0, "https-port", "N", struct cli_network, https_port, 1, 65535,
	N_("instead of 443, for laboratories")),
    CLI_LIST(0, "connect", "HOST=ADDR:PORT", struct cli_network, connects,
	N_("connect there when HOST is meant, for laboratories")),
    CLI_STRING(
	0, "cert", N_("FILE"), struct cli_network, cert, N_("our certificate (with its chain)")),
    CLI_STRING(0, "key", N_("FILE"), struct cli_network, key, N_("and its private key")),
    CLI_STRING(
	0, "bind", "ADDR", struct cli_network, bind, N_("the local address to connect from")),
    {0, "trace", N_("FILE"), CLI_KIND_STRING, offsetof(struct cli_network, trace),
	N_("the dialogue, secrets masked, on standard error or in a file"), CLI_OPTIONAL},
};

struct cli_group cli_common_group(size_t offset)
{
	return (struct cli_group){_("In every program"), common, ARRAY_LEN(common), offset, 0};
}

struct cli_common *cli_common_of(const struct cli_program *p, void *opts)
{
	return (struct cli_common *)(void *)((char *)opts + p->common_offset);
}

struct cli_group cli_network_group(size_t offset)
{
	return (struct cli_group){_("The network"), network, ARRAY_LEN(network), offset, 0};
}

struct cli_group cli_lookup_group(size_t offset)
{
	struct cli_group g = cli_network_group(offset);
	g.count = 0;
	while (strcmp(network[g.count].name ? network[g.count].name : "", "trace") != 0)
		g.count++;
	return g;
}

struct cli_group cli_dns_group(size_t offset)
{
	struct cli_group g = {_("Answers of the DNS"), network, 0, offset, 0};
	while (strcmp(g.options->name, "resolver") != 0)
		g.options++;
	while (strcmp(g.options[g.count++].name, "dns-data") != 0)
		;
	return g;
}

void cli_network_init(struct cli_network *n)
{
	*n = (struct cli_network){.timeout_s = 60, .smtp_port = 25, .https_port = 443};
}

void cli_network_release(struct cli_network *n)
{
	char **strings[] = {
	    &n->trust_anchor, &n->dns_data, &n->ca_file, &n->cert, &n->key, &n->bind, &n->trace};
	for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
		free(*strings[i]);
		*strings[i] = NULL;
	}
	strv_release(&n->resolvers);
	strv_release(&n->connects);
}
