/*
 * --spec: the options as JSON. A key is a long option's name with underscores; "text" and "html_text" are content itself, files may be objects. What the command line
 * gives wins, lists add up.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "io/file.h"
#include "io/sink.h"
#include "options.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

enum { SPEC_MAX = 64 << 20 };

struct spec {
	struct options *o;
	const char *path;
	struct err *e;
};

static int bad(const struct spec *s, const char *key, const char *why)
{
	return err_set(s->e, EX_DATAERR, "%s: %s: %s", s->path, key, why);
}

/* --- values ---------------------------------------------------------------------- */

/* Text of a scalar: malloc'ed, or NULL. */
static char *scalar(const json_t *v)
{
	if (json_is_string(v) && strlen(json_string_value(v)) == json_string_length(v))
		return str_dup(json_string_value(v));
	if (json_is_integer(v))
		return str_printf("%lld", (long long)json_integer_value(v));
	if (json_is_boolean(v))
		return str_dup(json_is_true(v) ? "yes" : "no");
	return NULL;
}

static bool is_given(const struct options *o, const struct cli_option *option)
{
	char letter[2] = {option->letter, 0};
	return strv_has(&o->common.given, option->name) ||
	       (*letter && strv_has(&o->common.given, letter));
}

static int set(
    const struct spec *s, const struct cli_option *option, const char *key, const char *value)
{
	struct err why = ERR_INIT;
	if (cli_set(&program, s->o, span_of(option->name), span_of(value), &why) == 0)
		return 0;
	return bad(s, key, why.text);
}

static int set_scalar(
    const struct spec *s, const struct cli_option *option, const char *key, const json_t *v)
{
	char *text = scalar(v);
	bool flag = option->kind == CLI_KIND_FLAG;
	int r;
	if (!text || flag != json_is_boolean(v))
		r = bad(s, key, flag ? _("true or false is wanted") : _("text is wanted"));
	else
		r = set(s, option, key, text);
	free(text);
	return r;
}

/* {"file": "a.pdf", "type": "application/pdf", "name": "b.pdf"}: as lib/compose/file.h reads it, without guessing where a name ends. */
static char *file_text(const struct spec *s, const char *key, const json_t *v)
{
	static const char *const options[] = {"type", "name", "cid", "format"};
	const char *name;
	json_t *item;
	size_t known = 0;
	struct buf b = BUF_INIT(1 << 20);
	const char *path =
	    json_string_value(json_object_get(v, json_object_get(v, "path") ? "path" : "file"));
	buf_adds(&b, path ? path : "");
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const char *text = json_string_value(json_object_get(v, options[i]));
		if (!text)
			continue;
		buf_addf(&b, "\x1f%s=%s", options[i], text);
		known++;
	}
	if (known + 1 != json_object_size(v)) {
		json_object_foreach((json_t *)(uintptr_t)v, name, item)
		{
			bool is_known = strcmp(name, "file") == 0 || strcmp(name, "path") == 0;
			for (size_t i = 0; i < ARRAY_LEN(options); i++)
				is_known |= strcmp(name, options[i]) == 0;
			char *full = str_printf("%s.%s", key, name);
			if (!is_known || !json_is_string(item))
				bad(s, full, is_known ? _("text is wanted") : _("no such key"));
			free(full);
		}
	}
	if (!s->e->code && (!path || !*path))
		bad(s, key, _("no file is named"));
	if (!s->e->code)
		return buf_detach(&b);
	buf_release(&b);
	return NULL;
}

static int set_item(
    const struct spec *s, const struct cli_option *option, const char *key, const json_t *v)
{
	bool file = strcmp(option->name, "attach") == 0 || strcmp(option->name, "inline") == 0 ||
		    strcmp(option->name, "attach-archive") == 0;
	char *text = file && json_is_object(v) ? file_text(s, key, v) : scalar(v);
	if (!text)
		return s->e->code ? -1 : bad(s, key, _("text is wanted"));
	int r = set(s, option, key, text);
	free(text);
	return r;
}

