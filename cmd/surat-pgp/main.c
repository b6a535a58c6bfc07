/*
 * surat-pgp: the helper that knows OpenPGP (gpgme, and through it GnuPG), so that no other program loads it.
 *
 *	surat-pgp sign --key KEY				content in, a detached signature out
 *	surat-pgp encrypt --to KEY... [--key KEY]
 *	surat-pgp verify --signature-bytes N			N octets of signature, then the content
 *	surat-pgp decrypt					also what is only signed
 *
 * Answers one line of JSON, {"v":1,"bytes":N,...}, and N bytes behind it; {"v":1,"error":text,"code":sysexits} where it cannot be done at all. All input is read before
 * anything is answered. Keys are those of the person's GnuPG; nothing is fetched; passphrases are asked by gpg-agent.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "cli/cli.h"
#include "io/confine.h"
#include "pgp.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIGN, ENCRYPT, VERIFY, DECRYPT };
/* the wall is for a person who looks for a passphrase */
enum { CPU_SECONDS = 120, WALL_SECONDS = 600, MEMORY_MAX = 1 << 30 };

struct options {
	struct cli_common common;
	char *key;
	struct strv to;
	int64_t signature_bytes;
};
static const struct cli_option own[] = {
    CLI_STRING(0, "key", N_("KEY"), struct options, key, N_("signs: a fingerprint or an address")),
    CLI_LIST(0, "to", N_("KEY"), struct options, to, N_("may read it (repeatable)")),
    CLI_NUMBER(0, "signature-bytes", "N", struct options, signature_bytes, 1, 1 << 20,
	N_("how much of the input is the signature")),
};
static const struct cli_group groups[] = {{NULL, own, ARRAY_LEN(own), 0, 0}};
static const struct cli_command commands[] = {
    {"sign", N_("--key KEY < content"), N_("make a detached signature"), SIGN, NULL},
    {"encrypt", N_("--to KEY... [--key KEY] < content"), N_("encrypt, and sign"), ENCRYPT, NULL},
    {"verify", N_("--signature-bytes N < signature and content"), N_("check a detached signature"),
	VERIFY, NULL},
    {"decrypt", N_("< message"), N_("decrypt, and check signatures"), DECRYPT, NULL},
};
static const struct cli_program program = {.name = "surat-pgp",
    .synopsis = N_("COMMAND [options]"),
    .summary = N_("signs, encrypts, checks and decrypts with OpenPGP, for the other programs"),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .commands = commands,
    .command_count = ARRAY_LEN(commands),
    .command_required = true,
    .common_offset = offsetof(struct options, common)};

int job_failed(struct err *e, gpgme_error_t g, const char *what)
{
	char why[200];
	gpgme_strerror_r(g, why, sizeof(why));
	switch (gpgme_err_code(g)) {
	case GPG_ERR_CANCELED:
	case GPG_ERR_BAD_PASSPHRASE:
	case GPG_ERR_NO_PASSPHRASE:
	case GPG_ERR_NO_PIN_ENTRY: return err_set(e, EX_NOPERM, "%s: %s", what, why);
	case GPG_ERR_NO_PUBKEY:
	case GPG_ERR_NO_SECKEY: return err_set(e, EX_NOUSER, "%s: %s", what, why);
	default: return err_set(e, EX_UNAVAILABLE, "%s: %s", what, why);
	}
}

/* --- bytes --- */

static ssize_t data_read(void *ctx, void *p, size_t n)
{
	struct data *d = ctx;
	return d->from ? d->from->read(d->from, p, n, &d->failed) : 0;
}

static ssize_t data_write(void *ctx, const void *p, size_t n)
{
	struct data *d = ctx;
	return d->to && sink_put(d->to, span_make(p, n), &d->failed) == 0 ? (ssize_t)n : -1;
}

