#include "inspect/rtf.h"

#include "base/alloc.h"

enum { IN_TEXT, AFTER_BACKSLASH, IN_CONTROL, IN_PLAIN };

static const struct {
	const char *word;
	enum inspect_rule rule;
} controls[] = {
    {"objdata", INSPECT_EMBEDDED_OBJECT},
    {"objemb", INSPECT_EMBEDDED_OBJECT},
    {"objocx", INSPECT_EMBEDDED_OBJECT},
    {"objupdate", INSPECT_EMBEDDED_OBJECT},
    {"objhtml", INSPECT_EMBEDDED_OBJECT},
    {"objlink", INSPECT_EXTERNAL_LINK},
    {"objautlink", INSPECT_EXTERNAL_LINK},
    {"template", INSPECT_EXTERNAL_LINK},
};
static const char *const fields[] = {"DDEAUTO", "DDE", "INCLUDETEXT", "INCLUDEPICTURE", "LINK"};

static void found(struct inspect_rtf *r, enum inspect_rule rule, const char *before)
{
	struct buf detail = BUF_INIT(100);
	buf_addf(&detail, "%s%.*s", before, (int)r->len, r->word);
	inspect_found(r->place, rule, buf_span(&detail));
	buf_release(&detail);
}

/* RTF's words are lower case, but Word reads others as well. */
static void on_control(struct inspect_rtf *r)
{
	struct span word = span_make(r->word, r->len);
	for (size_t i = 0; i < ARRAY_LEN(controls); i++)
		if (span_is_nocase(word, controls[i].word))
			found(r, controls[i].rule, "\\");
}

static void on_plain(struct inspect_rtf *r)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (span_is(span_make(r->word, r->len), fields[i]))
			found(r, INSPECT_EXTERNAL_LINK, "a field ");
}

static void add(struct inspect_rtf *r, char c)
{
	if (r->len < sizeof(r->word))
		r->word[r->len++] = c;
}

static void put_char(struct inspect_rtf *r, char c)
{
	if (r->state == AFTER_BACKSLASH || r->state == IN_CONTROL) {
		bool letter = is_alpha(c);
		if (letter) {
			add(r, c);
			r->state = IN_CONTROL;
			return;
		}
		if (r->state == IN_CONTROL)
			on_control(r);
		r->len = 0;
		r->state = c == '\\' && r->state == IN_CONTROL ? AFTER_BACKSLASH : IN_TEXT;
		return;
	}
	if (c >= 'A' && c <= 'Z') {
		add(r, c);
		r->state = IN_PLAIN;
		return;
	}
	if (r->state == IN_PLAIN)
		on_plain(r);
	r->len = 0;
	r->state = c == '\\' ? AFTER_BACKSLASH : IN_TEXT;
}

static int rtf_put(struct sink *s, struct span bytes, struct err *e)
{
	struct inspect_rtf *r = (struct inspect_rtf *)s;
	(void)e;
	for (size_t i = 0; i < bytes.len; i++)
		put_char(r, bytes.ptr[i]);
	return 0;
}

static int rtf_end(struct sink *s, struct err *e)
{
	(void)e;
	put_char((struct inspect_rtf *)s, ' ');
	return 0;
}

void inspect_rtf_init(struct inspect_rtf *r, const struct inspect_place *place)
{
	*r = (struct inspect_rtf){.sink = {rtf_put, rtf_end}, .place = place};
}
