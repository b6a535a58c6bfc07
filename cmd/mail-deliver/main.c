/*
 * mail-deliver - the last hop: messages from standard input or an SMTP or LMTP session into mailboxes.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "deliver.h"
#include "io/confine.h"
#include "mime/address.h"
#include "net/addr.h"

#include <stdlib.h>

static const struct cli_option options[] = {
    CLI_STRING('f', "sender", N_("ADDRESS"), struct deliver_program, sender,
	N_("who sent it; \"\" for nobody (adds Return-Path)")),
    CLI_STRING('a', "recipient", N_("ADDRESS"), struct deliver_program, recipient,
	N_("whom it is for (adds Delivered-To, refuses loops)")),
    CLI_STRING(0, "client-ip", "ADDR", struct deliver_program, client_ip,
	N_("the client it came from, for commands and Received")),
    CLI_STRING(
	0, "helo", N_("NAME"), struct deliver_program, helo, N_("what that client called itself")),
    CLI_FLAG(
	0, "mbox", struct deliver_program, mbox, N_("standard input is an mbox of many messages")),
    CLI_FLAG(0, "receipt", struct deliver_program, receipt,
	N_("print path, bytes, SHA-256 and action of each message")),
    CLI_FLAG(
	0, "dry-run", struct deliver_program, dry_run, N_("say what would be done, store nothing")),
    CLI_FLAG(0, "lmtp", struct deliver_program, lmtp,
	N_("an LMTP session on standard input and output")),
    CLI_FLAG(0, "smtp", struct deliver_program, smtp, N_("the same with SMTP")),
    CLI_STRING(0, "listen", "ADDR:PORT", struct deliver_program, listen,
	N_("accept connections there, a process for each")),
    CLI_NUMBER(0, "connections", "N", struct deliver_program, connections, 1, 10000,
	N_("at most so many at once: 100")),
    CLI_FLAG(0, "verify", struct deliver_program, verify,
	N_("look who sent it (mail-verify), and say so in Authentication-Results")),
    CLI_STRING(0, "quarantine", N_("MAILBOX"), struct deliver_program, quarantine,
	N_("where what --scan finds is put instead")),
    CLI_STRING(0, "authserv-id", N_("NAME"), struct deliver_program, authserv_id,
	N_("our name in that field")),
    CLI_FLAG(0, "reject-on-dmarc", struct deliver_program, reject_on_dmarc,
	N_("refuse what fails DMARC where its domain asks for that")),
    CLI_STRING(0, "domains", N_("LIST"), struct deliver_program, domains,
	N_("the domains that are local, separated by commas")),
    CLI_STRING(0, "map", N_("FILE"), struct deliver_program, map,
	N_("ADDRESS or @DOMAIN and its mailbox, one a line")),
    {0, "max-size", N_("BYTES"), CLI_KIND_BYTES, offsetof(struct deliver_program, max_size),
	N_("of a message; in sessions 100M unless told")},
    {0, "quota", N_("BYTES"), CLI_KIND_BYTES, offsetof(struct deliver_program, quota),
	N_("of a mailbox; a full one is put off")},
    {0, "timeout", N_("SECONDS"), CLI_KIND_SPAN, offsetof(struct deliver_program, timeout_s),
	N_("longest silence of a client: 300")},
    CLI_STRING(0, "cert", N_("FILE"), struct deliver_program, cert,
	N_("our certificate with its chain: STARTTLS is offered")),
    CLI_STRING(0, "key", N_("FILE"), struct deliver_program, key, N_("and its private key")),
};

/* --- what does not go together --- */

static int check_session(const struct deliver_program *p, struct err *e)
{
	if (p->lmtp && p->smtp)
		return err_set(e, EX_USAGE, _("--lmtp and --smtp exclude each other"));
	if (p->mbox || p->dry_run)
		return err_set(e, EX_USAGE,
		    _("--mbox and --dry-run are for standard input, not for a session"));
	if (p->sender || p->recipient)
		return err_set(
		    e, EX_USAGE, _("-f and -a are for standard input; a session says its own"));
	if (!p->listen && (p->receipt || p->common.json))
		return err_set(e, EX_USAGE,
		    _("standard output belongs to the session: no --receipt, no --json"));
	if (p->smtp && !p->domains && !p->map)
		return err_set(e, EX_USAGE, _("--smtp needs --domains or --map: who is local?"));
	if (!p->cert != !p->key)
		return err_set(e, EX_USAGE, _("--cert and --key go together"));
	return 0;
}

static int check_options(
    const struct deliver_program *p, const struct cli_args *args, struct err *e)
{
	if (args->operands.n > 1)
		return err_set(e, EX_USAGE, _("one mailbox, please; \"%s\" is a second one"),
		    args->operands.v[1]);
	if (p->lmtp || p->smtp)
		return check_session(p, e);
	if (p->listen)
		return err_set(e, EX_USAGE, _("--listen needs --smtp or --lmtp"));
	if (p->map && !p->recipient && !args->operands.n)
		return err_set(e, EX_USAGE, _("--map needs -a: whom is it for?"));
	if (p->map && args->operands.n)
		return err_set(e, EX_USAGE, _("--map says the mailbox; \"%s\" is another one"),
		    args->operands.v[0]);
	return 0;
}

/* --- addresses --- */

