#include "base/alloc.h"
#include "base/buf.h"
#include "base/intl.h"
#include "codec/inert.h"
#include "report/report.h"
#include "route/plan.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	TEXT_MAX = 4096,
	HOSTS_MAX = 256,
	ADDRESSES_MAX = 64,
	PINS_MAX = 256,
	NAMES_MAX = 16,
	PIN_BYTES_MAX = 65535
};

/* --- writing --- */

/* Names and reasons come from others. */
static json_t *text(const char *s)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	inert_add(&b, span_of(s), 0);
	json_t *j = json_stringn(buf_cstr(&b), b.len);
	buf_release(&b);
	return j ? j : json_string("");
}

static json_t *texts(const struct strv *l)
{
	json_t *a = json_array();
	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(a, text(l->v[i]));
	return a;
}

static json_t *addresses(const struct net_addrs *l)
{
	json_t *a = json_array();
	char shown[64];
	for (size_t i = 0; i < l->n; i++) {
		net_addr_text(&l->v[i], shown, sizeof(shown));
		json_array_append_new(a, json_string(shown));
	}
	return a;
}

static json_t *pin(const struct route_pin *p)
{
	struct buf hex = BUF_INIT(PIN_BYTES_MAX * 2);
	json_t *o = json_object();
	for (size_t i = 0; i < p->len; i++)
		buf_addf(&hex, "%02x", p->data[i]);
	json_object_set_new(o, "usage", json_integer(p->usage));
	json_object_set_new(o, "selector", json_integer(p->selector));
	json_object_set_new(o, "matching", json_integer(p->matching));
	json_object_set_new(o, "data", json_string(buf_cstr(&hex)));
	buf_release(&hex);
	return o;
}

static void add_error(json_t *o, const struct err *e)
{
	json_object_set_new(o, "code", json_integer(e->code));
	if (e->enhanced[0])
		json_object_set_new(o, "enhanced", json_string(e->enhanced));
	json_object_set_new(o, "text", text(e->text));
}

static void add_steps(json_t *o, const struct route_steps *s)
{
	json_t *a;
	if (!s->n)
		return;
	a = json_array();
	for (size_t i = 0; i < s->n; i++) {
		json_t *one = json_object();
		json_object_set_new(one, "text", text(s->v[i].text));
		if (s->v[i].clause)
			json_object_set_new(one, "clause", text(s->v[i].clause));
		json_array_append_new(a, one);
	}
	json_object_set_new(o, "steps", a);
}

static json_t *host(const struct route_host *h)
{
	json_t *o = json_object(), *pins = json_array(), *error;
	json_object_set_new(o, "preference", json_integer(h->preference));
	json_object_set_new(o, "host", text(h->name));
	if (h->canonical)
		json_object_set_new(o, "canonical", text(h->canonical));
	json_object_set_new(o, "addresses", addresses(&h->addresses));
	json_object_set_new(o, "security", json_string(route_security_word(h->security)));
	json_object_set_new(o, "tls", json_string(route_tls_word(h->tls)));
	for (size_t i = 0; i < h->pin_count; i++)
		json_array_append_new(pins, pin(&h->pins[i]));
	if (h->tlsa_base)
		json_object_set_new(o, "tlsa_base", text(h->tlsa_base));
	if (h->tlsa_base || h->pin_count) {
		json_object_set_new(o, "pins", json_incref(pins));
		json_object_set_new(o, "unusable_pins", json_integer((json_int_t)h->unusable_pins));
	}
	json_decref(pins);
	json_object_set_new(o, "names", texts(&h->names));
	if (h->sts != ROUTE_STS_NONE)
		json_object_set_new(
		    o, "sts", json_string(h->sts == ROUTE_STS_MATCH ? "match" : "mismatch"));
	if (h->error.code) {
		error = json_object();
		add_error(error, &h->error);
		json_object_set_new(o, "error", error);
	}
	add_steps(o, &h->steps);
	return o;
}

