#include "submit/tlsrpt.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/idna.h"
#include "crypto/digest.h"
#include "io/child.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	LINES_MAX = 1 << 20,
	FLUSH_AT = 64 << 10,
	PATIENCE_MS = 30000,
	KEEP_MS = 10000,
	OUTPUT_MAX = 64 << 20
};

/* --- the policy that was to be kept --- */

static void add_pin(json_t *list, const struct route_pin *p)
{
	struct buf b = BUF_INIT(64 << 10);
	buf_addf(&b, "%u %u %u ", p->usage, p->selector, p->matching);
	digest_hex(&b, p->data, p->len);
	json_array_append_new(list, json_string(buf_cstr(&b)));
	buf_release(&b);
}

static void put_tlsa(json_t *o, const struct route_host *h)
{
	json_t *list = json_array();
	for (size_t i = 0; i < h->pin_count; i++)
		add_pin(list, &h->pins[i]);
	json_object_set_new(o, "policy_type", json_string("tlsa"));
	json_object_set_new(o, "policy", list);
	json_object_set_new(
	    o, "mx_patterns", json_pack("[s]", h->tlsa_base ? h->tlsa_base : h->name));
}

static void add_line(json_t *list, const char *key, const char *value)
{
	char *line = str_printf("%s: %s", key, value);
	json_array_append_new(list, report_json_text(span_of(line)));
	free(line);
}

/* RFC 8460 4.4: the policy as its lines. */
static void put_sts(json_t *o, const struct route_sts *sts)
{
	char age[24];
	json_t *list = json_array(), *patterns = json_array();
	add_line(list, "version", "STSv1");
	add_line(list, "mode", route_sts_word(sts));
	for (size_t i = 0; i < sts->mx.n; i++) {
		add_line(list, "mx", sts->mx.v[i]);
		json_array_append_new(patterns, report_json_text(span_of(sts->mx.v[i])));
	}
	snprintf(age, sizeof(age), "%lld", (long long)sts->max_age_s);
	add_line(list, "max_age", age);
	json_object_set_new(o, "policy_type", json_string("sts"));
	json_object_set_new(o, "policy", list);
	json_object_set_new(o, "mx_patterns", patterns);
}

static void put_policy(json_t *o, const struct route_plan *plan, const struct route_host *h)
{
	if (h->pin_count || h->tls == ROUTE_TLS_DANE)
		put_tlsa(o, h);
	else if (plan->sts.found)
		put_sts(o, &plan->sts);
	else
		json_object_set_new(o, "policy_type", json_string("no-policy-found"));
}

/* --- what became of it --- */

static const char *by_failure(enum tls_failure f)
{
	switch (f) {
	case TLS_FAILURE_NAME: return "certificate-host-mismatch";
	case TLS_FAILURE_EXPIRED: return "certificate-expired";
	case TLS_FAILURE_UNTRUSTED: return "certificate-not-trusted";
	default: return "validation-failure";
	}
}

/* NULL: the session did not come so far that TLS had a part in it. */
static const char *result_of(const struct submit_session *s, bool opened)
{
	if (opened)
		return *s->tls.version ? "" : "starttls-not-supported";
	if (s->tls.failure)
		return by_failure(s->tls.failure);
	if (s->failure.phase == SMTP_STARTTLS || strcmp(s->failure.enhanced, "5.7.10") == 0)
		return "starttls-not-supported";
	return *s->tls.version && s->failure.phase > SMTP_STARTTLS ? "" : NULL;
}

static void add(struct submit *s, json_t *o)
{
	char *line = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	if (line && s->tlsrpt.len + strlen(line) + 1 < LINES_MAX) {
		s->tlsrpt.max = LINES_MAX;
		buf_adds(&s->tlsrpt, line);
		buf_addc(&s->tlsrpt, '\n');
	}
	free(line);
	if (s->tlsrpt.len > FLUSH_AT)
		submit_tlsrpt_flush(s);
}

static json_t *begin(
    const struct route_plan *plan, const struct route_host *h, const char *result, const char *why)
{
	json_t *o = json_object();
	json_object_set_new(o, "v", json_integer(1));
	json_object_set_new(o, "time", json_integer(clock_real_s()));
	json_object_set_new(o, "domain", report_json_text(span_of(plan->domain)));
	put_policy(o, plan, h);
	json_object_set_new(o, "mx", report_json_text(span_of(h->name)));
	json_object_set_new(o, "result", json_string(result));
	if (*result)
		json_object_set_new(o, "reason", report_json_text(span_of(why)));
	return o;
}

/* A domain's own servers; whom a person named instead of them is nobody's policy. */
static bool is_wanted(const struct submit *s, const struct route_plan *plan)
{
	return s->settings.route->use_mx && !s->settings.route->mx &&
	       (plan->kind == ROUTE_MX || plan->kind == ROUTE_IMPLICIT);
}

