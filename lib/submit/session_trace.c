/* session_trace.c - the dialogue as it may be shown: secrets masked, messages told by their size. */
#include "submit/session.h"

#include <stdio.h>

static void line(const struct submit_session *s, bool ours, struct span text)
{
	s->link->trace(s->link->trace_ctx, ours, text);
}

static void tell_octets(struct submit_session *s)
{
	char text[64];
	if (!s->octets)
		return;
	snprintf(text, sizeof(text), "(%llu octets of the message)", (unsigned long long)s->octets);
	s->octets = 0;
	line(s, true, span_of(text));
}

/* "AUTH PLAIN " and what is secret come in pieces; of the first the mechanism is shown. */
static void secret(struct submit_session *s, struct span bytes)
{
	char text[128];
	if (span_starts(bytes, "AUTH ")) {
		bool whole = span_ends_nocase(bytes, "\n");
		snprintf(text, sizeof(text), "%.*s%s", SPAN_ARG(span_trim(bytes)),
		    whole ? "" : " (secret)");
		line(s, true, span_of(text));
		s->mechanism_shown = !whole;
	} else if (s->mechanism_shown) {
		s->mechanism_shown = false;
	} else {
		line(s, true, SPAN("(secret)"));
	}
}

/* What they say comes cut anywhere; a line that does not end is shown as far as there is room. */
static void theirs(struct submit_session *s, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		buf_addc(&s->heard, bytes.ptr[i]);
		if (bytes.ptr[i] == '\n') {
			line(s, false, span_chomp(buf_span(&s->heard)));
			buf_reset(&s->heard);
		}
	}
}

void submit_session_trace(void *ctx, bool ours, struct span bytes)
{
	struct submit_session *s = ctx;
	struct span text;
	if (ours && s->client.elided) {
		s->octets += bytes.len;
		return;
	}
	tell_octets(s);
	if (!ours)
		theirs(s, bytes);
	else if (s->client.secret)
		secret(s, bytes);
	else
		while (span_line(&bytes, &text))
			line(s, true, text);
}
