#include "account/numbers.h"

#include "account/account.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char version[] = "surat-list 1";
enum { OLD_S = 30 * 86400, LIST_MAX = 256 << 20, STAT_STARTED = 22 };

/* When the session's first process began, in ticks since the machine did: the 22nd word of its stat, counted from behind the name. */
static void session_start(pid_t session, struct buf *key)
{
	char path[64];
	struct buf stat = BUF_INIT(4096);
	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)session);
	if (file_read(path, &stat, NULL) == 0) {
		struct span rest = buf_span(&stat), word = {0};
		const char *paren = memrchr(rest.ptr, ')', rest.len);
		rest = paren ? span_skip(rest, (size_t)(paren - rest.ptr) + 1) : (struct span){0};
		for (int i = 3; i <= STAT_STARTED && span_word(&rest, &word); i++)
			;
		buf_addc(key, '-');
		buf_add(key, word);
	}
	buf_release(&stat);
}

static void this_boot(struct buf *key)
{
	struct buf id = BUF_INIT(256);
	if (file_read("/proc/sys/kernel/random/boot_id", &id, NULL) == 0) {
		buf_addc(key, '-');
		buf_add(key, span_take(buf_span(&id), 8));
	}
	buf_release(&id);
}

static int list_path(char **folder, char **path, struct err *e)
{
	struct buf key = BUF_INIT(256);
	pid_t session = getsid(0);
	if (account_state_path("lists", folder, e) < 0)
		return -1;
	buf_addf(&key, "%ld", (long)session);
	session_start(session, &key);
	this_boot(&key);
	*path = str_printf("%s/%s", *folder, buf_cstr(&key));
	buf_release(&key);
	return 0;
}

/* What nobody will ask for again. */
static void drop_old(const char *folder)
{
	struct stat st;
	DIR *dir = opendir(folder);
	for (struct dirent *d; dir && (d = readdir(dir));)
		if (d->d_name[0] != '.' &&
		    sys_fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_mtime < clock_real_s() - OLD_S)
			sys_unlinkat(dirfd(dir), d->d_name, 0);
	if (dir)
		closedir(dir);
}

static void add_absolute(struct buf *b, const char *name, const char *here)
{
	size_t scheme = span_starts(span_of(name), "mbox:") ? strlen("mbox:") : 0;
	buf_addn(b, name, scheme);
	if (name[scheme] != '/')
		buf_addf(b, "%s/", here);
	buf_adds(b, name + scheme);
	buf_addc(b, '\n');
}

int account_numbers_keep(const struct strv *names, struct err *e)
{
	char *folder, *path, *here = getcwd(NULL, 0);
	struct buf b = BUF_INIT(LIST_MAX);
	if (!here)
		return err_sys(e, EX_OSERR, _("the current folder"));
	if (list_path(&folder, &path, e) < 0) {
		free(here);
		return -1;
	}
	buf_addf(&b, "%s\n", version);
	for (size_t i = 0; i < names->n; i++)
		add_absolute(&b, names->v[i], here);
	int r = dir_make(folder, 0700, e);
	if (r == 0)
		r = file_write(path, buf_span(&b), 0600, FILE_REPLACE | FILE_NO_SYNC, e);
	drop_old(folder);
	buf_release(&b);
	free(folder);
	free(path);
	free(here);
	return r;
}

int account_numbers_get(struct strv *names, struct err *e)
{
	char *folder, *path;
	struct buf b = BUF_INIT(LIST_MAX);
	struct err why = ERR_INIT;
	if (list_path(&folder, &path, e) < 0)
		return -1;
	int r = file_read(path, &b, &why);
	struct span rest = buf_span(&b), line;
	if (r < 0 && why.sys == ENOENT)
		r = err_set(e, EX_USAGE,
		    _("numbers are those of the last list shown on this terminal, and there is "
		      "none"));
	else if (r < 0)
		err_copy(e, &why);
	else if (!span_line(&rest, &line) || !span_is(line, version))
		r = err_set(e, EX_CONFIG, _("%s: not a list of this version"), path);
	while (r == 0 && span_line(&rest, &line))
		strv_add_span(names, line);
	buf_release(&b);
	free(folder);
	free(path);
	return r;
}
