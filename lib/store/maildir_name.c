/*
 * The names of a Maildir's files: "UNIQUE,S=size,W=size on the wire:2,FLAGS". Dovecot takes S= and W= as the truth and looks at no file for them.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "io/sys.h"
#include "store/room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct span maildir_unique(struct span base)
{
	size_t n = 0;
	while (n < base.len && base.ptr[n] != ',' && base.ptr[n] != ':')
		n++;
	return span_take(base, n);
}

/* What is behind ":2,", or "" */
static struct span info_letters(struct span base)
{
	ptrdiff_t colon = span_index(base, ':');
	struct span info = colon < 0 ? SPAN("") : span_skip(base, (size_t)colon + 1);
	return span_starts(info, "2,") ? span_skip(info, 2) : SPAN("");
}

unsigned maildir_flags(struct span base)
{
	return store_flags_of_letters(info_letters(base));
}

bool maildir_size(struct span base, uint64_t *size)
{
	ptrdiff_t colon = span_index(base, ':');
	if (colon >= 0)
		base = span_take(base, (size_t)colon);
	ptrdiff_t at = span_find(base, SPAN(",S="));
	if (at < 0)
		return false;
	base = span_skip(base, (size_t)at + 3);
	ptrdiff_t comma = span_index(base, ',');
	return span_to_u64(comma < 0 ? base : span_take(base, (size_t)comma), INT64_MAX, size);
}

/* "BASE:2,LETTERS" with these flags changed; letters that are no flags of ours (keywords) stay. */
static void info_write(struct buf *b, struct span base, unsigned add, unsigned remove)
{
	bool set[128] = {0};
	struct span was = info_letters(base);
	ptrdiff_t colon = span_index(base, ':');
	for (size_t i = 0; i < was.len; i++)
		if (is_alpha(was.ptr[i]) &&
		    !(store_flags_of_letters(span_make(was.ptr + i, 1)) & remove))
			set[(unsigned char)was.ptr[i]] = true;
	char letters[8];
	store_flags_letters(add, letters);
	for (const char *p = letters; *p; p++)
		set[(unsigned char)*p] = true;
	buf_add(b, colon < 0 ? base : span_take(base, (size_t)colon));
	buf_adds(b, ":2,");
	for (int c = 'A'; c <= 'z'; c++)
		if (set[c])
			buf_addc(b, (char)c);
}

/* --- where it is --- */

static ptrdiff_t last_slash(struct span s)
{
	size_t n = s.len;
	while (n > 0 && s.ptr[n - 1] != '/')
		n--;
	return (ptrdiff_t)n - 1;
}

bool maildir_place_parse(struct span path, struct maildir_place *p)
{
	ptrdiff_t slash = last_slash(path);
	if (slash < 0 || memchr(path.ptr, '\0', path.len))
		return false;
	struct span dir = span_take(path, (size_t)slash), base = span_skip(path, (size_t)slash + 1);
	ptrdiff_t up = last_slash(dir);
	struct span sub = span_skip(dir, (size_t)(up + 1));
	if (!base.len || (!span_is(sub, "cur") && !span_is(sub, "new")))
		return false;
	*p = (struct maildir_place){.root = span_dup(span_take(dir, (size_t)(up + 1))),
	    .base = span_dup(base),
	    .in_new = span_is(sub, "new")};
	return true;
}

void maildir_place_release(struct maildir_place *p)
{
	free(p->root);
	free(p->base);
	*p = (struct maildir_place){0};
}

char *maildir_place_path(const struct maildir_place *p)
{
	return str_printf("%s%s/%s", p->root, p->in_new ? "new" : "cur", p->base);
}

static bool same_unique(const char *a, struct span unique)
{
	return span_eq(maildir_unique(span_of(a)), unique);
}

/* Its name in one of the two folders: 1 (malloc'ed), 0, -1. */
static int search_folder(
    const char *root, const char *sub, struct span unique, char **base, struct err *e)
{
	char *path = str_printf("%s%s", root, sub);
	int found = 0, fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		found =
		    errno == ENOENT || errno == ENOTDIR ? 0 : err_sys(e, EX_NOINPUT, "%s", path);
		if (fd >= 0)
			sys_close(fd);
		free(path);
		return found;
	}
	for (struct dirent *d; !found && (d = readdir(dir));)
		if (same_unique(d->d_name, unique)) {
			*base = str_dup(d->d_name);
			found = 1;
		}
	closedir(dir);
	free(path);
	return found;
}

int maildir_place_again(struct maildir_place *p, struct err *e)
{
	char *base = NULL;
	struct span unique = maildir_unique(span_of(p->base));
	/* new/ first: it may move from there to cur/ meanwhile, never back */
	int r = search_folder(p->root, "new", unique, &base, e);
	bool in_new = r > 0;
	if (r == 0)
		r = search_folder(p->root, "cur", unique, &base, e);
	if (r > 0) {
		free(p->base);
		p->base = base;
		p->in_new = in_new;
	}
	return r;
}

/* A second file of that unique part (a copy, restored from a backup) would be overwritten and so lost. */
static int rename_there(const char *from, const char *to)
{
	struct stat st;
	if (sys_rename_new(AT_FDCWD, from, AT_FDCWD, to) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (sys_fstatat(AT_FDCWD, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
		errno = EEXIST;
	return errno == ENOENT ? sys_renameat(AT_FDCWD, from, AT_FDCWD, to) : -1;
}

enum { RENAME_TRIES = 10 }; /* somebody else is changing flags at the same time */

int maildir_flag(struct maildir_place *p, unsigned add, unsigned remove, struct err *e)
{
	for (int i = 0; i < RENAME_TRIES; i++) {
		struct buf to = BUF_INIT(4096);
		char *from_path = maildir_place_path(p);
		info_write(&to, span_of(p->base), add, remove);
		char *to_path = str_printf("%scur/%s", p->root, buf_cstr(&to));
		int r = strcmp(from_path, to_path) == 0
			    ? faccessat(AT_FDCWD, from_path, F_OK, AT_SYMLINK_NOFOLLOW)
			    : rename_there(from_path, to_path);
		int error = errno;
		if (r == 0) {
			free(p->base);
			p->base = buf_detach(&to);
			p->in_new = false;
		} else if (error == ENOENT) {
			r = maildir_place_again(p, e);
			r = r == 0  ? err_set(e, EX_NOINPUT, _("%s: no such message"), from_path)
			    : r < 0 ? -1
				    : 1;
		} else {
			errno = error;
			r = err_sys(e, EX_TEMPFAIL, "%s", error == EEXIST ? to_path : from_path);
		}
		free(from_path);
		free(to_path);
		buf_release(&to);
		if (r <= 0)
			return r;
	}
	return err_set(e, EX_TEMPFAIL, _("%s: its name keeps changing"), p->base);
}
