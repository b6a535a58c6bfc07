/* secure.c - S/MIME and OpenPGP: what was found as records; the decrypted message on standard output. */
#include "base/alloc.h"
#include "base/intl.h"
#include "secure/folder.h"
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HERE(letter, name, value, kind, field, help, flags)                                        \
	{                                                                                          \
		letter, name, value, kind, offsetof(struct secure_options, field), help,           \
		    CLI_COMMAND_LINE | (flags)                                                     \
	}
static const struct cli_option secure[] = {
    HERE(0, "smime", NULL, CLI_KIND_FLAG, smime, N_("S/MIME signatures (RFC 8551)"), 0),
    HERE(0, "pgp", NULL, CLI_KIND_FLAG, pgp, N_("OpenPGP signatures (RFC 3156)"), 0),
    HERE(0, "decrypt", N_("PART"), CLI_KIND_STRING, decrypt,
	N_("write the decrypted message (or one part of it) to standard output"), CLI_OPTIONAL),
    CLI_STRING(0, "smime-cert", N_("FILE"), struct secure_options, cert,
	N_("your certificate, to decrypt; PEM")),
    CLI_STRING(0, "smime-key", N_("FILE"), struct secure_options, key, N_("its private key")),
    CLI_STRING(0, "smime-passphrase-command", N_("COMMAND"), struct secure_options,
	passphrase_command, N_("prints the key's passphrase")),
    CLI_STRING(0, "ca-file", N_("FILE"), struct secure_options, ca_file,
	N_("who is trusted to issue certificates; PEM; the system's")),
    CLI_LIST(0, "smime-chain", N_("FILE"), struct secure_options, chain,
	N_("certificates between theirs and those of --ca-file (repeatable)")),
    CLI_LIST(0, "smime-crl", N_("PATH"), struct secure_options, crls,
	N_("what was revoked: a file or a folder of lists (repeatable)")),
    CLI_FLAG(0, "smime-learn", struct secure_options, learn,
	N_("keep the certificates of signatures that hold")),
    CLI_STRING(
	0, "smime-certs", N_("FOLDER"), struct secure_options, certs, N_("where they are kept")),
    CLI_FLAG(0, "smime-allow-unauthenticated", struct secure_options, allow_unauthenticated,
	N_("show what was decrypted but may have been changed (CBC)")),
};

struct cli_group secure_group(size_t offset)
{
	return (struct cli_group){N_("S/MIME and OpenPGP"), secure, ARRAY_LEN(secure), offset, 0};
}

bool secure_named(const struct secure_options *o)
{
	return o->smime || o->pgp || o->decrypt;
}

/* --- keys and trust --- */

static int read_mine(struct verify *v, struct err *e)
{
	const struct secure_options *o = &v->o->secure;
	char *passphrase = NULL;
	if (!o->cert || !o->decrypt)
		return 0;
	if (!o->key)
		return err_set(e, EX_USAGE, _("--smime-cert and --smime-key go together"));
	if (o->passphrase_command && account_line_of_command("smime-passphrase-command",
					 o->passphrase_command, NULL, &passphrase, e) < 0)
		return -1;
	int r = smime_identity_read(&v->mine, o->cert, o->key, passphrase, e);
	str_wipe_free(passphrase);
	return r;
}

int secure_open(struct verify *v, struct err *e)
{
	const struct secure_options *o = &v->o->secure;
	const struct trust_files files = {o->ca_file, &o->chain, &o->crls};
	if (!verify_wants_secure(v->o))
		return 0;
	if (trust_open(&v->trust, &files, e) < 0 || read_mine(v, e) < 0)
		return -1;
	if (o->certs)
		v->certs = str_dup(o->certs);
	else if (o->learn)
		return account_state_path("certs", &v->certs, e);
	return 0;
}

void secure_close(struct verify *v)
{
	trust_close(&v->trust);
	smime_identity_release(&v->mine);
	free(v->certs);
}

/* --- records --- */

static void add_text(json_t *o, const char *key, const char *s)
{
	if (s && *s)
		json_object_set_new(o, key, report_json_text(span_of(s)));
}

static json_t *finding_json(const struct secure_finding *f)
{
	json_t *o = json_object();
	add_text(o, "kind", f->kind == SECURE_SIGNATURE ? "signature" : "encryption");
	add_text(o, "address", f->address);
	add_text(o, "signer", f->signer);
	add_text(o, "issuer", f->issuer);
	add_text(o, "serial", f->serial);
	add_text(o, "fingerprint", f->fingerprint);
	add_text(o, "algorithm", f->algorithm);
	add_text(o, "trust", f->trust);
	if (f->kind == SECURE_SIGNATURE)
		json_object_set_new(o, "trusted", json_boolean(f->trusted));
	if (f->signed_s)
		json_object_set_new(o, "signed", report_json_time(f->signed_s));
	if (f->expires_s)
		json_object_set_new(o, "expires", report_json_time(f->expires_s));
	return o;
}

