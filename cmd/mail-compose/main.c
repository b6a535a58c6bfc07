/*
 * mail-compose: options to a draft (lib/compose), the draft to standard output.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/charset.h"
#include "codec/utf8.h"
#include "io/child.h"
#include "io/confine.h"
#include "io/spool.h"
#include "io/sys.h"
#include "make.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- what came from standard input ------------------------------------------------- */

static int claim_stdin(bool *taken, const char *for_what, struct err *e)
{
	if (*taken)
		return err_set(e, EX_USAGE,
		    _("%s -: standard input can be read for one thing only"), for_what);
	*taken = true;
	return 0;
}

static bool is_dash(const char *s)
{
	return s && strcmp(s, "-") == 0;
}

static bool is_dash_file(const char *s)
{
	return s[0] == '-' && (!s[1] || s[1] == ';');
}

/* Each "-" is one reader. *free_stdin: nobody asked for it by name. */
static int check_stdin(const struct options *o, bool *free_stdin, struct err *e)
{
	bool taken = false;
	int r = 0;
	if (is_dash(o->body))
		r = claim_stdin(&taken, "--body", e);
	if (r == 0 && is_dash(o->html))
		r = claim_stdin(&taken, "--html", e);
	if (r == 0 && is_dash(o->merge))
		r = claim_stdin(&taken, "--merge", e);
	if (r == 0 && is_dash(o->spec))
		r = claim_stdin(&taken, "--spec", e);
	if (r == 0 && is_dash(o->reply))
		r = claim_stdin(&taken, "--reply", e);
	if (r == 0 && is_dash(o->resend))
		r = claim_stdin(&taken, "--resend", e);
	for (size_t i = 0; r == 0 && i < o->forward.n; i++)
		if (is_dash(o->forward.v[i]))
			r = claim_stdin(&taken, "--forward", e);
	for (size_t i = 0; r == 0 && i < o->attach.n; i++)
		if (is_dash_file(o->attach.v[i]))
			r = claim_stdin(&taken, "--attach", e);
	for (size_t i = 0; r == 0 && i < o->inlines.n; i++)
		if (is_dash_file(o->inlines.v[i]))
			r = claim_stdin(&taken, "--inline", e);
	*free_stdin = !taken;
	return r;
}

/* --- options that contradict each other ---------------------------------------------- */

static int check_options(const struct options *o, const struct cli_args *args, struct err *e)
{
	int modes = (o->reply != NULL) + (o->forward.n > 0) + (o->resend != NULL);
	bool content = o->body || o->html || o->attach.n || o->archives.n || o->inlines.n ||
		       o->subject || o->headers.n;
	if (args->operands.n)
		return err_set(e, EX_USAGE, _("\"%s\": no operand is taken; recipients are --to"),
		    args->operands.v[0]);
	if (modes > 1)
		return err_set(
		    e, EX_USAGE, _("--reply, --forward and --resend exclude each other"));
	const struct strv *given = &o->common.given; /* the configuration may have them for all */
	if ((strv_has(given, "all") || strv_has(given, "quote")) && !o->reply)
		return err_set(e, EX_USAGE, _("--all and --quote go with --reply"));
	if (o->inline_forward && !o->forward.n)
		return err_set(e, EX_USAGE, _("--inline-forward goes with --forward"));
	if (strv_has(given, "mbox") && !(o->forward.n == 1 && is_dash(o->forward.v[0])))
		return err_set(e, EX_USAGE, _("--mbox goes with --forward -"));
	if (o->merge && (modes || o->lint || o->edit))
		return err_set(e, EX_USAGE,
		    _("--merge goes with none of --reply, --forward, --resend, --edit and --lint"));
	if (o->resend && (o->edit || o->lint))
		return err_set(e, EX_USAGE, _("--resend goes with neither --edit nor --lint"));
	if (o->resend && content)
		return err_set(
		    e, EX_USAGE, _("--resend sends the message as it is: nothing is added to it"));
	if (o->charset && !charset_known(span_of(o->charset)))
		return err_set(
		    e, EX_USAGE, _("--charset %s: not a charset that is known here"), o->charset);
	return 0;
}

/* --- writing ------------------------------------------------------------------------------- */

struct output {
	struct sink_fd fd;
	struct filter_crlf crlf;
	struct sink *sink;
};

static void open_output(struct output *out, const struct options *o)
{
	sink_fd_init(&out->fd, STDOUT_FILENO);
	out->sink = &out->fd.sink;
	if (!o->crlf)
		return;
	filter_crlf_init(&out->crlf, &out->fd.sink, CRLF_WIRE);
	out->sink = &out->crlf.sink;
}

static int close_output(struct output *out, int r, struct err *e)
{
	if (r == 0)
		return sink_end(out->sink, e) < 0 ? err_prefix(e, "%s: ", _("standard output")) : 0;
	return -1;
}

/* --- */

static bool all_ascii(const struct strv *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!is_ascii(span_of(l->v[i])))
			return false;
	return true;
}

