#include "auth/write.h"

#include "base/alloc.h"
#include "codec/base64.h"

#include <stdio.h>

enum { LINE = 78, BASE64_LINE = 72, FIELD_MAX = 256 * 1024 };

/* A piece that is not cut, on a new line where it does not fit. */
static void put(struct auth_writer *w, struct span piece, bool blank)
{
	if (w->column + blank + piece.len > LINE && w->column > 1) {
		buf_adds(&w->text, "\n\t");
		w->column = 8;
	} else if (blank) {
		buf_addc(&w->text, ' ');
		w->column++;
	}
	buf_add(&w->text, piece);
	w->column += piece.len;
}

void auth_write_begin(struct auth_writer *w, const char *name, unsigned instance,
    const struct sign_key *key, enum canon how)
{
	*w = (struct auth_writer){.text = BUF_INIT(FIELD_MAX), .key = key, .how = how};
	buf_addf(&w->text, "%s: ", name);
	if (instance)
		buf_addf(&w->text, "i=%u; ", instance);
	buf_addf(&w->text, "a=%s; b=", auth_signature_algorithm(sign_key_kind(key), DIGEST_SHA256));
	w->b = w->text.len;
	w->column = LINE; /* the signature ends its line */
}

void auth_write_tag(struct auth_writer *w, const char *name, struct span value)
{
	struct span part;
	char begin[64];
	buf_addc(&w->text, ';');
	w->column++;
	snprintf(begin, sizeof(begin), "%s=", name);
	bool more = span_cut(&value, ':', &part);
	/* the name and the first part stay together */
	struct buf first = BUF_INIT(FIELD_MAX);
	buf_adds(&first, begin);
	buf_add(&first, part);
	if (more)
		buf_addc(&first, ':');
	put(w, buf_span(&first), true);
	buf_release(&first);
	while (more) {
		more = span_cut(&value, ':', &part);
		struct buf piece = BUF_INIT(FIELD_MAX);
		buf_add(&piece, part);
		if (more)
			buf_addc(&piece, ':');
		put(w, buf_span(&piece), false);
		buf_release(&piece);
	}
}

void auth_write_number(struct auth_writer *w, const char *name, int64_t value)
{
	char text[32];
	snprintf(text, sizeof(text), "%lld", (long long)value);
	auth_write_tag(w, name, span_of(text));
}

struct span auth_write_text(const struct auth_writer *w)
{
	return buf_span(&w->text);
}

/* The text with the signature in its place, on lines of its own. */
static void insert(const struct auth_writer *w, struct span signature, struct buf *out)
{
	struct buf b = BUF_INIT(FIELD_MAX);
	struct span all = buf_span(&w->text);
	base64_encode(&b, signature);
	buf_add(out, span_take(all, w->b));
	for (struct span rest = buf_span(&b); rest.len; rest = span_skip(rest, BASE64_LINE)) {
		buf_adds(out, "\n\t");
		buf_add(out, span_take(rest, BASE64_LINE));
	}
	buf_add(out, span_skip(all, w->b));
	buf_addc(out, '\n');
	buf_release(&b);
}

int auth_write_signed(
    struct auth_writer *w, const unsigned char *digest, struct buf *out, struct err *e)
{
	struct buf signature = BUF_INIT(4096);
	struct span sum = span_make((const char *)digest, digest_size(DIGEST_SHA256));
	int r = sign_make(w->key, DIGEST_SHA256, sum, &signature, e);
	if (r == 0)
		insert(w, buf_span(&signature), out);
	buf_release(&signature);
	buf_release(&w->text);
	return r;
}

int auth_write_end(struct auth_writer *w, const struct auth_fields *fields, struct span names,
    struct buf *out, struct err *e)
{
	unsigned char digest[DIGEST_MAX];
	auth_signature_digest(DIGEST_SHA256, w->how, fields, names, auth_write_text(w), digest);
	return auth_write_signed(w, digest, out, e);
}
