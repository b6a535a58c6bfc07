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
	if (o->dkim.n && dkim_signers_check(&o->dkim, &o->selectors, &o->keys, e) < 0)
		return -1;
	if (!o->dkim.n && o->selectors.n != n)
		return err_set(e, EX_USAGE, _("each --dkim-key has a --selector of its own"));
	return o->headers ? dkim_names_check(o->headers, e) : 0;
}

/* --- keys --- */

/* The keys of a seal alone are for its domain. */
static int read_keys(struct sign *s, struct err *e)
{
	const struct sign_options *o = s->o;
	struct strv seal = {0};
	if (!o->keys.n)
		return 0;
	if (!o->dkim.n)
		strv_add(&seal, o->arc);
	int r = dkim_signers_read(
	    &s->signers, o->dkim.n ? &o->dkim : &seal, &o->selectors, &o->keys, e);
	strv_release(&seal);
	s->dkim.v = s->signers.v;
	s->dkim.n = s->signers.n;
	return r;
}

/* The first RSA key, as not everybody checks another one; else the first. */
static int settle_seal(struct sign *s, struct err *e)
{
	const struct dkim_signers *all = &s->signers;
	struct buf domain = BUF_INIT(1024);
	size_t i = 0;
	if (!s->o->arc)
		return 0;
	while (i < all->n && sign_key_kind(all->v[i].key) != SIGN_RSA)
		i++;
	const struct dkim_signer *by = &all->v[i < all->n ? i : 0];
	if (idna_to_ascii(&domain, span_of(s->o->arc), e) < 0)
		return err_prefix(e, "--arc: ");
	s->seal_domain = buf_detach(&domain);
	s->seal = (struct arc_seal_options){
	    .by = {.key = by->key, .domain = s->seal_domain, .selector = by->selector},
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
	dkim_signers_release(&s.signers);
	free(s.seal_domain);
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
