/* json.c - the report of a day, RFC 8460 4.4. */
#include "base/alloc.h"
#include "base/intl.h"
#include "codec/time.h"
#include "report/report.h"
#include "tlsrpt/tlsrpt.h"

#include <stdlib.h>

enum column { POLICY_TYPE, POLICY, MX_PATTERNS, MX, IP, SENDING_IP, RESULT, REASON, COUNT };
static const char rows[] = "SELECT policy_type, policy, mx_patterns, mx, ip, sending_ip, result, "
			   "reason, count FROM tlsrpt_session"
			   " WHERE day = ? AND domain = lower(?) ORDER BY policy_type, policy, "
			   "mx_patterns, result, mx, ip, reason";

struct making {
	json_t *policies, *failures; /* failures: of the policy at hand */
	char *key;                   /* of the policy at hand */
	json_int_t good, bad;
	json_t *summary;
};

static void put(json_t *o, const char *key, struct span text)
{
	if (text.len)
		json_object_set_new(o, key, report_json_text(text));
}

static json_t *list_of(struct span text)
{
	json_t *list = json_loadb(text.ptr, text.len, 0, NULL);
	return list ? list : json_array();
}

/* --- a policy --- */

static void close_policy(struct making *m)
{
	if (!m->summary)
		return;
	json_object_set_new(m->summary, "total-successful-session-count", json_integer(m->good));
	json_object_set_new(m->summary, "total-failure-session-count", json_integer(m->bad));
	m->good = m->bad = 0;
	m->summary = NULL;
}

static void open_policy(struct making *m, sqlite3_stmt *q, const char *domain)
{
	json_t *one = json_object(), *policy = json_object();
	json_t *patterns = list_of(state_text(q, MX_PATTERNS));
	put(policy, "policy-type", state_text(q, POLICY_TYPE));
	json_t *strings = list_of(state_text(q, POLICY));
	if (json_array_size(strings))
		json_object_set_new(policy, "policy-string", strings);
	else
		json_decref(strings);
	json_object_set_new(policy, "policy-domain", json_string(domain));
	if (json_array_size(patterns))
		json_object_set(policy, "mx-host", patterns);
	json_decref(patterns);
	json_object_set_new(one, "policy", policy);
	m->summary = json_object();
	json_object_set_new(one, "summary", m->summary);
	m->failures = json_array();
	json_object_set_new(one, "failure-details", m->failures);
	json_array_append_new(m->policies, one);
}

/* --- a row --- */

static void add_failure(struct making *m, sqlite3_stmt *q)
{
	json_t *o = json_object();
	put(o, "result-type", state_text(q, RESULT));
	put(o, "sending-mta-ip", state_text(q, SENDING_IP));
	put(o, "receiving-mx-hostname", state_text(q, MX));
	put(o, "receiving-ip", state_text(q, IP));
	json_object_set_new(
	    o, "failed-session-count", json_integer(sqlite3_column_int64(q, COUNT)));
	put(o, "failure-reason-code", state_text(q, REASON));
	json_array_append_new(m->failures, o);
	m->bad += sqlite3_column_int64(q, COUNT);
}

static void add_row(struct making *m, sqlite3_stmt *q, const char *domain)
{
	char *key = str_printf("%.*s\n%.*s\n%.*s", SPAN_ARG(state_text(q, POLICY_TYPE)),
	    SPAN_ARG(state_text(q, POLICY)), SPAN_ARG(state_text(q, MX_PATTERNS)));
	if (!m->key || strcmp(key, m->key) != 0) {
		close_policy(m);
		open_policy(m, q, domain);
	}
	free(m->key);
	m->key = key;
	if (state_text(q, RESULT).len)
		add_failure(m, q);
	else
		m->good += sqlite3_column_int64(q, COUNT);
}

/* --- the whole --- */

static void put_time(json_t *o, const char *key, int64_t s)
{
	struct buf b = BUF_INIT(64);
	date_write_rfc3339(&b, s);
	json_object_set_new(o, key, json_string(buf_cstr(&b)));
	buf_release(&b);
}

static json_t *whole(const struct tlsrpt_report *r, json_t *policies)
{
	json_t *o = json_object(), *range = json_object();
	const char *at = strrchr(r->from, '@');
	struct buf id = BUF_INIT(1024);
	json_object_set_new(
	    o, "organization-name", report_json_text(span_of(at ? at + 1 : r->from)));
	put_time(range, "start-datetime", r->day_s);
	put_time(range, "end-datetime", r->day_s + TLSRPT_DAY_S - 1);
	json_object_set_new(o, "date-range", range);
	json_object_set_new(o, "contact-info", report_json_text(span_of(r->from)));
	date_write_rfc3339(&id, r->day_s);
	buf_addf(&id, "_%s", r->domain);
	json_object_set_new(o, "report-id", report_json_text(buf_span(&id)));
	json_object_set_new(o, "policies", policies);
	buf_release(&id);
	return o;
}

int tlsrpt_json(struct state *st, const struct tlsrpt_report *r, json_t **out, struct err *e)
{
	struct making m = {.policies = json_array()};
	sqlite3_stmt *q = state_prepare(st, rows, e);
	int more = -1;
	if (q) {
		sqlite3_bind_int64(q, 1, r->day_s);
		sqlite3_bind_text(q, 2, r->domain, -1, SQLITE_TRANSIENT);
		while ((more = state_step(st, q, e)) > 0)
			add_row(&m, q, r->domain);
	}
	close_policy(&m);
	sqlite3_finalize(q);
	free(m.key);
	if (more < 0 || !json_array_size(m.policies)) {
		json_decref(m.policies);
		return more < 0 ? -1 : 0;
	}
	*out = whole(r, m.policies);
	return 1;
}
