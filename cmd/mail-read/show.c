#include "show.h"

#include "base/intl.h"
#include "full.h"

enum { TEXT_MAX = 64 << 20, FIELD_MAX = 1 << 20 };

/* --- the message --- */

static struct view_part *view_of(const struct show *sh, const struct mime_part *part)
{
	return part->serial < sh->view.n ? &sh->view.v[part->serial] : NULL;
}

/* The header of a message within stands behind a line of its own. */
static int put_message_start(struct show *sh, const struct mime_part *part, struct err *e)
{
	struct buf b = BUF_INIT(256);
	int code = show_put_gap(sh, e);
	buf_addf(&b, _("--- message %s ---\n"), mime_part_number(part));
	if (code == 0)
		code = show_put(sh, buf_cstr(&b), e);
	buf_release(&b);
	sh->any = false;
	return code;
}

static int on_headers_end(
    struct show *sh, struct show_fields *f, struct mime_part *part, struct err *e)
{
	struct view_part *p = view_of(sh, part);
	int code = 0;
	bool is_top = !part->parent || part->parent->is_message;
	if (is_top && !sh->json)
		code = show_put_fields(sh, f, part->charset, e);
	if (code < 0 || !p || !p->shown)
		return code;
	if (part->is_message)
		return put_message_start(sh, part, e);
	return part->leaf ? show_begin_text(sh, part, e) : 0;
}

static int on_event(struct show *sh, struct show_fields *f, struct mime_event *ev, struct err *e)
{
	bool is_top = !ev->part->parent || ev->part->parent->is_message;
	switch (ev->type) {
	case MIME_FIELD:
		if (is_top)
			show_keep_field(f, ev);
		return 0;
	case MIME_HEADERS_END: return on_headers_end(sh, f, ev->part, e);
	case MIME_BODY:
		return sh->part == ev->part && ev->where == MIME_IN_BODY
			   ? show_put_body(sh, ev->body, e)
			   : 0;
	case MIME_PART_END: return sh->part == ev->part ? show_end_text(sh, e) : 0;
	}
	return 0;
}

/* The second reading ends behind the last part that is shown. */
static unsigned last_shown(const struct view *view)
{
	unsigned last = 0;
	for (size_t i = 0; i < view->n; i++)
		if (view->v[i].shown)
			last = (unsigned)i;
	return last;
}

int show_message(struct show *sh, struct source *in, struct err *e)
{
	struct mime_parser p;
	struct mime_event ev;
	struct show_fields f = {.arena = ARENA_INIT(8 << 20)};
	unsigned last = last_shown(&sh->view);
	int code;
	mime_parser_init(&p, in, NULL);
	while ((code = mime_next(&p, &ev, e)) > 0) {
		if ((code = on_event(sh, &f, &ev, e)) < 0)
			break;
		if (ev.type == MIME_PART_END && ev.part->serial >= last && !sh->part)
			break;
	}
	show_drop_text(sh);
	arena_release(&f.arena);
	mime_parser_release(&p);
	return code < 0 ? code : 0;
}

/* --- what is attached --- */

static void human_bytes(struct buf *b, uint64_t n)
{
	static const char units[] = "KMG";
	int unit = -1;
	double size = (double)n;
	for (; size >= 1000 && unit < 2; unit++)
		size /= 1024;
	if (unit < 0)
		buf_addf(b, "%llu", (unsigned long long)n);
	else
		buf_addf(b, size < 10 ? "%.1f%c" : "%.0f%c", size, units[unit]);
}

/* Base64 makes four of three, and a line end behind 76. It is not decoded for this. */
static uint64_t about(const struct view_part *p)
{
	return p->part->encoding == MIME_BASE64 ? (p->bytes - p->bytes / 77) * 3 / 4 : p->bytes;
}

/* What another program has to open, or can check: nothing here says that a signature holds. */
static const char *sealed(const struct mime_part *part)
{
	struct span kind = mime_params_get(&part->params, "smime-type");
	if (mime_part_is(part, "application/pkcs7-mime") ||
	    mime_part_is(part, "application/x-pkcs7-mime"))
		return span_is_nocase(kind, "signed-data")
			   ? _("signed with S/MIME: mail-verify --decrypt opens it")
			   : _("encrypted with S/MIME: mail-verify --decrypt opens it");
	if (part->parent && mime_part_is(part->parent, "multipart/encrypted"))
		return mime_part_is(part, "application/pgp-encrypted")
			   ? NULL
			   : _("encrypted with OpenPGP: mail-verify --decrypt opens it");
	if (part->parent && mime_part_is(part->parent, "multipart/signed") && part->index == 2)
		return _("a signature: mail-verify checks it");
	return NULL;
}

static int put_attached(struct show *sh, const struct view_part *p, struct err *e)
{
	struct buf b = BUF_INIT(FIELD_MAX);
	buf_addf(&b, "[%s: %s/%s", mime_part_number(p->part), p->part->type, p->part->subtype);
	if (p->part->filename.len) {
		buf_adds(&b, ", ");
		buf_add(&b, p->part->filename);
	}
	buf_adds(&b, ", ");
	human_bytes(&b, about(p));
	if (sealed(p->part))
		buf_addf(&b, "; %s", sealed(p->part));
	buf_addc(&b, ']');
	int code = show_put_inert(sh, buf_span(&b), 0, e);
	buf_release(&b);
	return code == 0 ? show_put(sh, "\n", e) : code;
}

static int put_list(struct show *sh, struct err *e)
{
	bool first = true;
	int code = 0;
	for (size_t i = 0; code == 0 && i < sh->view.n; i++) {
		if (!sh->view.v[i].listed)
			continue;
		if (first)
			code = show_put_gap(sh, e);
		first = false;
		if (code == 0)
			code = put_attached(sh, &sh->view.v[i], e);
	}
	return code;
}

/* --- all --- */

static int show_text(struct show *sh, struct content *c, struct err *e)
{
	int code = show_put_gap(sh, e);
	sh->any = false;
	if (code == 0)
		code = show_message(sh, c->source, e);
	if (code == 0)
		code = put_list(sh, e);
	if (code == 0 && sh->last != '\n')
		code = show_put(sh, "\n", e);
	sh->any = true;
	return code;
}

static int visit(void *ctx, struct content *c, struct err *e)
{
	struct show *sh = ctx;
	struct err why = ERR_INIT;
	int broken = view_read(&sh->view, c->source, &why), code = broken;
	if (broken < 0 && why.code != EX_DATAERR)
		err_copy(e, &why);
	else
		code = content_rewind(c, e);
	view_choose(&sh->view, sh->r->o->html);
	if (code == 0)
		code = sh->r->o->common.json ? full_show_json(sh, c, e) : show_text(sh, c, e);
	view_release(&sh->view);
	return code;
}

int run_show(struct read *r, struct strv *operands, struct err *e)
{
	struct show sh;
	struct err late = ERR_INIT;
	show_init(&sh, r);
	int code = contents_each(r, operands, CONTENT_TWICE, visit, &sh, e);
	int end = out_end(&sh.out, &late);
	return code < 0 ? code : end < 0 ? err_copy(e, &late) : 0;
}
