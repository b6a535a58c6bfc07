#include "auth/body.h"

#include "base/alloc.h"

#include <stdlib.h>

/* Canonical octets, to all hashes of this form. */
static int form_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct auth_body_form *f = (struct auth_body_form *)sink;
	enum canon how = f->canon.how;
	(void)e;
	for (size_t i = 0; i < f->body->n; i++) {
		struct auth_body_hash *h = &f->body->v[i];
		if (h->how != how)
			continue;
		uint64_t left = h->seen < h->limit ? h->limit - h->seen : 0;
		h->seen += bytes.len;
		if (left)
			digest_add(&h->digest, left < bytes.len ? span_take(bytes, left) : bytes);
	}
	return 0;
}

static int body_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct auth_body *b = (struct auth_body *)sink;
	for (size_t i = 0; i < ARRAY_LEN(b->forms); i++)
		if (b->forms[i].wanted && sink_put(&b->forms[i].canon.sink, bytes, e) < 0)
			return -1;
	return 0;
}

static int body_end(struct sink *sink, struct err *e)
{
	struct auth_body *b = (struct auth_body *)sink;
	for (size_t i = 0; i < ARRAY_LEN(b->forms); i++)
		if (b->forms[i].wanted && sink_end(&b->forms[i].canon.sink, e) < 0)
			return -1;
	for (size_t i = 0; i < b->n; i++)
		b->v[i].len = digest_final(&b->v[i].digest, b->v[i].sum);
	return 0;
}

void auth_body_init(struct auth_body *b)
{
	b->sink = (struct sink){body_put, body_end};
	b->v = NULL;
	b->n = 0;
	for (size_t i = 0; i < ARRAY_LEN(b->forms); i++) {
		struct auth_body_form *f = &b->forms[i];
		f->sink = (struct sink){form_put, NULL};
		f->body = b;
		f->wanted = false;
		canon_body_init(&f->canon, (enum canon)i, &f->sink);
	}
}

size_t auth_body_want(struct auth_body *b, enum canon how, enum digest_kind kind, uint64_t limit)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i].how == how && b->v[i].kind == kind && b->v[i].limit == limit)
			return i;
	ENSURE(b->n < AUTH_BODY_MAX);
	b->forms[how].wanted = true;
	b->v = mem_resize(b->v, b->n + 1, sizeof(*b->v));
	struct auth_body_hash *h = &b->v[b->n];
	*h = (struct auth_body_hash){.how = how, .kind = kind, .limit = limit};
	digest_init(&h->digest, kind);
	return b->n++;
}

void auth_body_release(struct auth_body *b)
{
	for (size_t i = 0; i < b->n; i++)
		digest_release(&b->v[i].digest);
	for (size_t i = 0; i < ARRAY_LEN(b->forms); i++)
		canon_body_release(&b->forms[i].canon);
	free(b->v);
	b->v = NULL;
	b->n = 0;
}
