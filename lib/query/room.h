/*
 * room.h - what the files of this room share: the tree a query is, and the search in a stream of text.
 */
#ifndef SURAT_QUERY_ROOM_H
#define SURAT_QUERY_ROOM_H

#include "base/arena.h"
#include "base/buf.h"
#include "query/query.h"

enum query_field {
	QUERY_ANY,
	QUERY_FROM,
	QUERY_TO,
	QUERY_CC,
	QUERY_BCC,
	QUERY_SUBJECT,
	QUERY_LIST,
	QUERY_ID,
	QUERY_DATE,
	QUERY_BODY,
	QUERY_ATTACHMENT,
	QUERY_FILENAME,
	QUERY_TYPE,
	QUERY_FLAG,
	QUERY_SIZE,
	QUERY_IN
};
enum query_kind { QUERY_TERM, QUERY_AND, QUERY_OR, QUERY_NOT };

/* Children of AND, OR, NOT hang on first and next. An AND without children is true. */
struct query_node {
	enum query_kind kind;
	struct query_node *first, *last, *next;
	/* of a term */
	enum query_field field;
	unsigned index;       /* among the terms that are looked for while the parts are read */
	struct span text;     /* folded; id: as it is */
	int64_t from_n, to_n; /* date, size: from_n <= n < to_n */
	unsigned flag;        /* flag: this bit */
	bool flag_wanted;     /* is set, or is not */
};
struct query {
	struct arena arena;
	struct query_node *top;
	unsigned part_terms; /* ANY, BODY, ATTACHMENT, FILENAME, TYPE */
	size_t longest;      /* text of ANY and BODY */
	bool has_in;
};
enum { QUERY_TERMS_MAX = 1000, QUERY_DEPTH_MAX = 100 };

/* Fills a term from "key:" (NULL: a word) and its value. */
int query_term_set(struct query *q, struct query_node *n, struct span key, struct span value,
    query_flag_fn *flags, struct err *e);
/* The length of a known key with its colon in front of text, or 0. */
size_t query_key_length(struct span text);

/* Appends folded for comparing: case, composition, and each run of blanks and line ends as one blank. */
void query_fold(struct buf *b, struct span text);

/* Text that comes in pieces, searched for all wanted terms at once. */
struct text_search {
	struct sink sink;
	const struct query_node *const *terms; /* NULL-terminated */
	bool *hit;                             /* by their index */
	unsigned hits;                         /* how many became true */
	bool blanks;                           /* some term has one in it */
	bool ascii;                            /* all are */
	size_t keep;                           /* how much of the end is looked at again */
	struct buf window, folded;
};
/* longest: of the terms' texts. */
void text_search_init(
    struct text_search *s, const struct query_node *const *terms, size_t longest, bool *hit);
void text_search_release(struct text_search *s);
/* For the next text. */
void text_search_reset(struct text_search *s);

#endif
