#include "base/alloc.h"
#include "base/intl.h"
#include "codec/inert.h"
#include "codec/utf8.h"
#include "io/child.h"
#include "json.h"
#include "mime/date.h"
#include "mime/decode.h"
#include "mime/header.h"
#include "mime/word.h"
#include "parts.h"
#include "view.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	HTML_MAX = 16 << 20,
	TEXT_MAX = 64 << 20,
	FIELD_MAX = 1 << 20,
	HTML_TIMEOUT_MS = 20000,
	WIDTH = 80
};

struct show {
	struct read *r;
	struct out out;
	bool color, any;
	struct view view;
	/* the part that is being shown */
	struct mime_part *part;
	struct mime_decoder decoder;
	struct inert_filter inert;
	struct sink text; /* what is to be shown comes here */
	struct buf *json; /* --json: the text is gathered */
	struct buf html;
	struct sink_buf html_sink;
	char last;
	bool out_failed;
};

/* --- text on its way out --- */

static int text_put(struct sink *s, struct span bytes, struct err *e)
{
	struct show *sh = (struct show *)(void *)((char *)s - offsetof(struct show, text));
	if (bytes.len)
		sh->last = bytes.ptr[bytes.len - 1];
	if (sh->json) {
		buf_add(sh->json, bytes);
		return 0;
	}
	if (sink_put(&sh->out.fd.sink, bytes, e) == 0)
		return 0;
	sh->out_failed = true;
	return -1;
}

static int put(struct show *sh, const char *text, struct err *e)
{
	if (text_put(&sh->text, span_of(text), e) == 0)
		return 0;
	return sh->out_failed ? out_failed(e) : -1;
}

static int put_inert(struct show *sh, struct span text, int flags, struct err *e)
{
	struct buf b = BUF_INIT(SIZE_MAX / 2);
	inert_add(&b, text, flags);
	int code = text_put(&sh->text, buf_span(&b), e);
	buf_release(&b);
	return code == 0 ? 0 : sh->out_failed ? out_failed(e) : -1;
}

/* --- header: the fields people look at --- */

static const char *const shown_fields[] = {
    "From", "Sender", "Reply-To", "To", "Cc", "Date", "Subject"};

static int put_field(struct show *sh, struct span name, struct span value, struct err *e)
{
	struct buf b = BUF_INIT(FIELD_MAX), text = BUF_INIT(FIELD_MAX + 100);
	word_decode(&b, value);
	int code = put(sh, sh->color ? "\033[1m" : "", e);
	if (code == 0)
		code = put_inert(sh, name, 0, e);
	if (code == 0)
		code = put(sh, sh->color ? ":\033[0m " : ": ", e);
	buf_add(&text, span_trim(buf_span(&b)));
	if (code == 0)
		code = put_inert(sh, buf_span(&text), 0, e);
	buf_release(&b);
	buf_release(&text);
	return code == 0 ? put(sh, "\n", e) : code;
}

struct fields {
	struct arena arena;
	struct span name[64], value[64];
	size_t n;
};

/* Those of the top message or of one within, while they come by. */
static void keep_field(struct fields *f, const struct mime_event *ev)
{
	for (size_t i = 0; i < ARRAY_LEN(shown_fields) && f->n < ARRAY_LEN(f->name); i++) {
		if (!span_is_nocase(ev->name, shown_fields[i]))
			continue;
		f->name[f->n] = span_of(shown_fields[i]);
		f->value[f->n] = arena_dup(&f->arena, ev->value);
		f->n += f->value[f->n].ptr != NULL;
	}
}

static int put_fields(struct show *sh, struct fields *f, struct err *e)
{
	int code = 0;
	for (size_t k = 0; k < ARRAY_LEN(shown_fields); k++)
		for (size_t i = 0; code == 0 && i < f->n; i++)
			if (span_is(f->name[i], shown_fields[k]))
				code = put_field(sh, f->name[i], f->value[i], e);
	arena_release(&f->arena);
	f->n = 0;
	return code == 0 ? put(sh, "\n", e) : code;
}

/* --- bodies --- */

/* Between texts, whether they end in a line's end or not. */
static int put_gap(struct show *sh, struct err *e)
{
	return !sh->any ? 0 : put(sh, sh->last == '\n' ? "\n" : "\n\n", e);
}

static bool is_html(const struct mime_part *part)
{
	return mime_part_is(part, "text/html");
}

