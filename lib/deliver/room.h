/*
 * room.h - what the files of this room share. Private to it.
 */
#ifndef SURAT_DELIVER_ROOM_H
#define SURAT_DELIVER_ROOM_H

#include "deliver/deliver.h"

/* A source that lets a message pass and refuses it, by failing, where it goes round in circles or is too large. Looks at lines only, at no structure. */
struct deliver_check {
	struct source source, *in;
	const char *recipient; /* a Delivered-To of this name is a loop; NULL: not looked for */
	uint64_t bytes, max,
	    room; /* passed; of a message (0: any); of the mailbox (UINT64_MAX: any) */
	unsigned hops;
	bool body;
	struct buf line; /* the beginning of the header's line at hand */
};
void deliver_check_init(struct deliver_check *c, struct source *in);
void deliver_check_release(struct deliver_check *c);
int deliver_over_quota(struct err *e);

/* Return-Path, Delivered-To, Received. */
void deliver_fields(struct buf *b, const struct deliver_to *to);
/* Runs a command with the message on its standard input. */
int deliver_command(const struct deliver_options *o, struct source *message,
    const struct deliver_to *to, const struct store_delivery *d, struct err *e);

#endif