static int set_list(
    const struct spec *s, const struct cli_option *option, const char *key, const json_t *v)
{
	size_t i;
	json_t *item;
	if (!json_is_array(v))
		return set_item(s, option, key, v);
	json_array_foreach((json_t *)(uintptr_t)v, i, item)
	{
		char *full = str_printf("%s[%zu]", key, i);
		int r = set_item(s, option, full, item);
		free(full);
		if (r < 0)
			return -1;
	}
	return 0;
}

/* "header": {"X-One": "1"} */
static int set_headers(const struct spec *s, const json_t *v)
{
	const char *name;
	json_t *item;
	json_object_foreach((json_t *)(uintptr_t)v, name, item)
	{
		char *key = str_printf("header.%s", name), *value = scalar(item);
		int r = value ? 0 : bad(s, key, _("text is wanted"));
		if (value)
			strv_take(&s->o->headers, str_printf("%s: %s", name, value));
		free(value);
		free(key);
		if (r < 0)
			return -1;
	}
	return 0;
}

/* --- keys ------------------------------------------------------------------------ */

static int set_text(const struct spec *s, const char *key, const json_t *v, char **to)
{
	char *text = json_is_string(v) ? scalar(v) : NULL;
	if (!text)
		return bad(s, key, _("text is wanted"));
	free(*to);
	*to = text;
	return 0;
}

/* Options that the configuration may not set. */
static int set_once(const struct spec *s, const char *key, const json_t *v, bool *known)
{
	struct options *o = s->o;
	*known = true;
	if (strcmp(key, "text") == 0)
		return set_text(s, key, v, &o->text);
	if (strcmp(key, "html_text") == 0)
		return set_text(s, key, v, &o->html_text);
	if (strcmp(key, "reply") == 0)
		return o->reply ? 0 : set_text(s, key, v, &o->reply);
	if (strcmp(key, "header") == 0 && json_is_object(v))
		return set_headers(s, v);
	if (strcmp(key, "forward") == 0 && json_is_string(v)) {
		strv_add(&o->forward, json_string_value(v));
		return 0;
	}
	if (strcmp(key, "inline_forward") == 0 && json_is_boolean(v)) {
		o->inline_forward |= json_is_true(v);
		return 0;
	}
	*known = false;
	return 0;
}

static int set_key(const struct spec *s, const char *key, const json_t *v)
{
	bool known;
	char name[64];
	if (set_once(s, key, v, &known) < 0)
		return -1;
	if (known)
		return 0;
	snprintf(name, sizeof(name), "%s", key);
	for (char *p = name; *p; p++)
		*p = *p == '_' ? '-' : *p;
	const struct cli_option *option =
	    strchr(key, '-') ? NULL : cli_find(&program, span_of(name));
	bool common =
	    option && option->offset < sizeof(struct cli_common) && option->kind != CLI_KIND_CALL;
	if (!option || common || option->flags & CLI_COMMAND_LINE || strcmp(name, "spec") == 0)
		return bad(s, key, _("no such key"));
	if (option->kind == CLI_KIND_LIST)
		return set_list(s, option, key, v);
	return is_given(s->o, option) ? 0 : set_scalar(s, option, key, v);
}

static int read_file(const char *path, struct buf *b, struct err *e)
{
	struct source_fd in;
	struct sink_buf to;
	if (strcmp(path, "-") != 0)
		return file_read(path, b, e);
	source_fd_init(&in, STDIN_FILENO);
	sink_buf_init(&to, b);
	return sink_pump(&to.sink, &in.source, e);
}

int full_read_spec(struct options *o, struct err *e)
{
	struct spec s = {o, o->spec, e};
	struct buf text = BUF_INIT(SPEC_MAX);
	json_error_t why;
	const char *key;
	json_t *v;
	if (read_file(o->spec, &text, e) < 0)
		return -1;
	json_t *root = json_loadb(text.len ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &why);
	buf_release(&text);
	int r = 0;
	if (!root)
		r = err_set(e, EX_DATAERR, "%s:%d: %s", o->spec, why.line, why.text);
	else if (!json_is_object(root))
		r = err_set(e, EX_DATAERR, _("%s: an object was expected"), o->spec);
	json_object_foreach(root, key, v)
	{
		if (r == 0)
			r = set_key(&s, key, v);
	}
	json_decref(root);
	return r;
}
