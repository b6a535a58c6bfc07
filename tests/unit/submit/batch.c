#include "submit/batch.h"

#include "../script.h"
#include "../tap.h"
#include "base/alloc.h"

#include <stdlib.h>

#define MESSAGE "\"path\":\"/q/1\",\"offset\":10,\"size\":20"
#define TO                                                                                         \
	"\"recipients\":[{\"address\":\"b@y\",\"notify\":\"NEVER\",\"orcpt\":\"rfc822;b@y\"},{"    \
	"\"address\":\"c@y\"}]"

/* want NULL: no job, and its id is `id` ("" for none) */
static void job(const char *line, const char *want, const char *id)
{
	struct script sc = {.says = line};
	struct stream in;
	struct submit_batch_job j;
	struct err e = ERR_INIT;
	char got[400], *bad_id = NULL;
	script_open(&sc, &in);
	int r = submit_batch_read(&in, &j, &bad_id, &e);
	if (r > 0) {
		const struct queue_route *w = &j.env.route;
		snprintf(got, sizeof(got), "%s %s %lld+%llu <%s> %zu %s%s%s%s%s%s%s%s", j.id,
		    j.path, (long long)j.offset, (unsigned long long)j.size, j.env.sender,
		    j.env.recipient_count, w->use_mx ? "mx" : "server", w->mx ? "=" : "",
		    w->mx ? w->mx : "", w->server ? " " : "", w->server ? w->server : "",
		    w->require_tls ? " requiretls" : "", w->options ? " " : "",
		    w->options ? w->options : "");
		submit_batch_job_release(&j);
	}
	if (want)
		is_str(r > 0 ? got : e.text, want, "a job");
	else
		ok(r < 0 && e.code == EX_PROTOCOL && strcmp(bad_id ? bad_id : "", id) == 0,
		    "no job: %s", r < 0 ? e.text : got);
	free(bad_id);
	stream_release(&in);
	buf_release(&sc.heard);
}

static void test_read(void)
{
	job("{\"v\":1,\"id\":\"A\"," MESSAGE ",\"sender\":\"a@x\"," TO
	    ",\"mx\":\"\",\"new\":[1]}\n",
	    "A /q/1 10+20 <a@x> 2 mx", NULL);
	job("{\"v\":1,\"id\":\"A\"," MESSAGE ",\"sender\":\"\"," TO
	    ",\"mx\":\"mx.y\",\"require_tls\":true}\n",
	    "A /q/1 10+20 <> 2 mx=mx.y requiretls", NULL);
	job("{\"v\":1,\"id\":\"A\"," MESSAGE ",\"sender\":\"\"," TO
	    ",\"server\":\"smtp://s\",\"tls\":null,\"options\":{\"connect\":[\"a\",\"b\"]}}\n",
	    "A /q/1 10+20 <> 2 server smtp://s {\"connect\":[\"a\",\"b\"]}", NULL);
	job("", "", NULL);
	job("nonsense\n", NULL, "");
	job("[]\n", NULL, "");
	job("{\"v\":2,\"id\":\"A\"}\n", NULL, "");
	job("{\"v\":1,\"id\":\"A\"," MESSAGE "," TO "}\n", NULL, "A");
	job("{\"v\":1,\"id\":\"A\"," MESSAGE ",\"sender\":\"a@x\",\"recipients\":[]}\n", NULL, "A");
	job("{\"v\":1,\"id\":\"A\"," MESSAGE
	    ",\"sender\":\"a@x\",\"recipients\":[{\"address\":\"x>\\r\\nNOOP\"}]}\n",
	    NULL, "A");
	job("{\"v\":1,\"id\":\"A\"," MESSAGE ",\"sender\":\"a\\n@x\"," TO "}\n", NULL, "A");
	job("{\"v\":1,\"id\":\"A\",\"path\":\"/q\",\"offset\":-1,\"size\":2,\"sender\":\"a@x\"," TO
	    "}\n",
	    NULL, "A");
	job("{\"v\":1,\"id\":\"A\",\"path\":\"/"
	    "q\",\"offset\":9223372036854775807,\"size\":9,\"sender\":\"a@x\"," TO "}\n",
	    NULL, "A");
	job("{\"v\":1,\"id\":\"A\"," MESSAGE ",\"sender\":\"a@x\"," TO ",\"options\":\"x\"}\n",
	    NULL, "A");
	job("{\"v\":1,\"id\":7," MESSAGE ",\"sender\":\"a@x\"," TO "}\n", NULL, "");
}