static int begin_text(struct show *sh, struct mime_part *part, struct err *e)
{
	struct sink *to = &sh->inert.sink;
	/* texts stand apart */
	int code = sh->any && sh->last != '\n' ? put(sh, "\n\n", e)
		   : sh->any                   ? put(sh, "\n", e)
					       : 0;
	sh->any = true;
	inert_filter_init(&sh->inert, &sh->text, INERT_LINES);
	buf_init(&sh->html, HTML_MAX);
	if (is_html(part)) {
		sink_buf_init(&sh->html_sink, &sh->html);
		to = &sh->html_sink.sink;
	}
	mime_decoder_init(&sh->decoder, part, MIME_DECODE_TEXT, to);
	sh->part = part;
	return code;
}

/* The helper that reads HTML is a process of its own. What it cannot turn into text is said in its place. */
static int put_html(struct show *sh, const struct mime_part *part, struct err *e)
{
	char program[] = "surat-html", option[] = "--width", columns[16];
	int width = report_terminal_width();
	snprintf(columns, sizeof(columns), "%d", width > 0 ? width : WIDTH);
	char *argv[] = {program, option, columns, NULL};
	struct buf text = BUF_INIT(TEXT_MAX), note = BUF_INIT(1024);
	struct err why = ERR_INIT;
	int code;
	if (child_filter(argv, NULL, buf_span(&sh->html), &text, HTML_TIMEOUT_MS, &why) == 0) {
		code = put_inert(sh, buf_span(&text), INERT_LINES, e);
	} else {
		note_failure(sh->r, &why);
		buf_addf(&note,
		    _("[HTML that could not be made text; mail-read extract has it as part %s]\n"),
		    part_number(part));
		code = put(sh, buf_cstr(&note), e);
	}
	buf_release(&text);
	buf_release(&note);
	return code;
}

static int end_text(struct show *sh, struct err *e)
{
	struct mime_part *part = sh->part;
	sh->part = NULL;
	int code = mime_decoder_end(&sh->decoder, part, e);
	if (code < 0 && sh->out_failed)
		code = out_failed(e);
	if (code == 0 && is_html(part))
		code = put_html(sh, part, e);
	buf_release(&sh->html);
	return code;
}

static int put_body(struct show *sh, struct span bytes, struct err *e)
{
	if (sink_put(mime_decoder_sink(&sh->decoder), bytes, e) == 0)
		return 0;
	return sh->out_failed ? out_failed(e) : -1;
}

/* --- the message --- */

static struct view_part *view_of(const struct show *sh, const struct mime_part *part)
{
	return part->serial < sh->view.n ? &sh->view.v[part->serial] : NULL;
}

/* The header of a message within stands behind a line of its own. */
static int put_message_start(struct show *sh, const struct mime_part *part, struct err *e)
{
	struct buf b = BUF_INIT(256);
	int code = put_gap(sh, e);
	buf_addf(&b, _("--- message %s ---\n"), part_number(part));
	if (code == 0)
		code = put(sh, buf_cstr(&b), e);
	buf_release(&b);
	sh->any = false;
	return code;
}

static int on_headers_end(struct show *sh, struct fields *f, struct mime_part *part, struct err *e)
{
	struct view_part *p = view_of(sh, part);
	int code = 0;
	bool is_top = !part->parent || part->parent->is_message;
	if (is_top && !sh->json)
		code = put_fields(sh, f, e);
	if (code < 0 || !p || !p->shown)
		return code;
	if (part->is_message)
		return put_message_start(sh, part, e);
	return part->leaf ? begin_text(sh, part, e) : 0;
}

