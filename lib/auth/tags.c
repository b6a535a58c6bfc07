#include "auth/tags.h"

#include "base/intl.h"

/* FWS: blanks, with at most line ends before blanks. */
static bool is_blank_text(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (is_wsp(s.ptr[i]))
			continue;
		bool cr = s.ptr[i] == '\r'; /* files have LF alone */
		if (i + cr + 1 >= s.len || s.ptr[i + cr] != '\n' || !is_wsp(s.ptr[i + cr + 1]))
			return false;
		i += cr;
	}
	return true;
}

static struct span trim(struct span s)
{
	while (s.len && is_space(s.ptr[0]))
		s = span_skip(s, 1);
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

static bool is_name(struct span s)
{
	if (!s.len || !is_alpha(s.ptr[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_alpha(s.ptr[i]) && !is_digit(s.ptr[i]) && s.ptr[i] != '_')
			return false;
	return true;
}

/* Printable ASCII or, above 127, octets of UTF-8, and blanks or folds between. */
static bool is_value(struct span s, bool utf8)
{
	size_t word = 0;
	for (size_t i = 0; i <= s.len; i++) {
		unsigned char c = i < s.len ? (unsigned char)s.ptr[i] : 0;
		if (c > ' ' && c != 0x7f && (c < 0x7f || utf8)) {
			if (word < i && !is_blank_text(span_make(s.ptr + word, i - word)))
				return false;
			word = i + 1;
		} else if (i < s.len && !is_space(s.ptr[i])) {
			return false;
		}
	}
	return true;
}

static int add_tag(struct auth_tags *t, struct span spec, bool utf8, struct err *e)
{
	struct auth_tag tag;
	size_t number = t->n + 1;
	if (!span_cut(&spec, '=', &tag.name))
		return err_set(e, EX_DATAERR, _("tag %zu has no \"=\""), number);
	tag.name = trim(tag.name);
	tag.value = trim(spec);
	if (!is_name(tag.name))
		return err_set(e, EX_DATAERR, _("tag %zu: \"%.*s\" is no name of a tag"), number,
		    SPAN_ARG(span_take(tag.name, 40)));
	if (!is_value(tag.value, utf8))
		return err_set(e, EX_DATAERR, _("%.*s=: a character that does not belong there"),
		    SPAN_ARG(span_take(tag.name, 40)));
	for (size_t i = 0; i < t->n; i++)
		if (span_eq(t->v[i].name, tag.name))
			return err_set(e, EX_DATAERR, _("%.*s= stands there twice"),
			    SPAN_ARG(span_take(tag.name, 40)));
	if (t->n == AUTH_TAGS_MAX)
		return err_set(e, EX_DATAERR, _("more than %d tags"), (int)AUTH_TAGS_MAX);
	t->v[t->n++] = tag;
	return 0;
}

static int parse(struct auth_tags *t, struct span text, bool utf8, struct err *e)
{
	struct span spec;
	t->n = 0;
	for (bool more = true; more;) {
		more = span_cut(&text, ';', &spec);
		if (!more && t->n && !trim(spec).len)
			break; /* one ";" at the end is fine */
		if (add_tag(t, spec, utf8, e) < 0)
			return -1;
	}
	return 0;
}

int auth_tags_parse(struct auth_tags *t, struct span text, struct err *e)
{
	return parse(t, text, false, e);
}

int auth_tags_parse_utf8(struct auth_tags *t, struct span text, struct err *e)
{
	return parse(t, text, true, e);
}

const struct auth_tag *auth_tags_get(const struct auth_tags *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (span_is(t->v[i].name, name))
			return &t->v[i];
	return NULL;
}

bool auth_list_next(struct span *rest, char between, struct span *part)
{
	if (!rest->ptr)
		return false;
	if (!span_cut(rest, between, part))
		*rest = (struct span){0};
	*part = trim(*part);
	return true;
}
