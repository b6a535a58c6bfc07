#include "answer.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "report/report.h"
#include "route/sts.h"

#include <jansson.h>
#include <stdlib.h>

enum { DAY_S = 86400, ADDRESSES_MAX = 64, TIMEOUT_MAX_MS = 600000 };
static const json_int_t NOW_MAX = (json_int_t)1 << 40;

struct question {
	struct fetch fetch; /* first: what fetch.c gives back is the question */
	json_int_t n;
	char *domain, *id; /* id NULL: only the cache */
	int64_t now_s;
	struct cached old; /* text NULL: none that is still good */
};

static void question_free(struct question *q)
{
	fetch_release(&q->fetch);
	free(q->domain);
	free(q->id);
	cached_release(&q->old);
	free(q);
}

/* --- writing --- */

static void add_policy(json_t *o, const struct sts_policy *p, const struct cached *c)
{
	static const char *const modes[] = {"none", "testing", "enforce"};
	json_t *mx = json_array();
	for (size_t i = 0; i < p->mx.n; i++)
		json_array_append_new(mx, report_json_text(span_of(p->mx.v[i])));
	json_object_set_new(o, "id", report_json_text(span_of(c->id)));
	json_object_set_new(o, "mode", json_string(modes[p->mode]));
	json_object_set_new(o, "max_age", json_integer(p->max_age_s));
	json_object_set_new(o, "mx", mx);
	json_object_set_new(o, "fetched", json_integer(c->fetched_s));
	json_object_set_new(o, "expires", json_integer(c->expires_s));
}

static void write_answer(
    struct answerer *a, const struct question *q, const struct cached *c, const char *why)
{
	json_t *o = json_object();
	struct sts_policy p;
	json_object_set_new(o, "n", json_integer(q->n));
	json_object_set_new(o, "domain", json_string(q->domain));
	/* what was kept was parsed once; another version of this program may have been stricter or laxer */
	if (c->text && sts_policy_parse(&p, span_of(c->text), NULL) == 0) {
		add_policy(o, &p, c);
		sts_policy_release(&p);
	}
	if (c->text && c == &q->old)
		json_object_set_new(o, "cached", json_true());
	if (why)
		json_object_set_new(o, "error", report_json_text(span_of(why)));
	char *text = json_dumps(o, JSON_COMPACT);
	stream_puts(a->out, text);
	stream_puts(a->out, "\n");
	free(text);
	json_decref(o);
}

/* --- a policy that was fetched --- */

/* False, and why, when it is none. */
static bool take_policy(struct question *q, struct cached *fresh, struct err *why)
{
	struct sts_policy p;
	struct span text = buf_span(&q->fetch.body);
	if (q->fetch.error.code) {
		err_copy(why, &q->fetch.error);
		return false;
	}
	if (memchr(buf_cstr(&q->fetch.body), '\0', text.len)) {
		err_set(why, EX_DATAERR, _("the policy: a NUL"));
		return false;
	}
	if (sts_policy_parse(&p, text, why) < 0) {
		err_prefix(why, _("the policy: "));
		return false;
	}
	*fresh = (struct cached){str_dup(q->id), span_dup(text), q->now_s, q->now_s + p.max_age_s};
	sts_policy_release(&p);
	return true;
}

void answer_fetched(struct answerer *a, struct fetch *f)
{
	struct question *q = (struct question *)(void *)f;
	struct cached fresh = {NULL};
	struct err why = ERR_INIT;
	if (take_policy(q, &fresh, &why)) {
		cache_keep(a->cache, q->domain, &fresh);
		write_answer(a, q, &fresh, NULL);
		cached_release(&fresh);
	} else {
		cache_keep_failure(a->cache, q->domain, q->id, q->now_s, why.text);
		write_answer(a, q, &q->old, why.text);
	}
	question_free(q);
}

/* --- a question --- */

/* RFC 8461 3.3 wants policies renewed before they end, so that nobody can hold back a change for long. */
static bool is_fresh(const struct question *q)
{
	int64_t life = q->old.expires_s - q->old.fetched_s, age = q->now_s - q->old.fetched_s;
	return q->old.text && strcmp(q->old.id, q->id) == 0 && age >= 0 &&
	       age < (life / 2 < DAY_S ? life / 2 : DAY_S);
}

static void answer(struct answerer *a, struct question *q)
{
	cache_find(a->cache, q->domain, q->now_s, &q->old);
	char *failed = q->id ? cache_find_failure(a->cache, q->domain, q->id, q->now_s) : NULL;
	if (!q->id || is_fresh(q) || failed) {
		write_answer(a, q, &q->old, q->id && is_fresh(q) ? NULL : failed);
		question_free(q);
	} else {
		fetch_start(a->all, &q->fetch);
	}
	free(failed);
}

static bool take_addresses(const json_t *list, struct strv *to)
{
	size_t n = json_array_size(list);
	for (size_t i = 0; i < n && i < ADDRESSES_MAX; i++) {
		const char *s = json_string_value(json_array_get(list, i));
		/* it becomes part of a list of curl's */
		if (!s || !*s || strspn(s, "0123456789abcdefABCDEF:.") != strlen(s))
			return false;
		strv_add(to, s);
	}
	return true;
}

/* It becomes part of a URL. */
static bool is_domain(const char *s)
{
	return s && *s && *s != '.' && strlen(s) <= 253 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == strlen(s);
}

static bool is_id(const json_t *id)
{
	struct span ignored;
	const char *s = json_string_value(id);
	char *record = s ? str_printf("v=STSv1; id=%s", s) : NULL;
	bool good = !id || (record && sts_record_parse(span_of(record), &ignored, NULL) == 0);
	free(record);
	return good;
}

static struct question *read_question(const json_t *o)
{
	const char *domain = json_string_value(json_object_get(o, "domain"));
	const json_t *id = json_object_get(o, "id");
	json_int_t timeout = json_integer_value(json_object_get(o, "timeout_ms"));
	json_int_t now = json_integer_value(json_object_get(o, "now"));
	struct question *q;
	if (now < 0 || now > NOW_MAX)
		return NULL;
	if (json_integer_value(json_object_get(o, "v")) != 1 || !is_domain(domain) || !is_id(id))
		return NULL;
	q = mem_new(1, sizeof(*q));
	q->n = json_integer_value(json_object_get(o, "n"));
	q->now_s = now;
	q->domain = str_dup(domain);
	q->id = id ? str_dup(json_string_value(id)) : NULL;
	q->fetch.host = str_printf("mta-sts.%s", domain);
	q->fetch.path = str_dup("/.well-known/mta-sts.txt");
	q->fetch.media_type = "text/plain";
	q->fetch.timeout_ms = timeout > 0 && timeout < TIMEOUT_MAX_MS ? timeout : TIMEOUT_MAX_MS;
	buf_init(&q->fetch.body, STS_POLICY_MAX);
	if (!take_addresses(json_object_get(o, "addresses"), &q->fetch.addresses)) {
		question_free(q);
		return NULL;
	}
	return q;
}

int answer_line(struct answerer *a, struct span line, struct err *e)
{
	json_t *o = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	struct question *q = json_is_object(o) ? read_question(o) : NULL;
	json_decref(o);
	if (!q)
		return err_set(e, EX_DATAERR, _("a line that is no question"));
	answer(a, q);
	return 0;
}
