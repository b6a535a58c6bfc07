#include "base/alloc.h"
#include "mime/decode.h"
#include "mime/shape.h"
#include "secure/keep_open.h"
#include "secure/look_internal.h"

static struct node *new_node(struct tree *t, struct mime_part *part, struct node **open)
{
	struct node *n = arena_new(&t->arena, 1, sizeof(*n));
	ENSURE(n); /* the parser's limits are far below the arena's */
	n->part = part;
	struct node *up = part->depth ? open[part->depth - 1] : NULL;
	if (!up)
		t->top = n;
	else if (up->last)
		up->last = up->last->next = n;
	else
		up->first = up->last = n;
	return open[part->depth] = n;
}

int tree_read(struct tree *t, const struct spool *entity, struct err *e)
{
	struct node *open[128] = {NULL};
	struct mime_event ev;
	int r;
	*t = (struct tree){.arena = ARENA_INIT(64u << 20)};
	source_spool_init(&t->source, entity);
	mime_parser_init(&t->parser, &t->source.source, NULL);
	while ((r = mime_next(&t->parser, &ev, e)) > 0)
		if (ev.type == MIME_HEADERS_END && ev.part->depth < ARRAY_LEN(open))
			new_node(t, ev.part, open);
	return r;
}

void tree_release(struct tree *t)
{
	mime_parser_release(&t->parser);
	arena_release(&t->arena);
}

/* --- what a node is --- */

static bool protocol_is(const struct mime_part *part, const char *a, const char *b)
{
	struct span p = mime_params_get(&part->params, "protocol");
	return span_is_nocase(p, a) || (b && span_is_nocase(p, b));
}

/* The type of the second part says it too, where the parameter is missing. */
static bool second_is(const struct node *n, const char *a, const char *b)
{
	const struct node *second = n->first ? n->first->next : NULL;
	return second && (mime_part_is(second->part, a) || (b && mime_part_is(second->part, b)));
}

static bool is_pkcs7(const struct mime_part *part)
{
	if (mime_part_is(part, "application/pkcs7-mime") ||
	    mime_part_is(part, "application/x-pkcs7-mime"))
		return true;
	/* RFC 8551 3.2.1: the name tells it where gateways lose the type */
	return mime_part_is(part, "application/octet-stream") &&
	       span_ends_nocase(part->filename, ".p7m");
}

static bool begins_inline(const struct node *n, const struct spool *entity)
{
	char head[64];
	ssize_t got = spool_pread(entity, head, sizeof(head), n->part->body, NULL);
	struct span text = span_trim(span_make(head, got > 0 ? (size_t)got : 0));
	return span_starts(text, "-----BEGIN PGP SIGNED MESSAGE-----") ||
	       span_starts(text, "-----BEGIN PGP MESSAGE-----");
}

enum node_kind node_kind(const struct node *n, const struct spool *entity)
{
	const struct mime_part *part = n->part;
	static const char smime[] = "application/pkcs7-signature",
			  smime_x[] = "application/x-pkcs7-signature";
	static const char pgp[] = "application/pgp-signature",
			  pgp_enc[] = "application/pgp-encrypted";
	if (mime_part_is(part, "multipart/signed")) {
		if (protocol_is(part, smime, smime_x) || second_is(n, smime, smime_x))
			return NODE_SMIME_SIGNED;
		return protocol_is(part, pgp, NULL) || second_is(n, pgp, NULL) ? NODE_PGP_SIGNED
									       : NODE_PLAIN;
	}
	if (mime_part_is(part, "multipart/encrypted"))
		return protocol_is(part, pgp_enc, NULL) ||
			       (n->first && mime_part_is(n->first->part, pgp_enc))
			   ? NODE_PGP_ENCRYPTED
			   : NODE_PLAIN;
	if (part->leaf && is_pkcs7(part))
		return NODE_PKCS7;
	return part->leaf && mime_part_is(part, "text") && begins_inline(n, entity)
		   ? NODE_PGP_INLINE
		   : NODE_PLAIN;
}

int node_decode(const struct node *n, const struct spool *entity, struct sink *out, struct err *e)
{
	struct keep_open open;
	struct mime_decoder d;
	struct source_spool s;
	keep_open_init(&open, out);
	source_spool_range(&s, entity, n->part->body, n->part->end - n->part->body);
	mime_decoder_init(&d, n->part, MIME_DECODE_BYTES, &open.sink);
	int r = sink_pump(mime_decoder_sink(&d), &s.source, e);
	int ended = mime_decoder_end(&d, n->part, r < 0 ? NULL : e);
	return r < 0 ? r : ended;
}

/* --- headers --- */

int entity_header(const struct spool *entity, uint64_t from, struct header *h, struct err *e)
{
	struct source_spool s;
	source_spool_range(&s, entity, from, UINT64_MAX - from);
	return header_read(h, &s.source, NULL, e);
}

int header_authors(struct header *h, struct strv *out, struct err *e)
{
	struct address_list list = {0};
	if (header_addresses(h, "From", &h->arena, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].spec.len)
			strv_add_span(out, list.v[i].spec);
	return 0;
}

enum header_protection header_protection(const struct header *h)
{
	struct arena arena = ARENA_INIT(1 << 20);
	struct mime_params params;
	struct span main, type = header_get(h, "Content-Type");
	if (!type.len)
		return HP_NONE;
	mime_params_parse(&arena, type, &main, &params);
	struct span hp = mime_params_get(&params, "hp");
	bool old = span_is_nocase(mime_params_get(&params, "protected-headers"), "v1");
	enum header_protection how = span_is_nocase(hp, "cipher")  ? HP_CIPHER
				     : span_is_nocase(hp, "clear") ? HP_CLEAR
				     : old                         ? HP_OLD
								   : HP_NONE;
	arena_release(&arena);
	return how;
}
