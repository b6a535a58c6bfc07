/*
 * maildir.h - an open Maildir. Private to the room.
 *
 * A file is written in tmp/ under a name nobody else can have, made durable, linked into new/ (or cur/) under its final name, and that folder made
 * durable: in this order, so that a reader sees whole messages only and a power failure takes none that was acknowledged.
 */
#ifndef SURAT_STORE_MAILDIR_H
#define SURAT_STORE_MAILDIR_H

#include "store/room.h"

enum { MAILDIR_TMP, MAILDIR_NEW, MAILDIR_CUR };
enum { MAILDIR_UNIQUE = 160 };
extern const char *const maildir_folders[3];

struct maildir_pending { /* written, not yet seen by anybody */
	int fd;
	bool in_cur, published;
	uint64_t bytes;
	char tmp[MAILDIR_UNIQUE], name[256];
};
struct maildir {
	int dir[3];
	unsigned sequence;
	struct maildir_pending *pending;
	size_t n, cap;
	/* the message being written */
	struct sink count;
	struct sink_fd *out;
	uint64_t bytes, bare_lf;
	char last;
	unsigned flags;
	int64_t received_s;
};
int maildir_scan(struct store *s, struct store_scan *sc, struct err *e);

#endif
