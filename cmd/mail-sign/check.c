/*
 * check.c - are the keys published that fit? A message of nothing is signed and given to mail-verify: so it is the verifier itself that says yes, and
 * this program, which stands in every pipeline, loads no resolver.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"
#include "sign.h"

#include <jansson.h>
#include <stdlib.h>

enum { ANSWER_MAX = 256 * 1024, WAIT_MS = 60000 };

static void arguments(const struct sign_options *o, struct strv *argv)
{
	static const char *const dnssec[] = {"auto", "required", "off"};
	const struct cli_network *n = &o->network;
	strv_add(argv, "mail-verify");
	strv_add(argv, "--dkim");
	strv_add(argv, "--json");
	strv_add(argv, "--config=/dev/null"); /* ours was read, and said what it says */
	strv_take(argv, str_printf("--dnssec=%s", dnssec[n->dnssec]));
	for (size_t i = 0; i < n->resolvers.n; i++)
		strv_take(argv, str_printf("--resolver=%s", n->resolvers.v[i]));
	if (n->trust_anchor)
		strv_take(argv, str_printf("--trust-anchor=%s", n->trust_anchor));
	if (n->dns_data)
		strv_take(argv, str_printf("--dns-data=%s", n->dns_data));
}

/* --- a message of nothing, signed --- */

static int make(const struct sign *s, struct buf *out, struct err *e)
{
	struct dkim_sign_options o = s->dkim;
	struct auth_message m;
	struct buf text = BUF_INIT(4096), fields = BUF_INIT(1 << 20);
	o.n = s->o->keys.n; /* that of a seal too */
	o.names = NULL;
	o.expires_s = -1;
	buf_addf(&text, "From: postmaster@%s\n\n", s->dkim.v[0].domain);
	auth_message_init(&m);
	dkim_sign_want(&o, &m);
	int r = sink_put(&m.sink, buf_span(&text), e);
	if (r == 0)
		r = sink_end(&m.sink, e);
	if (r == 0)
		r = dkim_sign(&o, &m, &fields, e);
	buf_add(out, buf_span(&fields));
	buf_add(out, buf_span(&text));
	auth_message_release(&m);
	buf_release(&text);
	buf_release(&fields);
	return r;
}

/* --- the answers, in the order of the signatures --- */

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static int judge(const struct dkim_signer *by, const json_t *o, struct err *e)
{
	const char *result = text_of(o, "result");
	if (strcmp(result, "pass") == 0)
		return 0;
	char *name = str_printf("%s._domainkey.%s", by->selector, by->domain);
	const char *reason = text_of(o, "reason");
	bool named = strstr(reason, name) != NULL;
	err_set(e, strcmp(result, "temperror") == 0 ? EX_TEMPFAIL : EX_CONFIG,
	    "--check-dns: %s%s%s", named ? "" : name, named ? "" : ": ", reason);
	free(name);
	return -1;
}

static int judge_all(const struct sign *s, struct span answers, struct err *e)
{
	struct span line;
	size_t i = 0;
	for (; i < s->o->keys.n && span_line(&answers, &line); i++) {
		json_t *o = json_loadb(line.ptr, line.len, 0, NULL);
		int r = judge(&s->dkim.v[i], o, e);
		json_decref(o);
		if (r < 0)
			return -1;
	}
	return i == s->o->keys.n
		   ? 0
		   : err_set(e, EX_UNAVAILABLE, _("--check-dns: mail-verify said nothing"));
}

static int talk(struct child *c, struct span message, struct buf *answers, struct err *e)
{
	struct source_fd from;
	struct sink_buf to;
	int status;
	int r = fd_write_all(c->in, message, e);
	sys_close(c->in);
	c->in = -1;
	source_fd_init(&from, c->out);
	sink_buf_init(&to, answers);
	if (r == 0)
		r = sink_pump(&to.sink, &from.source, e);
	if (child_wait(c, WAIT_MS, &status, r < 0 ? NULL : e) < 0)
		return -1;
	return r;
}

int sign_check_dns(const struct sign *s, struct err *e)
{
	struct buf message = BUF_INIT(1 << 20), answers = BUF_INIT(ANSWER_MAX);
	struct strv argv = {0};
	struct child c;
	arguments(s->o, &argv);
	int r = make(s, &message, e);
	if (r == 0)
		r = child_start(&c, argv.v, NULL, CHILD_STDIN | CHILD_STDOUT, e);
	if (r == 0)
		r = talk(&c, buf_span(&message), &answers, e);
	if (r == 0)
		r = judge_all(s, buf_span(&answers), e);
	strv_release(&argv);
	buf_release(&message);
	buf_release(&answers);
	return r;
}
