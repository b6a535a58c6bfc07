#include "queue/transport.h"

#include "base/alloc.h"
#include "codec/utf8.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* --- jobs --- */

/* Addresses may be of another charset where somebody made the file; JSON is UTF-8. */
static json_t *text(const char *s)
{
	json_t *value = json_string(s);
	if (value)
		return value;
	struct buf b = BUF_INIT(1 << 20);
	utf8_repair(&b, span_of(s));
	value = json_string(buf_cstr(&b));
	buf_release(&b);
	return value;
}

static void put(json_t *o, const char *key, const char *s)
{
	if (s)
		json_object_set_new(o, key, text(s));
}

/* RFC 2852 4.1.4: what is left. "SECONDS;MODE". */
static void put_deliver_by(json_t *o, const char *by, int64_t waited_s)
{
	char *rest;
	if (!by)
		return;
	long long seconds = strtoll(by, &rest, 10) - waited_s;
	if (seconds < 1 && (!*rest || to_upper(rest[1]) == 'R'))
		seconds = 1; /* the last attempt; there is no other number for it */
	char *left = str_printf("%lld%s", seconds, rest);
	put(o, "deliver_by", left);
	free(left);
}

static void put_route(json_t *o, const struct queue_message *m, int64_t now_s)
{
	const struct queue_route *r = &m->envelope.route;
	put(o, "account", r->account);
	put(o, "server", r->server);
	if (r->use_mx)
		put(o, "mx", r->mx ? r->mx : "");
	put(o, "tls", r->tls);
	put(o, "auth", r->auth);
	put(o, "user", r->user);
	put(o, "helo", r->helo);
	put(o, "smtputf8", r->smtputf8);
	put(o, "priority", r->priority);
	put_deliver_by(o, r->deliver_by, now_s > m->arrived_s ? now_s - m->arrived_s : 0);
	if (r->require_tls)
		json_object_set_new(o, "require_tls", json_true());
	json_t *options = r->options ? json_loads(r->options, 0, NULL) : NULL;
	if (options)
		json_object_set_new(o, "options", options);
}

static json_t *recipients(const struct queue_message *m, const size_t *v, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		const struct queue_recipient *r = &m->envelope.recipients[v[i]];
		json_t *o = json_object();
		put(o, "address", r->address);
		put(o, "notify", r->notify);
		put(o, "orcpt", r->orcpt);
		json_array_append_new(list, o);
	}
	return list;
}

static int add_bytes(const char *p, size_t n, void *b)
{
	buf_addn(b, p, n);
	return 0;
}

void transport_job(struct buf *b, const char *folder, const struct queue_message *m,
    const size_t *v, size_t n, int64_t now_s)
{
	char file[QUEUE_NAME_SIZE];
	json_t *o = json_object();
	queue_name_write(file, &m->name);
	char *path = str_printf("%s/%s", folder, file);
	json_object_set_new(o, "v", json_integer(1));
	put(o, "id", m->name.id);
	put(o, "path", path);
	json_object_set_new(o, "offset", json_integer(m->offset));
	json_object_set_new(o, "size", json_integer(m->size));
	put(o, "sender", m->envelope.sender);
	json_object_set_new(o, "recipients", recipients(m, v, n));
	put(o, "envid", m->envelope.envid);
	put(o, "ret", m->envelope.ret);
	put_route(o, m, now_s);
	json_dump_callback(o, add_bytes, b, JSON_COMPACT);
	buf_addc(b, '\n');
	json_decref(o);
	free(path);
}

/* --- reports --- */

static const char *string_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static bool take_status(const char *word, struct transport_report *r)
{
	static const enum queue_status known[] = {
	    QUEUE_SENT, QUEUE_DEFERRED, QUEUE_REFUSED, QUEUE_UNKNOWN};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(word, queue_status_word(known[i])) == 0) {
			r->status = known[i];
			return true;
		}
	return false;
}

static bool take_settled(const json_t *o, struct transport_report *r)
{
	const char *address = json_string_value(json_object_get(o, "address"));
	const char *enhanced = string_of(o, "enhanced");
	json_int_t code = json_integer_value(json_object_get(o, "code"));
	if (!address || !take_status(string_of(o, "status"), r))
		return false;
	r->word = TRANSPORT_SETTLED;
	r->code = code >= 100 && code <= 999 ? (int)code : 0;
	if (strlen(enhanced) < sizeof(r->enhanced))
		memcpy(r->enhanced, enhanced, strlen(enhanced) + 1);
	r->relayed = json_is_true(json_object_get(o, "dsn"));
	r->address = str_dup(address);
	r->host = str_dup(string_of(o, "host"));
	r->text = str_dup(string_of(o, "text"));
	return true;
}

static bool take_report(const json_t *o, struct transport_report *r)
{
	const char *id = string_of(o, "id"), *status = string_of(o, "status");
	if (!*id || strlen(id) >= sizeof(r->id))
		return false;
	memcpy(r->id, id, strlen(id) + 1);
	if (strcmp(status, "sending") == 0)
		r->word = TRANSPORT_SENDING;
	else if (strcmp(status, "done") == 0)
		r->word = TRANSPORT_DONE;
	else
		return take_settled(o, r);
	return true;
}

bool transport_report_parse(struct span line, struct transport_report *r)
{
	struct transport_report found = {0};
	json_t *o = json_loadb(line.ptr ? line.ptr : "", line.len, 0, NULL);
	bool good = json_is_object(o) && take_report(o, &found);
	json_decref(o);
	if (good)
		*r = found;
	return good;
}

void transport_report_release(struct transport_report *r)
{
	free(r->address);
	free(r->host);
	free(r->text);
	*r = (struct transport_report){0};
}
