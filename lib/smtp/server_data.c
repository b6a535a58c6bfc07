/*
 * How a message comes in: DATA and BDAT (RFC 3030), into the caller's sink, refused only when all of it was read.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "smtp/server_room.h"

#include <stdlib.h>

enum {
	PROGRESS = 64 << 10
}; /* so much must come in each timeout: a byte a minute keeps no server busy */

/* --- one place for all bytes of a message --- */

static int intake_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct smtp_server *s =
	    (struct smtp_server *)((char *)sink - offsetof(struct smtp_server, intake));
	uint64_t max = s->options->size_max;
	(void)e;
	s->size += bytes.len;
	if (s->trouble.code)
		return 0; /* refused already: the rest is read and forgotten */
	if (max && s->size > max) {
		err_set(
		    &s->trouble, EX_DATAERR, _("larger than %llu bytes"), (unsigned long long)max);
		err_reply(&s->trouble, 552, "5.3.4");
		return 0;
	}
	if (sink_put(s->to, bytes, &s->trouble) < 0 && !s->trouble.code)
		BUG("a sink that failed without a reason");
	return 0;
}

static int begin(struct smtp_server *s)
{
	s->intake = (struct sink){.put = intake_put};
	s->size = 0;
	err_clear(&s->trouble);
	s->to = s->hooks->begin(s->ctx, s, &s->trouble);
	return s->to ? 0 : -1;
}

/* --- its end --- */

static void answer(struct smtp_server *s, const struct err *result)
{
	if (result->code)
		smtp_server_refuse(s, result);
	else
		smtp_server_reply(
		    s, 250, "2.0.0", "%s", *result->text ? result->text : _("delivered"));
}

/* LMTP answers for each recipient, in the order of the RCPT commands (RFC 2033 4.2). */
static void settle(struct smtp_server *s)
{
	size_t n = s->options->lmtp ? s->envelope.recipients.n : 1;
	struct err *results = mem_new(n, sizeof(*results));
	bool any = false;
	if (s->trouble.code)
		for (size_t i = 0; i < n; i++)
			results[i] = s->trouble;
	else
		s->hooks->end(s->ctx, s, results, n);
	for (size_t i = 0; i < n; i++) {
		answer(s, &results[i]);
		any |= !results[i].code;
	}
	s->messages += any;
	s->idle = any ? 0 : s->idle;
	free(results);
	smtp_server_reset(s);
}

/* --- DATA --- */

static int lost(struct smtp_server *s, int r, struct err *e)
{
	if (r == 0)
		err_set(e, EX_TEMPFAIL, _("connection lost in the middle of a message"));
	smtp_server_reset(s);
	return -1;
}

/* RFC 5321 says what a server must not take for the end of data; what to do with a client that sends it, nobody says. Where its message
 * ends cannot be known, so nothing behind it can be believed. */
static int smuggling(struct smtp_server *s, struct err *e)
{
	smtp_server_reply(
	    s, 521, "5.5.2", "%s", _("a line end that is not CRLF next to a lone dot"));
	stream_flush(s->stream, NULL);
	smtp_server_reset(s);
	return err_prefix(e, "DATA: ");
}

int smtp_server_data(struct smtp_server *s, struct err *e)
{
	struct undot undot;
	if (begin(s) < 0) {
		smtp_server_refuse(s, &s->trouble);
		smtp_server_reset(s);
		return 0;
	}
	smtp_server_reply(s, 354, "", "%s", _("go on, a lone dot ends it"));
	undot_init(&undot, &s->intake);
	stream_timeout(s->stream, smtp_server_timeout_ms(s));
	for (uint64_t mark = PROGRESS;;) {
		size_t used = 0;
		struct span have = stream_peek(s->stream);
		int r = have.len ? undot_put(&undot, have, &used, e) : 0;
		if (r < 0)
			return smuggling(s, e);
		stream_take(s->stream, used);
		if (r > 0)
			break;
		if (s->size >= mark) {
			mark = s->size + PROGRESS;
			stream_timeout(s->stream, smtp_server_timeout_ms(s));
		}
		r = stream_fill(s->stream, e);
		if (r <= 0)
			return lost(s, r, e);
	}
	settle(s);
	return 0;
}

/* --- BDAT --- */

/* "SIZE [LAST]" */
static bool parse_chunk(struct span args, uint64_t *size, bool *last)
{
	struct span word;
	if (!span_word(&args, &word) || !span_to_u64(word, INT64_MAX, size))
		return false;
	*last = span_word(&args, &word);
	return !*last || (span_is_nocase(word, "LAST") && !span_word(&args, &word));
}

/* The chunk's octets follow whatever we think of it. */
static int read_chunk(struct smtp_server *s, uint64_t size, bool keep, struct err *e)
{
	uint64_t since = 0;
	stream_timeout(s->stream, smtp_server_timeout_ms(s));
	while (size) {
		struct span have =
		    span_take(stream_peek(s->stream), size > SIZE_MAX ? SIZE_MAX : (size_t)size);
		if (!have.len) {
			int r = stream_fill(s->stream, e);
			if (r <= 0)
				return lost(s, r, e);
			continue;
		}
		if (keep)
			intake_put(&s->intake, have, e);
		stream_take(s->stream, have.len);
		size -= have.len;
		since += have.len;
		if (since >= PROGRESS) {
			since = 0;
			stream_timeout(s->stream, smtp_server_timeout_ms(s));
		}
	}
	return 0;
}

int smtp_server_bdat(struct smtp_server *s, struct span args, struct err *e)
{
	uint64_t size;
	bool last;
	if (!parse_chunk(args, &size, &last)) {
		/* how many octets follow cannot be known: they would be taken for commands */
		smtp_server_reply(s, 501, "5.5.4", "%s", _("BDAT needs a size, then perhaps LAST"));
		s->over = true;
		return 0;
	}
	bool keep = s->envelope.recipients.n > 0;
	if (keep && !s->chunking) {
		s->chunking = true;
		begin(s);
	}
	if (read_chunk(s, size, keep, e) < 0)
		return -1;
	if (!keep)
		smtp_server_bad(s, s->envelope.sender ? 554 : 503, "5.5.1", "%s",
		    s->envelope.sender ? _("no valid recipients") : _("MAIL comes first"));
	else if (last)
		settle(s);
	else if (s->trouble.code)
		smtp_server_refuse(
		    s, &s->trouble); /* and so will the following ones be (RFC 3030 2) */
	else
		smtp_server_reply(s, 250, "2.0.0", _("%llu octets"), (unsigned long long)size);
	return 0;
}
