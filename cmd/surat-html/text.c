#include "text.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "lines.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	QUOTES_MAX = 10, /* deeper ones look like these */
	LISTS_MAX = 10,
	URL_MAX = 2000
};

struct list {
	bool ordered;
	unsigned number;
};
struct reader {
	struct lines lines;
	unsigned quotes, lists_open, pre;
	bool legacy;     /* what repeats a hidden header is left out */
	bool pre_starts; /* a line end right behind <pre> does not count */
	struct list lists[LISTS_MAX];
	unsigned skip;  /* elements open inside one that is not shown, itself counted */
	unsigned cells; /* of the table row */
	struct buf url, link_text;
	bool in_link;
};

/* --- which element is what ------------------------------------------------------ */

enum kind {
	PLAIN, /* in the line */
	BLOCK, /* a line of its own */
	PARAGRAPH,
	HIDDEN,
	QUOTE,
	LIST,
	ORDERED,
	ITEM,
	PRE,
	LINK,
	BREAK,
	RULE,
	IMAGE,
	ROW,
	CELL
};
static const struct element {
	const char *name;
	enum kind kind;
} elements[] = {/* sorted */
    {"a", LINK}, {"address", BLOCK}, {"applet", HIDDEN}, {"article", BLOCK}, {"aside", BLOCK},
    {"audio", HIDDEN}, {"blockquote", QUOTE}, {"body", BLOCK}, {"br", BREAK}, {"canvas", HIDDEN},
    {"caption", BLOCK}, {"center", BLOCK}, {"dd", BLOCK}, {"dir", LIST}, {"div", BLOCK},
    {"dl", PARAGRAPH}, {"dt", BLOCK}, {"fieldset", BLOCK}, {"figcaption", BLOCK},
    {"figure", PARAGRAPH}, {"footer", BLOCK}, {"form", BLOCK}, {"frameset", HIDDEN},
    {"h1", PARAGRAPH}, {"h2", PARAGRAPH}, {"h3", PARAGRAPH}, {"h4", PARAGRAPH}, {"h5", PARAGRAPH},
    {"h6", PARAGRAPH}, {"head", HIDDEN}, {"header", BLOCK}, {"hr", RULE}, {"iframe", HIDDEN},
    {"img", IMAGE}, {"li", ITEM}, {"main", BLOCK}, {"menu", LIST}, {"nav", BLOCK},
    {"noframes", HIDDEN}, {"object", HIDDEN}, {"ol", ORDERED}, {"p", PARAGRAPH}, {"pre", PRE},
    {"script", HIDDEN}, {"section", BLOCK}, {"select", HIDDEN}, {"style", HIDDEN}, {"svg", HIDDEN},
    {"table", PARAGRAPH}, {"tbody", BLOCK}, {"td", CELL}, {"template", HIDDEN},
    {"textarea", HIDDEN}, {"th", CELL}, {"title", HIDDEN}, {"tr", ROW}, {"ul", LIST},
    {"video", HIDDEN}};

static int compare(const void *key, const void *element)
{
	return strcmp(key, ((const struct element *)element)->name);
}

static enum kind kind_of(const xmlChar *name)
{
	const struct element *found =
	    bsearch(name, elements, ARRAY_LEN(elements), sizeof(*elements), compare);
	return found ? found->kind : PLAIN;
}

static struct span attribute(const xmlChar **a, const char *name)
{
	for (; a && a[0]; a += 2)
		if (strcmp((const char *)a[0], name) == 0)
			return span_of(a[1] ? (const char *)a[1] : "");
	return span_make(NULL, 0);
}

/* display:none, with blanks anywhere. */
static bool has_style(struct span style, const char *wanted)
{
	struct buf flat = BUF_INIT(4096);
	for (size_t i = 0; i < style.len; i++)
		if (!is_space(style.ptr[i]))
			buf_addc(&flat, to_lower(style.ptr[i]));
	bool found = span_find(buf_span(&flat), span_of(wanted)) >= 0;
	buf_release(&flat);
	return found;
}

/* What repeats a hidden Subject for others: RFC 9788 4.5.3.3. In other mail a stranger may call so what he wants us to miss. */
static bool is_legacy_display(struct span class)
{
	struct span word;
	for (bool more = true; more;) {
		class = span_trim(class);
		more = span_cut(&class, ' ', &word);
		if (span_is(word, "header-protection-legacy-display"))
			return true;
	}
	return false;
}

