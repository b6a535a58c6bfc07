#include "secure/look.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "mime/shape.h"
#include "secure/canon.h"
#include "secure/look_internal.h"
#include "secure/pgp.h"

#include <stdlib.h>

enum { LAYERS_DEEP = 8 };
/* What readers take for different parts. */
#define BIT(a) (1u << MIME_A_##a)
enum {
	DISPUTED = BIT(DUPLICATE_TYPE) | BIT(DUPLICATE_BOUNDARY) | BIT(DUPLICATE_ENCODING) |
		   BIT(BLANK_BEFORE_COLON) | BIT(EMPTY_BOUNDARY) | BIT(BOUNDARY_AFTER_CLOSE)
};

const char look_not_opened[] = N_("encrypted, what is inside was not looked at");

static int entity(struct walk *w, const struct place *at);
static int node(struct walk *w, const struct node *n, struct place at);

/* --- the payload and its header --- */

static int take_payload(struct walk *w, const struct node *n, const struct place *at)
{
	struct secure_payload *p = mem_new(1, sizeof(*p));
	p->header = (struct header)HEADER_INIT;
	w->l->payload = p;
	w->l->payload_layer = at->layer;
	if (entity_header(at->entity, n->part->start, &p->header, w->e) < 0)
		return -1;
	p->how = header_protection(&p->header);
	return 0;
}

/* Whom it says to be from: inside where the header is protected there, else outside. */
static int authors_in(
    struct walk *w, const struct spool *sp, uint64_t from, const struct place *at, struct strv *out)
{
	struct header h = HEADER_INIT;
	int r = entity_header(sp, from, &h, w->e);
	if (r == 0 && at->root && header_protection(&h) != HP_NONE)
		r = header_authors(&h, out, w->e);
	for (size_t i = 0; r == 0 && !out->n && i < at->authors->n; i++)
		strv_add(out, at->authors->v[i]);
	header_release(&h);
	return r;
}

/* What would be true for one reader and not for another proves less. */
void look_doubts(struct walk *w, size_t first, const struct place *at)
{
	for (size_t i = first; i < w->l->found.n; i++) {
		struct secure_finding *f = &w->l->found.v[i];
		bool outside = at->authors->n == 0;
		if (f->kind != SECURE_SIGNATURE || f->result != SECURE_PASS)
			continue;
		for (size_t j = 0; j < at->authors->n && !outside; j++)
			outside = f->address && cert_same_address(span_of(f->address),
						    span_of(at->authors->v[j]));
		if (at->ambiguous)
			secure_finding_say(f, SECURE_POLICY,
			    _("readers disagree on what is signed: the structure around it is "
			      "ambiguous"));
		else if (at->disputed)
			secure_finding_say(f, SECURE_POLICY,
			    _("signed by %s, but there are several From fields, and readers show "
			      "one or the other"),
			    f->address);
		else if (!outside)
			secure_finding_say(f, SECURE_POLICY,
			    _("signed by %s, outside it says it is from %s"), f->address,
			    at->authors->n ? at->authors->v[0] : _("nobody"));
	}
}

/* --- signatures --- */

static int verify_smime(struct walk *w, const struct node *signature, const struct place *at,
    struct source *content, const struct strv *authors, const char *number)
{
	struct spool der;
	struct source_spool s;
	struct cms_slice slice;
	struct err bad = ERR_INIT;
	struct smime_reader reader = w->want->reader;
	reader.authors = authors;
	spool_init(&der);
	cms_slice_init(&slice);
	int r = node_decode(signature, at->entity, &der.sink, w->e);
	source_spool_init(&s, &der);
	if (r == 0 && cms_slice_read(&slice, &s.source, &bad) < 0)
		look_say(w, SECURE_SMIME, SECURE_SIGNATURE, number, SECURE_PERMERROR, bad.text);
	else if (r == 0)
		r = smime_verify(&slice, content, &reader, number, &w->l->found, w->e);
	cms_slice_release(&slice);
	spool_release(&der);
	return r;
}

static int verify_pgp(struct walk *w, const struct node *signature, const struct place *at,
    struct source *content, const struct strv *authors, const char *number)
{
	struct buf armour = BUF_INIT(PGP_SIGNATURE_MAX);
	struct sink_buf to;
	sink_buf_init(&to, &armour);
	struct err bad = ERR_INIT;
	int r = 0;
	if (node_decode(signature, at->entity, &to.sink, &bad) < 0)
		look_say(w, SECURE_PGP, SECURE_SIGNATURE, number, SECURE_PERMERROR, bad.text);
	else
		r = pgp_verify(buf_span(&armour), content, authors, number, &w->l->found, w->e);
	buf_release(&armour);
	return r;
}

