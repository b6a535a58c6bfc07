#include "pop3/client.h"

#include "base/intl.h"

#include <stdio.h>

void pop3_client_init(struct pop3_client *c, struct stream *s, int64_t timeout_ms)
{
	*c = (struct pop3_client){.stream = s, .timeout_ms = timeout_ms};
}

/* --- replies --- */

/* RFC 2449 8: only a bracket at the very start is a code. */
static int err_code(struct span text)
{
	static const char *const temporary[] = {"[IN-USE]", "[LOGIN-DELAY]", "[SYS/TEMP]"};
	for (size_t i = 0; i < sizeof(temporary) / sizeof(temporary[0]); i++)
		if (span_starts_nocase(text, temporary[i]))
			return EX_TEMPFAIL;
	return EX_UNAVAILABLE;
}

int pop3_reply_parse(struct span line, struct span *rest, struct err *e)
{
	if (span_starts_nocase(line, "-ERR")) {
		struct span text = span_trim(span_skip(line, 4));
		return err_set(
		    e, err_code(text), "%.*s", SPAN_ARG(text.len ? text : SPAN("refused")));
	}
	if (span_starts_nocase(line, "+OK")) {
		*rest = span_trim(span_skip(line, 3));
		return 0;
	}
	if (span_is(line, "+") || span_starts(line, "+ ")) {
		*rest = span_trim(span_skip(line, 1));
		return 1;
	}
	return err_set(e, EX_PROTOCOL, _("a reply that is neither +OK nor -ERR"));
}

static int closed(struct err *e)
{
	return err_set(e, EX_TEMPFAIL, _("connection closed by the server"));
}

static int get_line(struct pop3_client *c, struct span *line, struct err *e)
{
	int r = stream_line(c->stream, line, POP3_LINE, e);
	return r == 0 ? closed(e) : r < 0 ? -1 : 0;
}

/* Sends what is queued and judges one reply; its text is kept in c->text. */
static int reply(struct pop3_client *c, struct err *e)
{
	struct span line, rest = SPAN("");
	stream_timeout(c->stream, c->timeout_ms);
	if (stream_flush(c->stream, e) < 0 || get_line(c, &line, e) < 0)
		return -1;
	int r = pop3_reply_parse(line, &rest, e);
	c->refused = r < 0 && span_starts_nocase(line, "-ERR");
	if (r >= 0)
		snprintf(c->text, sizeof(c->text), "%.*s", SPAN_ARG(rest));
	return r;
}

static int simple(struct pop3_client *c, const char *command, struct err *e)
{
	stream_printf(c->stream, "%s\r\n", command);
	int r = reply(c, e);
	if (r > 0)
		r = err_set(e, EX_PROTOCOL, _("the server asks for more where nothing is missing"));
	return r < 0 ? err_prefix(e, "%s: ", command) : 0;
}

/* --- before signing in --- */

int pop3_client_greeting(struct pop3_client *c, struct err *e)
{
	int r = reply(c, e);
	if (r > 0)
		err_set(e, EX_PROTOCOL, _("this is no POP3 server's greeting"));
	return r ? err_prefix(e, _("greeting: ")) : 0;
}

static void learn(struct pop3_client *c, struct span line)
{
	struct span word;
	if (!span_word(&line, &word))
		return;
	if (span_is_nocase(word, "STLS"))
		c->stls = true;
	else if (span_is_nocase(word, "PIPELINING"))
		c->pipelining = true;
	else if (span_is_nocase(word, "USER"))
		c->user = true;
	else if (span_is_nocase(word, "TOP"))
		c->top = true;
	else if (span_is_nocase(word, "SASL"))
		snprintf(c->mechanisms, sizeof(c->mechanisms), "%.*s", SPAN_ARG(span_trim(line)));
}

int pop3_client_capa(struct pop3_client *c, struct err *e)
{
	struct span line;
	if (c->capa_known)
		return 0;
	c->stls = c->pipelining = c->user = c->top = false;
	c->mechanisms[0] = 0;
	if (simple(c, "CAPA", e) < 0) {
		if (!c->refused)
			return -1;
		err_clear(e);
		c->user = c->top = c->capa_known = true;
		return 0;
	}
	for (int lines = 0; lines < 1000; lines++) {
		if (get_line(c, &line, e) < 0)
			return err_prefix(e, "CAPA: ");
		if (span_is(line, ".")) {
			c->capa_known = true;
			return 0;
		}
		learn(c, line);
	}
	return err_set(e, EX_PROTOCOL, _("CAPA: an answer without end"));
}

int pop3_client_stls(struct pop3_client *c, struct err *e)
{
	if (pop3_client_capa(c, e) < 0)
		return -1;
	if (!c->stls)
		return err_set(e, EX_PROTOCOL, _("the server offers no STLS"));
	if (simple(c, "STLS", e) < 0)
		return -1;
	if (stream_peek(c->stream).len)
		return err_set(e, EX_PROTOCOL, _("STLS: data was injected before TLS began"));
	return 0;
}

