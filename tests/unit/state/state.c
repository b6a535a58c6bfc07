#include "state/state.h"
#include "../tap.h"
#include "base/alloc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const steps[] = {
    "CREATE TABLE t (a TEXT)",
    "ALTER TABLE t ADD COLUMN b INTEGER; INSERT INTO t VALUES ('x', 7)",
};

static int number(struct state *st, const char *sql)
{
	struct err e = ERR_INIT;
	sqlite3_stmt *q = state_prepare(st, sql, &e);
	int n = q && state_step(st, q, &e) > 0 ? sqlite3_column_int(q, 0) : -1;
	sqlite3_finalize(q);
	return n;
}

static void test_open(const char *path)
{
	struct err e = ERR_INIT;
	struct state *st = NULL;
	struct stat s;
	is_int(state_open(&st, path, &e), 0, "made");
	ok(!state_notice(st), "nothing to say");
	is_int(stat(path, &s) == 0 ? (int)(s.st_mode & 0777) : -1, 0600, "file mode");
	is_int(number(st, "PRAGMA synchronous"), 2, "synchronous is FULL");
	is_int(state_schema(st, "u", steps, 1, &e), 0, "version 1");
	is_int(state_schema(st, "u", steps, 2, &e), 0, "migrated to 2");
	is_int(number(st, "SELECT b FROM t"), 7, "both steps ran");
	is_int(state_schema(st, "u", steps, 2, &e), 0, "again does nothing");
	is_int(number(st, "SELECT count(*) FROM t"), 1, "not run twice");
	is_int(state_schema(st, "u", steps, 1, &e), -1, "from a newer program");
	is_int(e.code, EX_CONFIG, "is refused");
	is_int(state_begin(st, &e), 0, "begin");
	is_int(state_exec(st, "DELETE FROM t", &e), 0, "delete");
	state_free(st);
	is_int(state_open(&st, path, &e), 0, "reopened");
	is_int(number(st, "SELECT count(*) FROM t"), 1, "what was not committed is rolled back");
	is_int(state_exec(st, "NONSENSE", &e), -1, "bad SQL is an error");
	state_free(st);
}

static void test_damage(const char *path, const char *dir)
{
	struct err e = ERR_INIT;
	struct state *st = NULL;
	int fd = open(path, O_WRONLY | O_TRUNC);
	ok(fd >= 0 && write(fd, "this is no database at all, and it is long enough", 49) == 49,
	    "damage");
	close(fd);
	is_int(state_open(&st, path, &e), 0, "opened all the same");
	ok(state_notice(st) && strstr(state_notice(st), ".damaged-"), "and said");
	is_int(state_schema(st, "u", steps, 2, &e), 0, "a new one");
	state_free(st);
	char *find = str_printf("ls %s | grep -q 'db.damaged-[0-9]*$'", dir);
	is_int(system(find), 0, "the damaged one is kept");
	free(find);
}

static void test_lock(const char *path)
{
	struct err e = ERR_INIT;
	struct state *a = NULL, *b = NULL;
	is_int(state_open(&a, path, &e), 0, "one");
	is_int(state_open(&b, path, &e), 0, "another");
	is_int(state_lock(a, 7, &e), 0, "the first has it");
	is_int(state_lock(a, 7, &e), 0, "and may ask again");
	is_int(state_lock(b, 7, &e), -1, "the second has not");
	is_int(e.code, EX_TEMPFAIL, "for now");
	is_int(state_lock(b, 8, &e), 0, "but another one");
	state_free(a);
	is_int(state_lock(b, 7, &e), 0, "and this one when the first has gone");
	state_free(b);
}

int main(void)
{
	char dir[] = "/tmp/state-unit-XXXXXX";
	if (!mkdtemp(dir))
		return 1;
	char *path = str_printf("%s/deep/er/state.db", dir), *deep = str_printf("%s/deep/er", dir);
	test_open(path);
	test_damage(path, deep);
	test_lock(path);
	struct err e = ERR_INIT;
	struct state *st = NULL;
	is_int(state_open(&st, "/proc/no/state.db", &e), -1, "a folder that cannot be made");
	ok(e.code == EX_CANTCREAT && e.text[0], "says so: %s", e.text);
	free(path);
	free(deep);
	char *rm = str_printf("rm -rf %s", dir);
	if (system(rm) != 0)
		return 1;
	free(rm);
	return tap_done();
}
