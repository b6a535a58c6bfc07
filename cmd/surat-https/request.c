#include "request.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "io/stream.h"
#include "login/provider.h"
#include "login/secrets.h"
#include "report/report.h"

#include <stdlib.h>
#include <unistd.h>

enum { REQUEST_MAX = 256 * 1024, ANSWER_MAX = 64 * 1024, TIMEOUT_MAX_MS = 600000 };

static char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? str_dup(s) : NULL;
}

static int read_request(struct fetch *f, const json_t *o, struct err *e)
{
	const char *url = json_string_value(json_object_get(o, "url"));
	json_int_t timeout = json_integer_value(json_object_get(o, "timeout_ms"));
	if (json_integer_value(json_object_get(o, "v")) != 1 || !login_is_url(url))
		return err_set(e, EX_DATAERR, _("standard input is no request"));
	*f = (struct fetch){.url = str_dup(url),
	    .form = text_of(o, "form"),
	    .basic = text_of(o, "basic"),
	    .timeout_ms = timeout > 0 && timeout < TIMEOUT_MAX_MS ? timeout : TIMEOUT_MAX_MS};
	buf_init(&f->body, ANSWER_MAX);
	f->body.secret = true;
	return 0;
}

static int take_request(struct stream *s, struct fetch *f, struct err *e)
{
	struct span line = SPAN("");
	if (stream_line(s, &line, REQUEST_MAX, e) < 0)
		return -1;
	json_t *o = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	int r = read_request(f, o, e);
	json_decref(o);
	return r;
}

static json_t *answer_of(struct fetch *f)
{
	json_t *o = json_object();
	struct span body = buf_span(&f->body);
	if (!f->error.code && !utf8_valid(body))
		err_set(&f->error, EX_PROTOCOL, _("%.*s: the answer is no UTF-8"),
		    (int)strcspn(f->url, "?"), f->url);
	if (f->error.code) {
		json_object_set_new(o, "error", report_json_text(span_of(f->error.text)));
		json_object_set_new(o, "code", json_integer(f->error.code));
	} else {
		json_object_set_new(o, "status", json_integer(f->status));
		json_object_set_new(o, "body", json_stringn(body.len ? body.ptr : "", body.len));
	}
	return o;
}

static int write_answer(struct stream *s, struct fetch *f, struct err *e)
{
	json_t *o = answer_of(f);
	char *text = json_dumps(o, JSON_COMPACT);
	ENSURE(text);
	stream_puts(s, text);
	stream_puts(s, "\n");
	str_wipe_free(text);
	json_decref(o);
	return stream_flush(s, e);
}

static int run(const struct fetch_options *o, struct stream *s, struct fetch *f, struct err *e)
{
	struct fetch_all *all = fetch_all_new(o);
	int r = 0;
	fetch_start(all, f);
	while (r == 0 && !fetch_next(all))
		r = fetch_wait(all, -1, e);
	fetch_all_free(all);
	return r < 0 ? -1 : write_answer(s, f, e);
}

int request_run(const struct fetch_options *o, struct err *e)
{
	struct fetch f = {NULL};
	struct stream s;
	login_wipe_json();
	stream_init_fd(&s, STDIN_FILENO, STDOUT_FILENO);
	int r = take_request(&s, &f, e);
	if (r == 0)
		r = run(o, &s, &f, e);
	fetch_release(&f);
	stream_release(&s);
	return r;
}
