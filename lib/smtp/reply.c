#include "smtp/reply.h"

#include "base/intl.h"
#include "codec/inert.h"
#include "codec/utf8.h"

void smtp_reply_init(struct smtp_reply *r)
{
	*r = (struct smtp_reply)SMTP_REPLY_INIT;
}

void smtp_reply_reset(struct smtp_reply *r)
{
	buf_reset(&r->text);
	r->code = 0;
	r->enhanced[0] = '\0';
	r->lines = 0;
}

void smtp_reply_release(struct smtp_reply *r)
{
	buf_release(&r->text);
	smtp_reply_reset(r);
}

/* --- reading --- */

/* Up to three digits; 0 when there are none or more. */
static size_t short_number(struct span s)
{
	size_t n = 0;
	while (n < s.len && n < 4 && is_digit(s.ptr[n]))
		n++;
	return n <= 3 ? n : 0;
}

bool smtp_enhanced_cut(struct span *text, int code, char out[SMTP_ENHANCED_SIZE])
{
	struct span s = *text;
	size_t subject, detail, len;
	if (s.len < 5 || s.ptr[0] - '0' != code / 100 || s.ptr[1] != '.' || code / 100 == 3)
		return false;
	subject = short_number(span_skip(s, 2));
	if (!subject || 2 + subject >= s.len || s.ptr[2 + subject] != '.')
		return false;
	detail = short_number(span_skip(s, 3 + subject));
	len = 3 + subject + detail;
	if (!detail || (len < s.len && !is_wsp(s.ptr[len])))
		return false;
	memcpy(out, s.ptr, len);
	out[len] = '\0';
	*text = span_trim(span_skip(s, len));
	return true;
}

/* The code of a line, or -1: three digits, the first 2 to 5, then a blank, a hyphen or nothing. */
static int line_code(struct span line)
{
	if (line.len < 3 || line.ptr[0] < '2' || line.ptr[0] > '5' || !is_digit(line.ptr[1]) ||
	    !is_digit(line.ptr[2]))
		return -1;
	if (line.len > 3 && line.ptr[3] != ' ' && line.ptr[3] != '-')
		return -1;
	return (line.ptr[0] - '0') * 100 + (line.ptr[1] - '0') * 10 + line.ptr[2] - '0';
}

/* What a stranger sent, short enough to be quoted in an error. */
static int nonsense(struct span line, struct err *e)
{
	struct buf b = BUF_INIT(400);
	inert_add(&b, span_take(line, 60), 0);
	err_set(e, EX_PROTOCOL, _("this is no SMTP reply: \"%s\""), buf_cstr(&b));
	buf_release(&b);
	return -1;
}

int smtp_reply_line(struct smtp_reply *r, struct span line, struct err *e)
{
	char enhanced[SMTP_ENHANCED_SIZE];
	int code = line_code(line);
	if (line.len > SMTP_REPLY_LINE)
		return err_set(e, EX_PROTOCOL, _("a reply line is longer than %d octets"),
		    (int)SMTP_REPLY_LINE);
	if (memchr(line.ptr, '\0', line.len))
		return err_set(e, EX_PROTOCOL, _("a reply has a NUL in it"));
	if (code < 0)
		return nonsense(line, e);
	if (r->lines && code != r->code)
		return err_set(e, EX_PROTOCOL, _("a reply says both %d and %d"), r->code, code);
	struct span text = span_trim(span_skip(line, 4));
	bool status = smtp_enhanced_cut(&text, code, enhanced);
	if (r->lines)
		buf_addc(&r->text, '\n');
	buf_add(&r->text, text);
	if (++r->lines > SMTP_REPLY_LINES || r->text.over)
		return err_set(e, EX_PROTOCOL, _("a reply without end"));
	r->code = code;
	if (status && !r->enhanced[0])
		memcpy(r->enhanced, enhanced, sizeof(enhanced));
	return line.len > 3 && line.ptr[3] == '-' ? 0 : 1;
}

int smtp_reply_read(struct smtp_reply *r, struct stream *s, struct err *e)
{
	/* a server that hangs up on us may have said why: then the flush fails and a reply is there all the same */
	stream_flush(s, NULL);
	return smtp_reply_next(r, s, e);
}

int smtp_reply_next(struct smtp_reply *r, struct stream *s, struct err *e)
{
	struct span line;
	int got;
	smtp_reply_reset(r);
	if (span_index(stream_peek(s), '\n') < 0)
		stream_flush(s, NULL);
	do {
		got = stream_line(s, &line, SMTP_REPLY_LINE, e);
		if (got == 0)
			return err_set(e, EX_TEMPFAIL, _("connection closed by the server"));
		if (got > 0)
			got = smtp_reply_line(r, line, e);
	} while (got == 0);
	return got < 0 ? -1 : 0;
}

/* --- meaning --- */

void smtp_reply_words(const struct smtp_reply *r, struct buf *out)
{
	struct span rest = buf_span(&r->text), line;
	bool first = true;
	while (span_line(&rest, &line)) {
		if (!line.len)
			continue;
		if (!first)
			buf_addc(out, ' ');
		inert_add(out, line, 0);
		first = false;
	}
}

int smtp_reply_exit(int code, const char *enhanced)
{
	switch (code / 100) {
	case 2:
	case 3: return EX_OK;
	case 4: return EX_TEMPFAIL;
	}
	if (strcmp(enhanced, "5.1.1") == 0)
		return EX_NOUSER;
	return strcmp(enhanced, "5.1.2") == 0 ? EX_NOHOST : EX_UNAVAILABLE;
}

int smtp_reply_err(const struct smtp_reply *r, struct err *e)
{
	struct buf words = BUF_INIT(4 * SMTP_REPLY_BYTES);
	int code = smtp_reply_exit(r->code, r->enhanced);
	smtp_reply_words(r, &words);
	err_set(e, code ? code : EX_PROTOCOL, "%s%d%s%s%s%s", code ? "" : _("unexpected reply "),
	    r->code, r->enhanced[0] ? " " : "", r->enhanced, words.len ? " " : "",
	    buf_cstr(&words));
	buf_release(&words);
	return err_reply(e, r->code, r->enhanced);
}

/* --- writing --- */

static void add_clean(struct buf *out, struct span text)
{
	bool utf8 = utf8_valid(text);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		buf_addc(out, c < 32 || c == 127 || (c > 127 && !utf8) ? '?' : text.ptr[i]);
	}
}

/* The first piece of *line that fits: at a blank where there is one, never inside a character. */
static struct span cut_piece(struct span *line, size_t room)
{
	size_t n = line->len;
	if (n > room) {
		n = room;
		while (n > room / 2 && line->ptr[n] != ' ')
			n--;
		if (line->ptr[n] != ' ')
			n = room - utf8_cut_tail(span_take(*line, room));
	}
	struct span piece = span_take(*line, n);
	*line = span_skip(*line, n);
	if (line->len && line->ptr[0] == ' ')
		*line = span_skip(*line, 1);
	return piece;
}

void smtp_reply_write(struct buf *out, int code, const char *enhanced, struct span text)
{
	size_t front = 4 + (enhanced && *enhanced ? strlen(enhanced) + 1 : 0);
	struct span line = {0};
	bool more;
	span_line(&text, &line);
	do {
		struct span piece = cut_piece(&line, 510 - front);
		more = line.len > 0 || span_line(&text, &line);
		buf_addf(out, "%03d%c", code, more ? '-' : ' ');
		if (enhanced && *enhanced)
			buf_addf(out, "%s ", enhanced);
		add_clean(out, piece);
		buf_adds(out, "\r\n");
	} while (more);
}