static void add_sts(json_t *o, const struct route_sts *s)
{
	json_t *sts = json_object();
	if (s->found) {
		json_object_set_new(sts, "mode", json_string(route_sts_word(s)));
		json_object_set_new(sts, "id", text(s->id));
		json_object_set_new(sts, "mx", texts(&s->mx));
		json_object_set_new(sts, "max_age", json_integer(s->max_age_s));
		json_object_set_new(sts, "expires", report_json_time(s->expires_s));
		json_object_set_new(sts, "cached", json_boolean(s->cached));
	}
	if (s->problem)
		json_object_set_new(sts, "problem", text(s->problem));
	if (json_object_size(sts))
		json_object_set(o, "sts", sts);
	json_decref(sts);
}

static const char *const kinds[] = {"mx", "implicit", "host", "literal"};

json_t *route_plan_json(const struct route_plan *p)
{
	json_t *o = json_object(), *hosts = json_array();
	json_object_set_new(o, "v", json_integer(1));
	json_object_set_new(o, "domain", text(p->domain ? p->domain : p->input));
	if (p->error.code) {
		add_error(o, &p->error);
	} else {
		json_object_set_new(o, "code", json_integer(0));
		json_object_set_new(o, "kind", json_string(kinds[p->kind]));
	}
	if (p->canonical)
		json_object_set_new(o, "canonical", text(p->canonical));
	if (p->port)
		json_object_set_new(o, "port", json_integer(p->port));
	if (p->require_tls)
		json_object_set_new(o, "require_tls", json_true());
	json_object_set_new(o, "mx_security", json_string(route_security_word(p->security)));
	add_sts(o, &p->sts);
	for (size_t i = 0; i < p->host_count; i++)
		json_array_append_new(hosts, host(&p->hosts[i]));
	json_object_set_new(o, "hosts", hosts);
	if (p->notices.n)
		json_object_set_new(o, "notices", texts(&p->notices));
	add_steps(o, &p->steps);
	return o;
}

/* --- reading --- */

struct reader { /* the first thing that is wrong is kept */
	struct err *e;
	bool bad;
};

static void wrong(struct reader *r, const char *key)
{
	if (!r->bad)
		err_set(r->e, EX_PROTOCOL, _("a plan that cannot be read: %s"), key);
	r->bad = true;
}

static int64_t number(struct reader *r, const json_t *o, const char *key, int64_t max, bool must)
{
	const json_t *j = json_object_get(o, key);
	if (!j && !must)
		return 0;
	if (!json_is_integer(j) || json_integer_value(j) < 0 || json_integer_value(j) > max) {
		wrong(r, key);
		return 0;
	}
	return json_integer_value(j);
}

static bool is_text(const json_t *j)
{
	return json_is_string(j) && json_string_length(j) <= TEXT_MAX &&
	       !memchr(json_string_value(j), '\0', json_string_length(j));
}

/* malloc'ed, or NULL. */
static char *string(struct reader *r, const json_t *o, const char *key, bool must)
{
	const json_t *j = json_object_get(o, key);
	if (is_text(j))
		return str_dup(json_string_value(j));
	if (j || must)
		wrong(r, key);
	return NULL;
}

static size_t array(
    struct reader *r, const json_t *o, const char *key, size_t max, const json_t **out)
{
	*out = json_object_get(o, key);
	if (*out && (!json_is_array(*out) || json_array_size(*out) > max)) {
		wrong(r, key);
		*out = NULL;
	}
	return json_array_size(*out);
}

static bool flag(struct reader *r, const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);
	if (j && !json_is_boolean(j))
		wrong(r, key);
	return json_is_true(j);
}

static enum route_security security(struct reader *r, const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);
	for (int s = ROUTE_UNCHECKED; j && s <= ROUTE_SECURE; s++)
		if (json_is_string(j) &&
		    strcmp(json_string_value(j), route_security_word((enum route_security)s)) == 0)
			return (enum route_security)s;
	if (j)
		wrong(r, key);
	return ROUTE_UNCHECKED;
}

