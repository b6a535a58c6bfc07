#include "compose/text.h"

#include "base/intl.h"
#include "codec/charset.h"
#include "codec/utf8.h"
#include "io/child.h"

enum {
	FLOW_WIDTH = 72, /* RFC 3676 4.2: below 78, with room to be quoted */
	CONVERT_MAX = 16 << 20,
	HTML_TIMEOUT_MS = 30000
};

/* --- reading ------------------------------------------------------------------ */

/* Ends the last line, drops a byte order mark. */
struct tidy {
	struct sink sink;
	struct sink *next;
	bool started;
	char last;
};

static int tidy_put(struct sink *s, struct span bytes, struct err *e)
{
	struct tidy *t = (struct tidy *)s;
	if (!t->started && span_starts(bytes, "\xef\xbb\xbf"))
		bytes = span_skip(bytes, 3);
	t->started = true;
	if (bytes.len)
		t->last = bytes.ptr[bytes.len - 1];
	return sink_put(t->next, bytes, e);
}

static int tidy_end(struct sink *s, struct err *e)
{
	struct tidy *t = (struct tidy *)s;
	if (t->last && t->last != '\n' && sink_puts(t->next, "\n", e) < 0)
		return -1;
	return sink_end(t->next, e);
}

/* Whether it is UTF-8 is known at its end, so that it is read into memory (or a file) first. */
static int is_utf8(const struct spool *sp, bool *valid, struct err *e)
{
	struct source_spool in;
	char bytes[16384];
	size_t held = 0;
	ssize_t n;
	*valid = true;
	source_spool_init(&in, sp);
	while ((n = in.source.read(&in.source, bytes + held, sizeof(bytes) - held, e)) > 0) {
		struct span s = span_make(bytes, held + (size_t)n);
		held = utf8_cut_tail(s);
		*valid &= utf8_valid(span_take(s, s.len - held));
		memmove(bytes, bytes + s.len - held, held);
	}
	*valid &= !held;
	return n < 0 ? -1 : 0;
}

static int decode_from(struct spool *to, const struct spool *raw, bool utf8, struct err *e)
{
	struct tidy tidy = {.sink = {tidy_put, tidy_end}, .next = &to->sink};
	struct filter_crlf crlf;
	struct charset_filter charset;
	struct source_spool in;
	filter_crlf_init(&crlf, &tidy.sink, CRLF_LOCAL);
	charset_filter_init(&charset, &crlf.sink, utf8 ? SPAN("utf-8") : SPAN("windows-1252"));
	source_spool_init(&in, raw);
	int r = sink_pump(&charset.sink, &in.source, e);
	if (r == 0)
		r = sink_end(&charset.sink, e);
	charset_filter_release(&charset);
	return r;
}

int text_read(struct spool *to, struct source *from, bool *guessed, struct err *e)
{
	struct spool raw;
	bool utf8 = true;
	spool_init(&raw);
	int r = sink_pump(&raw.sink, from, e);
	if (r == 0)
		r = is_utf8(&raw, &utf8, e);
	if (r == 0)
		r = decode_from(to, &raw, utf8, e);
	spool_release(&raw);
	if (r == 0)
		*guessed = !utf8;
	return r;
}

/* --- format=flowed ------------------------------------------------------------ */

struct flow {
	struct sink *out;
	struct buf line;
};

/* RFC 3676 4.4: what begins with a blank, ">" or "From " is stuffed, so that it is neither changed nor taken for a quote. Quotes of ours
 * (a reply's) begin with ">" and stay as they are. */
static int put_line(struct flow *f, struct span line, bool quote, bool soft, struct err *e)
{
	bool stuff = !quote && (span_starts(line, " ") || span_starts(line, "From "));
	if (stuff && sink_puts(f->out, " ", e) < 0)
		return -1;
	if (sink_put(f->out, line, e) < 0)
		return -1;
	return sink_puts(f->out, soft ? " \n" : "\n", e);
}

