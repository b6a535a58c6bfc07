/*
 * --merge: a message for each row of a table, as an mboxrd stream. Everything is tried on every row before the first byte is written: names of fields, addresses,
 * files. Then the rows are read again.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "compose/rows.h"
#include "compose/template.h"
#include "compose/text.h"
#include "io/file.h"
#include "io/spool.h"
#include "io/sys.h"
#include "make.h"
#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

enum { TEXT_MAX = 16 << 20 };

/* A template that was read: of many rows in turn most use the same. */
struct loaded {
	char *path;
	struct buf text;
};
struct merger {
	const struct options *o;
	const struct account *account;
	struct strv headers; /* of --header, and those that head the template */
	struct loaded text, html;
	const struct row *row;
	bool addressed; /* the template or an option says to whom */
};

static bool lookup(void *ctx, struct span name, struct span *value)
{
	return rows_get(((struct merger *)ctx)->row, name, value);
}

/* malloc'ed, or NULL. */
static char *expand(struct merger *m, const char *text, int flags, struct err *e)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	int r = template_expand(&b, span_of(text), lookup, m, flags, e);
	char *out = r < 0 ? NULL : span_dup(buf_span(&b));
	buf_release(&b);
	return out;
}

static int expand_into(struct merger *m, char **to, const char *from, int flags, struct err *e)
{
	if (!from)
		return 0;
	*to = expand(m, from, flags, e);
	return *to ? 0 : -1;
}

/* An address that came out empty is no recipient: a row without a Cc. */
static int expand_list(
    struct merger *m, struct strv *to, const struct strv *from, bool drop_empty, struct err *e)
{
	for (size_t i = 0; i < from->n; i++) {
		char *text = expand(m, from->v[i], 0, e);
		if (!text)
			return -1;
		if (drop_empty && !span_trim(span_of(text)).len)
			free(text);
		else
			strv_take(to, text);
	}
	return 0;
}

/* --- templates ------------------------------------------------------------------- */

static int read_spool(struct buf *to, const struct spool *sp, struct err *e)
{
	struct source_spool in;
	struct sink_buf sink;
	source_spool_init(&in, sp);
	sink_buf_init(&sink, to);
	if (sink_pump(&sink.sink, &in.source, e) < 0)
		return -1;
	return to->len && memchr(to->ptr, 0, to->len)
		   ? err_set(e, EX_DATAERR, _("a NUL in the text"))
		   : 0;
}

static int load(struct loaded *l, const char *path, struct err *e)
{
	struct source_fd in;
	struct spool sp;
	bool guessed;
	int fd = STDIN_FILENO;
	if (l->path && strcmp(l->path, path) == 0)
		return 0;
	if (strcmp(path, "-") != 0 && (fd = file_open(path, e)) < 0)
		return -1;
	free(l->path);
	l->path = str_dup(path);
	buf_release(&l->text);
	buf_init(&l->text, TEXT_MAX);
	source_fd_init(&in, fd);
	spool_init(&sp);
	int r = text_read(&sp, &in.source, &guessed, e);
	if (r == 0)
		r = read_spool(&l->text, &sp, e);
	spool_release(&sp);
	if (fd != STDIN_FILENO)
		sys_close(fd);
	return r < 0 ? err_prefix(e, "%s: ", path) : 0;
}

/* The name's template may itself have fields ("letter.{{language}}"). *to stays NULL where there is no such part. */
static int text_of_row(
    struct merger *m, struct loaded *l, const char *path, int flags, char **to, struct err *e)
{
	if (!path && !l->path)
		return 0;
	if (path) {
		char *own = expand(m, path, 0, e);
		int r = own ? load(l, own, e) : -1;
		free(own);
		if (r < 0)
			return -1;
	}
	return expand_into(m, to, buf_cstr(&l->text), flags, e);
}

static bool is_heading(struct span line)
{
	static const char *const names[] = {"From", "To", "Cc", "Bcc", "Reply-To", "Subject"};
	struct span name;
	if (!span_cut(&line, ':', &name))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (span_is_nocase(name, names[i]))
			return true;
	return false;
}

/* A template on standard input may begin with fields, up to an empty line: they do what --header does. */
static void take_heading(struct merger *m, struct buf *text)
{
	struct span rest = buf_span(text), line;
	struct buf field = BUF_INIT(TEXT_MAX);
	if (!is_heading(rest))
		return;
	while (span_line(&rest, &line) && line.len) {
		if (!is_wsp(*line.ptr) && field.len) {
			strv_add_span(&m->headers, buf_span(&field));
			buf_reset(&field);
		}
		buf_add(&field, line);
	}
	if (field.len)
		strv_add_span(&m->headers, buf_span(&field));
	buf_release(&field);
	buf_drop(text, text->len - rest.len);
}

static bool names_recipients(const struct merger *m)
{
	if (m->o->to.n || m->o->cc.n || m->o->bcc.n)
		return true;
	for (size_t i = 0; i < m->headers.n; i++) {
		struct span h = span_of(m->headers.v[i]);
		if (span_starts_nocase(h, "to:") || span_starts_nocase(h, "cc:") ||
		    span_starts_nocase(h, "bcc:"))
			return true;
	}
	return false;
}

/* --- a row ------------------------------------------------------------------------ */

static void release_expanded(struct options *x)
{
	struct strv *lists[] = {&x->from, &x->to, &x->cc, &x->bcc, &x->reply_to, &x->headers,
	    &x->inlines, &x->attach, &x->archives};
	char *texts[] = {x->subject, x->text, x->html_text, x->unsubscribe};
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		strv_release(lists[i]);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		free(texts[i]);
}

