#include "compose/quote.h"

#include "base/intl.h"
#include "codec/utf8.h"

enum { WIDTH = 74, LINE_MAX_BYTES = 1 << 20 };

struct quoter {
	struct sink *out;
	struct buf line;
	unsigned empty; /* lines, not written yet: those at the end go */
	bool any, signature;
};

static size_t mark_length(struct span line)
{
	size_t n = 0;
	while (n < line.len &&
	       (line.ptr[n] == '>' || (n && line.ptr[n] == ' ' && line.ptr[n - 1] == '>')))
		n++;
	return n;
}

/* As much of the text as fits: to the last blank, or else to the first one behind. */
static size_t fitting(struct span text, size_t width)
{
	size_t at = 0, used = 0;
	for (struct span rest = text; rest.len; used++) {
		size_t here = text.len - rest.len;
		if (used > width && at)
			return at;
		if (*rest.ptr == ' ' && here)
			at = here;
		utf8_next(&rest);
	}
	return used > width && at ? at : text.len;
}

static int put_line(struct quoter *q, struct span mark, struct span text, struct err *e)
{
	for (; q->empty; q->empty--)
		if (q->any && sink_puts(q->out, ">\n", e) < 0)
			return -1;
	q->any = true;
	if (sink_puts(q->out, ">", e) < 0 || sink_put(q->out, mark, e) < 0)
		return -1;
	bool blank = !mark.len || mark.ptr[mark.len - 1] != ' ';
	if (blank && text.len && sink_puts(q->out, " ", e) < 0)
		return -1;
	return sink_put(q->out, text, e) < 0 ? -1 : sink_puts(q->out, "\n", e);
}

static int end_line(struct quoter *q, struct err *e)
{
	struct span line = buf_span(&q->line);
	q->signature |= span_is(line, "-- ");
	if (q->signature)
		return 0;
	while (line.len && is_space(line.ptr[line.len - 1]))
		line.len--;
	if (!line.len) {
		q->empty++;
		return 0;
	}
	size_t n = mark_length(line);
	struct span mark = span_take(line, n), text = span_skip(line, n);
	do {
		size_t len = fitting(text, n < WIDTH / 2 ? WIDTH - n : WIDTH / 2);
		if (put_line(q, mark, span_take(text, len), e) < 0)
			return -1;
		text = span_skip(text, len);
		while (text.len && *text.ptr == ' ')
			text = span_skip(text, 1);
	} while (text.len);
	return 0;
}

static int put(struct quoter *q, struct span bytes, struct err *e)
{
	while (bytes.len) {
		ptrdiff_t lf = span_index(bytes, '\n');
		buf_add(&q->line, span_take(bytes, lf < 0 ? bytes.len : (size_t)lf));
		if (q->line.over)
			return err_set(e, EX_DATAERR,
			    _("a line of the message is larger than %d bytes"), LINE_MAX_BYTES);
		if (lf < 0)
			return 0;
		if (end_line(q, e) < 0)
			return -1;
		buf_reset(&q->line);
		bytes = span_skip(bytes, (size_t)lf + 1);
	}
	return 0;
}

int quote_text(struct spool *to, const struct spool *from, struct err *e)
{
	struct quoter q = {.out = &to->sink, .line = BUF_INIT(LINE_MAX_BYTES)};
	struct source_spool in;
	char bytes[16384];
	ssize_t n;
	int r = 0;
	source_spool_init(&in, from);
	while (r == 0 && (n = in.source.read(&in.source, bytes, sizeof(bytes), e)) != 0)
		r = n < 0 ? -1 : put(&q, span_make(bytes, (size_t)n), e);
	if (r == 0 && q.line.len)
		r = end_line(&q, e);
	buf_release(&q.line);
	return r;
}
