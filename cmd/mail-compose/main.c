/*
 * mail-compose: options to a draft (lib/compose), the draft to standard output.
 */
#include "account/account.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/random.h"
#include "codec/charset.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "compose/file.h"
#include "compose/text.h"
#include "io/child.h"
#include "io/confine.h"
#include "io/file.h"
#include "io/sys.h"
#include "options.h"

#include <stdlib.h>
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
	if (o->resend && content)
		return err_set(
		    e, EX_USAGE, _("--resend sends the message as it is: nothing is added to it"));
	if (o->charset && !charset_known(span_of(o->charset)))
		return err_set(
		    e, EX_USAGE, _("--charset %s: not a charset that is known here"), o->charset);
	return 0;
}

/* --- the draft ------------------------------------------------------------------------ */

static int add_all(struct draft *d, enum draft_field field, const struct strv *list,
    const char *option, struct err *e)
{
	for (size_t i = 0; i < list->n; i++)
		if (draft_add_address(d, field, list->v[i], e) < 0)
			return err_prefix(e, "%s: ", option);
	return 0;
}

static int add_addresses(struct draft *d, const struct options *o, struct err *e)
{
	return add_all(d, DRAFT_FROM, &o->from, "--from", e) < 0 ||
		       add_all(d, DRAFT_TO, &o->to, "--to", e) < 0 ||
		       add_all(d, DRAFT_CC, &o->cc, "--cc", e) < 0 ||
		       add_all(d, DRAFT_BCC, &o->bcc, "--bcc", e) < 0 ||
		       add_all(d, DRAFT_REPLY_TO, &o->reply_to, "--reply-to", e) < 0
		   ? -1
		   : 0;
}

static int add_from(struct draft *d, const struct account *a, struct err *e)
{
	char *sender;
	if (d->addresses[DRAFT_FROM].n)
		return 0;
	if (account_sender(a, NULL, &sender, e) < 0)
		return -1;
	int r = draft_add_address(d, DRAFT_FROM, sender, e);
	free(sender);
	return r;
}

static int add_files(struct draft *d, const struct options *o, struct err *e)
{
	for (size_t i = 0; i < o->inlines.n; i++)
		if (file_add(d, FILE_INLINE, o->inlines.v[i], e) < 0)
			return -1;
	for (size_t i = 0; i < o->attach.n; i++)
		if (file_add(d, FILE_ATTACH, o->attach.v[i], e) < 0)
			return -1;
	for (size_t i = 0; i < o->archives.n; i++)
		if (file_add(d, FILE_ARCHIVE, o->archives.v[i], e) < 0)
			return -1;
	return 0;
}

static int read_text(const struct options *o, const char *path, struct spool *to, struct err *e)
{
	struct source_fd in;
	bool guessed;
	int fd = STDIN_FILENO;
	if (!is_dash(path) && (fd = sys_openat(AT_FDCWD, path, O_RDONLY, 0)) < 0)
		return err_sys(e, EX_NOINPUT, "%s", path);
	source_fd_init(&in, fd);
	int r = text_read(to, &in.source, &guessed, e);
	if (fd != STDIN_FILENO)
		sys_close(fd);
	if (r < 0)
		return err_prefix(e, "%s: ", is_dash(path) ? _("standard input") : path);
	if (guessed)
		cli_warn(&program, &o->common, _("%s: not UTF-8, taken as windows-1252"),
		    is_dash(path) ? _("standard input") : path);
	return 0;
}

/* Without --body the text is standard input, unless that is a terminal or somebody else's. */
static int add_texts(struct draft *d, const struct options *o, bool free_stdin, struct err *e)
{
	const char *body = o->body;
	if (!body && free_stdin && !isatty(STDIN_FILENO))
		body = "-";
	if (body && read_text(o, body, &d->text, e) < 0)
		return -1;
	d->has_text = body && (d->text.size || !o->html || o->body);
	if (o->html && read_text(o, o->html, &d->html, e) < 0)
		return -1;
	d->has_html = o->html != NULL;
	bool files = d->files || o->forward.n;
	if (!d->has_text && !d->has_html && !files && !o->quote)
		return err_set(
		    e, EX_USAGE, _("no text: it comes on standard input, or from --body FILE"));
	return 0;
}

