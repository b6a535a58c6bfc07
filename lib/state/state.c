#include "state/state.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

struct state {
	sqlite3 *db;
	char *path, *notice;
	bool moved;  /* the file went aside while it was open */
	ino_t inode; /* of what was opened, 0: not known for sure */
	int lock_fd;
};
enum {
	PUT_AWAY = INT32_MAX
}; /* in the lock's file, above what state_lock is asked for: who puts a damaged database away */

enum { BUSY_MS = 30000, CHECK_BYTES = 16 << 20 };

static bool is_damage(int rc)
{
	return (rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB;
}

/* --- putting a damaged database away --- */

static int rename_one(const char *path, const char *aside, const char *suffix, struct err *e)
{
	char *from = str_printf("%s%s", path, suffix), *to = str_printf("%s%s", aside, suffix);
	int r = sys_renameat(AT_FDCWD, from, AT_FDCWD, to);
	if (r < 0 && errno == ENOENT && *suffix)
		r = 0;
	if (r < 0)
		err_sys(e, EX_IOERR, _("%s is damaged and cannot be moved aside"), path);
	free(from);
	free(to);
	return r;
}

/* The log goes with it: the two are one database, and a new one must not replay an old log. */
static int move_aside(const char *path, char **where, struct err *e)
{
	char *aside = str_printf("%s.damaged-%lld", path, (long long)clock_real_us());
	if (rename_one(path, aside, "", e) < 0 || rename_one(path, aside, "-wal", e) < 0 ||
	    rename_one(path, aside, "-journal", e) < 0) {
		free(aside);
		return -1;
	}
	char *shm = str_printf("%s-shm", path);
	sys_unlinkat(AT_FDCWD, shm, 0);
	free(shm);
	*where = aside;
	return 0;
}

/* The lock's file is opened once; each number is a byte in it. 1 locked; 0 another has it, and not to wait for it. */
static int lock_byte(struct state *st, int64_t number, bool wait, struct err *e)
{
	char *path = str_printf("%s.lock", st->path);
	if (st->lock_fd < 0)
		st->lock_fd =
		    sys_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_NOCTTY | O_NOFOLLOW, 0600);
	int r = st->lock_fd < 0 ? err_sys(e, EX_CANTCREAT, "%s", path)
				: file_lock_byte(st->lock_fd, number, true, wait, e);
	if (r < 0 && st->lock_fd >= 0)
		err_prefix(e, "%s: ", path);
	free(path);
	return r;
}

/* --- errors --- */

/* 1: moved; 0: the file there is no longer the one we had: another has put that away, and a sound one must not follow it. */
static int put_away(struct state *st, char **where, struct err *e)
{
	struct stat there;
	if (lock_byte(st, PUT_AWAY, true, e) < 0)
		return -1;
	bool ours = sys_fstatat(AT_FDCWD, st->path, &there, 0) == 0 && st->inode &&
		    there.st_ino == st->inode;
	int r = !ours ? 0 : move_aside(st->path, where, e) < 0 ? -1 : 1;
	file_unlock_byte(st->lock_fd, PUT_AWAY);
	return r;
}

static int fail(struct state *st, int rc, struct err *e)
{
	char why[200];
	snprintf(why, sizeof(why), "%s", sqlite3_errmsg(st->db));
	if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
		return err_set(e, EX_TEMPFAIL, _("%s: another program is using it"), st->path);
	if (!is_damage(rc) || st->moved)
		return err_set(e, EX_IOERR, "%s: %s", st->path, why);
	char *aside;
	int r = put_away(st, &aside, e);
	st->moved = r >= 0;
	if (r < 0)
		return -1;
	if (r == 0)
		return err_set(e, EX_IOERR,
		    _("%s was damaged (%s); another program has put it away meanwhile"), st->path,
		    why);
	err_set(e, EX_IOERR, _("%s was damaged (%s) and is kept as %s"), st->path, why, aside);
	free(aside);
	return -1;
}

/* --- opening --- */

static int make_folder(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return 0;
	char *dir = mem_dup(path, (size_t)(slash - path));
	int r = dir_make(dir, 0700, e);
	free(dir);
	return r;
}

