#include "login/redirect.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "crypto/digest.h"
#include "io/child.h"
#include "io/stream.h"
#include "io/sys.h"
#include "login/form.h"
#include "net/addr.h"
#include "net/connect.h"

#include <errno.h>
#include <stdlib.h>

enum {
	LINE_MAX_BYTES = 16 * 1024,
	LINES_MAX = 200,
	REQUEST_MS = 5000,
	WAITING_MAX = 8, /* connections that have not said anything yet */
	SLICE_MS = 200,  /* a signal may come just before a wait */
};

int login_redirect_open(struct login_redirect *r, struct err *e)
{
	struct net_addr me = {.len = sizeof(me.sa)};
	int fd = net_listen(SPAN("127.0.0.1:0"), e);
	if (fd < 0)
		return -1;
	if (getsockname(fd, (struct sockaddr *)&me.sa, &me.len) < 0) {
		sys_close(fd);
		return err_sys(e, EX_OSERR, "getsockname");
	}
	*r = (struct login_redirect){fd, net_addr_port(&me)};
	return 0;
}

void login_redirect_close(struct login_redirect *r)
{
	if (r->fd >= 0)
		sys_close(r->fd);
	r->fd = -1;
}

/* --- what is asked --- */

struct answer {
	char *code, *state, *issuer, *error;
};

static void answer_release(struct answer *a)
{
	str_wipe_free(a->code);
	free(a->state);
	free(a->issuer);
	free(a->error);
}

static int read_query(struct answer *a, struct span query, struct err *e)
{
	struct {
		const char *name;
		char **to;
	} known[] = {
	    {"code", &a->code}, {"state", &a->state}, {"iss", &a->issuer}, {"error", &a->error}};
	struct form_reader r;
	int found;
	form_reader_init(&r, query, LINE_MAX_BYTES);
	while ((found = form_next(&r, e)) > 0)
		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			/* RFC 6749 3.1: none may come twice; the first one counts */
			if (span_is(buf_span(&r.name), known[i].name) && !*known[i].to)
				*known[i].to = span_dup(buf_span(&r.value));
	form_reader_release(&r);
	return found;
}

static int judge(
    struct answer *a, const char *state, struct login_issuer issuer, char **code, struct err *e)
{
	if (!a->state || !digest_equal(span_of(a->state), span_of(state)))
		return err_set(e, EX_PROTOCOL,
		    _("the browser came back with another state than ours: not the sign-in that "
		      "was begun here"));
	if (issuer.told && !a->issuer)
		return err_set(e, EX_PROTOCOL,
		    _("the browser came back without the issuer, which this provider tells"));
	if (issuer.url && a->issuer && strcmp(a->issuer, issuer.url) != 0)
		return err_set(e, EX_PROTOCOL,
		    _("the browser came back from another issuer: %.200s"), a->issuer);
	if (a->error)
		return err_set(e, strcmp(a->error, "access_denied") == 0 ? EX_NOPERM : EX_PROTOCOL,
		    _("the sign-in was refused (%.100s)"), a->error);
	*code = a->code;
	a->code = NULL;
	return 1;
}

int login_redirect_parse(
    struct span line, const char *state, struct login_issuer issuer, char **code, struct err *e)
{
	struct span method, target, path;
	struct answer a = {NULL};
	if (!span_word(&line, &method) || !span_is(method, "GET") || !span_word(&line, &target) ||
	    !span_cut(&target, '?', &path) || !span_is(path, "/"))
		return 0;
	int r = read_query(&a, target, e);
	if (r == 0 && (a.code || a.error))
		r = judge(&a, state, issuer, code, e);
	answer_release(&a);
	return r;
}

/* --- a connection --- */

/* Nothing that was said to us is said again here. */
static void reply(struct stream *s, int result)
{
	const char *status = result > 0 ? "200 OK" : result ? "400 Bad Request" : "404 Not Found";
	const char *text =
	    result > 0
		? _("Thank you. The sign-in goes on where it was begun; this page can be closed.")
	    : result ? _("This was not the sign-in that was begun here.")
		     : _("There is nothing here.");
	stream_printf(s,
	    "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n"
	    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: "
	    "close\r\n\r\n%s",
	    status, strlen(text), text);
	stream_flush(s, NULL);
}

/* The header is read to its end, as a browser that is hung up on in the middle shows an error instead of our words. */
static bool read_request(struct stream *s, struct buf *first)
{
	struct span line;
	for (int n = 0; n < LINES_MAX; n++) {
		if (stream_line(s, &line, LINE_MAX_BYTES, NULL) <= 0)
			return false;
		if (n == 0)
			buf_add(first, line);
		else if (!line.len)
			return true;
	}
	return false;
}

static int serve(int fd, const char *state, struct login_issuer issuer, char **code, struct err *e)
{
	struct stream s;
	struct buf first = BUF_INIT(LINE_MAX_BYTES);
	int r = 0;
	first.secret = true;
	stream_init_fd(&s, fd, fd);
	s.own_fds = true;
	stream_timeout(&s, REQUEST_MS);
	if (read_request(&s, &first)) {
		r = login_redirect_parse(buf_span(&first), state, issuer, code, e);
		reply(&s, r);
	}
	buf_wipe(&first);
	stream_release(&s);
	return r;
}

/* --- waiting --- */

struct waiting { /* v[0] is the listener */
	struct pollfd v[1 + WAITING_MAX];
	nfds_t n;
};

static void forget(struct waiting *w, nfds_t i)
{
	w->n--;
	memmove(&w->v[i], &w->v[i + 1], (w->n - i) * sizeof(*w->v));
}

static void take_connection(struct waiting *w)
{
	int fd = sys_accept(w->v[0].fd, NULL, NULL);
	if (fd < 0)
		return;
	if (w->n == ARRAY_LEN(w->v)) {
		sys_close(w->v[1].fd);
		forget(w, 1);
	}
	w->v[w->n++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static int serve_ready(
    struct waiting *w, const char *state, struct login_issuer issuer, char **code, struct err *e)
{
	for (nfds_t i = 1; i < w->n;) {
		if (!w->v[i].revents) {
			i++;
			continue;
		}
		int fd = w->v[i].fd;
		forget(w, i);
		int r = serve(fd, state, issuer, code, e);
		if (r)
			return r;
	}
	return 0;
}

static int wait_and_serve(struct waiting *w, const char *state, struct login_issuer issuer,
    int64_t until_ms, char **code, struct err *e)
{
	for (;;) {
		int64_t left = until_ms - clock_mono_ms();
		if (signals_stop())
			return err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
		if (left <= 0)
			return err_set(
			    e, EX_TEMPFAIL, _("nobody came back from the browser in time"));
		int ready = sys_poll(w->v, w->n, (int)(left < SLICE_MS ? left : SLICE_MS));
		if (ready < 0 && errno != EINTR)
			return err_sys(e, EX_OSERR, "poll");
		int r = ready > 0 ? serve_ready(w, state, issuer, code, e) : 0;
		if (r)
			return r > 0 ? 0 : -1;
		if (ready > 0 && w->v[0].revents)
			take_connection(w);
	}
}

int login_redirect_wait(struct login_redirect *r, const char *state, struct login_issuer issuer,
    int64_t until_ms, char **code, struct err *e)
{
	struct waiting w = {.v = {{.fd = r->fd, .events = POLLIN}}, .n = 1};
	int done = wait_and_serve(&w, state, issuer, until_ms, code, e);
	for (nfds_t i = 1; i < w.n; i++)
		sys_close(w.v[i].fd);
	return done;
}
