#include "compose/html.h"

bool html_next_tag(struct span *html, struct span *name, struct span *tag)
{
	ptrdiff_t at;
	while ((at = span_index(*html, '<')) >= 0) {
		struct span rest = span_skip(*html, (size_t)at + 1);
		size_t n = 0;
		while (n < rest.len && (is_alpha(rest.ptr[n]) || is_digit(rest.ptr[n])))
			n++;
		*html = rest;
		if (!n || (n < rest.len && !is_space(rest.ptr[n]) && !strchr("/>", rest.ptr[n])))
			continue;
		ptrdiff_t end = span_index(rest, '>');
		if (end < 0)
			return false;
		*name = span_take(rest, n);
		*tag = span_take(rest, (size_t)end);
		*html = span_skip(rest, (size_t)end + 1);
		return true;
	}
	return false;
}

struct span html_attribute(struct span tag, const char *name)
{
	for (struct span rest = tag; rest.len; rest = span_skip(rest, 1)) {
		if (!span_starts_nocase(rest, name) || rest.ptr == tag.ptr ||
		    !is_space(rest.ptr[-1]))
			continue;
		struct span v = span_skip(rest, strlen(name));
		while (v.len && is_space(*v.ptr))
			v = span_skip(v, 1);
		if (!v.len || *v.ptr != '=')
			continue;
		v = span_skip(v, 1);
		while (v.len && is_space(*v.ptr))
			v = span_skip(v, 1);
		if (v.len && (*v.ptr == '"' || *v.ptr == '\'')) {
			ptrdiff_t end = span_index(span_skip(v, 1), *v.ptr);
			return end < 0 ? span_skip(v, 1) : span_make(v.ptr + 1, (size_t)end);
		}
		size_t n = 0;
		while (n < v.len && !is_space(v.ptr[n]))
			n++;
		return span_take(v, n);
	}
	return span_make(NULL, 0);
}