/* multipart/signed, RFC 1847 2.1: two parts, the first as it stands, line ends made CRLF. */
static int clear_signed(
    struct walk *w, const struct node *n, struct place at, enum secure_method m, const char *number)
{
	const struct node *content = n->first, *signature = content ? content->next : NULL;
	size_t first = w->l->found.n;
	struct strv authors = {0};
	struct source_spool range;
	struct source_canon canon;
	if (!signature) {
		look_say(w, m, SECURE_SIGNATURE, number, SECURE_PERMERROR,
		    _("there is no signature in it"));
		return content ? node(w, content, at) : 0;
	}
	source_spool_range(
	    &range, at.entity, content->part->start, content->part->end - content->part->start);
	source_canon_init(&canon, &range.source);
	int r = authors_in(w, at.entity, content->part->start, &at, &authors);
	if (r == 0)
		r = (m == SECURE_SMIME ? verify_smime : verify_pgp)(
		    w, signature, &at, &canon.source, &authors, number);
	strv_release(&authors);
	if (r < 0)
		return -1;
	look_doubts(w, first, &at);
	struct place inside = at;
	bool alone = !signature->next;
	inside.layer = look_add_layer(w, &at, m, SECURE_SIGNATURE, first, at.whole && alone);
	inside.root = at.root && alone;
	inside.whole = at.whole && alone;
	r = node(w, content, inside);
	at.root = at.whole = at.plain = false;
	for (const struct node *more = signature->next; r == 0 && more; more = more->next)
		r = node(w, more, at);
	return r;
}

/* --- what is opened --- */

/* Into what was decrypted, or came out of an opaque signature. */
int look_open(struct walk *w, const struct spool *sp, const struct place *at, const char *number,
    enum secure_method m, enum secure_kind k, size_t first)
{
	struct place inside = *at;
	inside.entity = sp;
	inside.prefix = number;
	inside.deep++;
	inside.ambiguous = 0;
	inside.whole = true;
	inside.layer = look_add_layer(w, at, m, k, first, at->whole);
	if (at->plain) {
		w->l->plain = (struct spool *)(uintptr_t)sp;
		w->l->plain_layer = inside.layer;
	}
	return entity(w, &inside);
}

static int opaque_signed(
    struct walk *w, struct cms_slice *slice, const struct place *at, const char *number)
{
	struct source_spool s;
	struct smime_reader reader = w->want->reader;
	struct strv authors = {0};
	size_t first = w->l->found.n;
	struct spool *content = look_spool(w);
	reader.authors = &authors;
	source_spool_init(&s, &slice->content);
	int r = authors_in(w, &slice->content, 0, at, &authors);
	if (r == 0)
		r = smime_verify(slice, &s.source, &reader, number, &w->l->found, w->e);
	strv_release(&authors);
	look_doubts(w, first, at);
	source_spool_init(&s, &slice->content);
	if (r == 0 && slice->content.size)
		r = sink_pump(&content->sink, &s.source, w->e);
	return r == 0 && content->size
		   ? look_open(w, content, at, number, SECURE_SMIME, SECURE_SIGNATURE, first)
		   : r;
}

/* Was all that is inside signed, and does it hold? Then it has not been changed, whatever the cipher lets through. */
static bool signed_whole(const struct secure_look *l, size_t layers)
{
	if (l->layer_n <= layers + 1)
		return false;
	const struct secure_layer *y = &l->layers[layers + 1];
	if (y->parent != (ptrdiff_t)layers || y->kind != SECURE_SIGNATURE || !y->whole || !y->n)
		return false;
	for (size_t i = y->first; i < y->first + y->n; i++)
		if (l->found.v[i].result != SECURE_PASS)
			return false;
	return true;
}

static void forget_payload(struct secure_look *l)
{
	if (!l->payload)
		return;
	header_release(&l->payload->header);
	free(l->payload);
	l->payload = NULL;
	l->payload_layer = -1;
}

