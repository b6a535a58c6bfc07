/*
 * look_internal.h - a look from the inside.
 */
#ifndef SURAT_SECURE_LOOK_INTERNAL_H
#define SURAT_SECURE_LOOK_INTERNAL_H

#include "mime/header.h"
#include "secure/look.h"

struct secure_spool { /* owned by a look */
	struct spool spool;
	struct secure_spool *next;
};
/* What its Content-Type says of an entity's header: hp= (RFC 9788 2.1.1), or protected-headers="v1", which came before and says nothing of what is outside. */
enum header_protection { HP_NONE, HP_CLEAR, HP_CIPHER, HP_OLD };
/* The content of the whole message, in all its layers: its header is the protected one. */
struct secure_payload {
	struct header header;
	enum header_protection how;
};

/* An entity's parts, as a tree. */
struct node {
	struct mime_part *part;
	struct node *next, *first, *last; /* sibling; children */
};
struct tree {
	struct mime_parser parser;
	struct source_spool source;
	struct arena arena;
	struct node *top;
};
int tree_read(struct tree *t, const struct spool *entity, struct err *e);
void tree_release(struct tree *t);

enum node_kind {
	NODE_PLAIN,
	NODE_SMIME_SIGNED,
	NODE_PGP_SIGNED,
	NODE_PKCS7,
	NODE_PGP_ENCRYPTED,
	NODE_PGP_INLINE
};
enum node_kind node_kind(const struct node *n, const struct spool *entity);
/* A leaf's body, decoded. */
int node_decode(const struct node *n, const struct spool *entity, struct sink *out, struct err *e);

/* The header of an entity that begins at from. */
int entity_header(const struct spool *entity, uint64_t from, struct header *h, struct err *e);
/* The addr-specs of From. */
int header_authors(struct header *h, struct strv *out, struct err *e);
enum header_protection header_protection(const struct header *h);

/* The payload's header beside the message's own: l->fields. */
void look_fields(struct secure_look *l, const struct header *outer);

/* Where we are. */
struct place {
	const struct spool *entity;
	const char *prefix; /* of numbers; "" outside */
	ptrdiff_t layer;
	bool root;                  /* nothing stands beside it, up to the message itself */
	bool whole;                 /* the same, up to the layer it is in */
	bool plain;                 /* what is in it is to be written */
	unsigned deep;              /* layers that were opened */
	const struct strv *authors; /* who it says it is from */
	bool disputed;              /* it says so twice */
	uint32_t ambiguous;         /* of all that is around it in this entity */
};
struct walk {
	struct secure_look *l;
	const struct secure_want *want;
	struct err *e;
};
/* look_record.c */
struct spool *look_spool(struct walk *w); /* one that lives as long as the look */
char *look_number(const struct place *at, const struct node *n);
/* Its findings are those from first on. */
ptrdiff_t look_add_layer(struct walk *w, const struct place *at, enum secure_method m,
    enum secure_kind k, size_t first, bool whole);
int look_add_part(struct walk *w, const struct node *n, const struct place *at);
/* A finding that is nothing but a reason. */
void look_say(struct walk *w, enum secure_method m, enum secure_kind k, const char *part,
    enum secure_result r, const char *what);
/* Forgets what came behind those. */
void look_release_from(struct secure_look *l, size_t parts, size_t layers, size_t findings);

/* look.c */
extern const char look_not_opened[];
/* Into what was decrypted, or came out of an opaque signature. */
int look_open(struct walk *w, const struct spool *sp, const struct place *at, const char *number,
    enum secure_method m, enum secure_kind k, size_t first);
/* An encrypted part that has others beside it is written only when it is asked for, and alone. */
struct place look_set_apart(struct walk *w, const struct place *at, const char *number);
/* What would be true for one reader and not for another proves less: the findings from first on. */
void look_doubts(struct walk *w, size_t first, const struct place *at);

/* look_pgp.c */
int look_pgp_encrypted(
    struct walk *w, const struct node *n, const struct place *at, const char *number);
int look_pgp_inline(
    struct walk *w, const struct node *n, const struct place *at, const char *number);

#endif