/* "<ana@example.org>" is taken as well as ana@example.org. A user's name alone is one of this machine. */
static int check_address(char **address, bool may_be_empty, struct err *e)
{
	struct span s = span_of(*address);
	if (s.len > 1 && s.ptr[0] == '<' && s.ptr[s.len - 1] == '>')
		s = span_make(s.ptr + 1, s.len - 2);
	bool word = s.len > 0;
	for (size_t i = 0; i < s.len; i++)
		word &= is_alpha(s.ptr[i]) || is_digit(s.ptr[i]) ||
			memchr("._+-=", s.ptr[i], 5) != NULL;
	if (!word && address_envelope_check(s, may_be_empty, e) < 0)
		return -1;
	char *bare = span_dup(s);
	free(*address);
	*address = bare;
	return 0;
}

static int check_envelope(struct deliver_program *p, struct err *e)
{
	struct net_addr ip;
	if (p->sender && check_address(&p->sender, true, e) < 0)
		return err_prefix(e, "-f: ");
	if (p->recipient && check_address(&p->recipient, false, e) < 0)
		return err_prefix(e, "-a: ");
	if (p->client_ip && !net_addr_parse(span_of(p->client_ip), 0, &ip))
		return err_set(e, EX_USAGE, _("--client-ip: \"%s\" is no address"), p->client_ip);
	return 0;
}

/* --- the mailbox --- */

static int find_mailbox(struct deliver_program *p, const struct cli_args *args, struct err *e)
{
	const char *named = args->operands.n ? args->operands.v[0] : NULL;
	if (p->map)
		return 0;
	p->mailbox_rule = named ? _("the command line") : _("the default");
	if (named)
		return deliver_mailbox_expand(&p->account, named, &p->mailbox, e);
	return account_mailbox(&p->account, &p->mailbox, e);
}

/* What mail-verify is told beside the message. */
static void settle_verifier(struct deliver_program *p)
{
	static const char *const dnssec[] = {"auto", "required", "off"};
	struct strv *to = &p->verifier.options;
	const struct cli_network *n = &p->network;
	p->verify |= p->reject_on_dmarc;
	p->verifier.authserv_id = p->authserv_id;
	p->verifier.reject = p->reject_on_dmarc;
	strv_take(to, str_printf("--dnssec=%s", dnssec[n->dnssec]));
	for (size_t i = 0; i < n->resolvers.n; i++)
		strv_take(to, str_printf("--resolver=%s", n->resolvers.v[i]));
	if (n->trust_anchor)
		strv_take(to, str_printf("--trust-anchor=%s", n->trust_anchor));
	if (n->dns_data)
		strv_take(to, str_printf("--dns-data=%s", n->dns_data));
	if (p->common.config)
		strv_take(to, str_printf("--config=%s", p->common.config));
}

/* What looks for malware, and where it puts it. */
static int settle_scan(struct deliver_program *p, struct err *e)
{
	char *quarantine = NULL;
	if (!p->scan_settings.scan || strcmp(p->scan_settings.scan, "off") == 0)
		return p->quarantine && strv_has(&p->common.given, "quarantine")
			   ? err_set(e, EX_USAGE, _("--quarantine goes with --scan"))
			   : 0;
	if (scan_init(&p->scan, &p->scan_settings, p->quarantine != NULL, e) < 0)
		return -1;
	p->scans = true;
	if (p->quarantine && deliver_mailbox_expand(&p->account, p->quarantine, &quarantine, e) < 0)
		return err_prefix(e, "--quarantine: ");
	if (quarantine) {
		free(p->quarantine);
		p->quarantine = quarantine;
	}
	p->scanner = (struct deliver_scan){.scan = &p->scan, .quarantine = p->quarantine};
	return 0;
}

static int prepare(struct deliver_program *p, const struct cli_args *args, struct err *e)
{
	if (account_load(&p->account, p->program, p, &p->common, NULL, e) < 0)
		return -1;
	int r = check_options(p, args, e);
	if (r == 0)
		r = check_envelope(p, e);
	if (r == 0)
		r = find_mailbox(p, args, e);
	if (r == 0)
		r = deliver_local_read(&p->local, &p->account, p->domains, p->map, p->mailbox, e);
	if (r == 0)
		r = settle_scan(p, e);
	settle_verifier(p);
	p->options = (struct deliver_options){
	    .max_size = (uint64_t)p->max_size, .quota = (uint64_t)p->quota};
	return r;
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct deliver_program *p = opts;
	int r = prepare(p, args, e);
	if (r == 0) {
		confine(CONFINE_FILES | CONFINE_NETWORK | CONFINE_SPAWN);
		r = p->lmtp || p->smtp ? deliver_serve(p, e) : deliver_stdin(p, e);
	}
	strv_release(&p->verifier.options);
	if (p->scans)
		scan_release(&p->scan);
	deliver_local_release(&p->local);
	account_release(&p->account);
	free(p->mailbox);
	return r;
}

int main(int argc, char **argv)
{
	struct deliver_program p = {.timeout_s = 300, .connections = 100};
	struct cli_group groups[] = {{.options = options, .count = ARRAY_LEN(options)},
	    scan_group(offsetof(struct deliver_program, scan_settings)),
	    cli_dns_group(offsetof(struct deliver_program, network))};
	struct cli_program program = {
	    .name = "mail-deliver",
	    .synopsis = N_("[options] [MAILBOX] < message"),
	    .summary =
		N_("Puts a message into a mailbox: maildir:PATH, mbox:PATH, PATH or '|command'."),
	    .groups = groups,
	    .group_count = ARRAY_LEN(groups),
	    .common_offset = offsetof(struct deliver_program, common),
	};
	p.program = &program;
	cli_network_init(&p.network);
	return cli_main(&program, argc, argv, &p, run);
}
