#include "account/folders.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "imap/client.h"
#include "io/file.h"
#include "io/sys.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Maildir++: ".Work.2026" with a cur/ in it is "+Work/2026". */
static char *maildir_folder(int dir, const char *entry)
{
	struct stat st;
	if (entry[0] != '.' || !entry[1] || entry[1] == '.')
		return NULL;
	char *cur = str_printf("%s/cur", entry);
	bool is_one = sys_fstatat(dir, cur, &st, 0) == 0 && S_ISDIR(st.st_mode);
	free(cur);
	if (!is_one)
		return NULL;
	struct buf name = BUF_INIT(64 * 1024);
	buf_addc(&name, '+');
	imap_utf7_decode(&name, span_of(entry + 1));
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] == '.')
			name.ptr[i] = '/';
	return buf_detach(&name);
}

/* A file beside the mbox is a folder when it begins as one does. */
static char *mbox_folder(int dir, const char *entry)
{
	char first[5];
	if (entry[0] == '.')
		return NULL;
	int fd = file_open_strict(dir, entry, NULL);
	if (fd < 0)
		return NULL;
	ssize_t n = sys_read(fd, first, sizeof(first));
	sys_close(fd);
	bool is_one = n == 0 || (n == sizeof(first) && memcmp(first, "From ", 5) == 0);
	return is_one ? str_printf("+%s", entry) : NULL;
}

static int read_folder(
    const char *path, bool maildir, const char *inbox, struct strv *names, struct err *e)
{
	int fd = dir_open(AT_FDCWD, path, e);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return -1;
	for (struct dirent *d; (d = readdir(dir));) {
		if (!maildir && strcmp(d->d_name, inbox) == 0)
			continue;
		char *name = maildir ? maildir_folder(fd, d->d_name) : mbox_folder(fd, d->d_name);
		if (name)
			strv_take(names, name);
	}
	closedir(dir);
	return 0;
}

/* Where account_mailbox_expand would put a folder: the path in front of its name. */
static int folders_path(
    const struct account *a, bool maildir, const char *store, char **out, struct err *e)
{
	char *example;
	if (maildir) {
		*out = str_dup(store);
		return 0;
	}
	if (account_mailbox_expand(a, "+x", &example, e) < 0)
		return -1;
	char *path = example + (span_starts(span_of(example), "mbox:") ? strlen("mbox:") : 0);
	char *slash = strrchr(path, '/');
	*out = slash ? mem_dup(path, (size_t)(slash - path)) : str_dup(".");
	free(example);
	return 0;
}

int account_folders(const struct account *a, struct strv *names, struct err *e)
{
	char *mailbox, *path;
	struct store *s;
	if (account_mailbox(a, &mailbox, e) < 0)
		return -1;
	int r = store_open(&s, span_of(mailbox), STORE_READ_ONLY, e);
	free(mailbox);
	if (r < 0)
		return -1;
	bool maildir = store_kind_of(s) == STORE_MAILDIR;
	const char *slash = strrchr(store_path(s), '/');
	strv_add(names, "+INBOX");
	size_t first = names->n;
	r = folders_path(a, maildir, store_path(s), &path, e);
	if (r == 0) {
		struct err why = ERR_INIT;
		/* ~/mail need not be there */
		r = read_folder(path, maildir, slash ? slash + 1 : store_path(s), names, &why);
		r = r < 0 && why.sys != ENOENT ? err_copy(e, &why) : 0;
		free(path);
	}
	store_free(s);
	if (names->n > first)
		qsort(names->v + first, names->n - first, sizeof(*names->v), by_name);
	return r;
}
