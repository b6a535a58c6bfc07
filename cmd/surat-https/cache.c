#include "cache.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "state/state.h"

#include <stdlib.h>

enum { PAUSE_S = 300 };

struct cache {
	struct state *state;
	struct err problem;
	bool told;
	sqlite3_stmt *find, *keep, *find_failure, *keep_failure, *forget_failure;
};

static const char *const schema[] = {
    "CREATE TABLE sts_policy (domain TEXT PRIMARY KEY, id TEXT NOT NULL, policy TEXT NOT NULL,"
    " fetched INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE sts_failure (domain TEXT PRIMARY KEY, id TEXT NOT NULL, since INTEGER NOT NULL,"
    " why TEXT NOT NULL) WITHOUT ROWID;",
};

static sqlite3_stmt *prepare(struct cache *c, const char *sql)
{
	return c->problem.code ? NULL : state_prepare(c->state, sql, &c->problem);
}

static void open_cache(struct cache *c, const char *path)
{
	if (state_open(&c->state, path, &c->problem) < 0)
		return;
	if (state_notice(c->state))
		err_set(&c->problem, 0, "%s", state_notice(c->state));
	if (state_schema(c->state, "mta-sts", schema, ARRAY_LEN(schema), &c->problem) < 0)
		return;
	c->find = prepare(c,
	    "SELECT id, policy, fetched, expires FROM sts_policy WHERE domain = ? AND expires > ?");
	c->keep = prepare(c, "INSERT OR REPLACE INTO sts_policy VALUES (?, ?, ?, ?, ?)");
	c->find_failure = prepare(c,
	    "SELECT why FROM sts_failure WHERE domain = ? AND id = ? AND since > ? AND since <= ?");
	c->keep_failure = prepare(c, "INSERT OR REPLACE INTO sts_failure VALUES (?, ?, ?, ?)");
	c->forget_failure = prepare(c, "DELETE FROM sts_failure WHERE domain = ?");
}

struct cache *cache_new(const char *path)
{
	struct cache *c = mem_new(1, sizeof(*c));
	if (path)
		open_cache(c, path);
	return c;
}

void cache_free(struct cache *c)
{
	sqlite3_finalize(c->find);
	sqlite3_finalize(c->keep);
	sqlite3_finalize(c->find_failure);
	sqlite3_finalize(c->keep_failure);
	sqlite3_finalize(c->forget_failure);
	state_free(c->state);
	free(c);
}

const char *cache_problem(struct cache *c)
{
	if (c->told || !*c->problem.text)
		return NULL;
	c->told = true;
	return c->problem.text;
}

static bool usable(const struct cache *c)
{
	return c->state && !c->problem.code;
}

static void text(sqlite3_stmt *q, int at, const char *s)
{
	sqlite3_bind_text(q, at, s, -1, SQLITE_STATIC);
}

bool cache_find(struct cache *c, const char *domain, int64_t now_s, struct cached *out)
{
	bool found = false;
	if (!usable(c))
		return false;
	text(c->find, 1, domain);
	sqlite3_bind_int64(c->find, 2, now_s);
	if (state_step(c->state, c->find, &c->problem) > 0) {
		*out = (struct cached){span_dup(state_text(c->find, 0)),
		    span_dup(state_text(c->find, 1)), sqlite3_column_int64(c->find, 2),
		    sqlite3_column_int64(c->find, 3)};
		found = true;
	}
	sqlite3_reset(c->find);
	return found;
}

void cached_release(struct cached *p)
{
	free(p->id);
	free(p->text);
	*p = (struct cached){NULL};
}

void cache_keep(struct cache *c, const char *domain, const struct cached *p)
{
	if (!usable(c))
		return;
	text(c->keep, 1, domain);
	text(c->keep, 2, p->id);
	text(c->keep, 3, p->text);
	sqlite3_bind_int64(c->keep, 4, p->fetched_s);
	sqlite3_bind_int64(c->keep, 5, p->expires_s);
	state_run(c->state, c->keep, &c->problem);
	if (!usable(c))
		return;
	text(c->forget_failure, 1, domain);
	state_run(c->state, c->forget_failure, &c->problem);
}

void cache_keep_failure(
    struct cache *c, const char *domain, const char *id, int64_t now_s, const char *why)
{
	if (!usable(c))
		return;
	text(c->keep_failure, 1, domain);
	text(c->keep_failure, 2, id);
	sqlite3_bind_int64(c->keep_failure, 3, now_s);
	text(c->keep_failure, 4, why);
	state_run(c->state, c->keep_failure, &c->problem);
}

char *cache_find_failure(struct cache *c, const char *domain, const char *id, int64_t now_s)
{
	char *why = NULL;
	if (!usable(c))
		return NULL;
	text(c->find_failure, 1, domain);
	text(c->find_failure, 2, id);
	sqlite3_bind_int64(c->find_failure, 3, now_s - PAUSE_S);
	sqlite3_bind_int64(c->find_failure, 4, now_s);
	if (state_step(c->state, c->find_failure, &c->problem) > 0)
		why = span_dup(state_text(c->find_failure, 0));
	sqlite3_reset(c->find_failure);
	return why;
}
