#include "full.h"
#include "mime/header.h"
#include "mime/word.h"

enum { VALUE_MAX = 4 << 20 };

struct headers {
	struct read *r;
	struct out out;
	bool any;
};

static bool wanted(const struct read *r, struct span name)
{
	for (size_t i = 0; i < r->o->fields.n; i++)
		if (span_is_nocase(name, r->o->fields.v[i]))
			return true;
	return !r->o->fields.n;
}

static int print_text(
    struct headers *h, const struct header_field *f, struct span charset, struct err *e)
{
	struct buf b = BUF_INIT(VALUE_MAX);
	if (!h->r->o->fields.n)
		buf_addf(&b, "%.*s: ", SPAN_ARG(f->name));
	struct buf value = BUF_INIT(VALUE_MAX), tmp = BUF_INIT(VALUE_MAX);
	word_decode(&value, word_utf8(&tmp, f->value, charset));
	buf_add(&b, span_trim(buf_span(&value)));
	int code = out_line(&h->out, buf_span(&b), e);
	buf_release(&value);
	buf_release(&tmp);
	buf_release(&b);
	return code;
}

static int visit(void *ctx, struct content *c, struct err *e)
{
	struct headers *h = ctx;
	struct header header = HEADER_INIT;
	int code = header_read(&header, c->source, NULL, e);
	struct span charset = code == 0 ? header_charset(&header, &header.arena) : SPAN("");
	for (size_t i = 0; code == 0 && i < header.n; i++) {
		if (!wanted(h->r, header.v[i].name))
			continue;
		h->any = true;
		code = h->r->o->common.json ? full_header_json(&h->out, &header.v[i], charset, e)
					    : print_text(h, &header.v[i], charset, e);
	}
	header_release(&header);
	return code;
}

int run_headers(struct read *r, struct strv *operands, struct err *e)
{
	struct headers h = {.r = r};
	struct err late = ERR_INIT;
	out_init(&h.out);
	int code = contents_each(r, operands, 0, visit, &h, e);
	int end = out_end(&h.out, &late);
	if (code < 0)
		return code;
	return end < 0 ? err_copy(e, &late) : r->o->fields.n && !h.any;
}