void submit_tlsrpt_session(struct submit *s, bool opened)
{
	if (!s->plan || !is_wanted(s, s->plan))
		return;
	const char *result = result_of(&s->session, opened);
	if (!result)
		return;
	json_t *o = begin(s->plan, s->plan_host, result,
	    opened ? _("the server offers no STARTTLS") : s->session.failure.text);
	json_object_set_new(o, "ip", json_string(s->session.ip));
	json_object_set_new(o, "sending_ip", json_string(s->session.my_ip));
	add(s, o);
}

void submit_tlsrpt_refused(
    struct submit *s, const struct route_plan *plan, const struct route_host *h)
{
	bool bogus = h->error.code == EX_PROTOCOL;
	if (!is_wanted(s, plan))
		return;
	if (bogus || (h->sts == ROUTE_STS_MISMATCH && plan->sts.mode == STS_ENFORCE))
		add(s,
		    begin(plan, h, bogus ? "dnssec-invalid" : "validation-failure", h->error.text));
}

void submit_tlsrpt_flush(struct submit *s)
{
	char *path = NULL, *state;
	struct buf out = BUF_INIT(4096);
	if (!s->tlsrpt.len)
		return;
	if (account_state_path("state.db", &path, NULL) == 0) {
		state = str_printf("--state=%s", path);
		char *argv[] = {(char[]){"surat-tlsrpt"}, (char[]){"record"}, state, NULL};
		child_filter(argv, NULL, buf_span(&s->tlsrpt), &out, KEEP_MS, NULL);
		free(state);
	}
	free(path);
	buf_release(&out);
	buf_release(&s->tlsrpt);
}

/* --- the report --- */

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

/* The record, as mail-mx found it: a fact. Where it could not be asked for there is an error alone. 0 and NULL: there is none. */
static int take_record(const json_t *o, char **record, struct err *e)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(json_object_get(o, "policy"), "findings"), i, one)
	{
		if (strcmp(text_of(one, "subject"), "TLSRPT") != 0)
			continue;
		if (strcmp(text_of(one, "level"), "error") == 0)
			return err_set(e, EX_TEMPFAIL, "%s", text_of(one, "what"));
		if (strcmp(text_of(one, "level"), "fact") == 0) {
			*record = str_dup(text_of(one, "what"));
			return 0;
		}
	}
	return 0;
}

static int ask_mail_mx(
    const struct submit_planner *p, const char *ascii, char **record, struct err *e)
{
	struct strv argv = {0};
	struct buf out = BUF_INIT(OUTPUT_MAX);
	struct err why = ERR_INIT;
	strv_add(&argv, "mail-mx");
	strv_add(&argv, "--policy");
	strv_add(&argv, "--json");
	submit_planner_options(p, &argv);
	strv_add(&argv, "--");
	strv_add(&argv, ascii);
	/* its exit code is about mail to the domain, which may have none and want reports all the same */
	child_filter(argv.v, NULL, SPAN(""), &out, PATIENCE_MS, &why);
	json_t *o = json_loadb(out.ptr ? out.ptr : "", out.len, JSON_DISABLE_EOF_CHECK, NULL);
	int r = o ? take_record(o, record, e) : err_set(e, EX_TEMPFAIL, "%s", why.text);
	json_decref(o);
	buf_release(&out);
	strv_release(&argv);
	return r;
}

static int find_record(
    const struct submit_planner *p, const char *domain, char **record, char **ascii, struct err *e)
{
	struct buf name = BUF_INIT(1024);
	int r = idna_to_ascii(&name, span_of(domain), e);
	if (r == 0) {
		*ascii = str_dup(buf_cstr(&name));
		r = ask_mail_mx(p, *ascii, record, e);
	}
	buf_release(&name);
	return r;
}

static int run_report(
    const char *domain, const char *record, const char *from, int *code, struct err *e)
{
	char *path = NULL;
	struct child c;
	if (account_state_path("state.db", &path, e) < 0)
		return -1;
	struct strv argv = {0};
	strv_add(&argv, "surat-tlsrpt");
	strv_add(&argv, "report");
	strv_take(&argv, str_printf("--state=%s", path));
	strv_take(&argv, str_printf("--from=%s", from));
	strv_take(&argv, str_printf("--record=%s", record));
	strv_take(&argv, str_printf("--now=@%lld", (long long)clock_real_s()));
	strv_add(&argv, "--");
	strv_add(&argv, domain);
	int r = child_start(&c, argv.v, NULL, 0, e);
	if (r == 0)
		r = child_wait(&c, -1, code, e);
	strv_release(&argv);
	free(path);
	return r;
}

int submit_tlsrpt_report(
    const struct submit_planner *p, const char *domain, const char *from, int *code, struct err *e)
{
	char *record = NULL, *ascii = NULL;
	int r = find_record(p, domain, &record, &ascii, e);
	*code = 1;
	if (r == 0 && !record)
		r = err_set(e, 1, _("%s: no TLSRPT record: nobody there wants a report"), domain);
	if (r == 0)
		r = run_report(ascii, record, from, code, e);
	free(record);
	free(ascii);
	return r;
}