int data_open(struct data *d, struct source *from, struct sink *to, struct err *e)
{
	static struct gpgme_data_cbs calls = {data_read, data_write, NULL, NULL};
	*d = (struct data){.from = from, .to = to};
	gpgme_error_t g = gpgme_data_new_from_cbs(&d->gpgme, &calls, d);
	return g ? job_failed(e, g, "gpgme") : 0;
}

void data_close(struct data *d)
{
	gpgme_data_release(d->gpgme);
	d->gpgme = NULL;
}

/* --- a run --- */

static int open_gpgme(gpgme_ctx_t *ctx, struct err *e)
{
	gpgme_check_version(NULL);
	gpgme_set_locale(NULL, LC_CTYPE, "C.UTF-8");
	gpgme_error_t g = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP);
	if (!g)
		g = gpgme_new(ctx);
	if (!g)
		g = gpgme_set_protocol(*ctx, GPGME_PROTOCOL_OpenPGP);
	if (g)
		return job_failed(e, g, "GnuPG");
	gpgme_set_armor(*ctx, 1);
	gpgme_set_offline(*ctx, 1); /* no dirmngr: no key servers, no WKD, whatever gpg.conf says */
	gpgme_set_ctx_flag(*ctx, "full-status", "1");
	return 0;
}

static int work(struct job *j, const struct options *o, int command, struct err *e)
{
	switch (command) {
	case SIGN: return make_signature(j, o->key, e);
	case ENCRYPT: return make_encrypted(j, &o->to, o->key, e);
	case VERIFY: return read_signature(j, (uint64_t)o->signature_bytes, e);
	default: return read_encrypted(j, e);
	}
}

static int say(struct job *j, struct sink *out, struct err *e)
{
	json_object_set_new(j->answer, "bytes", json_integer((json_int_t)j->out.size));
	char *line = json_dumps(j->answer, JSON_COMPACT | JSON_ENSURE_ASCII);
	ENSURE(line);
	struct source_spool s;
	source_spool_init(&s, &j->out);
	int r = sink_puts(out, line, e);
	if (r == 0)
		r = sink_puts(out, "\n", e);
	if (r == 0)
		r = sink_pump(out, &s.source, e);
	free(line);
	return r == 0 ? sink_end(out, e) : r;
}

static int check(const struct options *o, const struct cli_args *args, struct err *e)
{
	if (args->operands.n)
		return err_set(e, EX_USAGE, _("no operand is taken"));
	if (args->command == SIGN && !o->key)
		return err_set(e, EX_USAGE, _("--key is missing"));
	if (args->command == ENCRYPT && !o->to.n)
		return err_set(e, EX_USAGE, _("--to is missing"));
	if (args->command == VERIFY && !o->signature_bytes)
		return err_set(e, EX_USAGE, _("--signature-bytes is missing"));
	return 0;
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	const struct options *o = opts;
	struct source_fd in;
	struct sink_fd out;
	struct err failed = ERR_INIT;
	struct job j = {.in = &in.source, .answer = json_pack("{s:i}", "v", 1)};
	ENSURE(j.answer);
	if (check(o, args, e) < 0) {
		json_decref(j.answer);
		return -1;
	}
	confine_time_and_memory(CPU_SECONDS, WALL_SECONDS, MEMORY_MAX);
	confine(CONFINE_FILES | CONFINE_SPAWN);
	source_fd_init(&in, STDIN_FILENO);
	sink_fd_init(&out, STDOUT_FILENO);
	spool_init(&j.out);
	if (open_gpgme(&j.ctx, &failed) < 0 || work(&j, o, args->command, &failed) < 0) {
		spool_reset(&j.out, NULL);
		json_object_set_new(j.answer, "error", json_string(failed.text));
		json_object_set_new(j.answer, "code", json_integer(failed.code));
	}
	int r = say(&j, &out.sink, e);
	spool_release(&j.out);
	gpgme_release(j.ctx);
	json_decref(j.answer);
	return r < 0 ? r : failed.code;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	return cli_main(&program, argc, argv, &o, run);
}
