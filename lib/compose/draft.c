#include "compose/draft.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "base/random.h"
#include "codec/utf8.h"
#include "compose/draft_parts.h"
#include "compose/file.h"
#include "compose/text.h"

#include <stdlib.h>
#include <time.h>

enum { ARENA_MAX = 64 << 20 };

void draft_init(struct draft *d)
{
	*d = (struct draft){.subject = {NULL, 0}, .extra = HEADER_OUT_INIT};
	arena_init(&d->arena, ARENA_MAX);
	d->files_end = &d->files;
	d->messages_end = &d->messages;
	spool_init(&d->text);
	spool_init(&d->html);
}

void draft_release(struct draft *d)
{
	for (int i = 0; i < DRAFT_ADDRESS_FIELDS; i++)
		free(d->addresses[i].v);
	free(d->known);
	header_out_release(&d->extra);
	strv_release(&d->references);
	spool_release(&d->text);
	spool_release(&d->html);
	while (d->files) {
		struct compose_file *next = d->files->next;
		file_release(d->files);
		d->files = next;
	}
	while (d->messages) {
		struct draft_message *next = d->messages->next;
		spool_release(&d->messages->spool);
		free(d->messages);
		d->messages = next;
	}
	if (d->building)
		build_release(&d->build);
	arena_release(&d->arena);
}

/* --- the message's header -------------------------------------------------------- */

/* <20261124091400.k3j5h6g7f8d9@example.org>: nothing of this machine is in it. */
const char *draft_message_id(struct draft *d)
{
	if (d->message_id)
		return d->message_id;
	char chance[17], when[32];
	time_t t = (time_t)d->date_s;
	struct tm tm;
	struct span from = d->addresses[DRAFT_FROM].v[0].spec, domain = from;
	const char *at = memrchr(from.ptr, '@', from.len);
	domain = at ? span_skip(from, (size_t)(at - from.ptr) + 1) : SPAN("localhost");
	if (!is_ascii(domain) || span_starts(domain, "["))
		domain = SPAN("localhost");
	gmtime_r(&t, &tm);
	strftime(when, sizeof(when), "%Y%m%d%H%M%S", &tm);
	random_name(chance, sizeof(chance) - 1);
	char *id = str_printf("<%s.%s@%.*s>", when, chance, SPAN_ARG(domain));
	d->message_id = arena_str(&d->arena, span_of(id));
	free(id);
	return d->message_id;
}

static void write_references(struct draft *d, struct header_out *h)
{
	struct buf all = BUF_INIT(1 << 20);
	for (size_t i = 0; i < d->references.n; i++)
		buf_addf(&all, "%s%s", i ? " " : "", d->references.v[i]);
	if (d->answers)
		header_add_tokens(h, "In-Reply-To", span_of(d->references.v[d->references.n - 1]));
	header_add_tokens(h, "References", buf_span(&all));
	buf_release(&all);
}

static void write_addresses(struct draft *d, struct header_out *h)
{
	struct draft_addresses *a = d->addresses;
	if (a[DRAFT_FROM].n > 1 && !a[DRAFT_SENDER].n) /* RFC 5322 3.6.2 */
		draft_push_address(d, DRAFT_SENDER, &a[DRAFT_FROM].v[0]);
	for (int f = 0; f < DRAFT_ADDRESS_FIELDS; f++)
		header_add_addresses(h, draft_field_names[f], a[f].v, a[f].n);
	if (a[DRAFT_BCC].n && !a[DRAFT_TO].n && !a[DRAFT_CC].n)
		buf_adds(&h->b, "To: undisclosed-recipients:;\n");
}

static void write_fields(struct draft *d)
{
	struct header_out *h = &d->build.header;
	header_add_date(h, "Date", d->date_s, d->date_offset_min);
	write_addresses(d, h);
	if (d->subject.ptr)
		header_add_text(h, "Subject", d->subject);
	header_add_tokens(h, "Message-ID", span_of(draft_message_id(d)));
	if (d->references.n)
		write_references(d, h);
	buf_add(&h->b, buf_span(&d->extra.b));
}

