/* Which file the configuration is, and whether it may be trusted. */
#include "io/file.h"
#include "account/internal.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/sys.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static bool names_commands(const struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		if ((account_key(c->v[i].key) & KEY_COMMAND) || c->v[i].value[0] == '|')
			return true;
	return false;
}

/* Who may write the file may run commands as us. */
static int check_trust(const struct config *c, const struct stat *st, struct err *e)
{
	if (!names_commands(c))
		return 0;
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return err_set(e, EX_CONFIG,
		    _("%s: names commands or secrets, and belongs to somebody else"), c->path);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, EX_CONFIG,
		    _("%s: names commands or secrets, and others may write it: chmod go-w"),
		    c->path);
	return 0;
}

static int read_fd(struct config *c, int fd, const char *path, struct err *e)
{
	struct buf b = BUF_INIT(1024 * 1024);
	struct source_fd from;
	struct sink_buf to;
	source_fd_init(&from, fd);
	sink_buf_init(&to, &b);
	struct stat st;
	int r = sys_fstat(fd, &st) < 0 ? err_sys(e, EX_IOERR, "%s", path) : 0;
	if (r == 0 && sink_pump(&to.sink, &from.source, e) < 0)
		r = err_prefix(e, "%s: ", path);
	struct config new = {0};
	if (r == 0)
		r = config_parse(&new, path, buf_span(&b), e);
	buf_release(&b);
	if (r == 0 && (account_check(&new, e) < 0 || check_trust(&new, &st, e) < 0))
		r = -1;
	if (r < 0)
		config_release(&new);
	else
		*c = new;
	return r;
}

/* 1 read, 0 no such file, -1. */
static int try_file(struct config *c, const char *path, struct err *e)
{
	struct err why = ERR_INIT;
	int fd = file_open(path, &why);
	if (fd < 0 && (why.sys == ENOENT || why.sys == ENOTDIR))
		return 0;
	if (fd < 0) {
		err_copy(e, &why);
		e->code = EX_CONFIG;
		return -1;
	}
	int r = read_fd(c, fd, path, e);
	sys_close(fd);
	return r < 0 ? -1 : 1;
}

/* $XDG_CONFIG_HOME/surat/config or ~/.config/surat/config; NULL without HOME. malloc'ed. */
static char *own_path(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = account_home(NULL);
	if (xdg && *xdg == '/')
		return str_printf("%s/surat/config", xdg);
	return home ? str_printf("%s/.config/surat/config", home) : NULL;
}

int account_read(struct config *c, const char *path, bool *found, struct err *e)
{
	int r = 0;
	if (path) {
		r = try_file(c, path, e);
		if (r == 0)
			return err_set(e, EX_CONFIG, _("--config: %s: no such file"), path);
	} else {
		char *own = own_path();
		if (own)
			r = try_file(c, own, e);
		free(own);
		if (r == 0)
			r = try_file(c, SURAT_SYSCONFDIR "/surat/config", e);
	}
	*found = r > 0;
	return r < 0 ? -1 : 0;
}