/* SQLite would use the umask: make the file ourselves first. Its log takes the file's mode. */
static int make_file(const char *path, ino_t *inode, struct err *e)
{
	struct stat st;
	int fd = sys_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_NOCTTY, 0600);
	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, "%s", path);
	*inode = sys_fstat(fd, &st) == 0 ? st.st_ino : 0;
	sys_close(fd);
	return 0;
}

static int pragma_ok(sqlite3 *db, const char *sql, bool *same, const char *want)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW) {
		const char *got = (const char *)sqlite3_column_text(q, 0);
		if (same)
			*same = got && strcmp(got, want) == 0;
		rc = SQLITE_OK;
	}
	sqlite3_finalize(q);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A whole look at a small database costs a millisecond; a large one shows its damage when the place is touched. */
static int look_over(sqlite3 *db, const char *path)
{
	struct stat st;
	bool sound = true;
	int rc = pragma_ok(db, "SELECT count(*) FROM sqlite_master", NULL, NULL);
	if (rc != SQLITE_OK || sys_fstatat(AT_FDCWD, path, &st, 0) < 0 || st.st_size > CHECK_BYTES)
		return rc;
	rc = pragma_ok(db, "PRAGMA quick_check(1)", &sound, "ok");
	return rc == SQLITE_OK && !sound ? SQLITE_CORRUPT : rc;
}

/* Returns SQLite's code. */
static int open_db(struct state *st)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	struct stat there;
	int rc = sqlite3_open_v2(st->path, &st->db, flags, NULL);
	if (rc != SQLITE_OK)
		return rc;
	/* the same before and after: then it is what SQLite has opened in between */
	if (sys_fstatat(AT_FDCWD, st->path, &there, 0) < 0 || there.st_ino != st->inode)
		st->inode = 0;
	sqlite3_busy_timeout(st->db, BUSY_MS);
	rc = look_over(st->db, st->path);
	if (rc == SQLITE_OK)
		rc = pragma_ok(st->db, "PRAGMA journal_mode = WAL", NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(st->db,
		    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = "
		    "OFF;"
		    "CREATE TABLE IF NOT EXISTS surat_schema (user TEXT PRIMARY KEY, version "
		    "INTEGER NOT NULL)",
		    NULL, NULL, NULL);
	return rc;
}

static void close_db(struct state *st)
{
	sqlite3_close_v2(st->db);
	st->db = NULL;
}

/* Only one at a time puts it away; who comes second opens what the first has begun. */
static int begin_anew(struct state *st, struct err *e)
{
	char *aside;
	if (make_file(st->path, &st->inode, e) < 0)
		return -1;
	int rc = open_db(st);
	if (is_damage(rc)) {
		close_db(st);
		if (move_aside(st->path, &aside, e) < 0)
			return -1;
		st->notice = str_printf(
		    _("%s was damaged and is kept as %s; began a new one"), st->path, aside);
		free(aside);
		if (make_file(st->path, &st->inode, e) < 0)
			return -1;
		rc = open_db(st);
	}
	st->moved = true; /* once is enough: fail must not do it again under this lock */
	int r = rc == SQLITE_OK ? 0 : fail(st, rc, e);
	st->moved = false;
	return r;
}

static int replace_damaged(struct state *st, struct err *e)
{
	close_db(st);
	if (lock_byte(st, PUT_AWAY, true, e) < 0)
		return -1;
	int r = begin_anew(st, e);
	file_unlock_byte(st->lock_fd, PUT_AWAY);
	return r;
}

int state_open(struct state **out, const char *path, struct err *e)
{
	struct state *st = mem_new(1, sizeof(*st));
	st->path = str_dup(path);
	st->lock_fd = -1;
	int r = make_folder(path, e) < 0 || make_file(path, &st->inode, e) < 0 ? -1 : 0;
	if (r == 0) {
		int rc = open_db(st);
		if (is_damage(rc))
			r = replace_damaged(st, e);
		else if (rc != SQLITE_OK)
			r = fail(st, rc, e);
	}
	if (r < 0)
		state_free(st);
	else
		*out = st;
	return r;
}