/* Without integrity: it is taken up for a look, and dropped again when nothing vouches for it. */
static int unauthenticated(
    struct walk *w, struct spool *plain, const struct place *at, const char *number, size_t first)
{
	struct secure_look *l = w->l;
	size_t parts = l->part_n, layers = l->layer_n, findings = l->found.n;
	struct spool *was = l->plain;
	ptrdiff_t was_layer = l->plain_layer;
	int r = look_open(w, plain, at, number, SECURE_SMIME, SECURE_ENCRYPTION, first);
	bool whole = r == 0 && signed_whole(l, layers);
	if (whole)
		secure_finding_say(&l->found.v[first], SECURE_PASS,
		    _("decrypted, %s, and the signature shows that it was not changed"),
		    l->found.v[first].algorithm);
	if (r < 0 || whole || w->want->allow_unauthenticated)
		return r;
	look_release_from(l, parts, layers, findings);
	l->plain = was;
	l->plain_layer = was_layer;
	if (at->root)
		forget_payload(l);
	secure_finding_say(&l->found.v[first], SECURE_POLICY,
	    _("%s does not show whether it was changed, and no signature does: not shown"),
	    l->found.v[first].algorithm);
	return 0;
}

/* An encrypted part that has others beside it is written only when it is asked for, and alone. */
struct place look_set_apart(struct walk *w, const struct place *at, const char *number)
{
	struct place own = *at;
	if (at->plain || *at->prefix)
		return own;
	if (w->want->decrypt_part && !strcmp(w->want->decrypt_part, number))
		own.plain = true;
	else if (!w->l->apart)
		w->l->apart = str_dup(number);
	return own;
}

static int enveloped(
    struct walk *w, const struct cms_slice *slice, const struct place *at, const char *number)
{
	size_t first = w->l->found.n;
	struct secure_finding *f =
	    secure_findings_add(&w->l->found, SECURE_SMIME, SECURE_ENCRYPTION, number);
	bool integrity = false;
	if (!f) {
		w->l->limited = true;
		return 0;
	}
	if (!w->want->decrypt) {
		secure_finding_say(f, SECURE_NONE, look_not_opened);
		return 0;
	}
	struct place own = look_set_apart(w, at, number);
	struct spool *plain = look_spool(w);
	if (smime_decrypt(slice, &w->want->reader, &plain->sink, f, &integrity, w->e) < 0)
		return -1;
	if (f->result == SECURE_PASS)
		return look_open(w, plain, &own, number, SECURE_SMIME, SECURE_ENCRYPTION, first);
	if (f->result == SECURE_POLICY)
		return unauthenticated(w, plain, &own, number, first);
	return spool_reset(plain, w->e);
}

/* Of what cannot be read: what it says of itself (RFC 8551 3.2.2) must not be passed on as if it had been opened. */
static enum secure_kind pkcs7_kind(const struct node *n, const struct cms_slice *slice)
{
	struct span says = mime_params_get(&n->part->params, "smime-type");
	if (slice->kind == CMS_ENVELOPED || slice->kind == CMS_AUTH_ENVELOPED ||
	    span_is_nocase(says, "enveloped-data") || span_is_nocase(says, "authEnveloped-data"))
		return SECURE_ENCRYPTION;
	return SECURE_SIGNATURE;
}

static int pkcs7(struct walk *w, const struct node *n, const struct place *at, const char *number)
{
	struct spool der;
	struct source_spool s;
	struct cms_slice slice;
	struct err bad = ERR_INIT;
	spool_init(&der);
	cms_slice_init(&slice);
	int r = node_decode(n, at->entity, &der.sink, w->e);
	source_spool_init(&s, &der);
	if (r == 0 && cms_slice_read(&slice, &s.source, &bad) < 0) {
		if (bad.code == EX_DATAERR)
			look_say(w, SECURE_SMIME, pkcs7_kind(n, &slice), number, SECURE_PERMERROR,
			    bad.text);
		else
			r = err_copy(w->e, &bad);
	} else if (r == 0 && slice.kind == CMS_SIGNED) {
		spool_reset(&der, NULL);
		r = opaque_signed(w, &slice, at, number);
	} else if (r == 0 && (slice.kind == CMS_ENVELOPED || slice.kind == CMS_AUTH_ENVELOPED)) {
		spool_reset(&der, NULL);
		r = enveloped(w, &slice, at, number);
	} else if (r == 0 && pkcs7_kind(n, &slice) == SECURE_ENCRYPTION) {
		look_say(w, SECURE_SMIME, SECURE_ENCRYPTION, number, SECURE_PERMERROR,
		    _("it says that it is encrypted, and is something else"));
	} else if (r == 0) {
		look_say(w, SECURE_SMIME, SECURE_SIGNATURE, number, SECURE_NEUTRAL,
		    slice.kind == CMS_COMPRESSED ? _("compressed, which is not looked into")
						 : _("a CMS structure of another kind"));
	}
	cms_slice_release(&slice);
	spool_release(&der);
	return r;
}