static bool is_hidden(const struct reader *r, const xmlChar **a)
{
	struct span style = attribute(a, "style");
	if (attribute(a, "hidden").ptr || (r->legacy && is_legacy_display(attribute(a, "class"))))
		return true;
	return style.len && (has_style(style, "display:none") || has_style(style, "mso-hide:all") ||
				has_style(style, "visibility:hidden"));
}

/* --- prefixes ------------------------------------------------------------------- */

static void set_prefix(struct reader *r)
{
	char prefix[LINES_PREFIX_MAX] = "";
	size_t n = 0;
	for (unsigned i = 0; i < r->quotes && i < QUOTES_MAX; i++)
		prefix[n++] = '>';
	if (n)
		prefix[n++] = ' ';
	for (unsigned i = 0; i < r->lists_open && i < LISTS_MAX; i++)
		n += (size_t)snprintf(
		    prefix + n, sizeof(prefix) - n, "%s", r->lists[i].ordered ? "    " : "  ");
	prefix[n] = 0;
	lines_set_prefix(&r->lines, prefix);
}

static void begin_item(struct reader *r)
{
	char first[LINES_PREFIX_MAX];
	lines_break(&r->lines);
	if (!r->lists_open || r->lists_open > LISTS_MAX)
		return;
	struct list *l = &r->lists[r->lists_open - 1];
	size_t n = strlen(r->lines.prefix), width = l->ordered ? 4 : 2;
	n = n > width ? n - width : 0;
	if (l->ordered)
		snprintf(first, sizeof(first), "%.*s%2u. ", (int)n, r->lines.prefix,
		    ++l->number % 100000);
	else
		snprintf(first, sizeof(first), "%.*s* ", (int)n, r->lines.prefix);
	lines_set_first(&r->lines, first);
}

static void begin_list(struct reader *r, bool ordered)
{
	if (r->lists_open)
		lines_break(&r->lines);
	else
		lines_gap(&r->lines);
	if (r->lists_open < LISTS_MAX)
		r->lists[r->lists_open] = (struct list){.ordered = ordered};
	r->lists_open++;
	set_prefix(r);
}

static void end_list(struct reader *r)
{
	lines_break(&r->lines);
	r->lines.has_first = false;
	r->lists_open -= r->lists_open > 0;
	set_prefix(r);
	if (!r->lists_open)
		lines_gap(&r->lines);
}

/* --- links ---------------------------------------------------------------------- */

static void begin_link(struct reader *r, const xmlChar **a)
{
	struct span href = span_trim(attribute(a, "href"));
	buf_reset(&r->url);
	buf_reset(&r->link_text);
	r->in_link = href.len && href.len < URL_MAX &&
		     (span_starts_nocase(href, "http:") || span_starts_nocase(href, "https:") ||
			 span_starts_nocase(href, "mailto:") || span_starts_nocase(href, "ftp:"));
	for (size_t i = 0; r->in_link && i < href.len; i++)
		if (!is_space(href.ptr[i]))
			buf_addc(&r->url, href.ptr[i]);
}

/* The target is shown unless the text says it already. */
static void end_link(struct reader *r)
{
	struct span url = buf_span(&r->url), text = span_trim(buf_span(&r->link_text)), bare = url;
	if (!r->in_link)
		return;
	r->in_link = false;
	if (span_starts_nocase(bare, "mailto:"))
		bare = span_skip(bare, 7);
	else if (span_find(bare, SPAN("//")) >= 0)
		bare = span_skip(bare, (size_t)span_find(bare, SPAN("//")) + 2);
	if (bare.len && bare.ptr[bare.len - 1] == '/')
		bare.len--;
	if (!text.len || !bare.len || span_find_nocase(text, bare) >= 0)
		return;
	lines_text(&r->lines, SPAN(" <"));
	lines_text(&r->lines, url);
	lines_text(&r->lines, SPAN(">"));
}

/* --- libxml2's events -------------------------------------------------------------- */

static void begin_cell(struct reader *r)
{
	if (r->cells++ && lines_begun(&r->lines))
		lines_text(&r->lines, SPAN(" | "));
}

