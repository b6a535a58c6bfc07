/* Where mailboxes, state and caches are. */
#include "account/internal.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "imap/client.h"
#include "io/file.h"
#include "io/sys.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

const char *account_home(struct err *e)
{
	const char *home = getenv("HOME");
	if (home && *home == '/')
		return home;
	err_set(e, EX_CONFIG, _("HOME is not set"));
	return NULL;
}

int account_expand_home(const char *path, char **out, struct err *e)
{
	if (path[0] != '~' || (path[1] && path[1] != '/')) {
		*out = str_dup(path);
		return 0;
	}
	const char *home = account_home(e);
	if (!home)
		return -1;
	*out = str_printf("%s%s", home, path + 1);
	return 0;
}

/* A folder of ours below an XDG folder, made 0700. */
static int xdg_path(
    const char *variable, const char *fallback, const char *name, char **out, struct err *e)
{
	const char *xdg = getenv(variable), *home = NULL;
	bool absolute =
	    xdg && *xdg == '/'; /* the others are to be ignored, says the XDG specification */
	if (!absolute && !(home = account_home(e)))
		return -1;
	char *folder =
	    absolute ? str_printf("%s/surat", xdg) : str_printf("%s/%s/surat", home, fallback);
	int r = dir_make(folder, 0700, e);
	if (r == 0)
		*out = name ? str_printf("%s/%s", folder, name) : str_dup(folder);
	free(folder);
	return r;
}

int account_state_path(const char *name, char **out, struct err *e)
{
	return xdg_path("XDG_STATE_HOME", ".local/state", name, out, e);
}

int account_cache_path(const char *name, char **out, struct err *e)
{
	return xdg_path("XDG_CACHE_HOME", ".cache", name, out, e);
}

static bool exists(const char *path)
{
	struct stat st;
	return sys_fstatat(AT_FDCWD, path, &st, 0) == 0;
}

static char *system_mailbox(void)
{
	const char *user = getenv("USER");
	struct passwd *pw = user && *user ? NULL : getpwuid(geteuid());
	user = pw ? pw->pw_name : user;
	if (!user || !*user || strchr(user, '/'))
		return NULL;
	return str_printf("mbox:/var/mail/%s", user);
}

/* $MAIL; ~/Maildir where it is; /var/mail/$USER where that is; else ~/Maildir, to be made. */
static int usual_mailbox(char **out, struct err *e)
{
	const char *mail = getenv("MAIL"), *home;
	if (mail && *mail) {
		*out = str_dup(mail);
		return 0;
	}
	char *system = system_mailbox();
	bool have_system = system && exists(system + strlen("mbox:"));
	home = account_home(have_system ? NULL : e);
	char *maildir = home ? str_printf("maildir:%s/Maildir", home) : NULL;
	if (have_system && !(maildir && exists(maildir + strlen("maildir:")))) {
		*out = system;
		free(maildir);
		return 0;
	}
	free(system);
	if (!maildir)
		return -1;
	*out = maildir;
	return 0;
}

/* "maildir:~/x" and "~/x" */
static int expand_scheme(const char *name, char **out, struct err *e)
{
	static const char *const schemes[] = {"maildir:", "mbox:", "mh:"};
	size_t skip = 0;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (span_starts(span_of(name), schemes[i]))
			skip = strlen(schemes[i]);
	char *path;
	if (account_expand_home(name + skip, &path, e) < 0)
		return -1;
	*out = str_printf("%.*s%s", (int)skip, name, path);
	free(path);
	return 0;
}

int account_mailbox(const struct account *a, char **out, struct err *e)
{
	return a->mailbox ? expand_scheme(a->mailbox, out, e) : usual_mailbox(out, e);
}

static bool bad_folder(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7f)
			return true;
	return !name.len || *name.ptr == '/' || *name.ptr == '.' || name.ptr[name.len - 1] == '/' ||
	       span_find(name, SPAN("..")) >= 0 || span_find(name, SPAN("//")) >= 0 ||
	       span_find(name, SPAN("/.")) >= 0;
}

/* Maildir++, as Dovecot lays it out: "+Work/2026" is the folder .Work.2026 of the Maildir, "+Entwürfe" is .Entw&APw-rfe. */
static char *maildir_folder(const char *store, const char *name)
{
	struct buf path = BUF_INIT(64 * 1024);
	buf_addf(&path, "%s/.", store);
	size_t at = path.len;
	imap_utf7_encode(&path, span_of(name));
	for (; at < path.len; at++)
		if (path.ptr[at] == '/')
			path.ptr[at] = '.';
	return buf_detach(&path);
}

/* Beside the mbox; what is in the system's folder has its folders in ~/mail. */
static int mbox_folder(const char *store, const char *name, char **out, struct err *e)
{
	struct span path = span_of(store);
	if (span_starts(path, "/var/")) {
		const char *home = account_home(e);
		if (home)
			*out = str_printf("mbox:%s/mail/%s", home, name);
		return home ? 0 : -1;
	}
	const char *slash = strrchr(store, '/');
	*out = str_printf("mbox:%.*s%s", slash ? (int)(slash + 1 - store) : 0, store, name);
	return 0;
}

static bool is_maildir(const char *path)
{
	char *cur = str_printf("%s/cur", path);
	bool yes = exists(cur);
	free(cur);
	return yes;
}

static int folder(const struct account *a, const char *name, char **out, struct err *e)
{
	char *store;
	if (bad_folder(span_of(name)))
		return err_set(e, EX_USAGE, _("+%.100s: not a folder's name"), name);
	if (account_mailbox(a, &store, e) < 0)
		return -1;
	struct span s = span_of(store);
	int r = 0;
	if (span_is_nocase(span_of(name), "INBOX"))
		*out = str_dup(store);
	else if (span_starts(s, "maildir:"))
		*out = maildir_folder(store, name);
	else if (span_starts(s, "mbox:"))
		r = mbox_folder(store + strlen("mbox:"), name, out, e);
	else if (store[s.len - 1] == '/' || is_maildir(store))
		*out = maildir_folder(store, name);
	else
		r = mbox_folder(store, name, out, e);
	free(store);
	return r;
}

int account_mailbox_expand(const struct account *a, const char *name, char **out, struct err *e)
{
	return *name == '+' ? folder(a, name + 1, out, e) : expand_scheme(name, out, e);
}
