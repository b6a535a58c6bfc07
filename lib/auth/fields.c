#include "auth/fields.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

/* "Name:" or "Name :", RFC 5322 2.2 and 4.5: how long the name is, 0 where it is none. */
static size_t name_length(struct span line)
{
	size_t n = 0, at;
	while (n < line.len && line.ptr[n] > ' ' && line.ptr[n] < 0x7f && line.ptr[n] != ':')
		n++;
	for (at = n; at < line.len && is_wsp(line.ptr[at]); at++)
		;
	return at < line.len && line.ptr[at] == ':' ? n : 0;
}

bool auth_fields_line(struct span line)
{
	return (line.len && is_wsp(line.ptr[0])) || name_length(line) > 0;
}

static size_t line_length(struct span s)
{
	const char *lf = memchr(s.ptr, '\n', s.len);
	return lf ? (size_t)(lf - s.ptr) + 1 : s.len;
}

/* One field and its continuation lines. */
static size_t field_length(struct span s)
{
	size_t n = line_length(s);
	while (n < s.len && is_wsp(s.ptr[n]))
		n += line_length(span_skip(s, n));
	return n;
}

static int add(struct auth_fields *f, size_t *cap, struct span raw, struct err *e)
{
	size_t name = name_length(raw);
	if (f->n == AUTH_FIELDS_MAX)
		return err_set(e, EX_DATAERR, _("more than %d header fields"), AUTH_FIELDS_MAX);
	if (f->n == *cap) {
		*cap = *cap ? *cap * 2 : 32;
		f->v = mem_resize(f->v, *cap, sizeof(*f->v));
	}
	raw = span_chomp(raw);
	struct span value = span_skip(raw, name);
	f->v[f->n++] = (struct auth_field){.name = span_take(raw, name),
	    .value = span_skip(value, (size_t)span_index(value, ':') + 1),
	    .raw = raw};
	return 0;
}

int auth_fields_split(struct auth_fields *f, struct span header, size_t *used, struct err *e)
{
	struct auth_fields all = {0};
	size_t cap = 0, at = 0;
	while (at < header.len) {
		struct span rest = span_skip(header, at);
		if (!name_length(span_take(rest, line_length(rest))))
			break;
		size_t n = field_length(rest);
		if (add(&all, &cap, span_take(rest, n), e) < 0) {
			free(all.v);
			return -1;
		}
		at += n;
	}
	*f = all;
	*used = at;
	return 0;
}

void auth_fields_release(struct auth_fields *f)
{
	free(f->v);
	*f = (struct auth_fields){0};
}

size_t auth_fields_count(const struct auth_fields *f, struct span name)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n; i++)
		n += span_eq_nocase(f->v[i].name, name);
	return n;
}

const struct auth_field *auth_fields_find(
    const struct auth_fields *f, const char *name, size_t from)
{
	for (size_t i = from; i < f->n; i++)
		if (span_is_nocase(f->v[i].name, name))
			return &f->v[i];
	return NULL;
}

/* --- the fields of a signature --- */

static size_t slot(struct span name)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)to_lower(name.ptr[i])) * 16777619u;
	return (h ^ h >> 8 ^ h >> 16) % AUTH_PICKER_SLOTS;
}

void auth_picker_init(struct auth_picker *p, const struct auth_fields *f)
{
	*p = (struct auth_picker){.fields = f, .next = mem_new(f->n + 1, sizeof(*p->next))};
	for (size_t i = 0; i < f->n; i++) {
		size_t *last = &p->last[slot(f->v[i].name)];
		p->next[i] = *last;
		*last = i + 1;
	}
}

void auth_picker_release(struct auth_picker *p)
{
	free(p->next);
	p->next = NULL;
}

const struct auth_field *auth_picker_take(struct auth_picker *p, struct span name)
{
	for (size_t *at = &p->last[slot(name)]; *at; at = &p->next[*at - 1]) {
		const struct auth_field *f = &p->fields->v[*at - 1];
		if (span_eq_nocase(f->name, name)) {
			*at = p->next[*at - 1];
			return f;
		}
	}
	return NULL;
}
