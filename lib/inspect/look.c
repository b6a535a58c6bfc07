#include "inspect/look.h"

#include "base/alloc.h"
#include "codec/uu.h"
#include "inspect/name.h"

/* --- what it is --------------------------------------------------------------------- */

/* Readers of HTML and XML take what is declared or called so, whatever it begins with. */
static bool is_markup(const struct inspect_look *l)
{
	static const char *const names[] = {
	    "htm", "html", "shtml", "xhtml", "xht", "svg", "hta", "xml", "rels", "vml"};
	if (l->format->class == INSPECT_HTML)
		return true;
	if (l->format->class != INSPECT_TEXT && l->format->class != INSPECT_DATA)
		return false;
	if (span_is(l->declared, "text/html") || span_ends_nocase(l->declared, "xml"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (inspect_name_has_extension(l->name, names[i]))
			return true;
	return span_find(span_take(buf_span(&l->head), 100), SPAN("<?xml")) >= 0;
}

static bool is_xml(const struct inspect_look *l)
{
	struct span start = span_take(buf_span(&l->head), 100);
	return l->format->class != INSPECT_HTML && !span_is(l->declared, "text/html") &&
	       (span_find(start, SPAN("<?xml")) >= 0 ||
		   inspect_name_has_extension(l->name, "rels"));
}

/* A letter may speak of scripts; a file that is not meant for an editor is one. */
static void look_for_script(const struct inspect_look *l)
{
	bool text = l->format->class == INSPECT_TEXT || l->format->class == INSPECT_HTML;
	bool letter = !l->name.len && (span_is(l->declared, "text/plain") ||
					  span_is(l->declared, "text/html") || !l->declared.len);
	if (span_find(l->declared, SPAN("javascript")) >= 0)
		inspect_found(l->place, INSPECT_SCRIPT, l->declared);
	if (!text || letter || inspect_name_is_text(l->name))
		return;
	const char *reason = inspect_script_mark(buf_span(&l->head));
	if (reason)
		inspect_found(l->place, INSPECT_SCRIPT, span_of(reason));
}

/* A message that came as a file, or lies in an archive: mail programs open it, and what is encoded in it is not seen here. (One that came as message/rfc822 is opened by the parser.) */
static void look_for_message(const struct inspect_look *l)
{
	struct span head = buf_span(&l->head);
	bool text = l->format->class == INSPECT_TEXT || l->format->class == INSPECT_HTML;
	bool named = inspect_name_has_extension(l->name, "eml") ||
		     inspect_name_has_extension(l->name, "mht") ||
		     inspect_name_has_extension(l->name, "mhtml");
	if (!text || !l->name.len || (!named && inspect_name_is_text(l->name)))
		return;
	if (span_find_nocase(head, SPAN("\nContent-Transfer-Encoding:")) >= 0 ||
	    span_find_nocase(head, SPAN("\nContent-Type: multipart/")) >= 0)
		inspect_found(l->place, INSPECT_UNKNOWN_FORMAT, SPAN("a message in a file"));
}

/* A file that is encoded in the text of another: people's programs decode it. (Of a plain text that is a part of the message mime/embedded.h has.) */
static void look_for_uuencode(const struct inspect_look *l)
{
	struct span rest = buf_span(&l->head), before = SPAN(""), name;
	bool text = l->format->class == INSPECT_TEXT || l->format->class == INSPECT_HTML;
	bool found = inspect_name_has_extension(l->name, "uue") ||
		     inspect_name_has_extension(l->name, "uu") ||
		     inspect_name_has_extension(l->name, "xxe");
	if (!text || l->texts_opened)
		return;
	while (!found && rest.len) {
		ptrdiff_t end = span_index(rest, '\n');
		struct span line = span_take(rest, end < 0 ? rest.len : (size_t)end);
		rest = span_skip(rest, line.len + 1);
		if (line.len && line.ptr[line.len - 1] == '\r')
			line.len--;
		found = uu_is_begin(before, &name) && uu_is_data(line);
		before = line;
	}
	if (found)
		inspect_found(l->place, INSPECT_UNKNOWN_FORMAT, SPAN("uuencode in a file"));
}

static int open_container(struct inspect_look *l, struct err *e)
{
	switch (l->format->class) {
	case INSPECT_ARCHIVE:
	case INSPECT_PACKED:
	case INSPECT_PDF:
	case INSPECT_OLE: break;
	default: return 0;
	}
	if (!l->open) {
		inspect_found(l->place, INSPECT_UNKNOWN_FORMAT, span_of(l->format->name));
		return 0;
	}
	l->to = l->open(l->ctx, l, e);
	return l->to ? 0 : -1;
}

static int settle(struct inspect_look *l, struct err *e)
{
	l->format = inspect_format_of(buf_span(&l->head));
	if (!l->opened || l->format->type != INSPECT_T_TNEF)
		inspect_format_found(l->place, l->format);
	if (inspect_is_eicar(buf_span(&l->head)))
		inspect_found(l->place, INSPECT_EICAR, SPAN("EICAR test file"));
	look_for_script(l);
	look_for_message(l);
	look_for_uuencode(l);
	if (is_markup(l)) {
		inspect_markup_init(&l->markup, l->place, is_xml(l));
		l->has_markup = true;
		l->to = &l->markup.sink;
	} else if (l->format->class == INSPECT_RTF) {
		inspect_rtf_init(&l->rtf, l->place);
		l->to = &l->rtf.sink;
	}
	if (open_container(l, e) < 0)
		return -1;
	return l->to ? sink_put(l->to, buf_span(&l->head), e) : 0;
}

/* --- the sink ------------------------------------------------------------------------- */

static int look_put(struct sink *sink, struct span s, struct err *e)
{
	struct inspect_look *l = (struct inspect_look *)sink;
	l->bytes += s.len;
	inspect_behind_put(&l->behind, s);
	if (!l->format) {
		struct span mine = span_take(s, INSPECT_HEAD - l->head.len);
		buf_add(&l->head, mine);
		s = span_skip(s, mine.len);
		if (l->head.len < INSPECT_HEAD)
			return 0;
		if (settle(l, e) < 0)
			return -1;
	}
	return s.len && l->to ? sink_put(l->to, s, e) : 0;
}

static int look_end(struct sink *sink, struct err *e)
{
	struct inspect_look *l = (struct inspect_look *)sink;
	if (!l->format && settle(l, e) < 0)
		return -1;
	inspect_behind_found(&l->behind, l->place, l->format);
	return l->to ? sink_end(l->to, e) : 0;
}

void inspect_look_init(struct inspect_look *l, const struct inspect_place *place, struct span name,
    struct span declared)
{
	*l = (struct inspect_look){.sink = {look_put, look_end},
	    .place = place,
	    .name = name,
	    .declared = declared,
	    .head = BUF_INIT(INSPECT_HEAD)};
	inspect_behind_init(&l->behind);
}

void inspect_look_release(struct inspect_look *l)
{
	if (l->has_markup)
		inspect_markup_release(&l->markup);
	buf_release(&l->head);
	inspect_behind_release(&l->behind);
}
