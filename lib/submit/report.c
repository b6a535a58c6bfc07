#include "submit/report.h"

#include "base/alloc.h"
#include "base/intl.h"

enum column {
	ADDRESS,
	STATUS,
	CODE,
	ENHANCED,
	TEXT,
	HOST,
	IP,
	TLS,
	SECURITY,
	QUEUE_ID,
	INDEX,
	MESSAGE_ID,
	MS,
	EVIDENCE,
	RESUMED,
	TIMES,
};
static const struct report_column columns[] = {
    [ADDRESS] = {"address", N_("ADDRESS"), 0},
    [STATUS] = {"status", N_("STATUS"), 0},
    [CODE] = {"code", N_("CODE"), 0},
    [ENHANCED] = {"enhanced", N_("ENHANCED"), 0},
    [TEXT] = {"text", N_("TEXT"), 0},
    [HOST] = {"host", N_("HOST"), 0},
    [IP] = {"ip", NULL, 0},
    [TLS] = {"tls", NULL, 0},
    [SECURITY] = {"security", NULL, 0},
    [QUEUE_ID] = {"queue_id", NULL, 0},
    [INDEX] = {"index", NULL, 0},
    [MESSAGE_ID] = {"message_id", NULL, 0},
    [MS] = {"ms", NULL, 0},
    [EVIDENCE] = {"evidence", NULL, 0},
    [RESUMED] = {"resumed", NULL, 0},
    [TIMES] = {"times", NULL, 0},
};

struct report *submit_report_new(enum report_mode mode, int color)
{
	return report_new(columns, ARRAY_LEN(columns), mode, color);
}

static void text(struct report *r, enum column c, const char *s)
{
	if (s && *s)
		report_text(r, c, span_of(s));
}

static void time_of(json_t *o, const char *key, int64_t ms)
{
	if (ms >= 0)
		json_object_set_new(o, key, json_integer(ms));
}

/* What each stage took, in ms: those of the connection were spent once, for all that it carried. */
static void add_times(struct report *r, const struct submit_result *result)
{
	const struct submit_times *t = &result->via->times;
	json_t *o = json_object();
	time_of(o, "connect", t->connect);
	time_of(o, "greeting", t->greeting);
	time_of(o, "ehlo", t->hello);
	time_of(o, "tls", t->tls);
	time_of(o, "auth", t->auth);
	time_of(o, "transaction", result->transaction_ms);
	report_json(r, TIMES, o);
}

static void add_via(struct report *r, const struct submit_via *v)
{
	text(r, HOST, v->host);
	text(r, IP, v->ip);
	text(r, TLS, v->tls);
	text(r, SECURITY, v->security);
	text(r, EVIDENCE, v->evidence);
	if (v->resumed)
		report_json(r, RESUMED, json_true());
}

int submit_report(struct report *r, const char *address, const struct submit_result *result,
    const char *spool_id, unsigned index, struct span message_id, struct err *e)
{
	const struct smtp_answer *a = &result->answer;
	text(r, ADDRESS, address);
	text(r, STATUS, spool_id ? "queued" : smtp_status_name(a->status));
	if (a->code)
		report_number(r, CODE, a->code);
	text(r, ENHANCED, a->enhanced);
	text(r, TEXT, a->text);
	if (result->via)
		add_via(r, result->via);
	text(r, QUEUE_ID, spool_id ? spool_id : result->queue_id);
	if (index)
		report_number(r, INDEX, index);
	if (message_id.len)
		report_text(r, MESSAGE_ID, message_id);
	report_number(r, MS, result->ms);
	if (result->via)
		add_times(r, result);
	return report_row(r, e);
}
