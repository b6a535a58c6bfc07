/* spf_expand.c - what macros stand for: RFC 7208 7.2 to 7.4. */
#include "auth/spf_macro.h"
#include "base/alloc.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARTS_MAX = 128, VALUE_MAX = 2048, EXPANDED_MAX = 16 * 1024, NAME_MAX_OCTETS = 253 };

struct macro {
	char letter;
	unsigned keep; /* labels from the right, 0: all */
	bool reverse, escape;
	struct span delimiters;
};

/* "%{d2r.-}" at the beginning of *s, taken off it. */
static bool take_macro(struct span *s, bool text, struct macro *m)
{
	const char *letters = text ? "slodiphvcrt" : "slodiphv";
	ptrdiff_t end = span_index(*s, '}');
	if (end < 3)
		return false;
	struct span in = span_make(s->ptr + 2, (size_t)end - 2);
	char c = to_lower(in.ptr[0]);
	*m = (struct macro){.letter = c, .escape = c != in.ptr[0]};
	if (!memchr(letters, c, strlen(letters)))
		return false;
	in = span_skip(in, 1);
	bool digits = in.len && is_digit(in.ptr[0]);
	for (; in.len && is_digit(in.ptr[0]); in = span_skip(in, 1))
		m->keep =
		    m->keep > PARTS_MAX ? m->keep : m->keep * 10 + (unsigned)(in.ptr[0] - '0');
	if (digits && !m->keep)
		return false;
	if (in.len && to_lower(in.ptr[0]) == 'r') {
		m->reverse = true;
		in = span_skip(in, 1);
	}
	for (size_t i = 0; i < in.len; i++)
		if (!memchr(".-+,/_=", in.ptr[i], 7))
			return false;
	m->delimiters = in.len ? in : SPAN(".");
	*s = span_skip(*s, (size_t)end + 1);
	return true;
}

/* --- values --- */

static void add_address(const struct spf_values *v, struct buf *b, bool readable)
{
	char text[INET6_ADDRSTRLEN];
	if (!v->six || readable) {
		inet_ntop(v->six ? AF_INET6 : AF_INET, v->ip, text, sizeof(text));
		buf_adds(b, text);
		return;
	}
	for (size_t i = 0; i < 16; i++)
		buf_addf(b, "%s%x.%x", i ? "." : "", v->ip[i] >> 4, v->ip[i] & 15);
}

static void add_value(const struct spf_values *v, char letter, struct buf *b)
{
	switch (letter) {
	case 's': buf_addf(b, "%s@%s", v->local, v->sender_domain); break;
	case 'l': buf_adds(b, v->local); break;
	case 'o': buf_adds(b, v->sender_domain); break;
	case 'd': buf_adds(b, v->domain); break;
	case 'i': add_address(v, b, false); break;
	case 'p': buf_adds(b, v->validated ? v->validated : "unknown"); break;
	case 'v': buf_adds(b, v->six ? "ip6" : "in-addr"); break;
	case 'h': buf_adds(b, v->helo); break;
	case 'c': add_address(v, b, true); break;
	case 'r': buf_adds(b, v->receiver ? v->receiver : "unknown"); break;
	case 't': buf_addf(b, "%lld", (long long)v->now_s); break;
	default: break;
	}
}

/* RFC 3986 2.3 */
static void add_escaped(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (is_alpha(c) || is_digit(c) || (c && strchr("-._~", c)))
			buf_addc(out, c);
		else
			buf_addf(out, "%%%02X", (unsigned char)c);
	}
}

static size_t split(struct span value, struct span delimiters, struct span parts[PARTS_MAX])
{
	size_t n = 0, from = 0;
	for (size_t i = 0; i <= value.len; i++) {
		bool cut =
		    i == value.len || memchr(delimiters.ptr, value.ptr[i], delimiters.len) != NULL;
		if (!cut || (n == PARTS_MAX - 1 && i < value.len))
			continue;
		parts[n++] = span_make(value.ptr + from, i - from);
		from = i + 1;
	}
	return n;
}

static void expand_macro(const struct spf_values *v, const struct macro *m, struct buf *out)
{
	struct buf value = BUF_INIT(VALUE_MAX), joined = BUF_INIT(VALUE_MAX);
	struct span parts[PARTS_MAX];
	add_value(v, m->letter, &value);
	size_t n = split(buf_span(&value), m->delimiters, parts);
	size_t keep = m->keep && m->keep < n ? m->keep : n;
	for (size_t i = 0; i < keep; i++) {
		/* reversed first, then the rightmost are kept */
		size_t at = n - keep + i;
		if (i)
			buf_addc(&joined, '.');
		buf_add(&joined, parts[m->reverse ? n - 1 - at : at]);
	}
	if (m->escape)
		add_escaped(out, buf_span(&joined));
	else
		buf_add(out, buf_span(&joined));
	buf_release(&value);
	buf_release(&joined);
}

/* --- whole strings --- */

/* "%%", "%_", "%-" and macros. */
static bool expand_percent(const struct spf_values *v, struct span *s, bool text, struct buf *out)
{
	struct macro m;
	if (s->len < 2)
		return false;
	if (s->ptr[1] == '{') {
		if (!take_macro(s, text, &m))
			return false;
		expand_macro(v, &m, out);
		return true;
	}
	switch (s->ptr[1]) {
	case '%': buf_addc(out, '%'); break;
	case '_': buf_addc(out, ' '); break;
	case '-': buf_adds(out, "%20"); break;
	default: return false;
	}
	*s = span_skip(*s, 2);
	return true;
}

bool spf_expand(const struct spf_values *v, struct span s, bool text, struct buf *out)
{
	while (s.len) {
		if (s.ptr[0] == '%') {
			if (!expand_percent(v, &s, text, out))
				return false;
			continue;
		}
		if (s.ptr[0] < ' ' || s.ptr[0] == 0x7f || (!text && s.ptr[0] == ' '))
			return false;
		buf_addc(out, s.ptr[0]);
		s = span_skip(s, 1);
	}
	return !out->over;
}

char *spf_expand_domain(const struct spf_values *v, struct span s)
{
	struct buf b = BUF_INIT(EXPANDED_MAX);
	spf_expand(v, s, false, &b);
	struct span name = buf_span(&b), label;
	if (name.len && name.ptr[name.len - 1] == '.')
		name.len--;
	while (name.len > NAME_MAX_OCTETS && span_cut(&name, '.', &label))
		;
	char *copy = span_dup(name);
	buf_release(&b);
	return copy;
}

bool spf_macro_uses(struct span s, char letter)
{
	for (size_t i = 0; i + 2 < s.len; i++)
		if (s.ptr[i] == '%' && s.ptr[i + 1] == '{' && to_lower(s.ptr[i + 2]) == letter)
			return true;
	return false;
}
