#include "base/alloc.h"
#include "base/buf.h"
#include "base/intl.h"
#include "compose/html.h"
#include "compose/lint.h"

/* What a person sees of a link: without tags, blanks trimmed. */
static void visible(struct buf *b, struct span html)
{
	bool tag = false;
	for (size_t i = 0; i < html.len; i++) {
		char c = html.ptr[i];
		if (c == '<')
			tag = true;
		else if (c == '>')
			tag = false;
		else if (!tag)
			buf_addc(b, is_space(c) ? ' ' : c);
	}
}

/* "https://www.example.org:80/x" and "example.org/x": example.org; "" when it is none. */
static struct span host_of(struct span s)
{
	ptrdiff_t scheme = span_find(s, SPAN("://"));
	if (scheme >= 0 && scheme < 10)
		s = span_skip(s, (size_t)scheme + 3);
	size_t n = 0;
	bool dot = false;
	while (n < s.len &&
	       (is_alpha(s.ptr[n]) || is_digit(s.ptr[n]) || s.ptr[n] == '-' || s.ptr[n] == '.')) {
		dot |= s.ptr[n] == '.' && n;
		n++;
	}
	bool ends = n == s.len || strchr("/:?#", s.ptr[n]);
	struct span host = span_take(s, n);
	if (span_starts_nocase(host, "www."))
		host = span_skip(host, 4);
	return dot && ends && host.len && host.ptr[host.len - 1] != '.' ? host : SPAN("");
}

static bool is_below(struct span a, struct span b)
{
	if (a.len <= b.len)
		return span_eq_nocase(a, b);
	struct span end = span_skip(a, a.len - b.len);
	return span_eq_nocase(end, b) && end.ptr[-1] == '.';
}

static bool is_number(struct span host)
{
	for (size_t i = 0; i < host.len; i++)
		if (!is_digit(host.ptr[i]) && host.ptr[i] != '.')
			return false;
	return host.len > 0;
}

static void check_link(struct lint *l, struct span href, struct span text)
{
	bool web = span_starts_nocase(href, "http:") || span_starts_nocase(href, "https:");
	struct span target = host_of(href), said = host_of(text);
	if (!href.len)
		lint_say(
		    l, LINT_WARNING, "broken-link", _("\"%.*s\" links to nothing"), SPAN_ARG(text));
	if (span_starts_nocase(href, "javascript:"))
		lint_say(
		    l, LINT_ERROR, "script-link", _("\"%.*s\" links to a script"), SPAN_ARG(text));
	if (!web)
		return;
	if (!target.len || span_index(href, ' ') >= 0)
		lint_say(l, LINT_WARNING, "broken-link", _("\"%.*s\" is no address of the web"),
		    SPAN_ARG(href));
	else if (is_number(target))
		lint_say(l, LINT_WARNING, "number-link", _("\"%.*s\" names a machine by number"),
		    SPAN_ARG(href));
	if (said.len && target.len && !is_below(said, target) && !is_below(target, said))
		lint_say(l, LINT_ERROR, "false-link", _("a link that reads \"%.*s\" leads to %.*s"),
		    SPAN_ARG(said), SPAN_ARG(target));
}

static void one_link(struct lint *l, struct span tag, struct span rest)
{
	struct span href = html_attribute(tag, "href");
	if (!href.ptr)
		return;
	struct buf text = BUF_INIT(1 << 20);
	ptrdiff_t end = span_find_nocase(rest, SPAN("</a"));
	visible(&text, end < 0 ? SPAN("") : span_take(rest, (size_t)end));
	check_link(l, span_trim(href), span_trim(buf_span(&text)));
	buf_release(&text);
}

void lint_html(struct lint *l, struct span html)
{
	struct span name, tag;
	while (html_next_tag(&html, &name, &tag)) {
		if (span_is_nocase(name, "a"))
			one_link(l, tag, html);
		struct span src =
		    span_is_nocase(name, "img") ? html_attribute(tag, "src") : SPAN("");
		if (span_starts_nocase(src, "cid:"))
			lint_refers(l, span_skip(src, 4));
	}
}