void pop3_client_secured(struct pop3_client *c)
{
	c->tls = true;
	c->capa_known = false;
}

/* --- the transaction --- */

int pop3_client_stat(struct pop3_client *c, uint64_t *messages, uint64_t *bytes, struct err *e)
{
	if (simple(c, "STAT", e) < 0)
		return -1;
	struct span rest = span_of(c->text), n, size;
	if (!span_word(&rest, &n) || !span_word(&rest, &size) ||
	    !span_to_u64(n, UINT32_MAX, messages) || !span_to_u64(size, UINT64_MAX / 2, bytes))
		return err_set(e, EX_PROTOCOL, _("STAT: two numbers were expected"));
	return 0;
}

int pop3_client_dele(struct pop3_client *c, uint32_t number, struct err *e)
{
	char command[24];
	snprintf(command, sizeof(command), "DELE %u", number);
	return simple(c, command, e);
}

int pop3_client_quit(struct pop3_client *c, struct err *e)
{
	return simple(c, "QUIT", e);
}

/* --- messages --- */

/* A line's dot is undone only behind CRLF, where the server doubled it. */
enum { START, INSIDE, CR, DOT, DOT_CR, END };

static int next_state(int state, char c)
{
	switch (state) {
	case START: return c == '.' ? DOT : c == '\r' ? CR : INSIDE;
	case DOT: return c == '\r' ? DOT_CR : INSIDE;
	case DOT_CR: return c == '\n' ? END : c == '\r' ? CR : INSIDE;
	case CR: return c == '\n' ? START : c == '\r' ? CR : INSIDE;
	default: return c == '\r' ? CR : INSIDE;
	}
}

/* Hands on what is content to a sink that cannot fail; returns how many of the bytes were used, *state END when the end came. */
static size_t undo_dots(int *state, struct span s, struct sink *to, struct err *e)
{
	size_t from = 0, i = 0;
	while (i < s.len && *state != END) {
		int was = *state;
		*state = next_state(was, s.ptr[i]);
		bool held = *state == DOT || *state == DOT_CR || *state == END;
		if (held && from < i)
			sink_put(to, span_make(s.ptr + from, i - from), e);
		if (was == DOT_CR && !held) /* a line that begins with a dot and a CR of its own */
			sink_put(to, SPAN("\r"), e);
		i++;
		if (held)
			from = i;
	}
	if (from < i)
		sink_put(to, span_make(s.ptr + from, i - from), e);
	return i;
}

static int take_body(struct pop3_client *c, struct sink *to, struct err *e)
{
	uint64_t all = 0, since = 0;
	for (int state = START; state != END;) {
		struct span s = stream_peek(c->stream);
		if (!s.len) {
			int r = stream_fill(c->stream, e);
			if (r <= 0)
				return r < 0 ? -1 : closed(e);
			continue;
		}
		size_t used = undo_dots(&state, s, to, e);
		stream_take(c->stream, used);
		all += used;
		since += used;
		if (all > UINT32_MAX)
			return err_set(e, EX_PROTOCOL, _("a message without end"));
		if (since >= 64 << 10) { /* progress buys time */
			stream_timeout(c->stream, c->timeout_ms);
			since = 0;
		}
	}
	return 0;
}

/* Lets the reading go on when the place it goes to has failed. */
struct forgiving {
	struct sink sink;
	struct sink *to;
	struct err err;
};

static int forgiving_put(struct sink *s, struct span bytes, struct err *e)
{
	struct forgiving *f = (struct forgiving *)s;
	(void)e;
	if (!f->err.code)
		sink_put(f->to, bytes, &f->err);
	return 0;
}

static int body(struct pop3_client *c, struct sink *to, struct err *e)
{
	struct forgiving f = {.sink = {forgiving_put, NULL}, .to = to};
	if (take_body(c, &f.sink, e) < 0)
		return -1;
	if (!f.err.code)
		return 0;
	err_copy(e, &f.err);
	return 1;
}

static int message(struct pop3_client *c, struct sink *to, struct err *e)
{
	int r = reply(c, e);
	if (r > 0)
		return err_set(e, EX_PROTOCOL, _("a challenge where a message was expected"));
	if (r < 0)
		return c->refused ? 2 : -1;
	return body(c, to, e);
}

void pop3_client_retr_send(struct pop3_client *c, uint32_t number)
{
	stream_printf(c->stream, "RETR %u\r\n", number);
}

int pop3_client_retr(struct pop3_client *c, struct sink *to, struct err *e)
{
	return message(c, to, e);
}

int pop3_client_top(struct pop3_client *c, uint32_t number, struct sink *to, struct err *e)
{
	stream_printf(c->stream, "TOP %u 0\r\n", number);
	return message(c, to, e);
}
