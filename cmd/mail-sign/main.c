/*
 * mail-sign - a filter that signs and encrypts: S/MIME and OpenPGP, then DKIM, with as many keys as are given, then ARC.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/idna.h"
#include "io/confine.h"
#include "sign.h"

#include <stdlib.h>

static const struct cli_option dkim[] = {
    CLI_LIST(0, "dkim", N_("DOMAIN"), struct sign_options, dkim,
	N_("sign for this domain (repeatable, one for each key; one alone is for all)")),
    CLI_LIST(0, "selector", N_("NAME"), struct sign_options, selectors,
	N_("the key is published at NAME._domainkey.DOMAIN (repeatable)")),
    CLI_LIST(0, "dkim-key", N_("FILE"), struct sign_options, keys,
	N_("the private key, RSA or Ed25519, PEM (repeatable)")),
    CLI_STRING(0, "sign-headers", "A:B:C", struct sign_options, headers,
	N_("sign these fields instead of the usual ones")),
    CLI_FLAG(0, "oversign", struct sign_options, oversign,
	N_("so that no field that is missing can be added")),
    CLI_STRING(0, "canon", "HEADER/BODY", struct sign_options, canon,
	N_("relaxed/relaxed unless told, or simple")),
    {0, "time", N_("SECONDS"), CLI_KIND_NUMBER, offsetof(struct sign_options, time_s),
	N_("the time of signing, since 1970: the same bytes each time"), CLI_COMMAND_LINE, 1,
	999999999999},
    CLI_SPAN(0, "expire-after", N_("TIME"), struct sign_options, expire_s,
	N_("the signature is worth nothing later (x=)")),
    CLI_FLAG(0, "check-dns", struct sign_options, check_dns,
	N_("first look whether the DNS has the keys that fit")),
    {0, "dkim-keygen", "rsa2048|ed25519", CLI_KIND_STRING, offsetof(struct sign_options, keygen),
	N_("make a key, print it and the record to publish"), CLI_COMMAND_LINE},
};
static const struct cli_option arc[] = {
    {0, "arc", N_("DOMAIN"), CLI_KIND_STRING, offsetof(struct sign_options, arc),
	N_("seal for this domain what --authserv-id found"), CLI_COMMAND_LINE},
    CLI_STRING(0, "authserv-id", N_("NAME"), struct sign_options, authserv_id,
	N_("whose Authentication-Results are ours")),
};
static const struct cli_option input[] = {
    CLI_FLAG(
	0, "mbox", struct sign_options, mbox, N_("standard input is an mbox of many messages")),
};

static int check_options(const struct sign_options *o, const struct cli_args *args, struct err *e)
{
	size_t n = o->keys.n;
	if (args->operands.n)
		return err_set(e, EX_USAGE,
		    _("the message comes on standard input; \"%s\" is too much"),
		    args->operands.v[0]);
	if (o->keygen)
		return 0;
	if (secure_check_options(&o->secure, e) < 0)
		return -1;
	if (!o->dkim.n && !o->arc && !n && secure_asked(&o->secure))
		return 0;
	if (!o->dkim.n && !o->arc && !n)
		return err_set(e, EX_USAGE,
		    _("nothing to do: --dkim DOMAIN says for whom to sign, --smime-sign or "
		      "--pgp-sign KEY with what"));
	if ((!o->dkim.n && !o->arc) || !n || !o->selectors.n)
		return err_set(
		    e, EX_USAGE, _("--dkim or --arc, --selector and --dkim-key go together"));
	if (o->arc && !o->authserv_id)
		return err_set(e, EX_USAGE,
		    _("--arc needs --authserv-id NAME: whose Authentication-Results are ours?"));
	if (o->selectors.n != n)
		return err_set(e, EX_USAGE,
		    _("each --dkim-key has a --selector of its own: %zu keys, %zu selectors"), n,
		    o->selectors.n);
	if (o->dkim.n > 1 && o->dkim.n != n)
		return err_set(e, EX_USAGE,
		    _("one --dkim for all keys, or one for each: %zu keys, %zu domains"), n,
		    o->dkim.n);
	return o->headers ? dkim_names_check(o->headers, e) : 0;
}

/* --- keys --- */

static int add_name(struct strv *names, const char *name, const char *option, struct err *e)
{
	struct buf ascii = BUF_INIT(1024);
	int r = idna_to_ascii(&ascii, span_of(name), e);
	if (r < 0)
		return err_prefix(e, "%s: ", option);
	strv_take(names, buf_detach(&ascii));
	return 0;
}