/* Where to break: behind the last blank that fits, or the first one at all. 0: nowhere. */
static size_t break_at(struct span line)
{
	size_t at = 0;
	int width = 0;
	for (struct span rest = line; rest.len;) {
		size_t here = line.len - rest.len;
		if (width > FLOW_WIDTH && at)
			break;
		if (*rest.ptr == ' ' && here)
			at = here;
		utf8_next(&rest);
		width++;
	}
	return width > FLOW_WIDTH ? at : 0;
}

static int flow_line(struct flow *f, struct span line, struct err *e)
{
	bool quote = span_starts(line, ">");
	/* blanks at the end would make it flow; the signature's are meant */
	while (line.len && line.ptr[line.len - 1] == ' ' && !span_is(line, "-- "))
		line.len--;
	size_t at;
	while (!quote && (at = break_at(line)) > 0) {
		struct span head = span_take(line, at);
		while (head.len && head.ptr[head.len - 1] == ' ')
			head.len--;
		if (head.len && put_line(f, head, false, true, e) < 0)
			return -1;
		line = span_skip(line, at);
		while (line.len && *line.ptr == ' ')
			line = span_skip(line, 1);
	}
	return put_line(f, line, quote, false, e);
}

static int flow_piece(struct flow *f, struct span bytes, struct err *e)
{
	while (bytes.len) {
		ptrdiff_t lf = span_index(bytes, '\n');
		size_t n = lf < 0 ? bytes.len : (size_t)lf;
		buf_add(&f->line, span_take(bytes, n));
		if (f->line.over)
			return err_set(e, EX_DATAERR,
			    _("a line of the text is larger than %zu bytes"), f->line.max);
		if (lf < 0)
			return 0;
		if (flow_line(f, buf_span(&f->line), e) < 0)
			return -1;
		buf_reset(&f->line);
		bytes = span_skip(bytes, n + 1);
	}
	return 0;
}

int text_flow(struct spool *to, const struct spool *from, struct err *e)
{
	struct flow f = {.out = &to->sink, .line = BUF_INIT(CONVERT_MAX)};
	struct source_spool in;
	char bytes[16384];
	ssize_t n;
	int r = 0;
	source_spool_init(&in, from);
	while (r == 0 && (n = in.source.read(&in.source, bytes, sizeof(bytes), e)) != 0)
		r = n < 0 ? -1 : flow_piece(&f, span_make(bytes, (size_t)n), e);
	buf_release(&f.line);
	return r;
}

/* --- charsets, HTML ----------------------------------------------------------- */

static int read_all(struct buf *b, const struct spool *from, struct err *e)
{
	struct source_spool in;
	struct sink_buf to;
	source_spool_init(&in, from);
	sink_buf_init(&to, b);
	return sink_pump(&to.sink, &in.source, e);
}

int text_convert(struct spool *to, const struct spool *from, const char *charset, struct err *e)
{
	struct buf text = BUF_INIT(CONVERT_MAX), out = BUF_INIT(4u * CONVERT_MAX);
	int r = read_all(&text, from, e);
	if (r == 0)
		r = charset_from_utf8(&out, span_of(charset), buf_span(&text), e);
	if (r == 0)
		r = sink_put(&to->sink, buf_span(&out), e);
	else
		err_prefix(e, "%s: ", charset);
	buf_release(&text);
	buf_release(&out);
	return r;
}

int text_from_html(struct spool *to, const struct spool *html, bool legacy, struct err *e)
{
	char program[] = "surat-html", option[] = "--legacy-display";
	char *argv[] = {program, legacy ? option : NULL, NULL};
	struct buf in = BUF_INIT(CONVERT_MAX), out = BUF_INIT(CONVERT_MAX);
	int r = read_all(&in, html, e);
	if (r == 0)
		r = child_filter(argv, NULL, buf_span(&in), &out, HTML_TIMEOUT_MS, e);
	if (r == 0)
		r = sink_put(&to->sink, buf_span(&out), e);
	if (r == 0 && out.len && out.ptr[out.len - 1] != '\n')
		r = sink_puts(&to->sink, "\n", e);
	buf_release(&in);
	buf_release(&out);
	return r;
}