/* --- the structure ---------------------------------------------------------------- */

static bool has_file(const struct draft *d, bool inlined)
{
	for (const struct compose_file *f = d->files; f; f = f->next)
		if ((f->use == FILE_INLINE) == inlined)
			return true;
	return false;
}

static void add_files(struct draft *d, struct build_part *parent, bool inlined)
{
	for (struct compose_file *f = d->files; f; f = f->next)
		if ((f->use == FILE_INLINE) == inlined)
			file_build(&d->build, parent, f);
}

static void add_text(struct draft *d, struct build_part *parent, const char *subtype)
{
	bool plain = strcmp(subtype, "plain") == 0;
	struct build_part *p = build_text(
	    &d->build, parent, subtype, d->charset ? d->charset : "", plain ? &d->text : &d->html);
	if (plain && d->flowed)
		build_param(p, "format", SPAN("flowed"));
}

static void add_html(struct draft *d, struct build_part *parent)
{
	if (has_file(d, true)) {
		parent = build_multipart(&d->build, parent, "related");
		build_param(parent, "type", SPAN("text/html"));
	}
	add_text(d, parent, "html");
	if (has_file(d, true))
		add_files(d, parent, true);
}

/* How many things stand side by side. */
static size_t count_items(const struct draft *d)
{
	size_t n = d->has_text || d->has_html;
	for (const struct compose_file *f = d->files; f; f = f->next)
		n += f->use != FILE_INLINE || !d->has_html;
	for (const struct draft_message *m = d->messages; m; m = m->next)
		n++;
	return n;
}

static void build_structure(struct draft *d)
{
	struct build_part *parent = NULL;
	bool loose = has_file(d, true) && !d->has_html; /* pictures beside a plain text */
	size_t items = count_items(d);
	if (items > 1)
		parent = build_multipart(&d->build, NULL, "mixed");
	struct build_part *mixed = parent;
	if (d->has_text && d->has_html)
		parent = build_multipart(&d->build, parent, "alternative");
	if (d->has_text || !items)
		add_text(d, parent, "plain");
	if (d->has_html)
		add_html(d, parent);
	if (loose)
		add_files(d, mixed, true);
	for (struct draft_message *m = d->messages; m; m = m->next)
		build_disposition(
		    build_message(&d->build, mixed, m->type, &m->spool), "inline", SPAN(""));
	add_files(d, mixed, false);
}

/* --- */

static int convert(struct spool *sp, const char *charset, struct err *e)
{
	struct spool other;
	spool_init(&other);
	if (text_convert(&other, sp, charset, e) < 0) {
		spool_release(&other);
		return -1;
	}
	spool_release(sp);
	*sp = other;
	return 0;
}

static int flow(struct draft *d, struct err *e)
{
	struct spool flowed;
	spool_init(&flowed);
	if (text_flow(&flowed, &d->text, e) < 0) {
		spool_release(&flowed);
		return -1;
	}
	spool_release(&d->text);
	d->text = flowed;
	return 0;
}

static int settle_texts(struct draft *d, struct err *e)
{
	if (d->has_html && !d->has_text) {
		if (text_from_html(&d->text, &d->html, false, e) < 0)
			return err_prefix(e, "%s", _("the text of the HTML: "));
		d->has_text = true;
	}
	if (d->flowed && d->has_text && flow(d, e) < 0)
		return -1;
	if (d->charset && d->has_text && convert(&d->text, d->charset, e) < 0)
		return -1;
	return d->charset && d->has_html ? convert(&d->html, d->charset, e) : 0;
}

int draft_settle(struct draft *d, struct err *e)
{
	if (settle_texts(d, e) < 0)
		return -1;
	for (struct compose_file *f = d->files; f; f = f->next)
		if (file_settle(d, f, d->date_s, e) < 0)
			return -1;
	build_init(&d->build, d->flags);
	d->building = true;
	write_fields(d);
	build_structure(d);
	return build_settle(&d->build, e);
}

int draft_write(struct draft *d, struct sink *out, struct err *e)
{
	return build_write(&d->build, out, e);
}
