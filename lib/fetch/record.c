#include "fetch/record.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const schema[] = {
    "CREATE TABLE fetch_folder (id INTEGER PRIMARY KEY, server TEXT NOT NULL, name TEXT NOT NULL,"
    " recovering INTEGER NOT NULL, UNIQUE (server, name));"
    "CREATE TABLE fetch_message (folder INTEGER NOT NULL REFERENCES fetch_folder (id), validity "
    "INTEGER NOT NULL,"
    " uid TEXT NOT NULL, status INTEGER NOT NULL, time INTEGER NOT NULL, size INTEGER NOT NULL, "
    "date INTEGER NOT NULL,"
    " msgid TEXT NOT NULL, digest BLOB NOT NULL, mark INTEGER NOT NULL, name TEXT,"
    " PRIMARY KEY (folder, validity, uid)) WITHOUT ROWID;"
    "CREATE INDEX fetch_message_digest ON fetch_message (folder, digest);"
    "CREATE INDEX fetch_message_like ON fetch_message (folder, size, msgid);"
    "CREATE INDEX fetch_message_name ON fetch_message (name);",
};

/* The part of a Maildir name that stays when flags change. */
static struct span stable_part(const char *name)
{
	const char *slash = strrchr(name, '/');
	struct span all = span_of(name), base = span_of(slash ? slash + 1 : name), head;
	if (span_starts(all, "mbox:"))
		return all;
	span_cut(&base, ':', &head);
	return head;
}

static int find_folder(struct records *r, const char *server, const char *name, struct err *e)
{
	sqlite3_stmt *q = state_prepare(r->state,
	    "INSERT INTO fetch_folder (server, name, recovering) VALUES (?1, ?2, ?3)"
	    " ON CONFLICT (server, name) DO UPDATE SET name = name RETURNING id, recovering",
	    e);
	if (!q)
		return -1;
	sqlite3_bind_text(q, 1, server, -1, SQLITE_STATIC);
	sqlite3_bind_text(q, 2, name, -1, SQLITE_STATIC);
	sqlite3_bind_int(q, 3, state_notice(r->state) != NULL);
	int got = state_step(r->state, q, e);
	if (got > 0) {
		r->folder = sqlite3_column_int64(q, 0);
		r->recovering = sqlite3_column_int(q, 1);
		got = state_step(r->state, q, e) < 0
			  ? -1
			  : 1; /* to its end: only then is it committed */
	}
	sqlite3_finalize(q);
	return got > 0 ? 0 : -1;
}

static int find_other_validity(struct records *r, struct err *e)
{
	sqlite3_stmt *q = state_prepare(
	    r->state, "SELECT 1 FROM fetch_message WHERE folder = ? AND validity <> ? LIMIT 1", e);
	if (!q)
		return -1;
	sqlite3_bind_int64(q, 1, r->folder);
	sqlite3_bind_int64(q, 2, r->validity);
	int got = state_step(r->state, q, e);
	r->other_validity = got > 0;
	sqlite3_finalize(q);
	return got < 0 ? -1 : 0;
}

static int prepare(struct records *r, struct err *e)
{
	struct {
		sqlite3_stmt **q;
		const char *sql;
	} all[] = {
	    {&r->find, "SELECT status, time, mark FROM fetch_message WHERE folder = ?1 AND "
		       "validity = ?2 AND uid = ?3"},
	    {&r->intent, "INSERT OR REPLACE INTO fetch_message (folder, validity, uid, status, "
			 "time, size, date, msgid, digest, mark)"
			 " VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9)"},
	    {&r->done, "UPDATE fetch_message SET status = 2, time = ?4, name = ?5"
		       " WHERE folder = ?1 AND validity = ?2 AND uid = ?3"},
	    {&r->name, "SELECT 1 FROM fetch_message WHERE name = ? LIMIT 1"},
	    {&r->adopt_like,
		"UPDATE OR REPLACE fetch_message SET validity = ?2, uid = ?3 WHERE (folder, "
		"validity, uid) IN"
		" (SELECT folder, validity, uid FROM fetch_message WHERE folder = ?1 AND validity "
		"<> ?2 AND status = 2"
		"  AND size = ?5 AND date = ?6 AND msgid = ?7 AND msgid <> '' LIMIT 1)"},
	    {&r->adopt_digest, "UPDATE OR REPLACE fetch_message SET validity = ?2, uid = ?3 WHERE "
			       "(folder, validity, uid) IN"
			       " (SELECT folder, validity, uid FROM fetch_message WHERE folder = "
			       "?1 AND validity <> ?2 AND status = 2"
			       "  AND digest = ?8 LIMIT 1)"},
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!(*all[i].q = state_prepare(r->state, all[i].sql, e)))
			return -1;
	return 0;
}

int records_open(struct records *r, struct state *st, const char *server, const char *folder,
    uint32_t validity, struct err *e)
{
	*r = (struct records){.state = st, .validity = validity};
	if (state_schema(st, "fetch", schema, ARRAY_LEN(schema), e) == 0 &&
	    find_folder(r, server, folder, e) == 0 && find_other_validity(r, e) == 0 &&
	    prepare(r, e) == 0)
		return 0;
	records_release(r);
	return -1;
}

