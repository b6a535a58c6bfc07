/*
 * Flags, deleting, copying, moving: of messages by their names.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/sys.h"
#include "store/mbox.h"
#include "store/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* --- flags and deleting --- */

static void flag_file(struct store_edit *edit, struct maildir_place *place)
{
	if (maildir_flag(place, edit->add, edit->remove, &edit->err) == 0)
		edit->name_out = maildir_place_path(place);
}

static int erase_path(const char *path, struct maildir_place *place, bool in_maildir, struct err *e)
{
	int r = sys_unlinkat(AT_FDCWD, path, 0);
	for (int i = 0; r < 0 && errno == ENOENT && in_maildir && i < 10; i++) {
		int again = maildir_place_again(place, e);
		if (again <= 0)
			return again < 0 ? -1
					 : err_set(e, EX_NOINPUT, _("%s: no such message"), path);
		char *now = maildir_place_path(place);
		r = sys_unlinkat(AT_FDCWD, now, 0);
		free(now);
	}
	return r < 0 ? err_sys(e, errno == ENOENT ? EX_NOINPUT : EX_TEMPFAIL, "%s", path) : 0;
}

static int edit_mh(struct store_edit *edit, const struct mh_place *place)
{
	if (edit->erase)
		return mh_erase(place, &edit->err);
	if (mh_flag(place, edit->add, edit->remove, &edit->err) < 0)
		return -1;
	edit->name_out = span_dup(edit->name);
	return 0;
}

static void edit_file(struct store_edit *edit)
{
	struct maildir_place place = {0};
	struct mh_place mh;
	struct stat st;
	char *path = span_dup(edit->name);
	bool in_maildir = maildir_place_parse(edit->name, &place);
	if (!in_maildir && mh_place_parse(edit->name, &mh)) {
		if (edit_mh(edit, &mh) < 0)
			err_prefix(&edit->err, "%s: ", path);
		mh_place_release(&mh);
	} else if (edit->erase) {
		erase_path(path, &place, in_maildir, &edit->err);
	} else if (in_maildir) {
		flag_file(edit, &place);
	} else if (sys_fstatat(AT_FDCWD, path, &st, 0) < 0) {
		err_sys(&edit->err, EX_NOINPUT, "%s", path);
	} else {
		err_set(&edit->err, EX_USAGE, _("%s: a file by itself has no flags"), path);
	}
	maildir_place_release(&place);
	free(path);
}

/* --- many at once --- */

struct in_mbox { /* an edit of a message in an mbox */
	char *path;
	uint64_t offset;
	struct store_edit *edit;
};

static int by_place(const void *pa, const void *pb)
{
	const struct in_mbox *a = pa, *b = pb;
	int r = strcmp(a->path, b->path);
	return r ? r : a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* All of one file. */
static void edit_mbox(struct in_mbox *v, size_t n)
{
	struct mbox_change *c = mem_new(n, sizeof(*c));
	struct err e = ERR_INIT;
	for (size_t i = 0; i < n; i++)
		c[i] = (struct mbox_change){.offset = v[i].offset,
		    .add = v[i].edit->add,
		    .remove = v[i].edit->remove,
		    .erase = v[i].edit->erase};
	int r = mbox_rewrite(v->path, c, n, &e);
	for (size_t i = 0; i < n; i++) {
		struct store_edit *edit = v[i].edit;
		if (r < 0)
			err_copy(&edit->err, &e);
		else if (!c[i].done)
			err_set(&edit->err, EX_NOINPUT, _("%.*s: no message begins there"),
			    SPAN_ARG(edit->name));
		else if (!edit->erase)
			edit->name_out =
			    str_printf("mbox:%s#%llu", v->path, (unsigned long long)c[i].offset);
	}
	free(c);
}

int store_edit(struct store_edit *edits, size_t n)
{
	struct in_mbox *v = mem_new(n ? n : 1, sizeof(*v));
	size_t count = 0;
	int r = 0;
	for (size_t i = 0; i < n; i++) {
		err_clear(&edits[i].err);
		edits[i].name_out = NULL;
		v[count].edit = &edits[i];
		if (mbox_name_parse(edits[i].name, &v[count].path, &v[count].offset))
			count++;
		else
			edit_file(&edits[i]);
	}
	qsort(v, count, sizeof(*v), by_place);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && strcmp(v[i].path, v[end].path) == 0;)
			end++;
		edit_mbox(v + i, end - i);
	}
	for (size_t i = 0; i < count; i++)
		free(v[i].path);
	for (size_t i = 0; i < n; i++)
		r = edits[i].err.code ? -1 : r;
	free(v);
	return r;
}

