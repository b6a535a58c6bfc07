/* ask.c - questions that need no message: is the recipient known, is the server there, which way would it go? */
#include "base/alloc.h"
#include "base/intl.h"
#include "send.h"

#include <stdlib.h>

/* --- --verify, --stop-after --- */

static int add_recipients(struct send *s, const struct strv *operands, struct err *e)
{
	struct submit_recipients to = {0};
	int r = 0;
	for (size_t i = 0; r == 0 && i < operands->n; i++)
		r = submit_recipients_add(&to, span_of(operands->v[i]), e);
	for (size_t i = 0; r == 0 && i < to.list.n; i++)
		submit_envelope_add(&s->o->submit, &s->env, to.list.v[i]);
	submit_recipients_release(&to);
	if (r == 0 && !s->env.recipient_count && s->env.route.use_mx)
		r = err_set(e, EX_USAGE, _("--mx wants a recipient: whose server is it?"));
	if (r == 0 &&
	    !s->env.recipient_count) /* only the server is asked for; nobody will be named */
		submit_envelope_add(&s->o->submit, &s->env, "postmaster");
	return r;
}

static int tell_all(struct send *s, const struct submit_result *results, struct err *e)
{
	struct report *r =
	    s->report ? s->report : submit_report_new(REPORT_AUTO, s->o->common.color);
	int bad = 0;
	for (size_t i = 0; i < s->env.recipient_count && bad == 0; i++)
		bad = submit_report(
		    r, s->env.recipients[i].address, &results[i], NULL, 0, SPAN(""), e);
	if (!s->report && report_close(r, bad < 0 ? NULL : e) < 0)
		bad = -1;
	return bad;
}

int send_verify(struct send *s, const struct strv *operands, struct err *e)
{
	struct submit_settings settings;
	if (add_recipients(s, operands, e) < 0)
		return -1;
	send_settings(s, &settings);
	if (submit_open(&s->submit, &settings, e) < 0)
		return -1;
	s->open = true;
	struct submit_result *results = mem_new(s->env.recipient_count, sizeof(*results));
	struct submit_job job = {.env = &s->env,
	    .results = results,
	    .ask = true,
	    .stop = (enum submit_stop)s->o->stop_after};
	submit_deliver(&s->submit, &job);
	send_tell(s, results, NULL);
	int r = s->o->stop_after && !s->report ? 0 : tell_all(s, results, e);
	int code = submit_exit_code(results, s->env.recipient_count);
	free(results);
	return r < 0 ? -1 : code;
}

/* --- --plan --- */

enum column { DOMAIN, PREFERENCE, HOST, PORT, ADDRESSES, TLS, USER, ERROR };
static const struct report_column columns[] = {
    [DOMAIN] = {"domain", N_("DOMAIN"), 0},
    [PREFERENCE] = {"preference", N_("PREF"), REPORT_RIGHT},
    [HOST] = {"host", N_("HOST"), 0},
    [PORT] = {"port", N_("PORT"), REPORT_RIGHT},
    [ADDRESSES] = {"addresses", N_("ADDRESSES"), 0},
    [TLS] = {"tls", N_("TLS"), 0},
    [USER] = {"user", N_("USER"), 0},
    [ERROR] = {"error", N_("ERROR"), 0},
};

static void add_addresses(struct report *r, const struct net_addrs *l)
{
	struct buf shown = BUF_INIT(64 << 10);
	json_t *array = json_array();
	for (size_t i = 0; i < l->n; i++) {
		char ip[64];
		net_addr_text(&l->v[i], ip, sizeof(ip));
		buf_addf(&shown, "%s%s", i ? " " : "", ip);
		json_array_append_new(array, json_string(ip));
	}
	report_json(r, ADDRESSES, array);
	report_shown(r, ADDRESSES, buf_span(&shown));
	buf_release(&shown);
}

static int plan_failed(
    struct send *s, struct report *r, struct span domain, const struct err *why, struct err *e)
{
	report_text(r, DOMAIN, domain);
	report_text(r, ERROR, span_of(why->text));
	send_note_code(s, why->code == EX_PROTOCOL ? EX_TEMPFAIL : why->code);
	return report_row(r, e);
}

