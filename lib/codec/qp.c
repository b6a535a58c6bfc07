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

/*
 * --- the decoder ---
 *
 * Within a piece, runs between line ends and escapes are copied whole. What a piece leaves open goes through `hold`, byte by byte: an escape that is not
 * complete (it starts with '='), or blanks that may be a line's last (and a CR behind them). More than BLANKS_MAX blanks are no padding: they stay.
 */

enum { BLANKS_MAX = 1024 };

struct out {
	struct sink *next;
	size_t len;
	char bytes[8192];
};

static int flush(struct out *o, struct err *e)
{
	size_t n = o->len;
	o->len = 0;
	return sink_put(o->next, span_make(o->bytes, n), e);
}

static int add(struct out *o, const char *p, const char *end, struct err *e)
{
	size_t n = (size_t)(end - p);
	if (n > sizeof(o->bytes) - o->len && flush(o, e) < 0)
		return -1;
	if (n > sizeof(o->bytes))
		return sink_put(o->next, span_make(p, n), e);
	memcpy(o->bytes + o->len, p, n);
	o->len += n;
	return 0;
}

static int add_text(struct out *o, const char *text, struct err *e)
{
	return add(o, text, text + strlen(text), e);
}

static int release_hold(struct qp_decoder *f, struct out *o, struct err *e)
{
	size_t n = f->held;
	f->held = 0;
	return add(o, f->hold, f->hold + n, e);
}

static void hold(struct qp_decoder *f, char c)
{
	f->hold[f->held++] = c;
}

/* Behind blanks: they go with a line's end, and stay before anything else. *used: c was taken. */
static int after_blanks(struct qp_decoder *f, struct out *o, char c, bool *used, struct err *e)
{
	bool cr = f->hold[f->held - 1] == '\r';
	*used = true;
	if (c == '\n') {
		f->held = 0;
		return cr ? add_text(o, "\r\n", e) : add_text(o, "\n", e);
	}
	if (!cr && (c == '\r' || (is_wsp(c) && f->held < BLANKS_MAX))) {
		hold(f, c);
		return 0;
	}
	*used = false;
	f->long_run = !cr && is_wsp(c);
	return release_hold(f, o, e);
}

/* Behind '='. A bad escape stays as it is. */
static int after_equals(struct qp_decoder *f, struct out *o, char c, bool *used, struct err *e)
{
	char last = f->hold[f->held - 1];
	*used = true;
	if (f->held == 2 && hex_value(last) >= 0 && hex_value(c) >= 0) {
		char byte = (char)(hex_value(last) << 4 | hex_value(c));
		f->held = 0;
		return add(o, &byte, &byte + 1, e);
	}
	if (c == '\n' && (f->held == 1 || is_space(last))) {
		f->held = 0;
		return 0;
	}
	bool digit = f->held == 1 && hex_value(c) >= 0;
	bool blank = (last == '=' || is_wsp(last)) && (is_wsp(c) || c == '\r');
	if ((digit || blank) && f->held < BLANKS_MAX) {
		hold(f, c);
		return 0;
	}
	*used = false;
	f->saw_bad_escape = true;
	if (f->held == 1 || !is_space(f->hold[1]))
		return release_hold(f, o, e);
	f->held--; /* "=" and blanks: the blanks may still be trailing */
	memmove(f->hold, f->hold + 1, f->held);
	return add_text(o, "=", e);
}

/* p..lf is a line: without the blanks at its end, whatever its line end is. */
static int add_line(
    struct qp_decoder *f, struct out *o, const char *p, const char *lf, struct err *e)
{
	const char *line_end = lf > p && lf[-1] == '\r' ? lf - 1 : lf, *text_end = line_end;
	while (text_end > p && is_wsp(text_end[-1]))
		text_end--;
	bool kept = f->long_run && text_end == p; /* the run began before p */
	f->long_run = false;
	if (kept || line_end - text_end > BLANKS_MAX || text_end == line_end)
		return add(o, p, lf + 1, e);
	return add(o, p, text_end, e) < 0 ? -1 : add(o, line_end, lf + 1, e);
}

