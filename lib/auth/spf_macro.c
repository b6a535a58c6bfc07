#include "auth/spf_macro.h"

static bool is_alnum(char c)
{
	return is_alpha(c) || is_digit(c);
}

/* "%{d2r.-}" or "%%", "%_", "%-" at the beginning: how long it is, 0 it is none. */
static size_t macro_length(struct span s)
{
	size_t at = 2;
	bool zero = false, digits = false;
	if (s.len < 2 || s.ptr[0] != '%')
		return 0;
	if (s.ptr[1] != '{')
		return memchr("%_-", s.ptr[1], 3) ? 2 : 0;
	if (at >= s.len || !memchr("slodiphv", to_lower(s.ptr[at]), 8))
		return 0;
	for (at++; at < s.len && is_digit(s.ptr[at]); at++) {
		zero = (!digits || zero) && s.ptr[at] == '0';
		digits = true;
	}
	if (zero) /* RFC 7208 7.3: how many labels to keep is not none */
		return 0;
	if (at < s.len && to_lower(s.ptr[at]) == 'r')
		at++;
	while (at < s.len && memchr(".-+,/_=", s.ptr[at], 7))
		at++;
	return at < s.len && s.ptr[at] == '}' ? at + 1 : 0;
}

/* *tail: what stands behind the last macro. False when it is no macro string. */
static bool scan(struct span s, struct span *tail)
{
	*tail = s;
	while (s.len) {
		if (s.ptr[0] == '%') {
			size_t n = macro_length(s);
			if (!n)
				return false;
			s = span_skip(s, n);
			*tail = s;
		} else if (s.ptr[0] > ' ' && s.ptr[0] < 0x7f) {
			s = span_skip(s, 1);
		} else {
			return false;
		}
	}
	return true;
}

bool spf_is_macro_string(struct span s)
{
	struct span tail;
	return scan(s, &tail);
}

/* letters, digits and hyphens inside, but not digits alone */
static bool is_toplabel(struct span s)
{
	bool digits = true;
	if (!s.len || !is_alnum(s.ptr[0]) || !is_alnum(s.ptr[s.len - 1]))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_alnum(s.ptr[i]) && s.ptr[i] != '-')
			return false;
		digits &= is_digit(s.ptr[i]);
	}
	return !digits;
}

bool spf_is_domain_spec(struct span s)
{
	struct span tail;
	if (!s.len || !scan(s, &tail))
		return false;
	if (!tail.len)
		return true; /* it ends in a macro */
	if (tail.ptr[tail.len - 1] == '.')
		tail.len--;
	for (size_t i = tail.len; i > 0; i--)
		if (tail.ptr[i - 1] == '.')
			return is_toplabel(span_skip(tail, i));
	return false;
}