static const char *level(const struct submit *s, const struct route_host *h)
{
	const char *wanted = s->settings.route->tls;
	if (wanted && s->tls != SUBMIT_TLS_DANE && s->tls != SUBMIT_TLS_DANE_ONLY)
		return wanted;
	return route_tls_word(h->tls);
}

static int plan_host(
    struct send *s, struct report *r, struct span domain, const struct route_host *h, struct err *e)
{
	report_text(r, DOMAIN, domain);
	report_number(r, PREFERENCE, h->preference);
	report_text(r, HOST, span_of(h->name));
	report_number(r, PORT, s->submit.planner.port);
	add_addresses(r, &h->addresses);
	report_text(r, TLS, span_of(level(&s->submit, h)));
	if (h->error.code)
		report_text(r, ERROR, span_of(h->error.text));
	return report_row(r, e);
}

static int plan_domain(struct send *s, struct report *r, struct span domain, struct err *e)
{
	const struct route_plan *plan;
	struct err why = ERR_INIT;
	if (submit_plan(&s->submit.planner, domain, &plan, &why) < 0)
		return plan_failed(s, r, domain, &why, e);
	if (plan->error.code)
		return plan_failed(s, r, domain, &plan->error, e);
	for (size_t i = 0; i < plan->host_count; i++)
		if (plan_host(s, r, domain, &plan->hosts[i], e) < 0)
			return -1;
	return 0;
}

static int plan_server(struct send *s, struct report *r, struct err *e)
{
	const struct submit_target *t = &s->submit.target;
	static const char *const levels[] = {
	    "auto", "none", "may", "encrypt", "fingerprint", "verify", "dane", "dane-only"};
	report_text(r, HOST, span_of(t->host ? t->host : t->socket));
	if (t->host)
		report_number(r, PORT, t->port);
	report_text(r, TLS, span_of(levels[t->tls]));
	if (s->submit.user)
		report_text(r, USER, span_of(s->submit.user));
	return report_row(r, e);
}

static int plan_mx(struct send *s, struct report *r, const struct strv *operands, struct err *e)
{
	const char *one = s->env.route.mx;
	char *domain = one ? str_printf("[%s]", one) : NULL;
	int bad = one ? plan_domain(s, r, span_of(domain), e) : 0;
	free(domain);
	for (size_t i = 0; !one && bad == 0 && i < operands->n; i++) {
		const char *at = strrchr(operands->v[i], '@');
		bad = plan_domain(s, r, span_of(at ? at + 1 : operands->v[i]), e);
	}
	return bad;
}

int send_plan(struct send *s, const struct strv *operands, struct err *e)
{
	struct submit_settings settings;
	send_settings(s, &settings);
	settings.ask_no_secret = true;
	if (submit_open(&s->submit, &settings, e) < 0)
		return -1;
	s->open = true;
	struct report *r = report_new(columns, ARRAY_LEN(columns),
	    s->o->common.json ? REPORT_JSON : REPORT_AUTO, s->o->common.color);
	int bad = s->env.route.use_mx ? plan_mx(s, r, operands, e) : plan_server(s, r, e);
	if (report_close(r, bad < 0 ? NULL : e) < 0)
		bad = -1;
	return bad < 0 ? -1 : s->code;
}

/* --- --tlsrpt --- */

/* Who reports is the sender, as for a message. */
int send_tlsrpt(struct send_options *o, struct err *e)
{
	struct account account = {0};
	struct queue_envelope env = {0};
	struct submit_planner planner = {.network = &o->network, .config = o->common.config};
	int code = 0;
	int r = account_load(&account, o->program, o, &o->common, o->submit.sender, e);
	if (r == 0)
		r = submit_envelope(&o->submit, &account, &env, e);
	if (r == 0 && !*env.sender)
		r = err_set(e, EX_USAGE, _("a report needs a sender"));
	if (r == 0)
		r = submit_tlsrpt_report(&planner, o->tlsrpt, env.sender, &code, e);
	queue_envelope_release(&env);
	account_release(&account);
	return r < 0 ? -1 : code;
}
