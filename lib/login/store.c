#include "login/store.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"
#include "login/form.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { COMMAND_MS = 120 * 1000, NAME_MAX_BYTES = 200 };

/* --- names --- */

static char *file_name(const struct login_store *s, const char *kind)
{
	return str_printf("%s.%s", s->base, kind);
}

static int set_names(struct login_store *s, const char *account, struct err *e)
{
	struct buf b = BUF_INIT(NAME_MAX_BYTES);
	form_escape(&b, span_of(account));
	if (b.over || !b.len) {
		buf_release(&b);
		return err_set(e, EX_USAGE, _("\"%.100s\" is no name for an account"), account);
	}
	s->account = str_dup(account);
	s->base = buf_detach(&b);
	return 0;
}

int login_store_open(struct login_store *s, const char *folder, const char *command,
    const char *account, struct err *e)
{
	struct login_store new = {.dirfd = -1, .command = command};
	if (dir_make(folder, 0700, e) < 0 || set_names(&new, account, e) < 0)
		return -1;
	new.folder = str_dup(folder);
	new.dirfd = dir_open(AT_FDCWD, folder, e);
	if (new.dirfd < 0) {
		login_store_close(&new);
		return -1;
	}
	*s = new;
	return 0;
}

void login_store_close(struct login_store *s)
{
	if (s->dirfd >= 0)
		sys_close(s->dirfd);
	free(s->folder);
	free(s->account);
	free(s->base);
	*s = (struct login_store){.dirfd = -1};
}

/* --- by the command --- */

static int run(struct login_store *s, const char *action, const char *kind, struct span input,
    struct buf *out, struct err *e)
{
	char *env[] = {str_printf("SURAT_ACTION=%s", action), str_printf("SURAT_KIND=%s", kind),
	    str_printf("SURAT_ACCOUNT=%s", s->account), NULL};
	int r = child_output(s->command, env, input, out, COMMAND_MS, e);
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
	if (r < 0 && e)
		e->code = EX_NOPERM;
	return r < 0 ? err_prefix(e, _("token-store: %s: "), action) : 0;
}

/* What a command says to put and erase is not for us. */
static int run_quietly(
    struct login_store *s, const char *action, const char *kind, struct span input, struct err *e)
{
	struct buf ignored = BUF_INIT(LOGIN_RECORD_MAX);
	ignored.secret = true;
	int r = run(s, action, kind, input, &ignored, e);
	buf_wipe(&ignored);
	return r;
}

/* --- files --- */

static int read_trusted(
    struct login_store *s, int fd, const char *name, struct buf *b, struct err *e)
{
	struct stat st;
	struct source_fd from;
	struct sink_buf to;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(e, EX_IOERR, "%s/%s", s->folder, name);
	if (st.st_uid != geteuid() || (st.st_mode & (S_IRWXG | S_IRWXO)))
		return err_set(e, EX_NOPERM,
		    _("%s/%s: it is somebody else's, or others may read it: chmod go-rwx"),
		    s->folder, name);
	source_fd_init(&from, fd);
	sink_buf_init(&to, b);
	return sink_pump(&to.sink, &from.source, e) < 0 ? err_prefix(e, "%s/%s: ", s->folder, name)
							: 1;
}

static int get_file(struct login_store *s, const char *kind, struct buf *text, struct err *e)
{
	struct err why = ERR_INIT;
	char *name = file_name(s, kind);
	int fd = file_open_strict(s->dirfd, name, &why), r;
	if (fd < 0) {
		r = why.sys == ENOENT ? 0 : err_copy(e, &why);
	} else {
		r = read_trusted(s, fd, name, text, e);
		sys_close(fd);
	}
	free(name);
	return r;
}

static int put_file(struct login_store *s, const char *kind, struct span text, struct err *e)
{
	struct file_new f;
	char *name = file_name(s, kind);
	int r = file_new_open(&f, s->dirfd, 0600, e);
	if (r == 0 && (r = sink_put(&f.out.sink, text, e)) < 0)
		file_new_abort(&f);
	else if (r == 0)
		r = file_new_commit(&f, name, FILE_REPLACE, e);
	mem_wipe(f.out.bytes, sizeof(f.out.bytes));
	if (r < 0)
		err_prefix(e, "%s/%s: ", s->folder, name);
	free(name);
	return r;
}

static int erase_file(struct login_store *s, const char *kind, struct err *e)
{
	char *name = file_name(s, kind);
	int r = sys_unlinkat(s->dirfd, name, 0);
	if (r < 0 && errno == ENOENT)
		r = 0;
	else if (r < 0)
		err_sys(e, EX_CANTCREAT, "%s/%s", s->folder, name);
	else
		r = dir_sync(s->dirfd, s->folder, e);
	free(name);
	return r;
}

/* --- either --- */

int login_store_get(struct login_store *s, const char *kind, struct buf *text, struct err *e)
{
	if (!s->command)
		return get_file(s, kind, text, e);
	if (run(s, "get", kind, SPAN(""), text, e) < 0)
		return -1;
	return span_trim(buf_span(text)).len > 0;
}

int login_store_put(struct login_store *s, const char *kind, struct span text, struct err *e)
{
	return s->command ? run_quietly(s, "put", kind, text, e) : put_file(s, kind, text, e);
}

int login_store_erase(struct login_store *s, const char *kind, struct err *e)
{
	return s->command ? run_quietly(s, "erase", kind, SPAN(""), e) : erase_file(s, kind, e);
}

int login_store_lock(struct login_store *s, struct err *e)
{
	char *name = file_name(s, "lock");
	int fd = sys_openat(s->dirfd, name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	if (fd < 0) {
		err_sys(e, EX_CANTCREAT, "%s/%s", s->folder, name);
	} else if (file_lock(fd, true, true, e) < 0) {
		err_prefix(e, "%s/%s: ", s->folder, name);
		sys_close(fd);
		fd = -1;
	}
	free(name);
	return fd;
}

/* --- which there are --- */

static void add_account(struct strv *out, struct span name)
{
	struct form_reader r;
	form_reader_init(&r, name, NAME_MAX_BYTES);
	if (form_next(&r, NULL) > 0) {
		char *account = span_dup(buf_span(&r.name));
		if (!strv_has(out, account))
			strv_add(out, account);
		free(account);
	}
	form_reader_release(&r);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int login_store_accounts(const char *folder, struct strv *out, struct err *e)
{
	DIR *dir = opendir(folder);
	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return err_sys(e, EX_NOINPUT, "%s", folder);
	for (struct dirent *d; (d = readdir(dir));) {
		struct span name = span_of(d->d_name);
		if (*d->d_name != '.' && span_ends_nocase(name, ".lock"))
			add_account(out, span_take(name, name.len - strlen(".lock")));
	}
	closedir(dir);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), compare);
	return 0;
}