static void read_error(struct reader *r, const json_t *o, struct err *out)
{
	struct err e = ERR_INIT;
	char *line = string(r, o, "text", true), *enhanced = string(r, o, "enhanced", false);
	int code = (int)number(r, o, "code", 255, true);
	if (!code) /* an error of no error would leave a host without addresses and without a reason */
		wrong(r, "code");
	err_set(&e, code, "%s", line ? line : "");
	err_reply(&e, 0, enhanced ? enhanced : "");
	free(line);
	free(enhanced);
	*out = e;
}

static void read_pin(struct reader *r, const json_t *o, struct route_host *h)
{
	const json_t *data = json_object_get(o, "data");
	size_t len = json_is_string(data) ? json_string_length(data) : 1;
	struct route_pin p = {.usage = (unsigned char)number(r, o, "usage", 255, true),
	    .selector = (unsigned char)number(r, o, "selector", 255, true),
	    .matching = (unsigned char)number(r, o, "matching", 255, true)};
	if (len % 2 || len > PIN_BYTES_MAX * 2) {
		wrong(r, "data");
		return;
	}
	p.data = mem_new(len / 2 + 1, 1);
	p.len = len / 2;
	for (size_t i = 0; i < len; i++) {
		int v = hex_value(json_string_value(data)[i]);
		if (v < 0)
			wrong(r, "data");
		p.data[i / 2] = (unsigned char)(p.data[i / 2] << 4 | (v & 15));
	}
	h->pins = mem_resize(h->pins, h->pin_count + 1, sizeof(*h->pins));
	h->pins[h->pin_count++] = p;
}

static enum route_tls read_tls(struct reader *r, const json_t *o)
{
	const json_t *j = json_object_get(o, "tls");
	for (int t = ROUTE_TLS_MAY; t <= ROUTE_TLS_DANE; t++)
		if (json_is_string(j) &&
		    strcmp(json_string_value(j), route_tls_word((enum route_tls)t)) == 0)
			return (enum route_tls)t;
	/* a demand that is not understood must not be passed over */
	wrong(r, "tls");
	return ROUTE_TLS_DANE;
}

static void read_addresses(struct reader *r, const json_t *o, unsigned port, struct route_host *h)
{
	const json_t *list;
	size_t n = array(r, o, "addresses", ADDRESSES_MAX, &list);
	for (size_t i = 0; i < n; i++) {
		const json_t *j = json_array_get(list, i);
		struct net_addr a;
		if (is_text(j) && net_addr_parse(span_of(json_string_value(j)), port, &a))
			net_addrs_add(&h->addresses, &a);
		else
			wrong(r, "addresses");
	}
}

static void read_match(struct reader *r, const json_t *o, struct route_host *h)
{
	const char *s = json_string_value(json_object_get(o, "sts"));
	h->sts = !s                           ? ROUTE_STS_NONE
		 : strcmp(s, "match") == 0    ? ROUTE_STS_MATCH
		 : strcmp(s, "mismatch") == 0 ? ROUTE_STS_MISMATCH
					      : ROUTE_STS_NONE;
	if (s && h->sts == ROUTE_STS_NONE)
		wrong(r, "sts");
}

