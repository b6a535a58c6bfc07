/* fetch.c - UID FETCH with bodies streamed away. */
#include "base/intl.h"
#include "imap/untagged.h"
#include "mime/date.h"

#include <stdio.h>

/* No server takes a message of 4 GiB; a header may be of any size, and its beginning is kept. */
enum { HEADER_LIMIT = 64 << 10 };
static const uint64_t body_limit = UINT32_MAX;

/* --- one FETCH response --- */

static int read_flags(struct imap_client *c, struct imap_message *m, struct err *e)
{
	static const struct {
		const char *name;
		unsigned flag;
	} known[] = {{"\\Seen", IMAP_SEEN}, {"\\Answered", IMAP_ANSWERED},
	    {"\\Flagged", IMAP_FLAGGED}, {"\\Deleted", IMAP_DELETED}, {"\\Draft", IMAP_DRAFT}};
	struct imap_token t;
	if (imap_lex_expect(&c->lex, IMAP_OPEN, &t, e) < 0)
		return -1;
	m->has_flags = true;
	for (;;) {
		if (imap_lex_next(&c->lex, &t, e) < 0)
			return -1;
		if (t.kind == IMAP_CLOSE)
			return 0;
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (imap_token_is(&t, known[i].name))
				m->flags |= known[i].flag;
	}
}

/* "17-Jul-1996 02:44:25 -0700": RFC 5322's date but for its hyphens. */
static int read_date(struct imap_client *c, struct imap_message *m, struct err *e)
{
	struct imap_token t;
	struct date d;
	char text[40];
	if (imap_lex_next(&c->lex, &t, e) < 0)
		return -1;
	size_t n = t.text.len < sizeof(text) - 1 ? t.text.len : sizeof(text) - 1;
	memcpy(text, t.text.ptr, n);
	for (size_t i = 0; i < n && i < 12; i++)
		if (text[i] == '-')
			text[i] = ' ';
	if (date_parse(span_trim(span_make(text, n)), &d))
		m->internaldate_s = d.s;
	return imap_lex_skip_value(&c->lex, &t, e);
}

static int read_number(struct imap_client *c, uint64_t max, uint64_t *out, struct err *e)
{
	struct imap_token t;
	if (imap_lex_expect(&c->lex, IMAP_ATOM, &t, e) < 0)
		return -1;
	if (!imap_token_number(&t, max, out))
		return err_set(e, EX_PROTOCOL, _("FETCH: a number was expected"));
	return 0;
}

/* Keeps what fits, lets the rest go. */
struct beginning {
	struct sink sink;
	struct buf *to;
};

static int beginning_put(struct sink *s, struct span bytes, struct err *e)
{
	struct beginning *b = (struct beginning *)s;
	(void)e;
	buf_add(b->to, span_take(bytes, b->to->max - b->to->len));
	return 0;
}

/* Memory or the handler's sink. What a sink says is kept in body_err. */
static int read_body(
    struct imap_client *c, struct imap_message *m, struct err *body_err, struct err *e)
{
	struct imap_token t;
	struct beginning memory = {{beginning_put, NULL}, &m->header};
	c->lex.literal_max = body_limit;
	int r = imap_lex_next(&c->lex, &t, e);
	c->lex.literal_max = LEX_STRING;
	if (r < 0)
		return -1;
	if (imap_token_is(&t, "NIL"))
		return 0;
	if (!imap_token_is_string(&t))
		return err_set(e, EX_PROTOCOL, _("FETCH: a message was expected"));
	uint64_t size = t.kind == IMAP_LITERAL ? t.number : t.text.len;
	struct sink *to = c->fetch && c->fetch->body ? c->fetch->body(c->fetch->ctx, size) : NULL;
	if (!to)
		to = &memory.sink;
	m->has_body = true;
	if (t.kind == IMAP_LITERAL)
		r = imap_lex_literal(&c->lex, to, body_err);
	else
		r = sink_put(to, t.text, body_err) < 0 ? 1 : 0;
	if (r < 0)
		err_copy(e, body_err);
	return r < 0 ? -1 : 0;
}

static bool is_body(struct span name)
{
	return span_starts_nocase(name, "BODY[") || span_is_nocase(name, "RFC822") ||
	       span_is_nocase(name, "RFC822.HEADER");
}

static int read_attribute(struct imap_client *c, const struct imap_token *name,
    struct imap_message *m, struct err *body_err, struct err *e)
{
	uint64_t n = 0;
	struct imap_token t;
	if (imap_token_is(name, "FLAGS"))
		return read_flags(c, m, e);
	if (imap_token_is(name, "INTERNALDATE"))
		return read_date(c, m, e);
	if (is_body(name->text))
		return read_body(c, m, body_err, e);
	if (imap_token_is(name, "RFC822.SIZE"))
		return read_number(c, UINT64_MAX / 2, &m->size, e);
	if (imap_token_is(name, "UID")) {
		if (read_number(c, UINT32_MAX, &n, e) < 0)
			return -1;
		m->uid = (uint32_t)n;
		return 0;
	}
	if (imap_lex_next(&c->lex, &t, e) < 0)
		return -1;
	return imap_lex_skip_value(&c->lex, &t, e);
}

static int read_attributes(
    struct imap_client *c, struct imap_message *m, struct err *body_err, struct err *e)
{
	struct imap_token t;
	if (imap_lex_expect(&c->lex, IMAP_OPEN, &t, e) < 0)
		return -1;
	for (;;) {
		if (imap_lex_next(&c->lex, &t, e) < 0)
			return -1;
		if (t.kind == IMAP_CLOSE)
			return imap_lex_expect(&c->lex, IMAP_END, &t, e);
		if (t.kind != IMAP_ATOM)
			return err_set(e, EX_PROTOCOL, _("FETCH: an attribute was expected"));
		if (read_attribute(c, &t, m, body_err, e) < 0)
			return -1;
	}
}

static int hand_over(
    struct imap_client *c, const struct imap_message *m, const struct err *body_err, struct err *e)
{
	if (++c->fetched > c->fetch->expected * 2 + 10000)
		return err_set(e, EX_PROTOCOL, _("FETCH: an answer without end"));
	if (c->fetch->message(c->fetch->ctx, m, body_err, e) < 0)
		return -1;
	imap_client_progress(c);
	return 0;
}

int imap_on_fetch(struct imap_client *c, uint64_t number, struct err *e)
{
	struct imap_message m = {0};
	struct err body_err = ERR_INIT;
	(void)number;
	buf_init(&m.header, HEADER_LIMIT);
	int r = read_attributes(c, &m, &body_err, e);
	/* news of flags that nobody asked for go nowhere */
	if (r == 0 && c->fetch)
		r = hand_over(c, &m, body_err.code ? &body_err : NULL, e);
	buf_release(&m.header);
	return r;
}

/* --- verbs --- */

int imap_client_fetch(struct imap_client *c, const char *uid_set, const char *items,
    const struct imap_fetch_handler *h, struct err *e)
{
	if (imap_client_command(c, e, "UID FETCH %s (%s)", uid_set, items) < 0)
		return -1;
	c->fetch = h;
	c->fetched = 0;
	int r = imap_client_finish(c, e);
	c->fetch = NULL;
	return r;
}