static void begin_shown(struct reader *r, enum kind kind, const xmlChar **a)
{
	switch (kind) {
	case BLOCK: lines_break(&r->lines); break;
	case PARAGRAPH: lines_gap(&r->lines); break;
	case QUOTE:
		lines_gap(&r->lines);
		r->quotes++;
		set_prefix(r);
		break;
	case LIST:
	case ORDERED: begin_list(r, kind == ORDERED); break;
	case ITEM: begin_item(r); break;
	case PRE:
		lines_gap(&r->lines);
		r->pre++;
		r->pre_starts = true;
		break;
	case LINK: begin_link(r, a); break;
	case BREAK: lines_newline(&r->lines); break;
	case RULE:
		lines_gap(&r->lines);
		lines_text(&r->lines, SPAN("----------------------------------------"));
		lines_gap(&r->lines);
		break;
	case IMAGE: {
		struct span alt = span_trim(attribute(a, "alt"));
		if (alt.len) {
			lines_text(&r->lines, SPAN("["));
			lines_text(&r->lines, alt);
			lines_text(&r->lines, SPAN("]"));
		}
		break;
	}
	case ROW:
		lines_break(&r->lines);
		r->cells = 0;
		break;
	case CELL: begin_cell(r); break;
	case PLAIN:
	case HIDDEN: break;
	}
}

static bool is_void(const xmlChar *name)
{
	const htmlElemDesc *d = htmlTagLookup(name);
	return d && d->empty;
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar **a)
{
	struct reader *r = ctx;
	enum kind kind = kind_of(name);
	if (r->skip || kind == HIDDEN || is_hidden(r, a)) {
		r->skip += !is_void(name);
		return;
	}
	begin_shown(r, kind, a);
}

static void on_end(void *ctx, const xmlChar *name)
{
	struct reader *r = ctx;
	if (r->skip) {
		r->skip -= !is_void(name);
		return;
	}
	switch (kind_of(name)) {
	case BLOCK:
	case ITEM: lines_break(&r->lines); break;
	case PARAGRAPH: lines_gap(&r->lines); break;
	case QUOTE:
		lines_break(&r->lines);
		r->quotes -= r->quotes > 0;
		set_prefix(r);
		lines_gap(&r->lines);
		break;
	case LIST:
	case ORDERED: end_list(r); break;
	case PRE:
		r->pre -= r->pre > 0;
		lines_gap(&r->lines);
		break;
	case LINK: end_link(r); break;
	case ROW: lines_break(&r->lines); break;
	default: break;
	}
}

static void on_text(void *ctx, const xmlChar *p, int len)
{
	struct reader *r = ctx;
	struct span s = span_make((const char *)p, len > 0 ? (size_t)len : 0);
	if (r->skip)
		return;
	if (r->in_link)
		buf_add(&r->link_text, s);
	if (r->pre && r->pre_starts && span_starts(s, "\n"))
		s = span_skip(s, 1);
	r->pre_starts = false;
	if (r->pre)
		lines_verbatim(&r->lines, s);
	else
		lines_text(&r->lines, s);
}

/* --- */

static int parse(struct reader *r, struct span html)
{
	static htmlSAXHandler events = {.startElement = on_start,
	    .endElement = on_end,
	    .characters = on_text,
	    .ignorableWhitespace = on_text,
	    .cdataBlock = NULL};
	htmlParserCtxtPtr p = htmlCreateMemoryParserCtxt(html.ptr, (int)html.len);
	if (!p)
		return -1;
	htmlSAXHandlerPtr own = p->sax;
	htmlCtxtUseOptions(p, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
				  HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	xmlSwitchEncoding(p, XML_CHAR_ENCODING_UTF8);
	p->sax = &events;
	p->userData = r;
	htmlParseDocument(p);
	bool gave_up = p->errNo == XML_ERR_NO_MEMORY || p->errNo == XML_ERR_INTERNAL_ERROR;
	p->sax = own;
	htmlFreeParserCtxt(p);
	return gave_up ? -1 : 0;
}

int html_to_text(struct span html, int width, bool legacy, struct sink *out, struct err *e)
{
	struct reader r = {
	    .legacy = legacy, .url = BUF_INIT(2 * URL_MAX), .link_text = BUF_INIT(64 << 10)};
	lines_init(&r.lines, out, width, e);
	int code = html.len && html.len < INT_MAX ? parse(&r, html) : 0;
	lines_break(&r.lines);
	if (code < 0)
		err_set(e, EX_DATAERR, "%s", _("the HTML cannot be read"));
	if (r.lines.failed)
		code = -1;
	lines_release(&r.lines);
	buf_release(&r.url);
	buf_release(&r.link_text);
	return code;
}
