#include "io/user.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "base/strv.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

int user_next(struct user *u)
{
	struct passwd entry, *found = NULL;
	size_t size = 1024;
	char *text = mem_new(size, 1);
	int error;
	while ((error = getpwent_r(&entry, text, size, &found)) == ERANGE && size < 1 << 20) {
		size *= 2;
		text = mem_resize(text, size, 1);
	}
	if (error == 0 && found)
		*u = (struct user){.name = str_dup(entry.pw_name),
		    .home = str_dup(entry.pw_dir),
		    .shell = str_dup(entry.pw_shell),
		    .uid = entry.pw_uid,
		    .gid = entry.pw_gid};
	free(text);
	return error == 0 && found;
}

void user_rewind(void)
{
	setpwent();
}

void user_release(struct user *u)
{
	free(u->name);
	free(u->home);
	free(u->shell);
	*u = (struct user){0};
}

/* The groups first, while we may; the user last, and then there is no way back. */
static int drop(const struct user *u, struct err *e)
{
	if (initgroups(u->name, u->gid) < 0 || setgid(u->gid) < 0 || setuid(u->uid) < 0)
		return err_sys(e, EX_OSERR, "%s", u->name);
	if (getuid() != u->uid || geteuid() != u->uid || getgid() != u->gid || getegid() != u->gid)
		return err_set(e, EX_NOPERM, _("%s: cannot become that user"), u->name);
	if (u->uid != 0 && setuid(0) == 0)
		return err_set(e, EX_NOPERM, _("%s: could become root again"), u->name);
	return 0;
}

static void set_environment(const struct user *u)
{
	static const char *const kept[] = {"LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ"};
	struct strv values = {0};
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		const char *value = getenv(kept[i]);
		strv_add(&values, value ? value : "");
	}
	clearenv();
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (*values.v[i])
			setenv(kept[i], values.v[i], 1);
	strv_release(&values);
	setenv("HOME", u->home, 1);
	setenv("USER", u->name, 1);
	setenv("LOGNAME", u->name, 1);
	setenv("SHELL", *u->shell ? u->shell : "/bin/sh", 1);
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
}

static int empty_input(struct err *e)
{
	int fd = sys_openat(AT_FDCWD, "/dev/null", O_RDONLY, 0);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		return err_sys(e, EX_OSERR, "/dev/null");
	sys_close(fd);
	return 0;
}

int user_become(const struct user *u, struct err *e)
{
	setsid();
	closefrom(STDERR_FILENO + 1);
	if (empty_input(e) < 0 || drop(u, e) < 0)
		return -1;
	set_environment(u);
	if (chdir(u->home) < 0 && chdir("/") < 0)
		return err_sys(e, EX_OSERR, "/");
	return 0;
}

bool user_owns(const struct user *u, const char *path)
{
	struct stat st;
	char *full = str_printf("%s/%s", u->home, path);
	bool ours = sys_fstatat(AT_FDCWD, full, &st, 0) == 0 && st.st_uid == u->uid;
	free(full);
	return ours;
}