void state_free(struct state *st)
{
	if (!st)
		return;
	sqlite3_close_v2(st->db);
	if (st->lock_fd >= 0)
		sys_close(st->lock_fd);
	free(st->path);
	free(st->notice);
	free(st);
}

int state_lock(struct state *st, int64_t number, struct err *e)
{
	int r = lock_byte(st, number, false, e);
	if (r == 0)
		return err_set(e, EX_TEMPFAIL, _("another run is at it"));
	return r < 0 ? -1 : 0;
}

const char *state_notice(const struct state *st)
{
	return st->notice;
}

/* --- statements --- */

int state_exec(struct state *st, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(st->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : fail(st, rc, e);
}

int state_begin(struct state *st, struct err *e)
{
	return state_exec(st, "BEGIN IMMEDIATE", e);
}

int state_commit(struct state *st, struct err *e)
{
	if (state_exec(st, "COMMIT", e) == 0)
		return 0;
	state_rollback(st);
	return -1;
}

void state_rollback(struct state *st)
{
	if (!sqlite3_get_autocommit(st->db))
		sqlite3_exec(st->db, "ROLLBACK", NULL, NULL, NULL);
}

sqlite3_stmt *state_prepare(struct state *st, const char *sql, struct err *e)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(st->db, sql, -1, &q, NULL);
	if (rc == SQLITE_OK)
		return q;
	fail(st, rc, e);
	return NULL;
}

int state_step(struct state *st, sqlite3_stmt *q, struct err *e)
{
	int rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		return 1;
	int r = rc == SQLITE_DONE ? 0 : fail(st, rc, e);
	sqlite3_reset(q);
	return r;
}

int state_run(struct state *st, sqlite3_stmt *q, struct err *e)
{
	int r;
	while ((r = state_step(st, q, e)) > 0)
		;
	sqlite3_clear_bindings(q);
	return r;
}

struct span state_text(sqlite3_stmt *q, int column)
{
	const char *p = (const char *)sqlite3_column_text(q, column);
	return p ? span_make(p, (size_t)sqlite3_column_bytes(q, column)) : SPAN("");
}

/* --- versions --- */

static int version_get(struct state *st, const char *user, int *version, struct err *e)
{
	sqlite3_stmt *q = state_prepare(st, "SELECT version FROM surat_schema WHERE user = ?", e);
	if (!q)
		return -1;
	sqlite3_bind_text(q, 1, user, -1, SQLITE_STATIC);
	int r = state_step(st, q, e);
	*version = r > 0 ? sqlite3_column_int(q, 0) : 0;
	sqlite3_finalize(q);
	return r < 0 ? -1 : 0;
}

static int version_set(struct state *st, const char *user, int version, struct err *e)
{
	sqlite3_stmt *q = state_prepare(
	    st, "INSERT OR REPLACE INTO surat_schema (user, version) VALUES (?, ?)", e);
	if (!q)
		return -1;
	sqlite3_bind_text(q, 1, user, -1, SQLITE_STATIC);
	sqlite3_bind_int(q, 2, version);
	int r = state_run(st, q, e);
	sqlite3_finalize(q);
	return r;
}

/* Read again inside the transaction: another program may have migrated meanwhile. */
static int migrate(
    struct state *st, const char *user, const char *const *steps, int n, struct err *e)
{
	int version;
	if (version_get(st, user, &version, e) < 0)
		return -1;
	for (int i = version; i < n; i++)
		if (state_exec(st, steps[i], e) < 0)
			return err_prefix(e, _("%s, version %d: "), user, i + 1);
	return version < n ? version_set(st, user, n, e) : 0;
}

int state_schema(struct state *st, const char *user, const char *const *steps, int n, struct err *e)
{
	int version;
	if (version_get(st, user, &version, e) < 0)
		return -1;
	if (version > n)
		return err_set(e, EX_CONFIG,
		    _("%s was written by a newer program (%s version %d, we know %d)"), st->path,
		    user, version, n);
	if (version == n)
		return 0;
	if (state_begin(st, e) < 0)
		return -1;
	if (migrate(st, user, steps, n, e) < 0) {
		state_rollback(st);
		return -1;
	}
	return state_commit(st, e);
}
