#include "secure/seven.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "mime/decode.h"
#include "mime/parse.h"
#include "secure/keep_open.h"

#include <stdlib.h>

/* A piece of the entity that something else takes the place of. */
struct edit {
	uint64_t from, len;
	const char *text;       /* static; or */
	struct mime_part *body; /* its body, in another encoding */
	bool base64;
};
struct edits {
	struct edit *v;
	size_t n, cap;
};
/* What is known of a part while it is read. */
struct look {
	struct mime_part *part;
	uint64_t field, field_end; /* Content-Transfer-Encoding; 0: none */
	bool in_field;
	bool unsafe, odd; /* odd: NUL or CR, only base64 keeps it */
	size_t column;
	char last;
	size_t from; /* how much of "From " the line began with */
};
struct looks { /* of the parts that are open, by depth */
	struct look *v;
	size_t n;
};

static void add(struct edits *l, struct edit edit)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 16;
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = edit;
}

static struct look *look_at(struct looks *l, struct mime_part *part)
{
	while (part->depth >= l->n) {
		l->v = mem_resize(l->v, l->n + 1, sizeof(*l->v));
		l->v[l->n++] = (struct look){0};
	}
	struct look *k = &l->v[part->depth];
	if (k->part != part)
		*k = (struct look){.part = part};
	return k;
}

/* Eight at a time: most mail has none. */
static bool any_high(struct span s)
{
	uint64_t seen = 0, word;
	for (; s.len >= sizeof(word); s = span_skip(s, sizeof(word))) {
		memcpy(&word, s.ptr, sizeof(word));
		seen |= word;
	}
	for (size_t i = 0; i < s.len; i++)
		seen |= (unsigned char)s.ptr[i];
	return seen & UINT64_C(0x8080808080808080);
}

/* A line, or some of it, without its end. */
static void piece(struct look *k, struct span s)
{
	static const char from[] = "From ";
	if (!s.len)
		return;
	for (size_t i = 0; i < s.len && k->from == k->column + i && k->from < 5; i++)
		k->from += s.ptr[i] == from[k->column + i];
	k->column += s.len;
	k->unsafe = k->unsafe || k->from == 5 || k->column > 998 || any_high(s);
	k->odd = k->odd || memchr(s.ptr, '\r', s.len) || memchr(s.ptr, 0, s.len);
	k->last = s.ptr[s.len - 1];
}

static void body(struct look *k, struct span bytes)
{
	while (bytes.len) {
		ptrdiff_t lf = span_index(bytes, '\n');
		piece(k, lf < 0 ? bytes : span_take(bytes, (size_t)lf));
		if (lf < 0)
			return;
		k->unsafe = k->unsafe || is_wsp(k->last);
		k->column = k->from = 0;
		k->last = '\n';
		bytes = span_skip(bytes, (size_t)lf + 1);
	}
}

static void field(struct look *k, const struct mime_event *ev)
{
	if (k->in_field)
		k->field_end = ev->offset;
	k->in_field = span_is_nocase(ev->name, "Content-Transfer-Encoding") && !k->field_end;
	if (k->in_field)
		k->field = ev->offset;
}

static bool is_broken(const struct mime_part *part)
{
	return part->tolerated & (1u << MIME_T_NO_HEADER_END | 1u << MIME_T_BAD_FIELD);
}

static int part_end(struct look *k, struct edits *l, struct err *e)
{
	struct mime_part *part = k->part;
	if (part->leaf && is_wsp(k->last))
		k->unsafe = true;
	bool encode = part->leaf && (k->unsafe || k->odd);
	bool wide = part->encoding == MIME_8BIT || part->encoding == MIME_BINARY;
	if (part->decoded || (!encode && !wide))
		return 0;
	if (is_broken(part))
		return err_set(e, EX_DATAERR, _("part %s: its header is broken"), part->number);
	if (k->in_field)
		k->field_end = part->body - 1;
	if (k->field_end)
		add(l, (struct edit){.from = k->field, .len = k->field_end - k->field, .text = ""});
	if (!encode)
		return 0;
	bool base64 = k->odd || part->encoding == MIME_BASE64 || part->encoding == MIME_UUENCODE;
	add(l, (struct edit){.from = part->body - 1,
		   .text = base64 ? "Content-Transfer-Encoding: base64\n"
				  : "Content-Transfer-Encoding: quoted-printable\n"});
	add(l,
	    (struct edit){
		.from = part->body, .len = part->end - part->body, .body = part, .base64 = base64});
	return 0;
}

static int find_edits(struct mime_parser *p, struct edits *l, struct err *e)
{
	struct looks looks = {0};
	struct mime_event ev;
	int r;
	while ((r = mime_next(p, &ev, e)) > 0) {
		struct look *k = look_at(&looks, ev.part);
		if (ev.type == MIME_FIELD)
			field(k, &ev);
		else if (ev.type == MIME_BODY && ev.where == MIME_IN_BODY)
			body(k, ev.body);
		else if (ev.type == MIME_PART_END && part_end(k, l, e) < 0) {
			r = -1;
			break;
		}
	}
	free(looks.v);
	return r;
}

static int in_order(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;
	return x->from < y->from ? -1 : x->from > y->from;
}

static int copy(const struct spool *in, uint64_t from, uint64_t to, struct sink *out, struct err *e)
{
	struct source_spool s;
	source_spool_range(&s, in, from, to - from);
	return sink_pump(out, &s.source, e);
}

static int encode_body(
    const struct spool *in, const struct edit *edit, struct sink *out, struct err *e)
{
	struct keep_open open;
	struct base64_encoder base64;
	struct qp_encoder qp;
	struct mime_decoder d;
	keep_open_init(&open, out);
	base64_encoder_init(&base64, &open.sink);
	qp_encoder_init(&qp, &open.sink, false);
	mime_decoder_init(
	    &d, edit->body, MIME_DECODE_BYTES, edit->base64 ? &base64.sink : &qp.sink);
	int r = copy(in, edit->from, edit->from + edit->len, mime_decoder_sink(&d), e);
	int ended = mime_decoder_end(&d, edit->body, r < 0 ? NULL : e);
	return r < 0 ? r : ended;
}

static int write_edited(const struct spool *in, struct edits *l, struct sink *out, struct err *e)
{
	uint64_t at = 0;
	int r = 0;
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), in_order);
	for (size_t i = 0; r == 0 && i < l->n; i++) {
		const struct edit *edit = &l->v[i];
		r = copy(in, at, edit->from, out, e);
		if (r == 0)
			r = edit->text ? sink_puts(out, edit->text, e)
				       : encode_body(in, edit, out, e);
		at = edit->from + edit->len;
	}
	return r == 0 ? copy(in, at, in->size, out, e) : r;
}

int seven_make(const struct spool *in, struct sink *out, struct err *e)
{
	struct edits edits = {0};
	struct mime_parser p;
	struct source_spool s;
	source_spool_init(&s, in);
	mime_parser_init(&p, &s.source, NULL);
	int r = find_edits(&p, &edits, e);
	if (r == 0 && edits.n)
		r = write_edited(in, &edits, out, e) < 0 ? -1 : 1;
	free(edits.v);
	mime_parser_release(&p);
	return r;
}