static void add_finding(struct verify_records *all, const struct secure_finding *f)
{
	struct verify_record *r =
	    verify_add(all, secure_method_name(f->method), secure_result_name(f->result));
	const char *at = f->address ? strrchr(f->address, '@') : NULL;
	r->domain = at ? str_dup(at + 1) : NULL;
	r->reason = f->reason ? str_dup(f->reason) : NULL;
	r->part = *f->part ? str_dup(f->part) : NULL;
	r->details = finding_json(f);
	r->bad =
	    f->result == SECURE_FAIL || f->result == SECURE_POLICY || f->result == SECURE_PERMERROR;
	r->later = f->result == SECURE_TEMPERROR;
}

/* What covers a part: who signed it, what encrypted it, or neither. */
static void add_part(
    struct verify_records *all, const struct secure_look *l, const struct secure_part *p)
{
	const struct secure_finding *by = secure_covered(l, p->layer, SECURE_SIGNATURE),
				    *in = secure_covered(l, p->layer, SECURE_ENCRYPTION);
	struct verify_record *r = verify_add(all, "cover",
	    by   ? in ? "signed+encrypted" : "signed"
	    : in ? "encrypted"
		 : "neither");
	json_t *o = json_object();
	r->part = str_dup(p->number);
	r->reason = str_printf(
	    "%s %s%s%s", _("part"), p->number, by ? _(", signed by ") : "", by ? by->address : "");
	add_text(o, "type", p->type);
	add_text(o, "filename", p->filename);
	add_text(o, "signed_by", by ? by->address : NULL);
	add_text(o, "signed_with", by ? secure_method_name(by->method) : NULL);
	add_text(o, "encrypted_with", in ? secure_method_name(in->method) : NULL);
	r->details = o;
}

static const char *field_word(enum secure_field_state s)
{
	static const char *const words[] = {[SECURE_FIELD_SAME] = "protected",
	    [SECURE_FIELD_HIDDEN] = "hidden",
	    [SECURE_FIELD_CHANGED] = "changed",
	    [SECURE_FIELD_OUTSIDE] = "unprotected"};
	return words[s];
}

/* A field that is the same outside says nothing new to a person. */
static void add_field(struct verify_records *all, const struct secure_look *l,
    const struct secure_field *f, bool json)
{
	if (f->state == SECURE_FIELD_SAME && !json)
		return;
	struct verify_record *r = verify_add(all, "header", field_word(f->state));
	json_t *o = json_object();
	r->reason = f->value
			? str_printf("%s: %s%s%s%s", f->name, f->value,
			      f->outer && f->state != SECURE_FIELD_SAME ? _(" (outside: ") : "",
			      f->outer && f->state != SECURE_FIELD_SAME ? f->outer : "",
			      f->outer && f->state != SECURE_FIELD_SAME ? ")" : "")
			: str_printf(_("%s: %s (only outside: not protected)"), f->name, f->outer);
	add_text(o, "field", f->name);
	add_text(o, "value", f->value);
	add_text(o, "outer", f->outer);
	json_object_set_new(o, "signed",
	    json_boolean(f->value && secure_covered(l, l->payload_layer, SECURE_SIGNATURE)));
	json_object_set_new(o, "encrypted",
	    json_boolean(f->state == SECURE_FIELD_HIDDEN &&
			 secure_covered(l, l->payload_layer, SECURE_ENCRYPTION)));
	r->details = o;
}

/* For Authentication-Results, RFC 7281; there is no word for OpenPGP in it. */
static void add_result(struct auth_results *all, const struct secure_finding *f)
{
	static const enum auth_code codes[] = {[SECURE_NONE] = AUTH_NONE,
	    [SECURE_PASS] = AUTH_PASS,
	    [SECURE_FAIL] = AUTH_FAIL,
	    [SECURE_POLICY] = AUTH_POLICY,
	    [SECURE_NEUTRAL] = AUTH_NEUTRAL,
	    [SECURE_TEMPERROR] = AUTH_TEMPERROR,
	    [SECURE_PERMERROR] = AUTH_PERMERROR};
	if (f->method != SECURE_SMIME || f->kind != SECURE_SIGNATURE)
		return;
	struct auth_result *r = auth_results_add(all, "smime");
	auth_say(r, codes[f->result], "%s", f->reason);
	auth_property(r, "body.smime-identifier", span_of(f->address));
	auth_property(r, "body.smime-part", span_of(f->part));
	auth_property(r, "body.smime-serial", span_of(f->serial));
	auth_property(r, "body.smime-issuer", span_of(f->issuer));
}

