#include "codec/qp.h"

enum { COLUMNS = 76 };

/* --- the encoder: builds one output line, looks back only within it --- */

static int line_out(struct qp_encoder *f, const char *ending, struct err *e)
{
	size_t n = strlen(ending);
	memcpy(f->line + f->len, ending, n);
	n += f->len;
	f->len = 0;
	return n ? sink_put(f->next, span_make(f->line, n), e) : 0;
}

/* A token never straddles lines; one column stays free for the soft break. */
static int token(struct qp_encoder *f, const char *text, size_t n, struct err *e)
{
	if (f->len + n > COLUMNS - 1 && line_out(f, "=\n", e) < 0)
		return -1;
	memcpy(f->line + f->len, text, n);
	f->len += n;
	return 0;
}

static int escape(struct qp_encoder *f, unsigned char c, struct err *e)
{
	static const char hex[] = "0123456789ABCDEF";
	char t[] = {'=', hex[c >> 4], hex[c & 15]};
	return token(f, t, 3, e);
}

/* At a line's end a blank and a lone dot would be changed on the way. */
static int protect_end(struct qp_encoder *f, struct err *e)
{
	char last = f->len ? f->line[f->len - 1] : 0;
	if (!is_wsp(last) && !(last == '.' && f->len == 1))
		return 0;
	f->len--;
	return escape(f, (unsigned char)last, e);
}

static int newline(struct qp_encoder *f, struct err *e)
{
	return protect_end(f, e) < 0 ? -1 : line_out(f, "\n", e);
}

static int encode_one(struct qp_encoder *f, unsigned char c, struct err *e)
{
	if ((c < ' ' && c != '\t') || c >= 0x7f || c == '=')
		return escape(f, c, e);
	if (c == ' ' && f->len == 4 && memcmp(f->line, "From", 4) == 0) {
		memcpy(f->line, "=46rom", 6); /* an mbox would quote it, and break signatures */
		f->len = 6;
	}
	char t = (char)c;
	return token(f, &t, 1, e);
}

static int encoder_put(struct sink *s, struct span bytes, struct err *e)
{
	struct qp_encoder *f = (struct qp_encoder *)s;
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.ptr[i];
		if (f->cr && c != '\n' && escape(f, '\r', e) < 0)
			return -1;
		f->cr = c == '\r' && !f->binary;
		if (f->cr)
			continue;
		int r = c == '\n' && !f->binary ? newline(f, e) : encode_one(f, c, e);
		if (r < 0)
			return -1;
	}
	return 0;
}

static int encoder_end(struct sink *s, struct err *e)
{
	struct qp_encoder *f = (struct qp_encoder *)s;
	if (f->cr && escape(f, '\r', e) < 0)
		return -1;
	f->cr = false;
	if (protect_end(f, e) < 0 || line_out(f, "", e) < 0)
		return -1;
	return sink_end(f->next, e);
}

void qp_encoder_init(struct qp_encoder *f, struct sink *next, bool binary)
{
	*f =
	    (struct qp_encoder){.sink = {encoder_put, encoder_end}, .next = next, .binary = binary};
}

/* --- the decoder: `hold` is empty, or starts with '=' (an escape), or with a blank (maybe trailing) --- */

static int release_hold(struct qp_decoder *f, struct err *e)
{
	size_t n = f->held;
	f->held = 0;
	return n ? sink_put(f->next, span_make(f->hold, n), e) : 0;
}

static void hold(struct qp_decoder *f, char c)
{
	f->hold[f->held++] = c;
}

/* Behind blanks: they go with a line's end, and stay before anything else. True when c was used. */
static int after_blanks(struct qp_decoder *f, char c, bool *used, struct err *e)
{
	bool cr = f->hold[f->held - 1] == '\r';
	*used = true;
	if (c == '\n') {
		f->held = 0;
		return sink_put(f->next, cr ? SPAN("\r\n") : SPAN("\n"), e);
	}
	if (!cr && (is_wsp(c) || c == '\r') && f->held < sizeof f->hold) {
		hold(f, c);
		return 0;
	}
	*used = false;
	return release_hold(f, e);
}

/* Behind '='. A bad escape stays as it is. */
static int after_equals(struct qp_decoder *f, char c, bool *used, struct err *e)
{
	char last = f->hold[f->held - 1];
	*used = true;
	if (f->held == 2 && hex_value(last) >= 0 && hex_value(c) >= 0) {
		char byte = (char)(hex_value(last) << 4 | hex_value(c));
		f->held = 0;
		return sink_put(f->next, span_make(&byte, 1), e);
	}
	if (c == '\n' && (f->held == 1 || is_space(last))) {
		f->held = 0;
		return 0;
	}
	bool digit = f->held == 1 && hex_value(c) >= 0;
	bool blank = (last == '=' || is_wsp(last)) && (is_wsp(c) || c == '\r');
	if ((digit || blank) && f->held < sizeof f->hold) {
		hold(f, c);
		return 0;
	}
	*used = false;
	f->saw_bad_escape = true;
	if (f->held == 1 || !is_space(f->hold[1]))
		return release_hold(f, e);
	f->held--; /* "=" and blanks: the blanks may still be trailing */
	memmove(f->hold, f->hold + 1, f->held);
	return sink_put(f->next, SPAN("="), e);
}

static int decoder_put(struct sink *s, struct span bytes, struct err *e)
{
	struct qp_decoder *f = (struct qp_decoder *)s;
	for (size_t i = 0; i < bytes.len;) {
		if (f->held) {
			bool used;
			int r = f->hold[0] == '=' ? after_equals(f, bytes.ptr[i], &used, e)
						  : after_blanks(f, bytes.ptr[i], &used, e);
			if (r < 0)
				return -1;
			i += used;
			continue;
		}
		size_t start = i;
		while (i < bytes.len && bytes.ptr[i] != '=' && !is_wsp(bytes.ptr[i]))
			i++;
		if (i > start && sink_put(f->next, span_make(bytes.ptr + start, i - start), e) < 0)
			return -1;
		if (i < bytes.len)
			hold(f, bytes.ptr[i++]);
	}
	return 0;
}

static int decoder_end(struct sink *s, struct err *e)
{
	struct qp_decoder *f = (struct qp_decoder *)s;
	if (f->held && f->hold[0] == '=' && f->held > 1 && !is_space(f->hold[1])) {
		f->saw_bad_escape = true; /* "=A" and nothing more */
		if (release_hold(f, e) < 0)
			return -1;
	}
	bool cr = f->held && f->hold[0] != '=' && f->hold[f->held - 1] == '\r';
	f->held = 0;
	if (cr && sink_put(f->next, SPAN("\r"), e) < 0)
		return -1;
	return sink_end(f->next, e);
}

void qp_decoder_init(struct qp_decoder *f, struct sink *next)
{
	*f = (struct qp_decoder){.sink = {decoder_put, decoder_end}, .next = next};
}