static void read_host(struct reader *r, const json_t *o, unsigned port, struct route_host *h)
{
	const json_t *list;
	h->preference = (unsigned)number(r, o, "preference", 65535, false);
	h->name = string(r, o, "host", true);
	h->canonical = string(r, o, "canonical", false);
	h->security = security(r, o, "security");
	h->tls = read_tls(r, o);
	h->tlsa_base = string(r, o, "tlsa_base", false);
	h->unusable_pins = (size_t)number(r, o, "unusable_pins", PINS_MAX, false);
	read_addresses(r, o, port, h);
	size_t n = array(r, o, "pins", PINS_MAX, &list);
	for (size_t i = 0; i < n; i++)
		read_pin(r, json_array_get(list, i), h);
	n = array(r, o, "names", NAMES_MAX, &list);
	for (size_t i = 0; i < n; i++) {
		if (is_text(json_array_get(list, i)))
			strv_add(&h->names, json_string_value(json_array_get(list, i)));
		else
			wrong(r, "names");
	}
	read_match(r, o, h);
	if (json_object_get(o, "error"))
		read_error(r, json_object_get(o, "error"), &h->error);
	else if (!h->addresses.n)
		wrong(r, "addresses");
	if (h->tls == ROUTE_TLS_DANE && !h->pin_count)
		wrong(r, "pins");
}

static void read_sts(struct reader *r, const json_t *o, struct route_sts *s)
{
	const json_t *list, *mode = json_object_get(o, "mode");
	s->problem = string(r, o, "problem", false);
	if (!mode)
		return;
	s->found = true;
	s->id = string(r, o, "id", true);
	s->max_age_s = number(r, o, "max_age", STS_MAX_AGE, false);
	s->cached = json_is_true(json_object_get(o, "cached"));
	for (s->mode = STS_NONE; s->mode <= STS_ENFORCE; s->mode++)
		if (json_is_string(mode) && strcmp(json_string_value(mode), route_sts_word(s)) == 0)
			break;
	if (s->mode > STS_ENFORCE) {
		s->mode = STS_NONE;
		wrong(r, "sts");
	}
	size_t n = array(r, o, "mx", STS_POLICY_MAX, &list);
	for (size_t i = 0; i < n; i++)
		if (is_text(json_array_get(list, i)))
			strv_add(&s->mx, json_string_value(json_array_get(list, i)));
}

static enum route_kind read_kind(struct reader *r, const json_t *o)
{
	const json_t *j = json_object_get(o, "kind");
	for (size_t i = 0; j && i < ARRAY_LEN(kinds); i++)
		if (json_is_string(j) && strcmp(json_string_value(j), kinds[i]) == 0)
			return (enum route_kind)i;
	if (j)
		wrong(r, "kind");
	return ROUTE_MX;
}

static void read_plan(struct reader *r, const json_t *o, unsigned port, struct route_plan *p)
{
	const json_t *hosts;
	if (number(r, o, "v", INT64_MAX, true) != 1)
		wrong(r, "v");
	p->domain = string(r, o, "domain", true);
	p->canonical = string(r, o, "canonical", false);
	p->port = (unsigned)number(r, o, "port", 65535, false);
	p->require_tls = flag(r, o, "require_tls");
	p->kind = read_kind(r, o);
	p->security = security(r, o, "mx_security");
	if (json_object_get(o, "sts"))
		read_sts(r, json_object_get(o, "sts"), &p->sts);
	if (number(r, o, "code", 255, true))
		read_error(r, o, &p->error);
	size_t n = array(r, o, "hosts", HOSTS_MAX, &hosts);
	if (!n && !p->error.code)
		wrong(r, "hosts");
	p->hosts = n ? mem_new(n, sizeof(*p->hosts)) : NULL;
	for (p->host_count = 0; p->host_count < n && !r->bad; p->host_count++)
		read_host(r, json_array_get(hosts, p->host_count), p->port ? p->port : port,
		    &p->hosts[p->host_count]);
}

int route_plan_read(struct route_plan **out, struct span line, unsigned port, struct err *e)
{
	json_error_t why;
	struct reader r = {.e = e};
	json_t *o = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &why);
	struct route_plan *p = mem_new(1, sizeof(*p));
	if (!json_is_object(o))
		wrong(&r, o ? "no object" : why.text);
	else
		read_plan(&r, o, port, p);
	json_decref(o);
	if (r.bad) {
		route_plan_free(p);
		return -1;
	}
	*out = p;
	return 0;
}
