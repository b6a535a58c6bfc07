#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "cli/internal.h"
#include "codec/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void *field(const struct cli_slot *slot, void *opts)
{
	return (char *)opts + slot->offset;
}

bool cli_yes_no(const char *value, bool *out)
{
	static const char *const yes[] = {"yes", "true", "on", "1"};
	static const char *const no[] = {"no", "false", "off", "0"};
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (strcmp(value, yes[i]) && strcmp(value, no[i]))
			continue;
		*out = strcmp(value, yes[i]) == 0;
		return true;
	}
	return false;
}

static int set_flag(bool *to, const char *value, struct err *e)
{
	if (!value)
		*to = true;
	else if (!cli_yes_no(value, to))
		return err_set(e, EX_USAGE, _("\"%.100s\" is neither yes nor no"), value);
	return 0;
}

static int set_number(
    const struct cli_option *o, int64_t *to, const char *value, int64_t most, struct err *e)
{
	bool bounded = o->min || o->max;
	int64_t min = bounded ? o->min : 0, max = bounded ? o->max : most;
	struct span text = span_of(value);
	bool minus = span_starts(text, "-");
	uint64_t n;
	if (!span_to_u64(span_skip(text, minus), INT64_MAX, &n) ||
	    (minus ? -(int64_t)n : (int64_t)n) < min || (minus ? -(int64_t)n : (int64_t)n) > max)
		return err_set(e, EX_USAGE,
		    _("\"%.100s\" is not a number from %" PRId64 " to %" PRId64), value, min, max);
	*to = minus ? -(int64_t)n : (int64_t)n;
	return 0;
}

static int set_count(const struct cli_option *o, int *to, const char *value, struct err *e)
{
	int64_t n;
	if (!value)
		++*to;
	else if (set_number(o, &n, value, 9, e) < 0)
		return -1;
	else
		*to = (int)n;
	return 0;
}

static int set_choice(const struct cli_option *o, int *to, const char *value, struct err *e)
{
	struct buf words = BUF_INIT(300);
	for (int i = 0; o->choices[i]; i++) {
		if (strcmp(value, o->choices[i]) == 0) {
			*to = i;
			buf_release(&words);
			return 0;
		}
		buf_addf(&words, "%s%s", i ? ", " : "", o->choices[i]);
	}
	err_set(e, EX_USAGE, _("\"%.100s\" is none of %s"), value, buf_cstr(&words));
	buf_release(&words);
	return -1;
}

static int set_time(const struct cli_option *o, int64_t *to, const char *value, struct err *e)
{
	int64_t now = clock_real_s(), age;
	if ((o->flags & CLI_AHEAD) && date_parse_age(span_of(value), &age)) {
		*to = now + age;
		return 0;
	}
	return date_parse_time(span_of(value), now, to, e);
}

int cli_seconds(struct span text, int64_t *out, struct err *e)
{
	uint64_t n;
	if (span_to_u64(text, 100000000000, &n)) {
		*out = (int64_t)n;
		return 0;
	}
	if (date_parse_age(text, out))
		return 0;
	return err_set(e, EX_USAGE, _("\"%.*s\" is no time span: write 90, 90s, 5m, 2h, 3d or 1w"),
	    (int)(text.len < 100 ? text.len : 100), text.ptr);
}

static int set_bytes(int64_t *to, const char *value, struct err *e)
{
	static const char units[] = "kmgt";
	struct span text = span_of(value);
	char last = text.len ? to_lower(text.ptr[text.len - 1]) : 0;
	const char *unit = last && !is_digit(last) ? strchr(units, last) : NULL;
	int shift = unit ? 10 * (int)(unit - units + 1) : 0;
	uint64_t n;
	if (!span_to_u64(
		span_take(text, text.len - (unit != NULL)), (uint64_t)INT64_MAX >> shift, &n))
		return err_set(
		    e, EX_USAGE, _("\"%.100s\" is no size: write 100, 20k, 3M or 1G"), value);
	*to = (int64_t)(n << shift);
	return 0;
}

static int set_string(char **to, const char *value)
{
	free(*to);
	*to = str_dup(value);
	return 0;
}

int cli_value_set(const struct cli_slot *slot, void *opts, const char *value, struct err *e)
{
	const struct cli_option *o = slot->option;
	void *to = field(slot, opts);
	bool yes;
	switch (o->kind) {
	case CLI_KIND_FLAG: return set_flag(to, value, e);
	case CLI_KIND_COUNT: return set_count(o, to, value, e);
	case CLI_KIND_STRING: return set_string(to, value);
	case CLI_KIND_LIST: strv_add(to, value); return 0;
	case CLI_KIND_NUMBER: return set_number(o, to, value, INT64_MAX, e);
	case CLI_KIND_CHOICE: return set_choice(o, to, value, e);
	case CLI_KIND_TIME: return set_time(o, to, value, e);
	case CLI_KIND_SPAN: return cli_seconds(span_of(value), to, e);
	case CLI_KIND_BYTES: return set_bytes(to, value, e);
	case CLI_KIND_CALL: break;
	}
	if (o->value)
		return o->set(to, value, e);
	/* from the configuration: "name = yes" */
	if (value && !cli_yes_no(value, &yes))
		return err_set(e, EX_USAGE, _("\"%.100s\" is neither yes nor no"), value);
	return value && !yes ? 0 : o->set(to, NULL, e);
}

static void list_text(const struct strv *l, struct buf *b)
{
	for (size_t i = 0; i < l->n; i++)
		buf_addf(b, "%s%s", i ? ", " : "", l->v[i]);
}

void cli_value_text(const struct cli_slot *slot, const void *opts, struct buf *b)
{
	const struct cli_option *o = slot->option;
	const void *from = (const char *)opts + slot->offset;
	switch (o->kind) {
	case CLI_KIND_FLAG: buf_adds(b, *(const bool *)from ? "yes" : "no"); break;
	case CLI_KIND_COUNT: buf_addf(b, "%d", *(const int *)from); break;
	case CLI_KIND_STRING: buf_adds(b, *(char *const *)from ? *(char *const *)from : ""); break;
	case CLI_KIND_LIST: list_text(from, b); break;
	case CLI_KIND_CHOICE: buf_adds(b, o->choices[*(const int *)from]); break;
	case CLI_KIND_TIME:
		if (*(const int64_t *)from > 0)
			date_write_rfc3339(b, *(const int64_t *)from);
		break;
	case CLI_KIND_NUMBER:
	case CLI_KIND_SPAN:
	case CLI_KIND_BYTES: buf_addf(b, "%" PRId64, *(const int64_t *)from); break;
	case CLI_KIND_CALL: break;
	}
}

void cli_value_release(const struct cli_program *p, void *opts)
{
	struct cli_slot slot;
	for (size_t at = 0; cli_each(p, &at, &slot);) {
		void *at_field = field(&slot, opts);
		if (slot.option->kind == CLI_KIND_LIST) {
			strv_release(at_field);
		} else if (slot.option->kind == CLI_KIND_STRING) {
			free(*(char **)at_field);
			*(char **)at_field = NULL;
		}
	}
	strv_release(&cli_common_of(p, opts)->given);
}
