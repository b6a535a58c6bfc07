/* answer.c - what became of a recipient, from a reply or from an error of ours. */
#include "base/alloc.h"
#include "codec/utf8.h"
#include "smtp/client.h"

#include <stdio.h>

const char *smtp_status_name(enum smtp_status s)
{
	static const char *const names[] = {"", "sent", "deferred", "refused", "unknown"};
	return (size_t)s < ARRAY_LEN(names) ? names[s] : "";
}

static enum smtp_status status_of(int code, int exit)
{
	if (code)
		return code / 100 <= 3 ? SMTP_SENT : code / 100 == 4 ? SMTP_DEFERRED : SMTP_REFUSED;
	switch (exit) {
	case EX_DATAERR:
	case EX_USAGE:
	case EX_UNAVAILABLE:
	case EX_NOUSER:
	case EX_NOHOST: return SMTP_REFUSED;
	default: return SMTP_DEFERRED;
	}
}

static void set_text(struct smtp_answer *a, const char *text)
{
	struct span s = span_of(text);
	bool cut = s.len >= sizeof(a->text);
	if (cut) {
		s = span_take(s, sizeof(a->text) - 4);
		s.len -= utf8_cut_tail(s);
	}
	snprintf(a->text, sizeof(a->text), "%.*s%s", SPAN_ARG(s), cut ? "..." : "");
}

void smtp_answer_reply(struct smtp_answer *a, enum smtp_phase phase, const struct smtp_reply *r)
{
	struct buf words = BUF_INIT(4 * SMTP_REPLY_BYTES);
	smtp_reply_words(r, &words);
	*a = (struct smtp_answer){.phase = phase,
	    .code = r->code,
	    .exit = smtp_reply_exit(r->code, r->enhanced),
	    .status = status_of(r->code, 0)};
	memcpy(a->enhanced, r->enhanced, sizeof(a->enhanced));
	set_text(a, buf_cstr(&words));
	buf_release(&words);
}

void smtp_answer_err(struct smtp_answer *a, enum smtp_phase phase, const struct err *e)
{
	*a = (struct smtp_answer){.phase = phase, .exit = e->code, .status = status_of(0, e->code)};
	memcpy(a->enhanced, e->enhanced, sizeof(a->enhanced));
	set_text(a, e->text);
}

void smtp_settle_rest(struct smtp_rcpt *rcpts, size_t n, const struct smtp_answer *a)
{
	for (size_t i = 0; i < n; i++)
		if (rcpts[i].answer.status == SMTP_UNSETTLED)
			rcpts[i].answer = *a;
}

void smtp_xtext(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c <= ' ' || c >= 127 || c == '+' || c == '=')
			buf_addf(out, "+%02X", c);
		else
			buf_addc(out, (char)c);
	}
}
