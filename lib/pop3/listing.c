/* listing.c - LIST and UIDL: what is there. */
#include "base/alloc.h"
#include "base/intl.h"
#include "pop3/client.h"

#include <stdlib.h>

void pop3_listing_release(struct pop3_listing *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].uidl);
	free(l->v);
	*l = (struct pop3_listing){0};
}

bool pop3_list_line(struct span line, uint32_t *number, struct span *rest)
{
	struct span word;
	uint64_t n;
	if (!span_word(&line, &word) || !span_to_u64(word, UINT32_MAX, &n) || n == 0)
		return false;
	*rest = span_trim(line);
	*number = (uint32_t)n;
	return true;
}

/* LIST comes first and makes the entries, ascending; UIDL adds to them. */
enum { TIMEOUT_LINES = 1000 };

static int add_size(struct pop3_listing *l, uint32_t number, struct span text)
{
	uint64_t size;
	struct span word;
	if (!span_word(&text, &word) || !span_to_u64(word, UINT64_MAX / 2, &size) ||
	    l->n >= POP3_MESSAGES || (l->n && l->v[l->n - 1].number >= number))
		return -1;
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 64;
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = (struct pop3_entry){.number = number, .size = size};
	return 0;
}

static int by_number(const void *key, const void *entry)
{
	uint32_t a = *(const uint32_t *)key, b = ((const struct pop3_entry *)entry)->number;
	return a < b ? -1 : a > b;
}

static int add_uidl(struct pop3_listing *l, uint32_t number, struct span text)
{
	struct pop3_entry *at =
	    l->n ? bsearch(&number, l->v, l->n, sizeof(*l->v), by_number) : NULL;
	if (!at || at->uidl)
		return -1;
	if (text.len && text.len <= POP3_UIDL * 4) /* else it is as if the server had none */
		at->uidl = span_dup(text);
	return 0;
}

static int read_lines(struct pop3_client *c, struct pop3_listing *l,
    int (*add)(struct pop3_listing *, uint32_t, struct span), struct err *e)
{
	for (unsigned lines = 0;; lines++) {
		struct span line, rest;
		uint32_t number;
		if (lines % TIMEOUT_LINES ==
		    0) /* for so many lines, not for each: a server that drips is found out */
			stream_timeout(c->stream, c->timeout_ms);
		int r = stream_line(c->stream, &line, POP3_LINE, e);
		if (r <= 0)
			return r < 0
				   ? -1
				   : err_set(e, EX_TEMPFAIL, _("connection closed by the server"));
		if (span_is(line, "."))
			return 0;
		if (!pop3_list_line(line, &number, &rest) || add(l, number, rest) < 0)
			return err_set(e, EX_PROTOCOL, _("a line that makes no sense"));
	}
}

/* 0; 1 for -ERR; -1 */
static int ask(struct pop3_client *c, const char *command, struct err *e)
{
	struct span line, rest;
	stream_timeout(c->stream, c->timeout_ms);
	stream_printf(c->stream, "%s\r\n", command);
	if (stream_flush(c->stream, e) < 0)
		return -1;
	int r = stream_line(c->stream, &line, POP3_LINE, e);
	if (r <= 0)
		return r < 0 ? -1 : err_set(e, EX_TEMPFAIL, _("connection closed by the server"));
	r = pop3_reply_parse(line, &rest, e);
	if (r < 0)
		return e->code == EX_UNAVAILABLE ? 1 : -1;
	return r == 0 ? 0 : err_set(e, EX_PROTOCOL, _("a challenge where a list was expected"));
}

int pop3_client_listing(struct pop3_client *c, struct pop3_listing *out, struct err *e)
{
	struct pop3_listing l = {0};
	int r = ask(c, "LIST", e) ? -1 : read_lines(c, &l, add_size, e);
	if (r < 0)
		err_prefix(e, "LIST: ");
	if (r == 0) {
		r = ask(c, "UIDL", e);
		if (r == 0)
			r = read_lines(c, &l, add_uidl, e);
		l.has_uidl = r == 0;
		if (r > 0)
			err_clear(e);
		r = r < 0 ? err_prefix(e, "UIDL: ") : 0;
	}
	if (r < 0)
		pop3_listing_release(&l);
	else
		*out = l;
	return r;
}
