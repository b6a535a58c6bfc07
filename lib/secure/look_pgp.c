/* What is opened with OpenPGP: PGP/MIME, and armour in the text. */
#include "base/alloc.h"
#include "base/intl.h"
#include "secure/look_internal.h"
#include "secure/pgp.h"

enum { INLINE_MAX = 4 << 20 };

/* gpg found no encryption, or no OpenPGP at all: whatever it is, it is not what it says. */
static int nothing_encrypted(struct walk *w, const char *number, size_t first, struct spool *plain)
{
	look_release_from(w->l, w->l->part_n, w->l->layer_n, first);
	look_say(w, SECURE_PGP, SECURE_ENCRYPTION, number, SECURE_PERMERROR,
	    _("broken, or nothing encrypted in it"));
	return spool_reset(plain, w->e);
}

/* The helper itself has failed. */
static bool helper_failed(const struct secure_look *l, size_t first)
{
	return first < l->found.n && l->found.v[first].kind == SECURE_ENCRYPTION;
}

/* multipart/encrypted (RFC 3156 4), and inline OpenPGP, where the part is text of its own. */
static int pgp_open(struct walk *w, const struct node *cipher, const struct place *at,
    const char *number, bool text)
{
	struct spool armour;
	struct source_spool s;
	size_t first = w->l->found.n;
	ptrdiff_t decrypted = -1;
	struct spool *plain = look_spool(w);
	spool_init(&armour);
	int r = node_decode(cipher, at->entity, &armour.sink, w->e);
	source_spool_init(&s, &armour);
	if (r == 0 && text)
		r = sink_puts(&plain->sink, "Content-Type: text/plain; charset=utf-8\n\n", w->e);
	uint64_t before = plain->size;
	if (r == 0)
		r = pgp_decrypt(
		    &s.source, &plain->sink, at->authors, number, &w->l->found, &decrypted, w->e);
	spool_release(&armour);
	if (r == 0 && !text && decrypted < 0 && !helper_failed(w->l, first))
		return nothing_encrypted(w, number, first, plain);
	look_doubts(w, first, at);
	if (r < 0 || plain->size == before)
		return r;
	struct place own = decrypted < 0 ? *at : look_set_apart(w, at, number);
	return look_open(w, plain, &own, number, SECURE_PGP,
	    decrypted < 0 ? SECURE_SIGNATURE : SECURE_ENCRYPTION, first);
}

int look_pgp_encrypted(
    struct walk *w, const struct node *n, const struct place *at, const char *number)
{
	const struct node *second = n->first ? n->first->next : NULL;
	if (!w->want->decrypt)
		look_say(w, SECURE_PGP, SECURE_ENCRYPTION, number, SECURE_NONE, _(look_not_opened));
	else if (!second || !second->part->leaf)
		look_say(w, SECURE_PGP, SECURE_ENCRYPTION, number, SECURE_PERMERROR,
		    _("there is nothing encrypted in it"));
	else
		return pgp_open(w, second, at, number, false);
	return 0;
}

/* One armoured block and nothing else: what stands around it would be read as if it were covered too. */
static bool is_one_block(const struct spool *text, bool *encrypted)
{
	const struct span begin = SPAN("-----BEGIN PGP ");
	struct buf b = BUF_INIT(INLINE_MAX);
	struct source_spool s;
	struct sink_buf to;
	source_spool_init(&s, text);
	sink_buf_init(&to, &b);
	bool one = sink_pump(&to.sink, &s.source, NULL) == 0;
	struct span all = span_trim(buf_span(&b));
	size_t blocks = 0;
	for (struct span rest = all; one;) {
		ptrdiff_t at = span_find(rest, begin);
		if (at < 0)
			break;
		blocks++;
		rest = span_skip(rest, (size_t)at + begin.len);
	}
	*encrypted = span_starts(all, "-----BEGIN PGP MESSAGE-----");
	if (*encrypted)
		one = one && blocks == 1 && span_ends_nocase(all, "-----END PGP MESSAGE-----");
	else
		one = one && blocks == 2 &&
		      span_starts(all, "-----BEGIN PGP SIGNED MESSAGE-----") &&
		      span_ends_nocase(all, "-----END PGP SIGNATURE-----");
	buf_release(&b);
	return one;
}

int look_pgp_inline(
    struct walk *w, const struct node *n, const struct place *at, const char *number)
{
	struct spool text;
	bool encrypted;
	const char *why = NULL;
	spool_init(&text);
	int r = node_decode(n, at->entity, &text.sink, w->e);
	if (!is_one_block(&text, &encrypted))
		why = _("OpenPGP with other text around it, or too much of it: not looked into");
	spool_release(&text);
	if (r < 0)
		return -1;
	enum secure_kind k = encrypted ? SECURE_ENCRYPTION : SECURE_SIGNATURE;
	if (why)
		look_say(w, SECURE_PGP, k, number, SECURE_NEUTRAL, why);
	else if (encrypted && !w->want->decrypt)
		look_say(w, SECURE_PGP, k, number, SECURE_NONE, look_not_opened);
	else
		return pgp_open(w, n, at, number, true);
	return look_add_part(w, n, at);
}