static int add_signer(struct sign *s, size_t i, struct err *e)
{
	const struct sign_options *o = s->o;
	struct sign_key *key;
	const char *domain = !o->dkim.n ? o->arc : o->dkim.v[o->dkim.n == 1 ? 0 : i];
	if (add_name(&s->names, domain, "--dkim", e) < 0 ||
	    add_name(&s->names, o->selectors.v[i], "--selector", e) < 0 ||
	    sign_key_read(&key, o->keys.v[i], e) < 0)
		return -1;
	s->signers[s->dkim.n++] = (struct dkim_signer){.key = key,
	    .domain = s->names.v[s->names.n - 2],
	    .selector = s->names.v[s->names.n - 1]};
	return 0;
}

static int read_keys(struct sign *s, struct err *e)
{
	s->signers = mem_new(s->o->keys.n, sizeof(*s->signers));
	s->dkim.v = s->signers;
	for (size_t i = 0; i < s->o->keys.n; i++)
		if (add_signer(s, i, e) < 0)
			return -1;
	return 0;
}

static void forget_keys(struct sign *s)
{
	for (size_t i = 0; s->signers && i < s->o->keys.n; i++)
		sign_key_free((struct sign_key *)(uintptr_t)s->signers[i].key);
	free(s->signers);
	strv_release(&s->names);
}

/* The first RSA key, as not everybody checks another one; else the first. */
static int settle_seal(struct sign *s, struct err *e)
{
	size_t i = 0;
	if (!s->o->arc)
		return 0;
	while (i < s->dkim.n && sign_key_kind(s->signers[i].key) != SIGN_RSA)
		i++;
	const struct dkim_signer *by = &s->signers[i < s->dkim.n ? i : 0];
	if (add_name(&s->names, s->o->arc, "--arc", e) < 0)
		return -1;
	s->seal = (struct arc_seal_options){
	    .by = {.key = by->key, .domain = s->names.v[s->names.n - 1], .selector = by->selector},
	    .authserv_id = s->o->authserv_id,
	    .header = s->dkim.header,
	    .body = s->dkim.body,
	    .time_s = s->dkim.time_s};
	if (!s->o->dkim.n)
		s->dkim.n = 0; /* the keys are for the seal alone */
	return 0;
}

static int settle(struct sign *s, struct err *e)
{
	const struct sign_options *o = s->o;
	int64_t now = o->time_s ? o->time_s : clock_real_s();
	s->dkim = (struct dkim_sign_options){.names = o->headers,
	    .oversign = o->oversign,
	    .time_s = now,
	    .expires_s = o->expire_s ? now + o->expire_s : -1};
	if (dkim_canon_parse(&s->dkim, o->canon ? o->canon : "relaxed/relaxed", e) < 0)
		return -1;
	return read_keys(s, e) < 0 ? -1 : settle_seal(s, e);
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct sign_options *o = opts;
	struct sign s = {.o = o};
	struct account account;
	if (account_load(&account, o->program, o, &o->common, NULL, e) < 0)
		return -1;
	account_release(&account);
	confine(CONFINE_FILES | CONFINE_SPAWN);
	if (check_options(o, args, e) < 0)
		return -1;
	if (o->keygen)
		return sign_keygen(o, e);
	int r = secure_settle(&s, e);
	if (r == 0)
		r = settle(&s, e);
	if (r == 0 && o->check_dns)
		r = sign_check_dns(&s, e);
	if (r == 0)
		r = sign_messages(&s, e);
	forget_keys(&s);
	secure_forget(&s);
	return r;
}

int main(int argc, char **argv)
{
	struct sign_options o = {.secure = {.protect_headers = true}};
	struct cli_group groups[] = {
	    {.heading = N_("DKIM"), .options = dkim, .count = ARRAY_LEN(dkim)},
	    {.heading = N_("ARC"), .options = arc, .count = ARRAY_LEN(arc)},
	    secure_group(offsetof(struct sign_options, secure)),
	    {.heading = N_("Input"), .options = input, .count = ARRAY_LEN(input)},
	    cli_dns_group(offsetof(struct sign_options, network)),
	};
	struct cli_program program = {
	    .name = "mail-sign",
	    .synopsis = N_("[options] < message > message"),
	    .summary = N_("Signs a message on its way from standard input to standard output."),
	    .groups = groups,
	    .group_count = ARRAY_LEN(groups),
	    .common_offset = offsetof(struct sign_options, common),
	};
	o.program = &program;
	cli_network_init(&o.network);
	return cli_main(&program, argc, argv, &o, run);
}
