/*
 * mh_sequences.h - .mh_sequences: where an MH folder keeps its flags. Private to the room.
 *
 * "unseen: 3 7-9": one line a sequence, numbers and ranges. nmh, mutt and Python agree on unseen, replied and flagged; ours besides are trashed, draft, passed. Sequences that mean
 * nothing to us are kept.
 */
#ifndef SURAT_STORE_MH_SEQUENCES_H
#define SURAT_STORE_MH_SEQUENCES_H

#include "store/store.h"

struct mh_range {
	uint64_t first, last;
};
struct mh_sequence {
	char *name;
	struct mh_range *v; /* ascending, apart */
	size_t n;
};
struct mh_sequences {
	struct mh_sequence *v;
	size_t n;
};
/* What is no sequence is passed over: a folder's mail must not depend on this file. */
void mh_sequences_parse(struct mh_sequences *s, struct span text);
void mh_sequences_write(const struct mh_sequences *s, struct buf *b);
void mh_sequences_release(struct mh_sequences *s);
bool mh_sequences_has(const struct mh_sequences *s, const char *name, uint64_t number);
void mh_sequences_set(struct mh_sequences *s, const char *name, uint64_t number, bool on);
/* A message's flags, and back. STORE_RECENT is what nobody has seen. */
unsigned mh_sequences_flags(const struct mh_sequences *s, uint64_t number);
void mh_sequences_put_flags(struct mh_sequences *s, uint64_t number, unsigned flags);
/* It is gone: out of all sequences. */
void mh_sequences_forget(struct mh_sequences *s, uint64_t number);

/* The file, locked (exclusive or shared) within 30 s: its descriptor. EX_TEMPFAIL. *s is read from it. create: when it is missing; else a missing one is -1 with
 * EX_NOINPUT. */
int mh_sequences_lock(
    int dirfd, bool exclusive, bool create, struct mh_sequences *s, struct err *e);
/* Writes it back; it stays locked until it is closed. */
int mh_sequences_store(int fd, const struct mh_sequences *s, struct err *e);

#endif
