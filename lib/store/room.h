/*
 * room.h - what the files of this room share. Private to it.
 */
#ifndef SURAT_STORE_ROOM_H
#define SURAT_STORE_ROOM_H

#include "base/arena.h"
#include "store/store.h"

struct scan_item {
	const char *base;   /* the file's name; mbox: NULL */
	int64_t time_s, us; /* for the order */
	uint64_t size, offset, length, from_at;
	unsigned flags, pass;
	bool in_new;
};
struct store_scan {
	const struct store *store;
	struct arena names;
	struct scan_item *v;
	size_t n, cap, at;
	struct buf name; /* of the entry handed out */
};
struct scan_item *scan_add(struct store_scan *sc);

/* A kind of mailbox. A delivery is begin, bytes into *to and its end, then finish or drop; commit makes the group (be it of one) durable, abort takes it
 * back even then; end after a commit is for good. */
struct store_ops {
	int (*open)(struct store *s, struct err *e);
	int (*begin)(
	    struct store *s, const struct store_delivery *d, struct sink **to, struct err *e);
	/* all bytes were put; *name is malloc'ed */
	int (*finish)(struct store *s, struct store_receipt *r, struct err *e);
	void (*drop)(struct store *s);
	int (*commit)(struct store *s, struct err *e);
	void (*end)(struct store *s);
	void (*abort)(struct store *s);
	bool (*full)(const struct store *s);
	int (*scan)(struct store *s, struct store_scan *sc, struct err *e);
	void (*close)(struct store *s);
};
extern const struct store_ops store_maildir_ops, store_mbox_ops, store_mh_ops;

struct store {
	const struct store_ops *ops;
	enum store_kind kind;
	char *path;
	int flags;
	bool group;
	void *state; /* the kind's own */
};
int store_settle(struct store *s, struct store_receipt *r, struct err *e);

/* --- Maildir --- */

/* A message's file, by its path or, after a flag rename, by the unique part. */
struct maildir_place {
	char *root; /* the Maildir, "" for the current folder, else with a slash at its end */
	char *base; /* the file's name now */
	bool in_new;
};
/* False when the path is not of the form ROOT/cur/BASE or ROOT/new/BASE. Looks at no file. */
bool maildir_place_parse(struct span path, struct maildir_place *p);
void maildir_place_release(struct maildir_place *p);
/* The path, malloc'ed. */
char *maildir_place_path(const struct maildir_place *p);
/* Finds the file again under another name: 1 (base, in_new changed), 0 it is gone, -1. */
int maildir_place_again(struct maildir_place *p, struct err *e);
/* Up to the first ',' or ':'. */
struct span maildir_unique(struct span base);
unsigned maildir_flags(struct span base);
/* ",S=" of the name; false when it has none. */
bool maildir_size(struct span base, uint64_t *size);
int maildir_flag(struct maildir_place *p, unsigned add, unsigned remove, struct err *e);
/* The same bytes by a hard link: true, and commit makes it seen; false when they must be copied. */
bool maildir_take_link(
    struct store *s, const char *from, const struct store_message *m, struct store_receipt *r);

/* --- MH --- */

/* A message's file in an MH folder (one that has .mh_sequences). */
struct mh_place {
	int dir;
	uint64_t number;
};
bool mh_place_parse(struct span path, struct mh_place *p);
void mh_place_release(struct mh_place *p);
int mh_place_flags(const struct mh_place *p, unsigned *flags, struct err *e);
int mh_flag(const struct mh_place *p, unsigned add, unsigned remove, struct err *e);
int mh_erase(const struct mh_place *p, struct err *e);

#endif