/* The end of a piece: what may be trailing is held. */
static int add_tail(
    struct qp_decoder *f, struct out *o, const char *p, const char *end, struct err *e)
{
	const char *cr = end > p && end[-1] == '\r' ? end - 1 : end, *text_end = cr;
	while (text_end > p && is_wsp(text_end[-1]))
		text_end--;
	bool kept = f->long_run && text_end == p;
	if (kept || cr - text_end > BLANKS_MAX) {
		f->long_run = cr == end;
		text_end = cr; /* only the CR waits */
	} else if (p < end) {
		f->long_run = false;
	}
	memcpy(f->hold, text_end, (size_t)(end - text_end));
	f->held = (size_t)(end - text_end);
	return add(o, p, text_end, e);
}

/* p stands on '='. Where it goes on, or NULL when the slow way has to look. */
static const char *unescape(struct out *o, const char *p, const char *end, struct err *e, int *r)
{
	if (end - p < 3)
		return NULL;
	int high = hex_value(p[1]), low = hex_value(p[2]);
	if (high >= 0 && low >= 0) {
		char byte = (char)(high << 4 | low);
		*r = add(o, &byte, &byte + 1, e);
		return p + 3;
	}
	if (p[1] == '\n')
		return p + 2;
	return p[1] == '\r' && p[2] == '\n' ? p + 3 : NULL;
}

/* From a place where nothing is held: as far as it goes. */
static int fast(
    struct qp_decoder *f, struct out *o, const char **at, const char *end, struct err *e)
{
	const char *p = *at;
	while (p < end) {
		const char *equals = memchr(p, '=', (size_t)(end - p)),
			   *stop = equals ? equals : end, *lf;
		for (; p < stop && (lf = memchr(p, '\n', (size_t)(stop - p))); p = lf + 1)
			if (add_line(f, o, p, lf, e) < 0)
				return -1;
		if (!equals) {
			*at = end;
			return add_tail(f, o, p, end, e);
		}
		int r = add(o, p, equals, e);
		f->long_run = false;
		p = unescape(o, equals, end, e, &r);
		if (r < 0)
			return -1;
		if (!p) {
			hold(f, '=');
			*at = equals + 1;
			return 0;
		}
	}
	*at = p;
	return 0;
}

static int decoder_put(struct sink *s, struct span bytes, struct err *e)
{
	struct qp_decoder *f = (struct qp_decoder *)s;
	struct out o;
	const char *p = bytes.ptr, *end = p + bytes.len;
	o.next = f->next;
	o.len = 0;
	while (p < end) {
		if (!f->held) {
			if (fast(f, &o, &p, end, e) < 0)
				return -1;
			continue;
		}
		bool used;
		int r = f->hold[0] == '=' ? after_equals(f, &o, *p, &used, e)
					  : after_blanks(f, &o, *p, &used, e);
		if (r < 0)
			return -1;
		p += used;
	}
	return flush(&o, e);
}

static int decoder_end(struct sink *s, struct err *e)
{
	struct qp_decoder *f = (struct qp_decoder *)s;
	size_t n = f->held;
	bool escaped = n && f->hold[0] == '=';
	f->held = 0;
	f->long_run = false;
	if (escaped && n > 1 && !is_space(f->hold[1])) {
		f->saw_bad_escape = true; /* "=A" and nothing more */
		if (sink_put(f->next, span_make(f->hold, n), e) < 0)
			return -1;
	}
	if (n && !escaped && f->hold[n - 1] == '\r' && sink_put(f->next, SPAN("\r"), e) < 0)
		return -1;
	return sink_end(f->next, e);
}

void qp_decoder_init(struct qp_decoder *f, struct sink *next)
{
	f->sink = (struct sink){decoder_put, decoder_end};
	f->next = next;
	f->held = 0;
	f->long_run = f->saw_bad_escape = false;
}
