#include "mime/html_charset.h"

/* Behind "charset" and its "=": up to a quote, a blank, or the end of the element. */
static struct span value_of(struct span s)
{
	s = span_trim(s);
	if (!s.len || *s.ptr != '=')
		return SPAN("");
	s = span_trim(span_skip(s, 1));
	while (s.len && (*s.ptr == '"' || *s.ptr == '\''))
		s = span_skip(s, 1);
	size_t n = 0;
	while (n < s.len && !is_space(s.ptr[n]) && !strchr("\"';/>", s.ptr[n]))
		n++;
	return span_take(s, n);
}

/* meta: behind "<meta", up to the ">". <meta charset=x>, and <meta http-equiv=content-type content="text/html; charset=x">. */
static struct span charset_of(struct span meta)
{
	ptrdiff_t at;
	while ((at = span_find_nocase(meta, SPAN("charset"))) >= 0) {
		meta = span_skip(meta, (size_t)at + 7);
		struct span value = value_of(meta);
		if (value.len)
			return value;
	}
	return SPAN("");
}

/* What is a comment is passed over. */
static bool next_meta(struct span *html, struct span *meta)
{
	ptrdiff_t at;
	while ((at = span_index(*html, '<')) >= 0) {
		*html = span_skip(*html, (size_t)at);
		if (span_starts(*html, "<!--")) {
			ptrdiff_t end = span_find(*html, SPAN("-->"));
			*html = end < 0 ? SPAN("") : span_skip(*html, (size_t)end + 3);
		} else if (span_starts_nocase(*html, "<meta")) {
			ptrdiff_t end = span_index(*html, '>');
			*meta = end < 0 ? *html : span_take(*html, (size_t)end);
			*meta = span_skip(*meta, 5);
			*html = span_skip(*html, meta->len + 5);
			return true;
		} else {
			*html = span_skip(*html, 1);
		}
	}
	return false;
}

struct span html_charset_find(struct span html)
{
	struct span meta;
	if (span_starts(html, "\xef\xbb\xbf"))
		return SPAN("utf-8");
	if (span_starts(html, "\xff\xfe") || span_starts(html, "\xfe\xff"))
		return SPAN("utf-16");
	while (next_meta(&html, &meta)) {
		struct span charset = charset_of(meta);
		/* it was read as ASCII: what says it is UTF-16 is not */
		if (span_starts_nocase(charset, "utf-16"))
			return SPAN("utf-8");
		if (charset.len)
			return charset;
	}
	return SPAN("");
}

static int decide(struct html_charset *f, struct err *e)
{
	struct span head = span_make(f->head, f->held);
	struct span charset = html_charset_find(head);
	f->decided = true;
	f->found = charset.len > 0;
	charset_filter_init(f->charset, f->next, charset);
	return head.len ? sink_put(&f->charset->sink, head, e) : 0;
}

static int html_put(struct sink *s, struct span bytes, struct err *e)
{
	struct html_charset *f = (struct html_charset *)s;
	if (!f->decided) {
		struct span more = span_take(bytes, sizeof(f->head) - f->held);
		memcpy(f->head + f->held, more.ptr, more.len);
		f->held += more.len;
		bytes = span_skip(bytes, more.len);
		if (f->held == sizeof(f->head) && decide(f, e) < 0)
			return -1;
	}
	return bytes.len ? sink_put(&f->charset->sink, bytes, e) : 0;
}

static int html_end(struct sink *s, struct err *e)
{
	struct html_charset *f = (struct html_charset *)s;
	if (!f->decided && decide(f, e) < 0)
		return -1;
	return sink_end(&f->charset->sink, e);
}

void html_charset_init(struct html_charset *f, struct charset_filter *charset, struct sink *next)
{
	*f = (struct html_charset){.sink = {html_put, html_end}, .charset = charset, .next = next};
	*charset = (struct charset_filter){.cd = (iconv_t)-1};
}
