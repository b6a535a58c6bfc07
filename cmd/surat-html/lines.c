#include "lines.h"

#include "codec/utf8.h"

#include <stdio.h>

enum { LINE_MAX_BYTES = 1 << 20 };

void lines_init(struct lines *l, struct sink *out, int width, struct err *e)
{
	*l = (struct lines){.out = out, .width = width, .e = e};
	buf_init(&l->line, LINE_MAX_BYTES);
	buf_init(&l->word, LINE_MAX_BYTES);
}

void lines_release(struct lines *l)
{
	buf_release(&l->line);
	buf_release(&l->word);
}

static void put(struct lines *l, struct span s)
{
	if (!l->failed && sink_put(l->out, s, l->e) < 0)
		l->failed = true;
}

static struct span trimmed(const char *prefix)
{
	struct span s = span_of(prefix);
	while (s.len && s.ptr[s.len - 1] == ' ')
		s.len--;
	return s;
}

/* Empty lines between a quote and what is around it are the outer one's. */
static void put_blank(struct lines *l)
{
	for (; l->blank && l->any; l->blank--) {
		put(l, trimmed(l->lowest));
		put(l, SPAN("\n"));
	}
	l->blank = 0;
	memcpy(l->lowest, l->prefix, sizeof(l->lowest));
}

static void put_line(struct lines *l)
{
	const char *prefix = l->has_first ? l->first : l->prefix;
	put_blank(l);
	put(l, l->line.len ? span_of(prefix) : trimmed(prefix));
	put(l, buf_span(&l->line));
	put(l, SPAN("\n"));
	buf_reset(&l->line);
	l->has_first = false;
	l->line_width = 0;
	l->any = true;
}

static int room(const struct lines *l)
{
	return l->width - utf8_width(span_of(l->has_first ? l->first : l->prefix));
}

static void end_word(struct lines *l)
{
	if (!l->word.len)
		return;
	int w = utf8_width(buf_span(&l->word)), gap = l->space && l->line.len;
	if (l->line.len && l->line_width + gap + w > room(l)) {
		put_line(l);
		gap = 0;
	}
	if (gap)
		buf_addc(&l->line, ' ');
	buf_add(&l->line, buf_span(&l->word));
	l->line_width += gap + w;
	l->space = false;
	buf_reset(&l->word);
}

/* Nothing of them is seen: soft hyphen, joiners and fillers of marketing mail, byte order mark. */
static bool is_invisible(int32_t c)
{
	return c == 0xad || c == 0x34f || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff ||
	       c == 0x180e;
}

static bool is_blank(int32_t c)
{
	return c == ' ' || (c >= 9 && c <= 13) || c == 0xa0 || c == 0x2028 || c == 0x2029;
}

void lines_text(struct lines *l, struct span text)
{
	while (text.len) {
		struct span before = text;
		int32_t c = utf8_next(&text);
		if (is_blank(c)) {
			end_word(l);
			l->space = true;
		} else if (c >= ' ' && c != 127 && !(c >= 128 && c < 160) && !is_invisible(c)) {
			buf_add(&l->word, span_take(before, before.len - text.len));
		}
	}
}

void lines_verbatim(struct lines *l, struct span text)
{
	end_word(l);
	while (text.len) {
		struct span before = text;
		int32_t c = utf8_next(&text);
		if (c == '\n')
			put_line(l);
		else if (c == '\t')
			buf_adds(&l->line, "        ");
		else if (c >= ' ' && c != 127 && !(c >= 128 && c < 160) && !is_invisible(c))
			buf_add(&l->line, span_take(before, before.len - text.len));
	}
	l->line_width = utf8_width(buf_span(&l->line));
}

bool lines_begun(const struct lines *l)
{
	return l->line.len || l->word.len;
}

void lines_break(struct lines *l)
{
	end_word(l);
	l->space = false;
	if (l->line.len)
		put_line(l);
}

void lines_gap(struct lines *l)
{
	lines_break(l);
	l->blank = 1;
}

void lines_newline(struct lines *l)
{
	end_word(l);
	l->space = false;
	if (l->line.len)
		put_line(l);
	else if (l->blank < 2)
		l->blank++;
}

void lines_set_prefix(struct lines *l, const char *prefix)
{
	snprintf(l->prefix, sizeof(l->prefix), "%s", prefix);
	if (strlen(prefix) < strlen(l->lowest))
		memcpy(l->lowest, l->prefix, sizeof(l->lowest));
}

void lines_set_first(struct lines *l, const char *first)
{
	snprintf(l->first, sizeof(l->first), "%s", first);
	l->has_first = true;
}