/* Domains of other scripts, JSON: libraries that most runs do without. */
static bool needs_full(const struct options *o, const struct account *a)
{
	if (o->check_address || o->reply || o->forward.n || o->resend || o->merge || o->lint ||
	    o->edit)
		return true;
	return !all_ascii(&o->from) || !all_ascii(&o->to) || !all_ascii(&o->cc) ||
	       !all_ascii(&o->bcc) || !all_ascii(&o->reply_to) || !all_ascii(&o->headers) ||
	       (a->from && !is_ascii(span_of(a->from)));
}

static int resend(struct draft *d, const struct options *o, const struct account *a,
    struct sink *out, struct err *e)
{
	if (make_options(d, o, e) < 0)
		return -1;
	if (!d->addresses[DRAFT_TO].n && !d->addresses[DRAFT_CC].n && !d->addresses[DRAFT_BCC].n)
		return err_set(e, EX_USAGE, _("--resend: to whom? --to ADDRESS"));
	return make_from(d, a, e) < 0 ? -1 : full_resend(d, o, a, out, e);
}

/* With --lint the message is judged before it goes out. */
static int write_judged(struct draft *d, const struct options *o, struct sink *out, struct err *e)
{
	struct spool message;
	struct source_spool in;
	spool_init(&message);
	int r = draft_write(d, &message.sink, e);
	if (r == 0)
		r = full_lint(o, &message, e);
	source_spool_init(&in, &message);
	if (r == 0)
		r = sink_pump(out, &in.source, e);
	spool_release(&message);
	return r;
}

static int write_draft(struct draft *d, const struct options *o, struct sink *out, struct err *e)
{
	signals_catch();
	return o->lint ? write_judged(d, o, out, e) : draft_write(d, out, e);
}

/* The file a draft was edited in goes when the message is out, and only then. */
static int end_draft(struct draft *d, struct sink *out, int r, struct err *e)
{
	if (r == 0)
		r = sink_end(out, e);
	if (r < 0) {
		struct err why = *e;
		return err_set(e, why.code, _("%s; the draft is %s"), why.text, d->draft_path);
	}
	sys_unlinkat(AT_FDCWD, d->draft_path, 0);
	return 0;
}

static int compose(
    struct options *o, const struct account *a, bool free_stdin, struct sink *out, struct err *e)
{
	struct draft d;
	draft_init(&d);
	int r = o->resend ? resend(&d, o, a, out, e) : make_draft(&d, o, a, free_stdin, e);
	if (r == 0 && !o->resend)
		r = draft_settle(&d, e);
	if (r == 0 && !o->resend)
		r = write_draft(&d, o, out, e);
	if (d.draft_path)
		r = end_draft(&d, out, r, e);
	draft_release(&d);
	return r;
}

/* Until the first byte is written there is nothing to finish: a signal ends the program, whatever it waits for. Then what was begun is finished, or ends
 * without a closing boundary where that takes long (compose/file.c asks). */
static void end_by_signals(void)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct sigaction now;
		sigaction(signals[i], NULL, &now);
		if (now.sa_handler != SIG_IGN)
			signal(signals[i], SIG_DFL);
	}
}

/* What is attached is open until the message is written. */
static void allow_many_files(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

static int run_with(
    struct options *o, struct cli_args *args, const struct account *a, struct err *e)
{
	bool free_stdin;
	if (check_options(o, args, e) < 0 || check_stdin(o, &free_stdin, e) < 0)
		return -1;
	confine(CONFINE_FILES | CONFINE_SPAWN);
	end_by_signals();
	if (o->attach.n + o->inlines.n > 100)
		allow_many_files();
	make_chance(o);
	struct output *out =
	    mem_resize(NULL, 1, sizeof(*out)); /* of which a small message touches little */
	open_output(out, o);
	int r = o->merge ? full_merge(o, a, free_stdin, out->sink, e)
			 : compose(o, a, free_stdin, out->sink, e);
	r = close_output(out, r, e);
	free(out);
	return r;
}

static char **arguments;

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct options *o = opts;
	struct account a;
	if ((o->common.show_config || o->spec) && !full_is_here())
		return child_become("surat-compose", arguments, e);
	if (o->spec && full_read_spec(o, e) < 0)
		return -1;
	if (account_load(&a, &program, o, &o->common, o->from.n ? o->from.v[0] : NULL, e) < 0)
		return -1;
	int r;
	if (needs_full(o, &a) && !full_is_here())
		r = child_become("surat-compose", arguments, e);
	else if (o->check_address)
		r = full_check_addresses(&args->operands, e);
	else if (o->lint && *o->lint_message)
		r = full_lint_message(o, &a, e);
	else
		r = run_with(o, args, &a, e);
	account_release(&a);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = options_default;
	arguments = argv;
	int code = cli_main(&program, argc, argv, &o, run);
	free(o.lint_message);
	free(o.text);
	free(o.html_text);
	return code;
}
