/*
 * run.h - what is known about the message that is looked at. Private to this room.
 */
#ifndef SURAT_QUERY_RUN_H
#define SURAT_QUERY_RUN_H

#include "mime/header.h"
#include "query/room.h"

/* The fields whose text is looked into, decoded and folded once a message. */
enum { TEXT_FROM, TEXT_TO, TEXT_CC, TEXT_BCC, TEXT_SUBJECT, TEXT_LIST, TEXT_COUNT };
enum { FIELD_TEXT_MAX = 1 << 20 };

struct query_run {
	const struct query *q;
	const struct query_message *m;
	const struct query_node **texts; /* ANY and BODY terms, NULL-terminated */
	bool *hit;                       /* by index: found in a part */
	struct text_search search;
	struct header header;
	bool have_header, have_parts, folded_ok[TEXT_COUNT];
	struct buf folded[TEXT_COUNT];
	struct buf mailbox;
};

/* What one term says, with what is known so far. */
enum query_answer query_term_answer(struct query_run *run, const struct query_node *t);
/* The whole query. */
enum query_answer query_eval(struct query_run *run, const struct query_node *n);
/* Reads the header; all parts, or as many as decide. */
int query_read_header(struct query_run *run, struct source *in, struct err *e);
int query_read_parts(struct query_run *run, struct source *in, struct err *e);

#endif
