#include "route/sts.h"

#include "base/intl.h"

enum { ID_MAX = 32, NAME_MAX_LEN = 32 };

static bool is_alnum(char c)
{
	return is_alpha(c) || is_digit(c);
}

/* sts-ext-name and sts-policy-ext-name, RFC 8461 3.1 and 3.2 */
static bool is_extension_name(struct span s)
{
	if (!s.len || s.len > NAME_MAX_LEN || !is_alnum(s.ptr[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_alnum(s.ptr[i]) && !memchr("_-.", s.ptr[i], 3))
			return false;
	return true;
}

static struct span trim(struct span s)
{
	while (s.len && is_wsp(s.ptr[0]))
		s = span_skip(s, 1);
	while (s.len && is_wsp(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* --- the TXT record --- */

static bool is_extension_value(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f || s.ptr[i] == '=')
			return false;
	return s.len > 0;
}

static int read_id(struct span value, struct span *id, struct err *e)
{
	if (id->len)
		return err_set(e, EX_DATAERR, _("id= stands there twice"));
	if (!value.len || value.len > ID_MAX)
		return err_set(
		    e, EX_DATAERR, _("id=: not 1 to %d letters and digits"), (int)ID_MAX);
	for (size_t i = 0; i < value.len; i++)
		if (!is_alnum(value.ptr[i]))
			return err_set(e, EX_DATAERR, _("id=: not only letters and digits"));
	*id = value;
	return 0;
}

int sts_record_parse(struct span text, struct span *id, struct err *e)
{
	struct span field, name, found = {0};
	bool more = span_cut(&text, ';', &field);
	while (field.len && is_wsp(field.ptr[field.len - 1]))
		field.len--;
	if (!span_is(field, "v=STSv1"))
		return err_set(e, EX_DATAERR, _("it must begin with v=STSv1;"));
	while (more) {
		more = span_cut(&text, ';', &field);
		field = trim(field);
		if (!field.len && !more)
			break;
		if (!span_cut(&field, '=', &name))
			return err_set(e, EX_DATAERR, _("\"%.*s\" has no \"=\""),
			    SPAN_ARG(span_take(name, 40)));
		if (span_is(name, "id")) {
			if (read_id(field, &found, e) < 0)
				return -1;
		} else if (!is_extension_name(name) || !is_extension_value(field)) {
			return err_set(e, EX_DATAERR, _("\"%.*s=\" is no field"),
			    SPAN_ARG(span_take(name, 40)));
		}
	}
	if (!found.len)
		return err_set(e, EX_DATAERR, _("no id="));
	*id = found;
	return 0;
}

/* --- the policy --- */

struct reading {
	bool version, mode, max_age;
	unsigned line;
};

static int bad(const struct reading *r, struct err *e, const char *why)
{
	return err_set(e, EX_DATAERR, _("line %u: %s"), r->line, why);
}

/* Domain of RFC 5321 4.1.2, A-labels only; a wildcard stands for one whole label. */
static bool is_pattern(struct span s)
{
	struct span label;
	if (span_starts(s, "*."))
		s = span_skip(s, 2);
	if (!s.len || s.len > 253)
		return false;
	for (bool more = true; more;) {
		more = span_cut(&s, '.', &label);
		if (!label.len || label.len > 63 || label.ptr[0] == '-' ||
		    label.ptr[label.len - 1] == '-')
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (!is_alnum(label.ptr[i]) && label.ptr[i] != '-')
				return false;
	}
	return true;
}

static int read_mode(struct sts_policy *p, struct reading *r, struct span value, struct err *e)
{
	static const char *const words[] = {"none", "testing", "enforce"};
	for (int i = STS_NONE; i <= STS_ENFORCE; i++)
		if (span_is(value, words[i])) {
			p->mode = (enum sts_mode)i;
			r->mode = true;
			return 0;
		}
	return bad(r, e, _("mode is none of enforce, testing, none"));
}

static int read_max_age(struct sts_policy *p, struct reading *r, struct span value, struct err *e)
{
	uint64_t seconds;
	if (value.len > 10 || !span_to_u64(value, STS_MAX_AGE, &seconds))
		return bad(r, e, _("max_age is no number of seconds up to a year"));
	p->max_age_s = (int64_t)seconds;
	r->max_age = true;
	return 0;
}

static bool is_printable(struct span s)
{
	/* UTF-8 is allowed in extensions, controls are not */
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
			return false;
	return s.len > 0;
}

/* RFC 8461 3.2: of fields other than mx that stand there twice the first counts. */
static int read_field(
    struct sts_policy *p, struct reading *r, struct span name, struct span value, struct err *e)
{
	if (span_is(name, "mx")) {
		if (!is_pattern(value))
			return bad(r, e, _("mx is no domain"));
		strv_add_span(&p->mx, value);
		return 0;
	}
	if (span_is(name, "version")) {
		if (!r->version && !span_is(value, "STSv1"))
			return bad(r, e, _("version is not STSv1"));
		r->version = true;
		return 0;
	}
	if (span_is(name, "mode"))
		return r->mode ? 0 : read_mode(p, r, value, e);
	if (span_is(name, "max_age"))
		return r->max_age ? 0 : read_max_age(p, r, value, e);
	if (!is_extension_name(name) || !is_printable(value))
		return bad(r, e, _("not a field"));
	return 0;
}

static int read_fields(struct sts_policy *p, struct reading *r, struct span text, struct err *e)
{
	struct span line, name;
	while (span_line(&text, &line)) {
		r->line++;
		if (!span_cut(&line, ':', &name))
			return bad(r, e, trim(name).len ? _("no \":\"") : _("an empty line"));
		if (read_field(p, r, name, trim(line), e) < 0)
			return -1;
	}
	return 0;
}

static int check_whole(const struct sts_policy *p, const struct reading *r, struct err *e)
{
	if (!r->version || !r->mode || !r->max_age)
		return err_set(e, EX_DATAERR, _("no %s"),
		    !r->version ? "version"
		    : !r->mode  ? "mode"
				: "max_age");
	if (!p->mx.n && p->mode != STS_NONE)
		return err_set(e, EX_DATAERR, _("no mx"));
	return 0;
}

int sts_policy_parse(struct sts_policy *out, struct span text, struct err *e)
{
	struct sts_policy p = {0};
	struct reading r = {0};
	if (text.len > STS_POLICY_MAX)
		return err_set(e, EX_DATAERR, _("larger than %d bytes"), (int)STS_POLICY_MAX);
	if (read_fields(&p, &r, text, e) < 0 || check_whole(&p, &r, e) < 0) {
		sts_policy_release(&p);
		return -1;
	}
	*out = p;
	return 0;
}

void sts_policy_release(struct sts_policy *p)
{
	strv_release(&p->mx);
}

static bool matches(struct span pattern, struct span host)
{
	struct span label;
	if (!span_starts(pattern, "*."))
		return span_eq_nocase(pattern, host);
	return span_cut(&host, '.', &label) && label.len &&
	       span_eq_nocase(span_skip(pattern, 2), host);
}

bool sts_mx_matches(const struct strv *patterns, const char *host)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (matches(span_of(patterns->v[i]), span_of(host)))
			return true;
	return false;
}
