#include "inspect/markup.h"

#include "base/alloc.h"
#include "codec/utf8.h"

enum { TAG_MAX = 64 << 10, TEXT_MAX = 512, HREF_MAX = 4096, WORD_MAX = 24 };
enum { IN_TEXT, IN_TAG, AFTER_EQUALS, IN_QUOTES, IN_COMMENT };

/* --- attributes ------------------------------------------------------------------ */

/* "#106" and "#x6a", and the few names that hide a scheme */
static int32_t entity(struct span name)
{
	static const struct {
		const char *name;
		int32_t c;
	} named[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''},
	    {"colon", ':'}, {"sol", '/'}, {"period", '.'}, {"Tab", '\t'}, {"NewLine", '\n'},
	    {"nbsp", 0xa0}, {"commat", '@'}, {"lpar", '('}};
	int32_t c = 0;
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (span_is(name, named[i].name))
			return named[i].c;
	if (!span_starts(name, "#"))
		return -1;
	bool hex = name.len > 1 && to_lower(name.ptr[1]) == 'x';
	for (size_t i = hex ? 2 : 1; i < name.len; i++) {
		int digit = hex_value(name.ptr[i]);
		if (digit < 0 || (!hex && digit > 9) || c > 0x10ffff)
			return -1;
		c = c * (hex ? 16 : 10) + digit;
	}
	return name.len > (hex ? 2u : 1u) && c <= 0x10ffff ? c : -1;
}

static void add_text(struct buf *b, struct span s)
{
	while (s.len) {
		ptrdiff_t at = span_index(s, '&');
		buf_add(b, at < 0 ? s : span_take(s, (size_t)at));
		if (at < 0)
			return;
		s = span_skip(s, (size_t)at + 1);
		size_t n = 0;
		while (n < s.len && n < 10 &&
		       (is_alpha(s.ptr[n]) || is_digit(s.ptr[n]) || s.ptr[n] == '#'))
			n++;
		int32_t c = entity(span_take(s, n));
		if (c > 0)
			utf8_put(b, (uint32_t)c);
		else
			buf_addc(b, '&');
		if (c > 0)
			s = span_skip(s, n + (n < s.len && s.ptr[n] == ';'));
	}
}

static struct span take_value(struct span *rest)
{
	struct span s = span_trim(*rest);
	char quote = s.len && (*s.ptr == '"' || *s.ptr == '\'') ? *s.ptr : 0;
	size_t n = 0;
	if (quote) {
		s = span_skip(s, 1);
		while (n < s.len && s.ptr[n] != quote)
			n++;
	} else {
		while (n < s.len && !is_space(s.ptr[n]))
			n++;
	}
	*rest = span_skip(s, n + (quote != 0));
	return span_take(s, n);
}

bool inspect_attribute(struct span *rest, struct buf *name, struct buf *value)
{
	struct span s = *rest;
	size_t n = 0;
	buf_reset(name);
	buf_reset(value);
	while (s.len && (is_space(*s.ptr) || *s.ptr == '/' || *s.ptr == '='))
		s = span_skip(s, 1);
	while (n < s.len && !is_space(s.ptr[n]) && s.ptr[n] != '=' && s.ptr[n] != '/')
		buf_addc(name, to_lower(s.ptr[n++]));
	s = span_skip(s, n);
	struct span behind = s;
	while (behind.len && is_space(*behind.ptr))
		behind = span_skip(behind, 1);
	if (span_starts(behind, "=")) {
		s = span_skip(behind, 1);
		add_text(value, take_value(&s));
	}
	*rest = s;
	return n > 0;
}

/* --- what a tag means ------------------------------------------------------------- */

struct element {
	struct inspect_markup *m;
	struct span name;
	struct buf attribute, value;
	struct buf href, type, target, mode; /* kept of it */
	bool refresh, password;
};

static void found(
    struct inspect_markup *m, enum inspect_rule rule, const char *before, struct span s)
{
	struct buf detail = BUF_INIT(400);
	buf_addf(&detail, "%s%.*s", before, SPAN_ARG(span_take(s, 200)));
	inspect_found(m->place, rule, buf_span(&detail));
	buf_release(&detail);
}

/* "java\nscript:": readers drop blanks and controls in a scheme. */
static bool has_scheme(struct span url, const char *scheme)
{
	for (; *scheme; scheme++) {
		while (url.len && (unsigned char)*url.ptr <= ' ')
			url = span_skip(url, 1);
		if (!url.len || to_lower(*url.ptr) != *scheme)
			return false;
		url = span_skip(url, 1);
	}
	return true;
}

/* What a browser or a mail program runs, or hands to a program that does as it is told there. */
static bool runs_something(struct span url)
{
	static const char *const schemes[] = {"javascript:", "vbscript:", "data:text/html",
	    "data:application", "data:image/svg", "ms-",
	    "search-ms:", "search:", "shell:", "mhtml:", "jar:"};
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (has_scheme(url, schemes[i]))
			return true;
	return false;
}