static void test_write(void)
{
	struct script sc = {.says = ""};
	struct stream out;
	struct err e = ERR_INIT;
	struct submit_via via = {.host = str_dup("mx.y"), .dsn = true};
	struct submit_result r = {
	    .answer = {.status = SMTP_SENT, .code = 250, .enhanced = "2.0.0", .text = "a \"b\""},
	    .via = &via};
	script_open(&sc, &out);
	submit_batch_sending(&out, "A", &e);
	submit_batch_settled(&out, "A", "b@y", &r, &e);
	r.answer = (struct smtp_answer){.status = SMTP_DEFERRED, .text = "cannot connect"};
	r.via = NULL;
	submit_batch_settled(&out, "A", "c@y", &r, &e);
	submit_batch_done(&out, "A", &e);
	is_mem(sc.heard.ptr, sc.heard.len,
	    "{\"id\":\"A\",\"status\":\"sending\"}\n"
	    "{\"id\":\"A\",\"address\":\"b@y\",\"status\":\"sent\",\"code\":250,\"enhanced\":\"2.0."
	    "0\",\"text\":\"a \\\"b\\\"\",\"host\":\"mx.y\",\"dsn\":true}\n"
	    "{\"id\":\"A\",\"address\":\"c@y\",\"status\":\"deferred\",\"text\":\"cannot "
	    "connect\"}\n"
	    "{\"id\":\"A\",\"status\":\"done\"}\n",
	    strlen(
		"{\"id\":\"A\",\"status\":\"sending\"}\n"
		"{\"id\":\"A\",\"address\":\"b@y\",\"status\":\"sent\",\"code\":250,\"enhanced\":"
		"\"2.0.0\",\"text\":\"a \\\"b\\\"\",\"host\":\"mx.y\",\"dsn\":true}\n"
		"{\"id\":\"A\",\"address\":\"c@y\",\"status\":\"deferred\",\"text\":\"cannot "
		"connect\"}\n"
		"{\"id\":\"A\",\"status\":\"done\"}\n"),
	    "answers");
	free(via.host);
	stream_release(&out);
	buf_release(&sc.heard);
}

/* --- what a script is told --- */

static int code(size_t n, const struct smtp_answer *a)
{
	struct submit_result r[4] = {{.via = NULL}};
	for (size_t i = 0; i < n; i++)
		r[i].answer = a[i];
	return submit_exit_code(r, n);
}

static void test_exit_code(void)
{
	const struct smtp_answer
	    sent = {.status = SMTP_SENT, .phase = SMTP_DOT},
	    nobody = {.status = SMTP_REFUSED, .phase = SMTP_RCPT, .exit = EX_NOUSER},
	    later = {.status = SMTP_DEFERRED, .phase = SMTP_RCPT, .exit = EX_TEMPFAIL},
	    lost = {.status = SMTP_UNKNOWN, .phase = SMTP_DOT, .exit = EX_TEMPFAIL},
	    auth = {.status = SMTP_DEFERRED, .phase = SMTP_AUTH, .exit = EX_NOPERM};
	struct {
		size_t n;
		struct smtp_answer a[3];
		int want;
	} all[] = {
	    {1, {sent}, 0},
	    {1, {nobody}, EX_NOUSER},
	    {1, {later}, EX_TEMPFAIL},
	    {1, {lost}, EX_TEMPFAIL},
	    {1, {auth}, EX_NOPERM},
	    {2, {sent, sent}, 0},
	    {2, {sent, nobody}, EX_UNAVAILABLE},
	    {2, {nobody, nobody}, EX_UNAVAILABLE},
	    {3, {sent, nobody, later}, EX_TEMPFAIL},
	    {3, {sent, nobody, lost}, EX_TEMPFAIL},
	    {3, {auth, auth, auth}, EX_NOPERM},
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		is_int(code(all[i].n, all[i].a), all[i].want, "exit code");
}

static void explain(struct submit_result r, const char *want)
{
	struct buf b = BUF_INIT(1000);
	submit_explain(&r, "b@y", &b);
	is_str(buf_cstr(&b), want, "explained");
	buf_release(&b);
}

static void test_explain(void)
{
	struct submit_via mx = {.host = str_dup("mx.y"), .ip = "192.0.2.1", .port = 25},
			  literal = {.host = str_dup("192.0.2.1"), .ip = "192.0.2.1", .port = 25},
			  socket = {.host = str_dup("/run/lmtp")},
			  away = {.host = str_dup("mx.y"), .port = 25};
	explain((struct submit_result){.answer = {.status = SMTP_REFUSED,
					   .phase = SMTP_RCPT,
					   .code = 550,
					   .enhanced = "5.1.1",
					   .text = "no"},
		    .via = &mx},
	    "mx.y[192.0.2.1]:25: RCPT TO <b@y>: 550 5.1.1 no");
	explain(
	    (struct submit_result){
		.answer = {.status = SMTP_REFUSED, .phase = SMTP_MAIL, .code = 550, .text = "no"},
		.via = &literal},
	    "192.0.2.1:25: <b@y>: MAIL FROM: 550 no");
	explain((struct submit_result){.answer = {.status = SMTP_DEFERRED,
					   .phase = SMTP_CONNECT,
					   .text = "cannot connect"},
		    .via = &away},
	    "mx.y:25: <b@y>: cannot connect");
	explain((struct submit_result){.answer = {.status = SMTP_DEFERRED,
					   .phase = SMTP_GREETING,
					   .code = 421,
					   .text = "full"},
		    .via = &socket},
	    "/run/lmtp: <b@y>: greeting: 421 full");
	explain((struct submit_result){.answer = {.status = SMTP_REFUSED,
					   .phase = SMTP_CONNECT,
					   .enhanced = "5.1.2",
					   .text = "no such domain"}},
	    "<b@y>: 5.1.2 no such domain");
	free(mx.host);
	free(literal.host);
	free(socket.host);
	free(away.host);
}

int main(void)
{
	test_read();
	test_write();
	test_exit_code();
	test_explain();
	return tap_done();
}
