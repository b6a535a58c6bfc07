#include "auth/canon.h"

#include "base/alloc.h"

#include <stdlib.h>

enum { BLOCK = 8192 };

const char *canon_word(enum canon c)
{
	return c == CANON_SIMPLE ? "simple" : "relaxed";
}

bool canon_parse(struct span word, enum canon *out)
{
	bool simple = span_is_nocase(word, "simple");
	if (!simple && !span_is_nocase(word, "relaxed"))
		return false;
	*out = simple ? CANON_SIMPLE : CANON_RELAXED;
	return true;
}

/* --- bodies --- */

static int flush(struct canon_body *c, struct err *e)
{
	size_t n = c->len;
	c->len = 0;
	return sink_put(c->next, span_make(c->out, n), e);
}

static int emit(struct canon_body *c, struct span s, struct err *e)
{
	if (s.len > BLOCK - c->len && flush(c, e) < 0)
		return -1;
	if (s.len > BLOCK)
		return sink_put(c->next, s, e);
	if (!c->out)
		c->out = mem_resize(NULL, BLOCK, 1);
	memcpy(c->out + c->len, s.ptr, s.len);
	c->len += s.len;
	return 0;
}

/* What was held back comes out: something follows it on the line. */
static int release(struct canon_body *c, struct err *e)
{
	for (; c->empty; c->empty--)
		if (emit(c, SPAN("\r\n"), e) < 0)
			return -1;
	if (c->blank && emit(c, SPAN(" "), e) < 0)
		return -1;
	c->blank = false;
	c->text = c->any = true;
	return 0;
}

/* A piece of a line: no line end in it, no CR at its end. */
static int add_simple(struct canon_body *c, struct span s, struct err *e)
{
	return s.len && release(c, e) < 0 ? -1 : emit(c, s, e);
}

static size_t blanks(struct span s)
{
	size_t n = 0;
	while (n < s.len && is_wsp(s.ptr[n]))
		n++;
	return n;
}

/* Up to the next blank or tab. The common line of an attachment has none. */
static size_t word(struct span s)
{
	const char *space = memchr(s.ptr, ' ', s.len);
	size_t n = space ? (size_t)(space - s.ptr) : s.len;
	const char *tab = memchr(s.ptr, '\t', n);
	return tab ? (size_t)(tab - s.ptr) : n;
}

/* Single blanks between words, as most lines are: nothing to change. */
static bool is_relaxed(struct span s)
{
	return s.len && !is_wsp(s.ptr[s.len - 1]) && !memchr(s.ptr, '\t', s.len) &&
	       span_find(s, SPAN("  ")) < 0;
}

static int add_relaxed(struct canon_body *c, struct span s, struct err *e)
{
	if (!c->blank && is_relaxed(s))
		return release(c, e) < 0 ? -1 : emit(c, s, e);
	while (s.len) {
		size_t n = blanks(s);
		c->blank |= n > 0;
		s = span_skip(s, n);
		n = word(s);
		if (n && (release(c, e) < 0 || emit(c, span_take(s, n), e) < 0))
			return -1;
		s = span_skip(s, n);
	}
	return 0;
}

static int add(struct canon_body *c, struct span s, struct err *e)
{
	return c->how == CANON_RELAXED ? add_relaxed(c, s, e) : add_simple(c, s, e);
}

/* A line that held blanks alone is empty in the relaxed form. */
static int line_end(struct canon_body *c, struct err *e)
{
	c->blank = false;
	if (!c->text) {
		c->empty++;
		return 0;
	}
	c->text = false;
	return emit(c, SPAN("\r\n"), e);
}

/* The rest of a line as far as it has come: a CR at its end waits for what follows. */
static int add_tail(struct canon_body *c, struct span s, struct err *e)
{
	c->cr = s.len && s.ptr[s.len - 1] == '\r';
	return add(c, span_take(s, s.len - c->cr), e);
}

static int body_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct canon_body *c = (struct canon_body *)sink;
	if (c->cr && bytes.ptr[0] != '\n' && add(c, SPAN("\r"), e) < 0)
		return -1;
	c->cr = false;
	while (bytes.len) {
		const char *lf = memchr(bytes.ptr, '\n', bytes.len);
		if (!lf)
			return add_tail(c, bytes, e);
		size_t n = (size_t)(lf - bytes.ptr);
		size_t text = n && bytes.ptr[n - 1] == '\r' ? n - 1 : n;
		if (add(c, span_take(bytes, text), e) < 0 || line_end(c, e) < 0)
			return -1;
		bytes = span_skip(bytes, n + 1);
	}
	return 0;
}

/* RFC 6376 3.4.3: an empty body is one line end in the simple form; 3.4.4: and nothing in the relaxed one. */
static int body_end(struct sink *sink, struct err *e)
{
	struct canon_body *c = (struct canon_body *)sink;
	if (c->cr && add(c, SPAN("\r"), e) < 0)
		return -1;
	c->blank = false;
	if (c->text && line_end(c, e) < 0)
		return -1;
	if (!c->any && c->how == CANON_SIMPLE && emit(c, SPAN("\r\n"), e) < 0)
		return -1;
	int r = flush(c, e);
	canon_body_release(c);
	return r;
}

void canon_body_release(struct canon_body *c)
{
	free(c->out);
	c->out = NULL;
}

void canon_body_init(struct canon_body *c, enum canon how, struct sink *next)
{
	c->sink = (struct sink){body_put, body_end};
	c->next = next;
	c->how = how;
	c->empty = 0;
	c->cr = c->blank = c->text = c->any = false;
	c->len = 0;
	c->out = NULL;
}

/* --- fields --- */

static void field_simple(struct buf *out, struct span raw)
{
	struct span line;
	for (bool more = true; more;) {
		more = span_cut(&raw, '\n', &line);
		if (more && line.len && line.ptr[line.len - 1] == '\r')
			line.len--;
		buf_add(out, line);
		if (more)
			buf_addn(out, "\r\n", 2);
	}
}

/* Runs of blanks and folds become one blank. A CR that ends no line is no blank. */
static void add_squeezed(struct buf *out, struct span s)
{
	bool blank = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool fold = c == '\n' || (c == '\r' && i + 1 < s.len && s.ptr[i + 1] == '\n');
		if (is_wsp(c) || fold) {
			blank = true;
			continue;
		}
		if (blank)
			buf_addc(out, ' ');
		blank = false;
		buf_addc(out, c);
	}
}

static struct span trim(struct span s)
{
	while (s.len && (is_wsp(s.ptr[0]) || s.ptr[0] == '\r' || s.ptr[0] == '\n'))
		s = span_skip(s, 1);
	while (s.len &&
	       (is_wsp(s.ptr[s.len - 1]) || s.ptr[s.len - 1] == '\r' || s.ptr[s.len - 1] == '\n'))
		s.len--;
	return s;
}

static void field_relaxed(struct buf *out, struct span raw)
{
	struct span name;
	span_cut(&raw, ':', &name);
	name = trim(name);
	for (size_t i = 0; i < name.len; i++)
		buf_addc(out, to_lower(name.ptr[i]));
	buf_addc(out, ':');
	add_squeezed(out, trim(raw));
}

void canon_field(struct buf *out, enum canon how, struct span raw)
{
	if (how == CANON_RELAXED)
		field_relaxed(out, raw);
	else
		field_simple(out, raw);
}