static int expand_addresses(struct merger *m, struct options *x, struct err *e)
{
	static const char *const columns[] = {"to", "email"};
	struct span value;
	if (expand_list(m, &x->from, &m->o->from, true, e) < 0 ||
	    expand_list(m, &x->to, &m->o->to, true, e) < 0 ||
	    expand_list(m, &x->cc, &m->o->cc, true, e) < 0 ||
	    expand_list(m, &x->bcc, &m->o->bcc, true, e) < 0 ||
	    expand_list(m, &x->reply_to, &m->o->reply_to, true, e) < 0)
		return -1;
	for (size_t i = 0; !m->addressed && !x->to.n && i < ARRAY_LEN(columns); i++)
		if (rows_get(m->row, span_of(columns[i]), &value) && value.len)
			strv_add_span(&x->to, value);
	return 0;
}

static int expand_options(struct merger *m, struct options *x, struct err *e)
{
	const struct options *o = m->o;
	if (expand_addresses(m, x, e) < 0 ||
	    expand_list(m, &x->headers, &m->headers, false, e) < 0 ||
	    expand_list(m, &x->inlines, &o->inlines, true, e) < 0 ||
	    expand_list(m, &x->attach, &o->attach, true, e) < 0 ||
	    expand_list(m, &x->archives, &o->archives, true, e) < 0 ||
	    expand_into(m, &x->subject, o->subject, 0, e) < 0 ||
	    expand_into(m, &x->unsubscribe, o->unsubscribe, 0, e) < 0)
		return -1;
	if (text_of_row(m, &m->text, o->body, 0, &x->text, e) < 0)
		return -1;
	x->html_path = NULL;
	if (text_of_row(m, &m->html, o->html, TEMPLATE_HTML, &x->html_text, e) < 0)
		return -1;
	if (o->html)
		x->html_path = m->html.path;
	return 0;
}

static struct options plain_options(const struct options *o)
{
	struct options x = *o;
	struct strv none = {0};
	x.from = x.to = x.cc = x.bcc = x.reply_to = x.headers = x.inlines = x.attach = x.archives =
	    none;
	x.subject = x.text = x.html_text = x.unsubscribe = x.body = x.html = NULL;
	return x;
}

static int write_one(struct draft *d, struct sink *out, struct err *e)
{
	struct mbox_writer w;
	char *sender = span_dup(d->addresses[DRAFT_FROM].v[0].spec);
	int r = draft_settle(d, e);
	mbox_writer_init(&w, out, sender, d->date_s);
	free(sender);
	if (r == 0)
		r = draft_write(d, &w.sink, e);
	return r < 0 ? -1 : sink_end(&w.sink, e);
}

static int check_recipients(const struct draft *d, struct err *e)
{
	const struct draft_addresses *a = d->addresses;
	if (a[DRAFT_TO].n || a[DRAFT_CC].n || a[DRAFT_BCC].n)
		return 0;
	return err_set(
	    e, EX_DATAERR, _("to whom? a field \"To:\" in the template, --to, or a column \"to\""));
}

/* out NULL: only tried. */
static int one_row(struct merger *m, struct sink *out, struct err *e)
{
	struct options x = plain_options(m->o);
	struct draft d;
	draft_init(&d);
	int r = expand_options(m, &x, e);
	if (r == 0)
		r = make_draft(&d, &x, m->account, false, e);
	if (r == 0)
		r = check_recipients(&d, e);
	if (r == 0 && out)
		r = write_one(&d, out, e);
	draft_release(&d);
	release_expanded(&x);
	return r;
}

static int all_rows(struct merger *m, struct rows *rows, struct sink *out, struct err *e)
{
	int more;
	while ((more = rows_next(rows, &m->row, e)) > 0)
		if (one_row(m, out, e) < 0)
			return err_prefix(e, _("%s: row %llu: "), m->o->merge,
			    (unsigned long long)m->row->number);
	return more;
}

static int prepare(struct merger *m, bool free_stdin, struct err *e)
{
	const struct options *o = m->o;
	for (size_t i = 0; i < o->headers.n; i++)
		strv_add(&m->headers, o->headers.v[i]);
	if (o->text) {
		m->text.path = str_dup("");
		buf_adds(&m->text.text, o->text);
	} else if (!o->body && free_stdin && !isatty(STDIN_FILENO) && load(&m->text, "-", e) < 0) {
		return -1;
	}
	if (o->html_text) {
		m->html.path = str_dup("");
		buf_adds(&m->html.text, o->html_text);
	}
	if (!o->body)
		take_heading(m, &m->text.text);
	m->addressed = names_recipients(m);
	return 0;
}

int full_merge(
    struct options *o, const struct account *a, bool free_stdin, struct sink *out, struct err *e)
{
	struct merger m = {.o = o, .account = a};
	buf_init(&m.text.text, TEXT_MAX);
	buf_init(&m.html.text, TEXT_MAX);
	struct rows *rows = rows_open(o->merge, e);
	int r = rows ? prepare(&m, free_stdin, e) : -1;
	if (r == 0)
		r = all_rows(&m, rows, NULL, e);
	if (r == 0)
		r = rows_rewind(rows, e);
	if (r == 0)
		r = all_rows(&m, rows, out, e);
	rows_free(rows);
	strv_release(&m.headers);
	free(m.text.path);
	free(m.html.path);
	buf_release(&m.text.text);
	buf_release(&m.html.text);
	return r;
}