static int on_event(struct show *sh, struct fields *f, struct mime_event *ev, struct err *e)
{
	bool is_top = !ev->part->parent || ev->part->parent->is_message;
	switch (ev->type) {
	case MIME_FIELD:
		if (is_top)
			keep_field(f, ev);
		return 0;
	case MIME_HEADERS_END: return on_headers_end(sh, f, ev->part, e);
	case MIME_BODY:
		return sh->part == ev->part && ev->where == MIME_IN_BODY ? put_body(sh, ev->body, e)
									 : 0;
	case MIME_PART_END: return sh->part == ev->part ? end_text(sh, e) : 0;
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

static int put_message(struct show *sh, struct source *in, struct err *e)
{
	struct mime_parser p;
	struct mime_event ev;
	struct fields f = {.arena = ARENA_INIT(8 << 20)};
	unsigned last = last_shown(&sh->view);
	int code;
	mime_parser_init(&p, in, NULL);
	while ((code = mime_next(&p, &ev, e)) > 0) {
		if ((code = on_event(sh, &f, &ev, e)) < 0)
			break;
		if (ev.type == MIME_PART_END && ev.part->serial >= last && !sh->part)
			break;
	}
	if (sh->part) {
		struct mime_part ignored = *sh->part;
		mime_decoder_end(&sh->decoder, &ignored, NULL);
		buf_release(&sh->html);
		sh->part = NULL;
	}
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

static int put_attached(struct show *sh, const struct view_part *p, struct err *e)
{
	struct buf b = BUF_INIT(FIELD_MAX);
	buf_addf(&b, "[%s: %s/%s", part_number(p->part), p->part->type, p->part->subtype);
	if (p->part->filename.len) {
		buf_adds(&b, ", ");
		buf_add(&b, p->part->filename);
	}
	buf_adds(&b, ", ");
	human_bytes(&b, about(p));
	buf_addc(&b, ']');
	int code = put_inert(sh, buf_span(&b), 0, e);
	buf_release(&b);
	return code == 0 ? put(sh, "\n", e) : code;
}

static int put_list(struct show *sh, struct err *e)
{
	bool first = true;
	int code = 0;
	for (size_t i = 0; code == 0 && i < sh->view.n; i++) {
		if (!sh->view.v[i].listed)
			continue;
		if (first)
			code = put_gap(sh, e);
		first = false;
		if (code == 0)
			code = put_attached(sh, &sh->view.v[i], e);
	}
	return code;
}

/* --- JSON: the same, as one object --- */

static json_t *attached_json(const struct show *sh)
{
	json_t *list = json_array();
	for (size_t i = 0; i < sh->view.n; i++) {
		const struct view_part *p = &sh->view.v[i];
		if (!p->listed)
			continue;
		json_t *o = json_object();
		json_object_set_new(o, "number", json_string(part_number(p->part)));
		json_object_set_new(
		    o, "type", json_sprintf("%s/%s", p->part->type, p->part->subtype));
		if (p->part->filename.len)
			json_object_set_new(o, "filename", report_json_text(p->part->filename));
		json_array_append_new(list, o);
	}
	return list;
}

static int show_json(struct show *sh, struct content *c, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct header h = HEADER_INIT;
	struct parts p = {0};
	sh->json = &text;
	int code = put_message(sh, c->source, e);
	if (code == 0 && content_rewind(c, e) == 0 && header_read(&h, c->source, NULL, NULL) == 0) {
		p.subject = header_get(&h, "Subject");
		p.from = header_get(&h, "From");
		p.to = header_get(&h, "To");
		p.cc = header_get(&h, "Cc");
		p.date = header_get(&h, "Date");
		p.message_id = header_get(&h, "Message-ID");
	}
	if (code == 0) {
		json_t *o = parts_json(&p, c->name, NULL);
		json_object_del(o, "parts");
		json_object_set_new(o, "text", report_json_text(buf_span(&text)));
		json_object_set_new(o, "attachments", attached_json(sh));
		code = out_json(&sh->out, o, e);
	}
	header_release(&h);
	buf_release(&text);
	sh->json = NULL;
	return code;
}

/* --- all --- */

static int show_text(struct show *sh, struct content *c, struct err *e)
{
	int code = put_gap(sh, e);
	sh->any = false;
	if (code == 0)
		code = put_message(sh, c->source, e);
	if (code == 0)
		code = put_list(sh, e);
	if (code == 0 && sh->last != '\n')
		code = put(sh, "\n", e);
	sh->any = true;
	return code;
}

static int visit(void *ctx, struct content *c, struct err *e)
{
	struct show *sh = ctx;
	struct err why = ERR_INIT;
	int broken = view_read(&sh->view, c->source, &why), code = broken;
	sh->text.put = text_put;
	if (broken < 0 && why.code != EX_DATAERR)
		err_copy(e, &why);
	else
		code = content_rewind(c, e);
	view_choose(&sh->view, sh->r->o->html);
	if (code == 0)
		code = sh->r->o->common.json ? show_json(sh, c, e) : show_text(sh, c, e);
	view_release(&sh->view);
	return code;
}

int run_show(struct read *r, struct strv *operands, struct err *e)
{
	struct show sh = {.r = r, .color = report_color(r->o->common.color, 1)};
	struct err late = ERR_INIT;
	out_init(&sh.out);
	int code = contents_each(r, operands, CONTENT_TWICE, visit, &sh, e);
	int end = out_end(&sh.out, &late);
	return code < 0 ? code : end < 0 ? err_copy(e, &late) : 0;
}
