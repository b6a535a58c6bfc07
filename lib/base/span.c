#include "base/span.h"

#include "base/alloc.h"

int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c = to_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool same_nocase(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (to_lower(a[i]) != to_lower(b[i]))
			return false;
	return true;
}

bool span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool span_eq_nocase(struct span a, struct span b)
{
	return a.len == b.len && same_nocase(a.ptr, b.ptr, a.len);
}

bool span_is(struct span a, const char *s)
{
	return span_eq(a, span_of(s));
}

bool span_is_nocase(struct span a, const char *s)
{
	return span_eq_nocase(a, span_of(s));
}

bool span_starts(struct span a, const char *prefix)
{
	size_t n = strlen(prefix);
	return a.len >= n && (n == 0 || memcmp(a.ptr, prefix, n) == 0);
}

bool span_starts_nocase(struct span a, const char *prefix)
{
	size_t n = strlen(prefix);
	return a.len >= n && same_nocase(a.ptr, prefix, n);
}

bool span_ends_nocase(struct span a, const char *suffix)
{
	size_t n = strlen(suffix);
	return a.len >= n && same_nocase(a.ptr + a.len - n, suffix, n);
}

int span_cmp(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int r = n ? memcmp(a.ptr, b.ptr, n) : 0;
	return r ? r : (a.len > b.len) - (a.len < b.len);
}

ptrdiff_t span_index(struct span a, char c)
{
	const char *p = a.len ? memchr(a.ptr, c, a.len) : NULL;
	return p ? p - a.ptr : -1;
}

ptrdiff_t span_find(struct span a, struct span needle)
{
	if (!needle.len || needle.len > a.len) /* memmem takes no NULL */
		return needle.len ? -1 : 0;
	const char *p = memmem(a.ptr, a.len, needle.ptr, needle.len);
	return p ? p - a.ptr : -1;
}

ptrdiff_t span_find_nocase(struct span a, struct span needle)
{
	for (size_t i = 0; i + needle.len <= a.len; i++)
		if (same_nocase(a.ptr + i, needle.ptr, needle.len))
			return (ptrdiff_t)i;
	return -1;
}

struct span span_skip(struct span a, size_t n)
{
	if (n > a.len)
		n = a.len;
	return (struct span){a.ptr ? a.ptr + n : NULL, a.len - n};
}

struct span span_take(struct span a, size_t n)
{
	return (struct span){a.ptr, n < a.len ? n : a.len};
}

struct span span_trim(struct span a)
{
	while (a.len && is_space(a.ptr[0]))
		a = span_skip(a, 1);
	while (a.len && is_space(a.ptr[a.len - 1]))
		a.len--;
	return a;
}

struct span span_chomp(struct span a)
{
	if (a.len && a.ptr[a.len - 1] == '\n') {
		a.len--;
		if (a.len && a.ptr[a.len - 1] == '\r')
			a.len--;
	}
	return a;
}

bool span_cut(struct span *rest, char c, struct span *head)
{
	struct span all = *rest;
	ptrdiff_t at = span_index(all, c);
	*head = at < 0 ? all : span_take(all, (size_t)at);
	*rest = at < 0 ? span_skip(all, all.len) : span_skip(all, (size_t)at + 1);
	return at >= 0;
}

bool span_word(struct span *rest, struct span *word)
{
	struct span s = *rest;
	while (s.len && is_wsp(s.ptr[0]))
		s = span_skip(s, 1);
	size_t n = 0;
	while (n < s.len && !is_wsp(s.ptr[n]))
		n++;
	*word = span_take(s, n);
	*rest = span_skip(s, n);
	return n > 0;
}

bool span_line(struct span *rest, struct span *line)
{
	if (!rest->len)
		return false;
	if (span_cut(rest, '\n', line) && line->len && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

bool span_to_u64(struct span a, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	if (!a.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (!is_digit(a.ptr[i]) || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(a.ptr[i] - '0'), &v) || v > max)
			return false;
	}
	*out = v;
	return true;
}

char *span_dup(struct span a)
{
	return mem_dup(a.ptr, a.len);
}
