#include "make.h"

#include "account/account.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/random.h"
#include "codec/time.h"
#include "compose/file.h"
#include "compose/pictures.h"
#include "compose/text.h"
#include "io/sys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_dash(const char *s)
{
	return strcmp(s, "-") == 0;
}

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

static int text_of(struct spool *to, const char *text, struct err *e)
{
	struct source_mem in;
	bool guessed;
	source_mem_init(&in, span_of(text));
	return text_read(to, &in.source, &guessed, e);
}

/* Pictures that the HTML names as files beside it. */
static int add_pictures(struct draft *d, const struct options *o, struct err *e)
{
	const char *path = o->html_text ? o->html_path : o->html;
	const char *slash = path ? strrchr(path, '/') : NULL;
	char *folder = !path || is_dash(path) ? NULL
		       : !slash               ? str_dup(".")
		       : slash == path        ? str_dup("/")
					      : str_printf("%.*s", (int)(slash - path), path);
	int r = pictures_take(d, folder, e);
	free(folder);
	return r < 0 && path ? err_prefix(e, "%s: ", path) : r;
}

/* Without --body the text is standard input, unless that is a terminal or somebody else's. */
static int add_texts(struct draft *d, const struct options *o, bool free_stdin, struct err *e)
{
	const char *body = o->body;
	if (!body && !o->text && free_stdin && !isatty(STDIN_FILENO))
		body = "-";
	if (o->text && text_of(&d->text, o->text, e) < 0)
		return -1;
	if (!o->text && body && read_text(o, body, &d->text, e) < 0)
		return -1;
	bool html = o->html || o->html_text;
	d->has_text = o->text || (body && (d->text.size || !html || o->body));
	if (o->html_text && text_of(&d->html, o->html_text, e) < 0)
		return -1;
	if (!o->html_text && o->html && read_text(o, o->html, &d->html, e) < 0)
		return -1;
	d->has_html = html;
	if (html && add_pictures(d, o, e) < 0)
		return -1;
	if (!d->has_text && !d->has_html && !d->files && !o->forward.n && !o->quote && !o->edit)
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

/* RFC 2369, and RFC 8058: one click is all it takes. */
static int add_unsubscribe(struct draft *d, const char *url, struct err *e)
{
	bool https = span_starts_nocase(span_of(url), "https:");
	if (!https && !span_starts_nocase(span_of(url), "mailto:"))
		return err_set(e, EX_USAGE,
		    _("--unsubscribe %s: an https: or mailto: address is wanted"), url);
	for (const char *p = url; *p; p++)
		if (*p <= ' ' || *p >= 127 || strchr("<>,", *p))
			return err_set(e, EX_DATAERR,
			    _("--unsubscribe %s: a character that is in no address"), url);
	char *field = str_printf("List-Unsubscribe: <%s>", url);
	int r = draft_add_header(d, field, e);
	free(field);
	if (r == 0 && https)
		r = draft_add_header(d, "List-Unsubscribe-Post: List-Unsubscribe=One-Click", e);
	return r;
}

int make_options(struct draft *d, const struct options *o, struct err *e)
{
	full_prepare(d);
	d->flags = (o->utf8_headers ? BUILD_UTF8_HEADERS : 0) | (o->eight_bit ? BUILD_8BIT : 0);
	d->flowed = o->flowed;
	d->charset = o->charset;
	set_clock(d, o);
	if (o->subject)
		draft_set_subject(d, span_of(o->subject));
	if (add_addresses(d, o, e) < 0 || add_files(d, o, e) < 0)
		return -1;
	for (size_t i = 0; i < o->headers.n; i++)
		if (draft_add_header(d, o->headers.v[i], e) < 0)
			return err_prefix(e, "--header: ");
	if (o->unsubscribe && add_unsubscribe(d, o->unsubscribe, e) < 0)
		return -1;
	return o->message_id ? draft_set_message_id(d, o->message_id, e) : 0;
}

/* FNV-1a */
static uint64_t hash(const char *s)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	return h;
}

void make_chance(const struct options *o)
{
	if (o->boundary_seed)
		random_fix(hash(o->boundary_seed));
}

int make_from(struct draft *d, const struct account *a, struct err *e)
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

int make_draft(struct draft *d, const struct options *o, const struct account *a, bool free_stdin,
    struct err *e)
{
	if (make_options(d, o, e) < 0 || add_texts(d, o, free_stdin, e) < 0 ||
	    full_add_originals(d, o, a, e) < 0 || make_from(d, a, e) < 0)
		return -1;
	if (!o->edit)
		return 0;
	/* who was taken out of the draft is put in again */
	return full_edit(d, o, e) < 0 || make_from(d, a, e) < 0 ? -1 : 0;
}
