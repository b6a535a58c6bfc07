#include "base/alloc.h"
#include "base/intl.h"
#include "report/report.h"
#include "tlsrpt/tlsrpt.h"

#include <stdlib.h>

static const char *const schema[] = {
    "CREATE TABLE tlsrpt_session (day INTEGER NOT NULL, domain TEXT NOT NULL, policy_type TEXT NOT "
    "NULL,"
    " policy TEXT NOT NULL, mx_patterns TEXT NOT NULL, mx TEXT NOT NULL, ip TEXT NOT NULL,"
    " sending_ip TEXT NOT NULL, result TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY (day, domain, policy_type, policy, mx_patterns, mx, ip, sending_ip, result, "
    "reason))"
    " WITHOUT ROWID",
};

int tlsrpt_open(struct state *st, struct err *e)
{
	return state_schema(st, "tlsrpt", schema, ARRAY_LEN(schema), e);
}

/* --- a record --- */

static int bad(struct err *e, const char *key)
{
	return err_set(e, EX_DATAERR, _("a record of a session with a bad \"%s\""), key);
}

static const char *const policy_types[] = {"tlsa", "sts", "no-policy-found"};
/* RFC 8460 4.3, and success. */
static const char *const results[] = {"", "starttls-not-supported", "certificate-host-mismatch",
    "certificate-expired", "certificate-not-trusted", "validation-failure", "tlsa-invalid",
    "dnssec-invalid", "dane-required", "sts-policy-fetch-error", "sts-policy-invalid",
    "sts-webpki-invalid"};

static bool is_one_of(const char *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], s) == 0)
			return true;
	return false;
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static void bind_text(sqlite3_stmt *q, int at, const char *s)
{
	sqlite3_bind_text(q, at, s, -1, SQLITE_TRANSIENT);
}

/* A list of texts, as JSON; nothing is an empty list. */
static int bind_list(sqlite3_stmt *q, int at, const json_t *o, const char *key, struct err *e)
{
	const json_t *list = json_object_get(o, key);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!json_is_string(json_array_get(list, i)))
			return bad(e, key);
	char *text = json_is_array(list) ? json_dumps(list, JSON_COMPACT) : NULL;
	bind_text(q, at, text ? text : "[]");
	free(text);
	return 0;
}

static int bind_record(sqlite3_stmt *q, const json_t *o, struct err *e)
{
	static const char *const texts[] = {"mx", "ip", "sending_ip", "result", "reason"};
	json_int_t time = json_integer_value(json_object_get(o, "time"));
	const char *domain = text_of(o, "domain"), *type = text_of(o, "policy_type");
	if (json_integer_value(json_object_get(o, "v")) != 1)
		return bad(e, "v");
	if (time <= 0)
		return bad(e, "time");
	if (!*domain || strlen(domain) > 255)
		return bad(e, "domain");
	if (!is_one_of(type, policy_types, ARRAY_LEN(policy_types)))
		return bad(e, "policy_type");
	if (!is_one_of(text_of(o, "result"), results, ARRAY_LEN(results)))
		return bad(e, "result");
	sqlite3_bind_int64(q, 1, time - time % TLSRPT_DAY_S);
	bind_text(q, 2, domain);
	bind_text(q, 3, type);
	if (bind_list(q, 4, o, "policy", e) < 0 || bind_list(q, 5, o, "mx_patterns", e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		bind_text(q, 6 + (int)i, text_of(o, texts[i]));
	return 0;
}

int tlsrpt_record(struct state *st, struct span line, struct err *e)
{
	json_t *o = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	sqlite3_stmt *q = NULL;
	int r = -1;
	if (!json_is_object(o))
		err_set(e, EX_DATAERR, _("a line that is no record of a session"));
	else
		q = state_prepare(st,
		    "INSERT INTO tlsrpt_session VALUES (?, lower(?), ?, ?, ?, lower(?), ?, ?, ?, "
		    "?, 1)"
		    " ON CONFLICT DO UPDATE SET count = count + 1",
		    e);
	if (q && bind_record(q, o, e) == 0)
		r = state_run(st, q, e);
	sqlite3_finalize(q);
	json_decref(o);
	return r;
}

int tlsrpt_forget(struct state *st, int64_t now_s, struct err *e)
{
	sqlite3_stmt *q = state_prepare(st, "DELETE FROM tlsrpt_session WHERE day < ?", e);
	if (!q)
		return -1;
	sqlite3_bind_int64(q, 1, now_s - (int64_t)TLSRPT_KEPT_DAYS * TLSRPT_DAY_S);
	int r = state_run(st, q, e);
	sqlite3_finalize(q);
	return r;
}
