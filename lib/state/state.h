/*
 * state.h - what must survive a run: one SQLite database, opened so that a commit is on the disk when it returns.
 *
 *	struct state *st;
 *	state_open(&st, "/home/ana/.local/state/surat/state.db", e);
 *	if (state_notice(st)) ... tell it to the person ...
 *	state_schema(st, "fetch", steps, ARRAY_LEN(steps), e);	// creates or migrates this user's tables
 *	sqlite3_stmt *q = state_prepare(st, "SELECT uid FROM fetch_message WHERE folder = ?", e);
 *	while ((r = state_step(st, q, e)) > 0) ...
 *
 * The file is 0600 in a 0700 folder. Several users share it (fetch, later caches): each has a row with its version in the table
 * surat_schema, and a list of SQL scripts, one a version. A database from a newer program is refused (EX_CONFIG), never guessed at.
 *
 * Write-ahead logging: a commit is one fsync instead of three, and who only reads never waits for a writer. The price is that
 * the file must not be on a network file system; where SQLite cannot have the log it keeps the rollback journal, which is as safe and slower.
 * synchronous=FULL: a state is durable before the deletion that relies on it.
 *
 * A damaged database is moved aside (its name + ".damaged-TIME"), never deleted, and said: by state_notice when it was found at opening, else by the
 * error (EX_IOERR) of the call that found it.
 */
#ifndef SURAT_STATE_STATE_H
#define SURAT_STATE_STATE_H

#include "base/err.h"
#include "base/span.h"

#include <sqlite3.h>

struct state;
/* Opens or makes it, and its folder. EX_CANTCREAT, EX_IOERR, EX_TEMPFAIL (locked by another for 30 s). */
int state_open(struct state **out, const char *path, struct err *e);
/* NULL is accepted. An open transaction is rolled back. */
void state_free(struct state *st);
/* What a person must know: a damaged database was put away. NULL: nothing. */
const char *state_notice(const struct state *st);
/* Brings the tables of one user to version n by running steps[version..n-1], all in one transaction. */
int state_schema(
    struct state *st, const char *user, const char *const *steps, int n, struct err *e);

/* One run at a time for what this number stands for, until state_free: a kernel lock beside the database (its name + ".lock"), which a dead holder
 * frees. EX_TEMPFAIL: another run has it. */
int state_lock(struct state *st, int64_t number, struct err *e);

int state_exec(struct state *st, const char *sql, struct err *e);
/* Writers queue here, not in the middle of a transaction (BEGIN IMMEDIATE). */
int state_begin(struct state *st, struct err *e);
int state_commit(struct state *st, struct err *e);
void state_rollback(struct state *st);
/* NULL with e. The caller finalizes. */
sqlite3_stmt *state_prepare(struct state *st, const char *sql, struct err *e);
/* 1: a row; 0: done, and the statement is reset; -1. */
int state_step(struct state *st, sqlite3_stmt *q, struct err *e);
/* For a statement without rows: steps, resets, clears the bindings. */
int state_run(struct state *st, sqlite3_stmt *q, struct err *e);
/* Text of a column, "" for NULL; valid until the next step. */
struct span state_text(sqlite3_stmt *q, int column);

#endif