/* --- the tree --- */

static bool has_several_from(const struct header *h)
{
	size_t n = 0;
	for (size_t i = 0; i < h->n; i++)
		n += span_is_nocase(h->v[i].name, "From");
	return n > 1;
}

/* An attached message is from whom it says itself. */
static int attached(struct walk *w, const struct node *n, struct place at)
{
	struct header h = HEADER_INIT;
	struct strv authors = {0};
	int r = n->part->decoded ? 0 : entity_header(at.entity, n->part->start, &h, w->e);
	if (r == 0)
		r = header_authors(&h, &authors, w->e);
	at.disputed = has_several_from(&h);
	header_release(&h);
	at.authors = &authors;
	at.root = at.whole = at.plain = false;
	if (r == 0)
		r = node(w, n, at);
	strv_release(&authors);
	return r;
}

static int children(struct walk *w, const struct node *n, struct place at)
{
	int r = 0;
	at.ambiguous |= n->part->ambiguous & DISPUTED;
	at.root = at.whole = at.plain = false;
	for (const struct node *c = n->first; r == 0 && c; c = c->next)
		r = n->part->is_message ? attached(w, c, at) : node(w, c, at);
	return r;
}

static bool is_wanted(const struct walk *w, enum node_kind k)
{
	bool smime = k == NODE_SMIME_SIGNED || k == NODE_PKCS7;
	return k != NODE_PLAIN && (smime ? w->want->smime : w->want->pgp);
}

static int layered(struct walk *w, const struct node *n, const struct place *at, enum node_kind k,
    const char *number)
{
	switch (k) {
	case NODE_SMIME_SIGNED: return clear_signed(w, n, *at, SECURE_SMIME, number);
	case NODE_PGP_SIGNED: return clear_signed(w, n, *at, SECURE_PGP, number);
	case NODE_PKCS7: return pkcs7(w, n, at, number);
	case NODE_PGP_ENCRYPTED: return look_pgp_encrypted(w, n, at, number);
	default: return look_pgp_inline(w, n, at, number);
	}
}

static int node(struct walk *w, const struct node *n, struct place at)
{
	enum node_kind k = n->part->decoded ? NODE_PLAIN : node_kind(n, at.entity);
	int r = 0;
	if (is_wanted(w, k) && at.deep < LAYERS_DEEP && w->l->found.n < SECURE_FINDINGS_MAX) {
		char *number = look_number(&at, n);
		at.ambiguous |= n->part->ambiguous & DISPUTED;
		r = layered(w, n, &at, k, number);
		free(number);
		return r;
	}
	w->l->limited = w->l->limited || is_wanted(w, k);
	if (at.root && at.layer >= 0 && !w->l->payload)
		r = take_payload(w, n, &at);
	if (r == 0)
		r = n->part->leaf ? look_add_part(w, n, &at) : children(w, n, at);
	return r;
}

static int entity(struct walk *w, const struct place *at)
{
	struct tree t;
	int r = tree_read(&t, at->entity, w->e);
	if (r == 0 && t.top)
		r = node(w, t.top, *at);
	tree_release(&t);
	return r;
}

int secure_look(struct secure_look *l, const struct spool *message, const struct secure_want *want,
    struct err *e)
{
	struct header outer = HEADER_INIT;
	struct strv authors = {0};
	struct walk w = {l, want, e};
	struct place at = {.entity = message,
	    .prefix = "",
	    .layer = -1,
	    .root = true,
	    .whole = true,
	    .plain = !want->decrypt_part,
	    .authors = &authors};
	int r = entity_header(message, 0, &outer, e);
	if (r == 0)
		r = header_authors(&outer, &authors, e);
	at.disputed = has_several_from(&outer);
	if (r == 0)
		r = entity(&w, &at);
	l->limited = l->limited || l->found.over;
	if (r == 0 && l->payload && l->payload->how != HP_NONE)
		look_fields(l, &outer);
	header_release(&outer);
	strv_release(&authors);
	return r;
}
