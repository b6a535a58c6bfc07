#include "config/config.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_BYTES = 1024 * 1024 };

struct reader {
	struct config *config;
	struct span section, label;
	unsigned line;
};

static int bad(const struct reader *r, struct err *e, const char *what)
{
	return err_set(e, EX_CONFIG, "%s:%u: %s", r->config->path, r->line, what);
}

static bool is_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '-')
			return false;
	}
	return s.len > 0;
}

/* [queue] or [account work] */
static int read_section(struct reader *r, struct span line, struct err *e)
{
	if (line.ptr[line.len - 1] != ']')
		return bad(r, e, _("a section ends with \"]\""));
	struct span inner = span_trim(span_make(line.ptr + 1, line.len - 2)), section;
	if (!span_word(&inner, &section) || !is_name(section))
		return bad(r, e, _("a section is written [name] or [account NAME]"));
	r->section = section;
	r->label = span_trim(inner);
	return 0;
}

static int read_key(struct reader *r, struct span line, struct err *e)
{
	struct span value = line, key;
	if (!span_cut(&value, '=', &key))
		return bad(r, e, _("neither a [section], a \"key = value\", nor a # comment"));
	key = span_trim(key);
	if (!is_name(key))
		return bad(r, e, _("a key has lower case letters, digits and \"-\" only"));
	struct config *c = r->config;
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 16;
		c->v = mem_resize(c->v, c->cap, sizeof(*c->v));
	}
	c->v[c->n++] = (struct config_entry){.section = span_dup(r->section),
	    .label = span_dup(r->label),
	    .key = span_dup(key),
	    .value = span_dup(span_trim(value)),
	    .line = r->line};
	return 0;
}

static int read_line(struct reader *r, struct span line, struct err *e)
{
	if (span_index(line, '\0') >= 0)
		return bad(r, e, _("a NUL byte: this is no text file"));
	line = span_trim(line);
	if (!line.len || *line.ptr == '#')
		return 0;
	return *line.ptr == '[' ? read_section(r, line, e) : read_key(r, line, e);
}

int config_parse(struct config *c, const char *path_for_errors, struct span text, struct err *e)
{
	struct config new = {.path = str_dup(path_for_errors)};
	struct reader r = {.config = &new, .section = SPAN(""), .label = SPAN("")};
	struct span line;
	if (span_starts(text, "\xef\xbb\xbf")) /* a byte order mark some editors put there */
		text = span_skip(text, 3);
	while (span_line(&text, &line)) {
		r.line++;
		if (read_line(&r, line, e) < 0) {
			config_release(&new);
			return -1;
		}
	}
	*c = new;
	return 0;
}

int config_read(struct config *c, const char *path, struct err *e)
{
	struct buf b = BUF_INIT(MOST_BYTES);
	int r = file_read(path, &b, e);
	if (r == 0)
		r = config_parse(c, path, buf_span(&b), e);
	buf_release(&b);
	return r;
}

void config_release(struct config *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].section);
		free(c->v[i].label);
		free(c->v[i].key);
		free(c->v[i].value);
	}
	free(c->v);
	free(c->path);
	*c = (struct config){0};
}

const struct config_entry *config_get(
    const struct config *c, const char *section, const char *label, const char *key)
{
	for (size_t i = c->n; i-- > 0;) {
		const struct config_entry *at = &c->v[i];
		if (!strcmp(at->key, key) && !strcmp(at->section, section) &&
		    !strcmp(at->label, label))
			return at;
	}
	return NULL;
}

int config_error(
    const struct config *c, const struct config_entry *at, struct err *e, const char *fmt, ...)
{
	struct buf text = BUF_INIT(1024);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	err_set(e, EX_CONFIG, "%s:%u: %s", c->path, at->line, buf_cstr(&text));
	buf_release(&text);
	return -1;
}
