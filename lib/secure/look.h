/*
 * look.h - a message read: which signatures hold, what could be decrypted, and for every part what covers it.
 *
 *	struct secure_look l;
 *	secure_look_init(&l);
 *	if (secure_look(&l, &message, &(struct secure_want){.smime = true, .reader = r}, e) == 0)
 *		... l.found, l.parts, l.headers
 *	secure_look_write(&l, &message, &out.sink, e);	// the decrypted message
 *	secure_look_release(&l);
 *
 * EFAIL (and all that looks like it): what was decrypted is looked at, and written, alone; never together with parts that came around it. Nothing that was
 * decrypted is taken up before its integrity is known: an AEAD's tag, OpenPGP's MDC, or, where the encryption has none (CBC), a signature that covers all of it
 * and holds. Numbers of parts inside an encrypted or opaquely signed part follow its own after a slash: "2/1.1".
 * Limits: 8 layers in one another, 100 findings, 10,000 parts; what is behind them is said to be not looked at.
 */
#ifndef SURAT_SECURE_LOOK_H
#define SURAT_SECURE_LOOK_H

#include "io/spool.h"
#include "secure/smime.h"

struct secure_want {
	bool smime, pgp;
	bool decrypt;
	bool allow_unauthenticated; /* CBC without a signature too */
	const char
	    *decrypt_part; /* this one alone, by its number; NULL: the whole message, or nothing */
	struct smime_reader reader; /* authors is filled in from the message */
};

/* Around what it covers; several signatures in one layer are of several signers. */
struct secure_layer {
	ptrdiff_t parent; /* the layer around it, or -1 */
	enum secure_kind kind;
	enum secure_method method;
	size_t first, n; /* its findings */
	bool whole;      /* it covers all that the layer around it was put around */
};
struct secure_part {                    /* a leaf */
	char *number, *type, *filename; /* filename NULL: none */
	ptrdiff_t layer;                /* the innermost that covers it, or -1: none does */
};
enum secure_field_state {
	SECURE_FIELD_SAME,    /* inside as outside */
	SECURE_FIELD_HIDDEN,  /* outside there is nothing, or what the sender put there instead */
	SECURE_FIELD_CHANGED, /* outside is something else than the sender put there */
	SECURE_FIELD_OUTSIDE  /* nothing protects it: it is not inside */
};
struct secure_field {
	char *name, *value,
	    *outer; /* on one line, raw; value NULL where it is only outside; outer NULL where it is only inside */
	enum secure_field_state state;
};
struct secure_look {
	struct secure_findings found;
	struct secure_layer *layers;
	size_t layer_n;
	struct secure_part *parts;
	size_t part_n;
	struct secure_field *
	    fields; /* of the protected header (RFC 9788), and what is shown to people and is only outside */
	size_t field_n;
	bool protected_header;
	ptrdiff_t
	    payload_layer; /* around the content of the whole message: what covers the protected header; -1: none */
	struct spool *
	    plain; /* the entity to be written: decrypted, and out of opaque signatures; NULL: there is none */
	ptrdiff_t plain_layer;
	char *
	    apart; /* an encrypted part among others that are not: to be asked for by its number; or NULL */
	bool limited;                /* a limit kept us from looking at everything */
	struct secure_spool *spools; /* what the above points into */
	struct secure_payload *payload;
};
void secure_look_init(struct secure_look *l);
void secure_look_release(struct secure_look *l);
/* -1 only for input and output, and a message whose structure passes the parser's limits. */
int secure_look(struct secure_look *l, const struct spool *message, const struct secure_want *want,
    struct err *e);
/* Does a signature that holds (a decryption that succeeded) cover it? Which finding: the innermost one. */
const struct secure_finding *secure_covered(
    const struct secure_look *l, ptrdiff_t layer, enum secure_kind kind);
/* The message as its recipient is meant to read it: protected header fields in place of those outside, "Surat-Protection" with what covers it (one that came
 * with the message is dropped), the decrypted content. Without anything encrypted or opaque, the message's own content. LF lines; not ended. */
int secure_look_write(
    const struct secure_look *l, const struct spool *message, struct sink *out, struct err *e);

#endif
