#include "login/web.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"

#include <jansson.h>
#include <stdlib.h>

enum {
	ANSWER_MAX = 1 << 20, /* 64 KiB, however JSON escapes it */
	BODY_MAX = 64 * 1024,
	GRACE_MS = 5000, /* the helper keeps its own time */
};

static void make_argv(const struct login_web *w, struct strv *argv)
{
	strv_add(argv, "surat-https");
	strv_add(argv, "request");
	if (w->ca_file)
		strv_take(argv, str_printf("--ca-file=%s", w->ca_file));
	for (size_t i = 0; w->connects && i < w->connects->n; i++)
		strv_take(argv, str_printf("--connect=%s", w->connects->v[i]));
	if (w->only4 != w->only6)
		strv_add(argv, w->only4 ? "-4" : "-6");
}

/* jansson's text is handed on in a buffer that is wiped; what jansson itself held is wiped by mail-login's allocator (secrets.h). */
static void make_request(
    struct buf *b, const struct login_web *w, const char *url, const char *form, const char *basic)
{
	json_t *o = json_object();
	json_object_set_new(o, "v", json_integer(1));
	json_object_set_new(o, "url", json_string(url));
	json_object_set_new(o, "timeout_ms", json_integer(w->timeout_ms));
	if (form)
		json_object_set_new(o, "form", json_string(form));
	if (basic)
		json_object_set_new(o, "basic", json_string(basic));
	char *text = json_dumps(o, JSON_COMPACT);
	buf_adds(b, text ? text : "");
	buf_addc(b, '\n');
	str_wipe_free(text);
	json_decref(o);
}

static int read_answer(const json_t *o, struct login_reply *r, struct err *e)
{
	const char *error = json_string_value(json_object_get(o, "error"));
	const json_t *body = json_object_get(o, "body");
	json_int_t code = json_integer_value(json_object_get(o, "code"));
	if (error)
		return err_set(e, code == EX_PROTOCOL ? EX_PROTOCOL : EX_TEMPFAIL, "%s", error);
	if (!json_is_string(body))
		return err_set(e, EX_SOFTWARE, _("surat-https: an answer that is none"));
	*r = (struct login_reply){.status = (long)json_integer_value(json_object_get(o, "status"))};
	buf_init(&r->body, BODY_MAX);
	r->body.secret = true;
	buf_addn(&r->body, json_string_value(body), json_string_length(body));
	return 0;
}

int login_web_ask(const struct login_web *w, const char *url, const char *form, const char *basic,
    struct login_reply *r, struct err *e)
{
	struct strv argv = {0};
	struct buf request = BUF_INIT(ANSWER_MAX), answer = BUF_INIT(ANSWER_MAX);
	request.secret = answer.secret = true;
	make_argv(w, &argv);
	make_request(&request, w, url, form, basic);
	int done =
	    child_filter(argv.v, NULL, buf_span(&request), &answer, w->timeout_ms + GRACE_MS, e);
	if (done == 0) {
		json_t *o = json_loadb(answer.ptr, answer.len, JSON_ALLOW_NUL, NULL);
		done = read_answer(o, r, e);
		json_decref(o);
	}
	strv_release(&argv);
	buf_wipe(&request);
	buf_wipe(&answer);
	return done;
}

void login_reply_release(struct login_reply *r)
{
	buf_wipe(&r->body);
}
