#include "mime/measure.h"

#include "codec/utf8.h"

enum { START = 64 }; /* of a line, kept: "From ", a boundary */

struct meter {
	struct measure *m;
	const char *token;
	uint64_t bytes, lines;
	size_t line, qp_column;
	char start[START];
	unsigned char last; /* the byte before */
	char cut[4];        /* the start of a character that was cut */
	size_t cut_len;
};

static void note_start(struct meter *t, struct span line)
{
	if (span_starts(line, "From "))
		t->m->from_line = true;
	if (t->token && span_starts(line, "--=_") && span_starts(span_skip(line, 4), t->token))
		t->m->token_line = true;
}

/* qp_encoder's soft breaks, near enough. */
static void qp_grow(struct meter *t, size_t n)
{
	if (t->qp_column + n > 75) {
		t->m->qp_size += 2;
		t->qp_column = 0;
	}
	t->qp_column += n;
	t->m->qp_size += n;
}

static void end_line(struct meter *t)
{
	note_start(t, span_make(t->start, t->line < START ? t->line : START));
	size_t len = t->line - (t->last == '\r' && t->line);
	if (len > t->m->longest)
		t->m->longest = len;
	t->m->qp_size += 1 + 2 * (t->last == ' ' || t->last == '\t');
	t->qp_column = 0;
	t->line = 0;
	t->lines++;
}

static void one_byte(struct meter *t, unsigned char c)
{
	struct measure *m = t->m;
	if (t->last == '\r' && c != '\n')
		m->stray_cr = true;
	if (c == '\n') {
		end_line(t);
		t->last = c;
		return;
	}
	m->eight_bit |= c >= 128;
	m->nul |= c == 0;
	m->cr |= c == '\r';
	m->control |= (c < 32 && c != '\t' && c != '\f' && c != 27 && c != '\r') || c == 127;
	if (t->line < START)
		t->start[t->line] = (char)c;
	t->line++;
	qp_grow(t, (c < 32 && c != '\t') || c >= 127 || c == '=' ? 3 : 1);
	t->last = c;
}

/* Characters cut by the pieces are put together. */
static void check_utf8(struct meter *t, struct span piece)
{
	if (!t->m->utf8)
		return;
	while (t->cut_len && piece.len) {
		t->cut[t->cut_len++] = *piece.ptr;
		piece = span_skip(piece, 1);
		struct span s = span_make(t->cut, t->cut_len);
		if (utf8_cut_tail(s) == 0) {
			t->m->utf8 &= utf8_valid(s);
			t->cut_len = 0;
		}
	}
	size_t tail = utf8_cut_tail(piece);
	t->m->utf8 &= utf8_valid(span_take(piece, piece.len - tail));
	if (tail)
		memcpy(t->cut, piece.ptr + piece.len - tail, tail);
	if (tail)
		t->cut_len = tail;
}

int measure_spool(struct measure *m, const struct spool *text, const char *token, struct err *e)
{
	struct source_spool in;
	char bytes[16384];
	ssize_t n;
	*m = (struct measure){.utf8 = true};
	struct meter t = {.m = m, .token = token, .last = '\n'};
	source_spool_init(&in, text);
	while ((n = in.source.read(&in.source, bytes, sizeof(bytes), e)) > 0) {
		check_utf8(&t, span_make(bytes, (size_t)n));
		for (ssize_t i = 0; i < n; i++)
			one_byte(&t, (unsigned char)bytes[i]);
		t.bytes += (uint64_t)n;
	}
	if (n < 0)
		return -1;
	m->utf8 &= !t.cut_len;
	m->ends_with_line = t.last == '\n';
	m->stray_cr |= t.last == '\r';
	if (!m->ends_with_line)
		end_line(&t);
	m->base64_size = (t.bytes + t.lines + 2) / 3 * 4 * 77 / 76;
	return 0;
}