static void set_clock(struct draft *d, const struct options *o)
{
	bool fixed = strv_has(&o->common.given, "now") || getenv("SOURCE_DATE_EPOCH");
	d->date_s = o->has_date ? o->date_s : clock_real_s();
	d->date_offset_min = fixed ? 0 : date_local_offset(d->date_s);
	if (o->has_date && !fixed)
		d->date_offset_min = o->date_offset_min;
}

/* FNV-1a */
static uint64_t hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

static int prepare(struct draft *d, const struct options *o, struct err *e)
{
	full_prepare(d);
	d->flags = (o->utf8_headers ? BUILD_UTF8_HEADERS : 0) | (o->eight_bit ? BUILD_8BIT : 0);
	d->flowed = o->flowed;
	d->charset = o->charset;
	set_clock(d, o);
	if (o->boundary_seed)
		random_fix(hash(o->boundary_seed));
	if (o->subject)
		draft_set_subject(d, span_of(o->subject));
	if (add_addresses(d, o, e) < 0 || add_files(d, o, e) < 0)
		return -1;
	for (size_t i = 0; i < o->headers.n; i++)
		if (draft_add_header(d, o->headers.v[i], e) < 0)
			return err_prefix(e, "--header: ");
	return o->message_id ? draft_set_message_id(d, o->message_id, e) : 0;
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

static int resend(struct draft *d, const struct options *o, const struct account *a, struct err *e)
{
	struct output out;
	if (!d->addresses[DRAFT_TO].n && !d->addresses[DRAFT_CC].n && !d->addresses[DRAFT_BCC].n)
		return err_set(e, EX_USAGE, _("--resend: to whom? --to ADDRESS"));
	if (add_from(d, a, e) < 0)
		return -1;
	open_output(&out, o);
	return close_output(&out, full_resend(d, o, a, out.sink, e), e);
}

static int compose(struct draft *d, const struct options *o, const struct account *a,
    bool free_stdin, struct err *e)
{
	struct output out;
	if (add_texts(d, o, free_stdin, e) < 0 || full_add_originals(d, o, a, e) < 0 ||
	    add_from(d, a, e) < 0 || draft_settle(d, e) < 0)
		return -1;
	open_output(&out, o);
	return close_output(&out, draft_write(d, out.sink, e), e);
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
	if (o->check_address || o->reply || o->forward.n || o->resend)
		return true;
	return !all_ascii(&o->from) || !all_ascii(&o->to) || !all_ascii(&o->cc) ||
	       !all_ascii(&o->bcc) || !all_ascii(&o->reply_to) || !all_ascii(&o->headers) ||
	       (a->from && !is_ascii(span_of(a->from)));
}

static int run_with(
    struct options *o, struct cli_args *args, const struct account *a, struct err *e)
{
	struct draft d;
	bool free_stdin;
	if (check_options(o, args, e) < 0 || check_stdin(o, &free_stdin, e) < 0)
		return -1;
	confine(CONFINE_FILES | CONFINE_SPAWN);
	draft_init(&d);
	int r = prepare(&d, o, e);
	if (r == 0)
		r = o->resend ? resend(&d, o, a, e) : compose(&d, o, a, free_stdin, e);
	draft_release(&d);
	return r;
}

static char **arguments;

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct options *o = opts;
	struct account a;
	if (o->common.show_config && !full_is_here())
		return child_become("surat-compose", arguments, e);
	if (account_load(&a, &program, o, &o->common, o->from.n ? o->from.v[0] : NULL, e) < 0)
		return -1;
	int r;
	if (needs_full(o, &a) && !full_is_here())
		r = child_become("surat-compose", arguments, e);
	else if (o->check_address)
		r = full_check_addresses(&args->operands, e);
	else
		r = run_with(o, args, &a, e);
	account_release(&a);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = options_default;
	arguments = argv;
	return cli_main(&program, argc, argv, &o, run);
}