/* A file of another machine: Windows signs in there to get it. "file:///C:/..." is one of the author's own, as Word writes them. */
static bool is_foreign_file(struct span url)
{
	url = span_trim(url);
	if (has_scheme(url, "file:"))
		url = span_skip(url, (size_t)span_index(url, ':') + 1);
	else if (!span_starts(url, "\\\\"))
		return false;
	size_t slashes = 0;
	while (slashes < url.len && (url.ptr[slashes] == '/' || url.ptr[slashes] == '\\'))
		slashes++;
	return slashes != 1 && slashes != 3 && slashes < url.len;
}

static bool is_address(struct span name)
{
	static const char *const names[] = {"href", "src", "action", "formaction", "data",
	    "xlink:href", "background", "poster", "code", "srcdoc"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (span_is(name, names[i]))
			return true;
	return false;
}

static void on_attribute(struct element *el)
{
	struct span name = buf_span(&el->attribute), value = buf_span(&el->value);
	if (!el->m->xml && span_starts(name, "on") && name.len > 3 && span_trim(value).len)
		found(el->m, INSPECT_HTML_SCRIPT, "", name);
	if (!el->m->xml && is_address(name) && (runs_something(value) || is_foreign_file(value)))
		found(el->m, INSPECT_HTML_SCRIPT, "", span_take(value, 40));
	if (span_is(name, "href") || span_is(name, "action"))
		buf_add(&el->href, value);
	if (span_is(name, "type"))
		buf_add(&el->type, value);
	if (span_is(name, "target"))
		buf_add(&el->target, value);
	if (span_is(name, "targetmode"))
		buf_add(&el->mode, value);
	el->refresh |= span_is(name, "http-equiv") && span_is_nocase(span_trim(value), "refresh");
	el->password |= span_is(name, "type") && span_is_nocase(span_trim(value), "password");
	if (span_is(name, "contenttype") && span_find_nocase(value, SPAN("vbaProject")) >= 0)
		found(el->m, INSPECT_MACRO, "", value);
}

/* Marks for machines (schema.org) are data. */
static bool is_data_script(const struct element *el)
{
	return span_find_nocase(buf_span(&el->type), SPAN("json")) >= 0;
}

static void begin_link(struct inspect_markup *m, const struct element *el)
{
	buf_reset(&m->href);
	buf_reset(&m->text);
	buf_add(&m->href, buf_span(&el->href));
	m->in_link = el->href.len > 0;
}

static void end_link(struct inspect_markup *m)
{
	struct buf why = BUF_INIT(1024), text = BUF_INIT(2 * TEXT_MAX);
	if (m->in_link) {
		add_text(&text, buf_span(&m->text));
		if (inspect_link(buf_span(&m->href), span_trim(buf_span(&text)), &why))
			inspect_found(m->place, INSPECT_LOOKALIKE_LINK, buf_span(&why));
	}
	m->in_link = false;
	buf_release(&why);
	buf_release(&text);
}

static void on_html(struct inspect_markup *m, const struct element *el)
{
	struct span name = el->name;
	if (span_is_nocase(name, "script") && !is_data_script(el))
		found(m, INSPECT_HTML_SCRIPT, "the element ", name);
	if (span_is_nocase(name, "iframe") || span_is_nocase(name, "object") ||
	    span_is_nocase(name, "embed") || span_is_nocase(name, "applet"))
		found(m, INSPECT_HTML_SCRIPT, "the element ", name);
	if (el->refresh)
		found(m, INSPECT_HTML_SCRIPT, "", SPAN("goes elsewhere by itself (refresh)"));
	if (span_is_nocase(name, "form"))
		found(m, INSPECT_HTML_FORM, "to ", buf_span(&el->href));
	if (el->password)
		found(m, INSPECT_HTML_FORM, "", SPAN("asks for a password"));
	if (span_is_nocase(name, "a")) {
		end_link(m);
		begin_link(m, el);
	}
	if (span_is_nocase(name, "/a"))
		end_link(m);
}

/* A relationship of an office document (ECMA-376 part 2, 9.3): a hyperlink waits for a click, others are loaded when it is opened. */
static void on_xml(struct inspect_markup *m, const struct element *el)
{
	struct span type = buf_span(&el->type);
	if (span_is_nocase(el->name, "w:bindata"))
		found(m, INSPECT_MACRO, "the element ", el->name);
	if (!span_is_nocase(el->name, "relationship") ||
	    !span_is_nocase(buf_span(&el->mode), "external") ||
	    span_ends_nocase(type, "/hyperlink") || span_ends_nocase(type, "/externalLinkPath"))
		return;
	found(m, INSPECT_EXTERNAL_LINK, "", buf_span(&el->target));
}

static void on_tag(struct inspect_markup *m)
{
	struct span rest = buf_span(&m->tag);
	size_t n = 0;
	while (n < rest.len && !is_space(rest.ptr[n]) && (n == 0 || rest.ptr[n] != '/'))
		n++;
	struct element el = {.m = m,
	    .name = span_take(rest, n),
	    .attribute = BUF_INIT(64),
	    .value = BUF_INIT(TAG_MAX),
	    .href = BUF_INIT(HREF_MAX),
	    .type = BUF_INIT(512),
	    .target = BUF_INIT(HREF_MAX),
	    .mode = BUF_INIT(64)};
	if (span_is_nocase(el.name, "html") || span_is_nocase(el.name, "svg"))
		m->xml = false;
	rest = span_skip(rest, n);
	while (inspect_attribute(&rest, &el.attribute, &el.value))
		on_attribute(&el);
	if (!m->xml)
		on_html(m, &el);
	on_xml(m, &el);
	buf_release(&el.attribute);
	buf_release(&el.value);
	buf_release(&el.href);
	buf_release(&el.type);
	buf_release(&el.target);
	buf_release(&el.mode);
}

/* --- bytes into tags ---------------------------------------------------------------- */

/* Field codes that fetch or start something: DDEAUTO in a document that claims to be text. */
static void end_word(struct inspect_markup *m)
{
	struct span w = buf_span(&m->word);
	if (m->xml && (span_is(w, "DDEAUTO") || span_is(w, "DDE")))
		found(m, INSPECT_EXTERNAL_LINK, "a field ", w);
	buf_reset(&m->word);
}

static void on_text(struct inspect_markup *m, struct span s)
{
	if (m->in_link)
		buf_add(&m->text, span_take(s, TEXT_MAX - m->text.len));
	for (size_t i = 0; m->xml && i < s.len; i++)
		if (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z')
			buf_addc(&m->word, s.ptr[i]);
		else if (m->word.len)
			end_word(m);
}

static struct span skip_text(struct inspect_markup *m, struct span s)
{
	ptrdiff_t at = span_index(s, '<');
	size_t n = at < 0 ? s.len : (size_t)at;
	if (m->in_link || m->xml)
		on_text(m, span_take(s, n));
	if (at < 0)
		return span_skip(s, n);
	end_word(m);
	m->state = IN_TAG;
	buf_reset(&m->tag);
	return span_skip(s, n + 1);
}

static void close_tag(struct inspect_markup *m)
{
	m->state = IN_TEXT;
	if (m->tag.len)
		on_tag(m);
}

/* "a < b" is no tag: one begins with a letter, / ! or ?. Blanks between = and a quote do not count; a quote elsewhere is a character. */
static void put_in_tag(struct inspect_markup *m, char c)
{
	if (!m->tag.len && !is_alpha(c) && c != '/' && c != '!' && c != '?') {
		m->state = c == '<' ? IN_TAG : IN_TEXT;
		return;
	}
	if (m->state == IN_QUOTES) {
		if (c == m->quote)
			m->state = IN_TAG;
	} else if (c == '>') {
		close_tag(m);
		return;
	} else if (m->state == AFTER_EQUALS && (c == '"' || c == '\'')) {
		m->quote = c;
		m->state = IN_QUOTES;
	} else if (!is_space(c)) {
		m->state = c == '=' ? AFTER_EQUALS : IN_TAG;
	}
	buf_addc(&m->tag, c);
	if (m->tag.over) {
		close_tag(m);
	} else if (m->tag.len == 3 && span_is(buf_span(&m->tag), "!--")) {
		m->state = IN_COMMENT;
		m->dashes = 2;
	}
}

static void put_in_comment(struct inspect_markup *m, char c)
{
	if (c == '>' && m->dashes >= 2)
		m->state = IN_TEXT;
	m->dashes = c == '-' ? m->dashes + 1 : c == '!' ? m->dashes : 0;
}

static int markup_put(struct sink *sink, struct span s, struct err *e)
{
	struct inspect_markup *m = (struct inspect_markup *)sink;
	(void)e;
	while (s.len) {
		if (m->state == IN_TEXT) {
			s = skip_text(m, s);
			continue;
		}
		if (*s.ptr && m->state == IN_COMMENT)
			put_in_comment(m, *s.ptr);
		else if (*s.ptr)
			put_in_tag(m, *s.ptr);
		s = span_skip(s, 1);
	}
	return 0;
}

static int markup_end(struct sink *sink, struct err *e)
{
	struct inspect_markup *m = (struct inspect_markup *)sink;
	(void)e;
	if (m->state != IN_TEXT && m->state != IN_COMMENT)
		close_tag(m);
	end_word(m);
	end_link(m);
	return 0;
}

void inspect_markup_init(struct inspect_markup *m, const struct inspect_place *place, bool xml)
{
	*m = (struct inspect_markup){.sink = {markup_put, markup_end},
	    .place = place,
	    .xml = xml,
	    .tag = BUF_INIT(TAG_MAX),
	    .href = BUF_INIT(HREF_MAX),
	    .text = BUF_INIT(TEXT_MAX),
	    .word = BUF_INIT(WORD_MAX)};
}

void inspect_markup_release(struct inspect_markup *m)
{
	buf_release(&m->tag);
	buf_release(&m->href);
	buf_release(&m->text);
	buf_release(&m->word);
}