static int edit_one(struct store_edit edit, char **name_out, struct err *e)
{
	if (store_edit(&edit, 1) < 0)
		return err_copy(e, &edit.err);
	if (name_out)
		*name_out = edit.name_out;
	else
		free(edit.name_out);
	return 0;
}

int store_flag(struct span name, unsigned add, unsigned remove, char **name_out, struct err *e)
{
	return edit_one(
	    (struct store_edit){.name = name, .add = add, .remove = remove}, name_out, e);
}

int store_delete(struct span name, struct err *e)
{
	return edit_one((struct store_edit){.name = name, .erase = true}, NULL, e);
}

/* --- elsewhere --- */

static int copy_bytes(
    struct store_message *m, struct store *to, struct store_receipt *r, struct err *e)
{
	struct store_delivery d = {.flags = m->entry.flags & ~(unsigned)STORE_RECENT,
	    .in_cur = !(m->entry.flags & STORE_RECENT),
	    .received_s = m->entry.time_s};
	return store_deliver(to, m->source, &d, r, e);
}

/* Within a group. *old (malloc'ed): the name it was found under. */
static int copy(struct span name, struct store *to, char **old, char **name_out, struct err *e)
{
	struct store_message m;
	struct store_receipt r = {0};
	int got = 0;
	if (store_message_open(&m, name, e) < 0)
		return -1;
	/* in a Maildir nobody changes a file, so that two may share one: no byte is copied, and its time stays */
	if (m.kind != STORE_MAILDIR || to->kind != STORE_MAILDIR ||
	    !maildir_take_link(to, m.entry.name, &m, &r))
		got = copy_bytes(&m, to, &r, e);
	if (got == 0) {
		*old = str_dup(m.entry.name);
		*name_out = r.name;
	} else {
		free(r.name);
	}
	store_message_free(&m);
	return got;
}

static void fail_all(struct store_transfer *v, size_t n, const struct err *why)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].name_out) {
			free(v[i].name_out);
			v[i].name_out = NULL;
			err_copy(&v[i].err, why);
		}
}

/* All there, in groups; what failed has an error and no name. */
static void copy_all(struct store_transfer *v, size_t n, char **old, struct store *to)
{
	struct err why = ERR_INIT;
	size_t group = 0;
	store_group(to);
	for (size_t i = 0; i < n; i++) {
		if (copy(v[i].name, to, &old[i], &v[i].name_out, &v[i].err) < 0)
			v[i].name_out = NULL;
		if (i + 1 < n && !store_group_full(to))
			continue;
		if (store_group_commit(to, &why) < 0)
			fail_all(v + group, i + 1 - group, &why);
		group = i + 1;
		store_group(to);
	}
	store_group_abort(to);
}

/* Gone here, what is safe there. */
static void erase_copied(struct store_transfer *v, size_t n, char **old)
{
	struct store_edit *edits = mem_new(n ? n : 1, sizeof(*edits));
	size_t *of = mem_new(n ? n : 1, sizeof(*of)), count = 0;
	for (size_t i = 0; i < n; i++)
		if (v[i].name_out) {
			edits[count] = (struct store_edit){.name = span_of(old[i]), .erase = true};
			of[count++] = i;
		}
	store_edit(edits, count);
	for (size_t k = 0; k < count; k++)
		if (edits[k].err.code) {
			v[of[k]].err = edits[k].err;
			err_prefix(
			    &v[of[k]].err, _("copied to %s, but not removed: "), v[of[k]].name_out);
		}
	free(of);
	free(edits);
}

int store_transfer(struct store_transfer *v, size_t n, struct store *to, bool move)
{
	char **old = mem_new(n ? n : 1, sizeof(*old));
	int r = 0;
	for (size_t i = 0; i < n; i++) {
		err_clear(&v[i].err);
		v[i].name_out = NULL;
	}
	copy_all(v, n, old, to);
	if (move)
		erase_copied(v, n, old);
	for (size_t i = 0; i < n; i++) {
		r = v[i].err.code ? -1 : r;
		free(old[i]);
	}
	free(old);
	return r;
}

static int transfer_one(
    struct span name, struct store *to, bool move, char **name_out, struct err *e)
{
	struct store_transfer one = {.name = name};
	int r = store_transfer(&one, 1, to, move);
	if (r < 0)
		err_copy(e, &one.err);
	if (r == 0 && name_out)
		*name_out = one.name_out;
	else
		free(one.name_out);
	return r;
}

int store_copy(struct span name, struct store *to, char **name_out, struct err *e)
{
	return transfer_one(name, to, false, name_out, e);
}

int store_move(struct span name, struct store *to, char **name_out, struct err *e)
{
	return transfer_one(name, to, true, name_out, e);
}
