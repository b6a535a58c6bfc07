#include "show.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "mime/word.h"
#include "report/report.h"

#include <stdio.h>

enum {
	HTML_MAX = 16 << 20,
	TEXT_MAX = 64 << 20,
	FIELD_MAX = 1 << 20,
	HTML_TIMEOUT_MS = 20000,
	WIDTH = 80
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

int show_put(struct show *sh, const char *text, struct err *e)
{
	if (text_put(&sh->text, span_of(text), e) == 0)
		return 0;
	return sh->out_failed ? out_failed(e) : -1;
}

int show_put_inert(struct show *sh, struct span text, int flags, struct err *e)
{
	struct buf b = BUF_INIT(SIZE_MAX / 2);
	inert_add(&b, text, flags);
	int code = text_put(&sh->text, buf_span(&b), e);
	buf_release(&b);
	return code == 0 ? 0 : sh->out_failed ? out_failed(e) : -1;
}

void show_init(struct show *sh, struct read *r)
{
	*sh = (struct show){
	    .r = r, .color = report_color(r->o->common.color, 1), .text = {.put = text_put}};
	out_init(&sh->out);
}

/* --- header: the fields people look at --- */

static const char *const shown_fields[] = {
    "From", "Sender", "Reply-To", "To", "Cc", "Date", "Subject"};

static int put_field(
    struct show *sh, struct span name, struct span value, struct span charset, struct err *e)
{
	struct buf b = BUF_INIT(FIELD_MAX), text = BUF_INIT(FIELD_MAX + 100),
		   tmp = BUF_INIT(FIELD_MAX);
	word_decode(&b, word_utf8(&tmp, value, charset));
	int code = show_put(sh, sh->color ? "\033[1m" : "", e);
	if (code == 0)
		code = show_put_inert(sh, name, 0, e);
	if (code == 0)
		code = show_put(sh, sh->color ? ":\033[0m " : ": ", e);
	buf_add(&text, span_trim(buf_span(&b)));
	if (code == 0)
		code = show_put_inert(sh, buf_span(&text), 0, e);
	buf_release(&b);
	buf_release(&text);
	buf_release(&tmp);
	return code == 0 ? show_put(sh, "\n", e) : code;
}

/* Those of the top message or of one within, while they come by. */
void show_keep_field(struct show_fields *f, const struct mime_event *ev)
{
	for (size_t i = 0; i < ARRAY_LEN(shown_fields) && f->n < ARRAY_LEN(f->name); i++) {
		if (!span_is_nocase(ev->name, shown_fields[i]))
			continue;
		f->name[f->n] = span_of(shown_fields[i]);
		f->value[f->n] = arena_dup(&f->arena, ev->value);
		f->n += f->value[f->n].ptr != NULL;
	}
}

int show_put_fields(struct show *sh, struct show_fields *f, struct span charset, struct err *e)
{
	int code = 0;
	for (size_t k = 0; k < ARRAY_LEN(shown_fields); k++)
		for (size_t i = 0; code == 0 && i < f->n; i++)
			if (span_is(f->name[i], shown_fields[k]))
				code = put_field(sh, f->name[i], f->value[i], charset, e);
	arena_release(&f->arena);
	f->n = 0;
	return code == 0 ? show_put(sh, "\n", e) : code;
}

/* --- bodies --- */

/* Between texts, whether they end in a line's end or not. */
int show_put_gap(struct show *sh, struct err *e)
{
	return !sh->any ? 0 : show_put(sh, sh->last == '\n' ? "\n" : "\n\n", e);
}

static bool is_html(const struct mime_part *part)
{
	return mime_part_is(part, "text/html");
}

int show_begin_text(struct show *sh, struct mime_part *part, struct err *e)
{
	struct sink *to = &sh->inert.sink;
	/* texts stand apart */
	int code = sh->any && sh->last != '\n' ? show_put(sh, "\n\n", e)
		   : sh->any                   ? show_put(sh, "\n", e)
					       : 0;
	sh->any = true;
	inert_filter_init(&sh->inert, &sh->text, INERT_LINES);
	buf_init(&sh->html, HTML_MAX);
	if (is_html(part)) {
		sink_buf_init(&sh->html_sink, &sh->html);
		to = &sh->html_sink.sink;
	}
	mime_decoder_init(&sh->decoder, part, MIME_DECODE_SHOWN, to);
	sh->part = part;
	return code;
}

/* The helper that reads HTML is a process of its own. What it cannot turn into text is said in its place. */
static int put_html(struct show *sh, const struct mime_part *part, struct err *e)
{
	char program[] = "surat-html", option[] = "--width", legacy[] = "--legacy-display",
	     columns[16];
	int width = report_terminal_width();
	snprintf(columns, sizeof(columns), "%d", width > 0 ? width : WIDTH);
	char *argv[] = {
	    program, option, columns, mime_part_has_legacy_display(part) ? legacy : NULL, NULL};
	struct buf text = BUF_INIT(TEXT_MAX), note = BUF_INIT(1024);
	struct err why = ERR_INIT;
	int code;
	if (child_filter(argv, NULL, buf_span(&sh->html), &text, HTML_TIMEOUT_MS, &why) == 0) {
		code = show_put_inert(sh, buf_span(&text), INERT_LINES, e);
	} else {
		note_failure(sh->r, &why);
		buf_addf(&note,
		    _("[HTML that could not be made text; mail-read extract has it as part %s]\n"),
		    mime_part_number(part));
		code = show_put(sh, buf_cstr(&note), e);
	}
	buf_release(&text);
	buf_release(&note);
	return code;
}

int show_end_text(struct show *sh, struct err *e)
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

int show_put_body(struct show *sh, struct span bytes, struct err *e)
{
	if (sink_put(mime_decoder_sink(&sh->decoder), bytes, e) == 0)
		return 0;
	return sh->out_failed ? out_failed(e) : -1;
}

void show_drop_text(struct show *sh)
{
	if (!sh->part)
		return;
	struct mime_part ignored = *sh->part;
	mime_decoder_end(&sh->decoder, &ignored, NULL);
	buf_release(&sh->html);
	sh->part = NULL;
}
