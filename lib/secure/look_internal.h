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

#endif