static void forget_done(struct records *r)
{
	for (size_t i = 0; i < r->done_n; i++) {
		free(r->done_v[i].uid);
		free(r->done_v[i].name);
	}
	r->done_n = 0;
}

void records_release(struct records *r)
{
	sqlite3_stmt *all[] = {
	    r->find, r->intent, r->done, r->name, r->adopt_like, r->adopt_digest};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		sqlite3_finalize(all[i]);
	forget_done(r);
	free(r->done_v);
	*r = (struct records){0};
}

static void bind_key(struct records *r, sqlite3_stmt *q, const char *uid)
{
	sqlite3_bind_int64(q, 1, r->folder);
	sqlite3_bind_int64(q, 2, r->validity);
	sqlite3_bind_text(q, 3, uid, -1, SQLITE_TRANSIENT);
}

static void bind_message(sqlite3_stmt *q, const struct record *m)
{
	sqlite3_bind_int64(q, 5, (int64_t)m->size);
	sqlite3_bind_int64(q, 6, m->date_s);
	sqlite3_bind_text(q, 7, m->msgid, -1, SQLITE_TRANSIENT);
	sqlite3_bind_blob(q, 8, m->digest, sizeof(m->digest), SQLITE_TRANSIENT);
}

int records_find(struct records *r, const char *uid, enum record_status *status, int64_t *time_s,
    int64_t *mark, struct err *e)
{
	bind_key(r, r->find, uid);
	int got = state_step(r->state, r->find, e);
	*status = got > 0 ? (enum record_status)sqlite3_column_int(r->find, 0) : RECORD_NONE;
	if (time_s)
		*time_s = got > 0 ? sqlite3_column_int64(r->find, 1) : 0;
	if (mark)
		*mark = got > 0 ? sqlite3_column_int64(r->find, 2) : 0;
	sqlite3_reset(r->find);
	return got < 0 ? -1 : 0;
}

static int write_one_done(struct records *r, const struct record_done *d, struct err *e)
{
	bind_key(r, r->done, d->uid);
	sqlite3_bind_int64(r->done, 4, clock_real_s());
	struct span name = d->name ? stable_part(d->name) : SPAN("");
	sqlite3_bind_text(r->done, 5, name.ptr, (int)name.len, SQLITE_TRANSIENT);
	return state_run(r->state, r->done, e);
}

static int write_intent(struct records *r, const struct record *m, struct err *e)
{
	bind_key(r, r->intent, m->uid);
	sqlite3_bind_int64(r->intent, 4, clock_real_s());
	bind_message(r->intent, m);
	sqlite3_bind_int64(r->intent, 9, m->mark);
	return state_run(r->state, r->intent, e);
}

static int write_all(struct records *r, const struct record *m, size_t n, struct err *e)
{
	for (size_t i = 0; i < r->done_n; i++)
		if (write_one_done(r, &r->done_v[i], e) < 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (write_intent(r, &m[i], e) < 0)
			return -1;
	return 0;
}

int records_intents(struct records *r, const struct record *m, size_t n, struct err *e)
{
	if (!n && !r->done_n)
		return 0;
	if (state_begin(r->state, e) < 0)
		return -1;
	if (write_all(r, m, n, e) < 0) {
		state_rollback(r->state);
		return -1;
	}
	if (state_commit(r->state, e) < 0)
		return -1;
	forget_done(r);
	return 0;
}

void records_done(struct records *r, const char *uid, const char *name)
{
	if (r->done_n == r->done_cap) {
		r->done_cap = r->done_cap ? r->done_cap * 2 : 16;
		r->done_v = mem_resize(r->done_v, r->done_cap, sizeof(*r->done_v));
	}
	r->done_v[r->done_n++] =
	    (struct record_done){.uid = str_dup(uid), .name = name ? str_dup(name) : NULL};
}

int records_flush(struct records *r, struct err *e)
{
	return records_intents(r, NULL, 0, e);
}

int records_has_name(struct records *r, const char *name, struct err *e)
{
	struct span s = stable_part(name);
	sqlite3_bind_text(r->name, 1, s.ptr, (int)s.len, SQLITE_TRANSIENT);
	int got = state_step(r->state, r->name, e);
	sqlite3_reset(r->name);
	return got;
}

int records_adopt(struct records *r, const struct record *m, bool by_digest, struct err *e)
{
	sqlite3_stmt *q = by_digest ? r->adopt_digest : r->adopt_like;
	if (!r->other_validity)
		return 0;
	bind_key(r, q, m->uid);
	bind_message(q, m);
	if (state_run(r->state, q, e) < 0)
		return -1;
	return sqlite3_changes(sqlite3_db_handle(q)) > 0;
}

int records_finish(struct records *r, struct err *e)
{
	if (records_flush(r, e) < 0)
		return -1;
	if (!r->recovering)
		return 0;
	char *sql = str_printf(
	    "UPDATE fetch_folder SET recovering = 0 WHERE id = %lld", (long long)r->folder);
	int done = state_exec(r->state, sql, e);
	free(sql);
	return done;
}
