/*
 * thread.h - messages put into conversations: RFC 5256, the REFERENCES algorithm.
 *
 *	struct thread_message v[n] = {{.id = ..., .references = ..., .subject = ..., .date_s = ...}, ...};
 *	struct thread *t = thread_new(v, n);
 *	for (const struct thread_node *x = thread_first(t); x; x = x->next) ...
 *	thread_free(t);
 *
 * Raw field values go in. Linear but for the sorting, whatever the fields say: a loop is not closed, and depth costs no stack.
 */
#ifndef SURAT_MIME_THREAD_H
#define SURAT_MIME_THREAD_H

#include "base/buf.h"

#include <stdint.h>

struct thread_message {
	struct span id, references, in_reply_to, subject; /* raw; ptr NULL where missing */
	int64_t date_s;
};
/* A place in a conversation; without a message where that is missing but several answer it. Siblings by date. */
struct thread_node {
	struct thread_node *parent, *child, *next;
	const struct thread_message *message; /* or NULL */
};
struct thread;
/* The messages must stay. */
struct thread *thread_new(const struct thread_message *v, size_t n);
void thread_free(struct thread *t);
/* The conversations, by the date of their first message. */
const struct thread_node *thread_first(const struct thread *t);
/* The node behind it in reading order (depth first); NULL at the end. *depth: 0 the top; kept up to date. */
const struct thread_node *thread_next(const struct thread_node *x, unsigned *depth);

#endif
