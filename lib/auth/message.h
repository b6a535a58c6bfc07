/*
 * message.h - a message as those see it who check or sign it: its fields to the octet, and the hashes of its body, in one pass over a stream.
 *
 *	struct auth_message m;
 *	auth_message_init(&m);
 *	m.header_done = look_at_signatures;		// says with auth_body_want what of the body is needed
 *	sink_put(&m.sink, piece, e) ... sink_end(&m.sink, e);
 *	... m.fields, m.body.v[i].sum ...
 *	auth_message_release(&m);
 *
 * A leading "From " line is passed over. Memory: the header, at most 4 MiB (past it EX_DATAERR), and a few blocks.
 */
#ifndef SURAT_AUTH_MESSAGE_H
#define SURAT_AUTH_MESSAGE_H

#include "auth/body.h"
#include "auth/fields.h"

struct auth_message {
	struct sink sink;
	struct buf header; /* without the empty line */
	struct auth_fields fields;
	bool unended;        /* no empty line stands between the fields and the body, ... */
	uint64_t body_begin; /* ... which begins here, of all octets */
	struct auth_body body;
	bool in_body;
	size_t scanned;     /* of the header's octets: whole lines looked at */
	uint64_t from_line; /* octets of a "From " line in front */
	uint64_t size;      /* of all of it */
	int (*header_done)(struct auth_message *m, struct err *e); /* or NULL */
	void *owner;                                               /* the caller's */
};
void auth_message_init(struct auth_message *m);
void auth_message_release(struct auth_message *m);

#endif