static void add_all(struct verify_records *all, const struct secure_look *l, bool json)
{
	for (size_t i = 0; i < l->found.n; i++)
		add_finding(all, &l->found.v[i]);
	for (size_t i = 0; l->found.n && i < l->part_n; i++)
		add_part(all, l, &l->parts[i]);
	for (size_t i = 0; i < l->field_n; i++)
		add_field(all, l, &l->fields[i], json);
	if (l->limited) {
		struct verify_record *r = verify_add(all, "cover", "limited");
		r->reason = str_dup(_("too much of it: not everything was looked at"));
		r->bad = true;
	}
}

static int learn(const struct verify *v, const struct secure_look *l, struct err *e)
{
	size_t kept = 0;
	for (size_t i = 0; v->o->secure.learn && i < l->found.n; i++) {
		const struct secure_finding *f = &l->found.v[i];
		if (f->kind == SECURE_SIGNATURE && f->result == SECURE_PASS && f->certificate &&
		    folder_keep(v->certs, f->certificate, &kept, e) < 0)
			return -1;
	}
	return 0;
}

/* --- the decrypted message --- */

/* Standard output is the message's: what was found is said beside it. */
static void tell(const struct verify *v, const struct verify_records *all)
{
	for (size_t i = 0; !v->o->common.quiet && i < all->n; i++) {
		const struct verify_record *f = &all->v[i];
		if (!v->o->common.json) {
			cli_warn(v->o->program, &v->o->common, "%s: %s: %s", f->method, f->result,
			    f->reason ? f->reason : "");
			continue;
		}
		json_t *o = json_object();
		add_text(o, "method", f->method);
		add_text(o, "result", f->result);
		add_text(o, "reason", f->reason);
		add_text(o, "part", f->part);
		if (f->details)
			json_object_set(o, "details", f->details);
		char *line = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII);
		fprintf(stderr, "%s\n", line ? line : "{}");
		free(line);
		json_decref(o);
	}
}

static int code_of(const struct secure_finding *f)
{
	switch (f->result) {
	case SECURE_FAIL:
	case SECURE_POLICY: return EX_PROTOCOL;
	case SECURE_TEMPERROR: return EX_TEMPFAIL;
	case SECURE_PERMERROR: return f->no_key ? EX_NOPERM : EX_DATAERR;
	default: return EX_DATAERR;
	}
}

/* Why there is nothing to write, where something is encrypted. */
static int refuse(const struct secure_look *l, const char *part, struct err *e)
{
	if (!*part && l->apart)
		return err_set(e, EX_DATAERR,
		    _("part %s is encrypted, among parts that are not: --decrypt=%s writes it "
		      "alone"),
		    l->apart, l->apart);
	for (size_t i = 0; i < l->found.n; i++) {
		const struct secure_finding *f = &l->found.v[i];
		if (f->kind == SECURE_ENCRYPTION && f->result != SECURE_PASS)
			return err_set(
			    e, code_of(f), _("part %s: %s"), *f->part ? f->part : "1", f->reason);
	}
	return *part ? err_set(e, EX_DATAERR, _("part %s: not an encrypted part"), part) : 0;
}

static int write_decrypted(
    const struct verify *v, const struct secure_look *l, const struct spool *message, struct err *e)
{
	struct sink_fd *out;
	if (!l->plain && refuse(l, v->o->secure.decrypt, e) < 0)
		return -1;
	out = sink_fd_new(STDOUT_FILENO);
	int r = secure_look_write(l, message, &out->sink, e);
	if (r == 0)
		r = sink_end(&out->sink, e);
	free(out);
	return r;
}

int secure_check(struct verify *v, struct verify_message *m, struct err *e)
{
	const struct secure_options *o = &v->o->secure;
	const struct secure_want want = {.smime = o->smime || o->decrypt || v->o->all,
	    .pgp = o->pgp || o->decrypt || v->o->all,
	    .decrypt = o->decrypt,
	    .allow_unauthenticated = o->allow_unauthenticated,
	    .decrypt_part = o->decrypt && *o->decrypt ? o->decrypt : NULL,
	    .reader = {.trust = &v->trust, .mine = &v->mine, .mine_n = v->mine.key ? 1 : 0}};
	struct secure_look l;
	if (!want.smime && !want.pgp)
		return 0;
	secure_look_init(&l);
	int r = secure_look(&l, m->spool, &want, e);
	if (r == 0) {
		add_all(&m->records, &l, v->o->common.json);
		for (size_t i = 0; v->o->add_header && i < l.found.n; i++)
			add_result(&m->auth.results, &l.found.v[i]);
		r = learn(v, &l, e);
	}
	if (r == 0 && o->decrypt)
		tell(v, &m->records);
	if (r == 0 && o->decrypt)
		r = write_decrypted(v, &l, m->spool, e);
	secure_look_release(&l);
	return r;
}
