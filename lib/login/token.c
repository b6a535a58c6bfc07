#include "login/token.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/sys.h"

#include <stdio.h>
#include <stdlib.h>

static int read_record(const struct login_fresh *f, struct login_record *r, struct err *e)
{
	int found = login_record_get(f->store, r, e);
	if (found == 0)
		return err_set(e, EX_NOPERM, _("not signed in: mail-login %s"), f->store->account);
	return found < 0 ? -1 : 0;
}

static int is_over(const struct login_fresh *f, struct err *e)
{
	return err_set(e, EX_NOPERM, _("sign-in expired: mail-login %s"), f->store->account);
}

static bool is_good(const struct login_fresh *f, const struct login_record *r)
{
	return login_record_is_fresh(r, clock_real_s()) &&
	       !(f->refused && strcmp(f->refused, r->token.access) == 0);
}

/* --- how it went for who had the lock before us --- */

/* "123456 75 id.example.org: not available now": when, by the clock that all processes share, and why not. */
static void leave_failure(int lock, const struct err *e)
{
	char line[600];
	int n = snprintf(
	    line, sizeof(line), "%lld %d %s", (long long)clock_mono_ms(), e->code, e->text);
	if (sys_ftruncate(lock, 0) == 0 && n > 0)
		sys_pwrite(lock, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1, 0);
}

/* True: somebody tried while we waited, and failed; once more would fail as well. */
static bool failed_meanwhile(int lock, int64_t since_ms, struct err *e)
{
	char line[600];
	ssize_t n = sys_pread(lock, line, sizeof(line) - 1, 0);
	struct span text = span_make(line, n > 0 ? (size_t)n : 0), when, code;
	uint64_t ms, number;
	if (!span_word(&text, &when) || !span_word(&text, &code) ||
	    !span_to_u64(when, INT64_MAX, &ms) || !span_to_u64(code, 255, &number) ||
	    (int64_t)ms < since_ms || !number)
		return false;
	err_set(e, (int)number, "%.*s", SPAN_ARG(span_trim(text)));
	return true;
}

/* --- refreshing --- */

/* RFC 6749 6: a new refresh token takes the place of the old one, which may be worthless from now on: kept before anybody gets the access token. */
static int take(
    const struct login_fresh *f, struct login_record *r, struct login_token *new, struct err *e)
{
	if (!new->refresh) {
		new->refresh = r->token.refresh;
		r->token.refresh = NULL;
	}
	login_token_release(&r->token);
	r->token = *new;
	r->obtained_s = clock_real_s();
	return login_record_put(f->store, r, e);
}

static int refresh(
    const struct login_fresh *f, struct login_record *r, const char *secret, struct err *e)
{
	struct login_client c = {.web = f->web,
	    .provider = &r->provider,
	    .id = r->client_id,
	    .secret = secret,
	    .scope = r->scope};
	struct login_token new;
	return login_refresh(&c, r->token.refresh, &new, e) < 0 ? -1 : take(f, r, &new, e);
}

/* Not taken any more, or there is nothing to refresh it with. */
static int end_it(const struct login_fresh *f, struct login_record *r, struct err *e)
{
	r->over = true;
	login_record_put(f->store, r, NULL); /* a full disk: then it is asked for again */
	return is_over(f, e);
}

static int renew(const struct login_fresh *f, struct login_record *r, struct err *e)
{
	char *secret = NULL;
	struct err why = ERR_INIT;
	if (r->over)
		return is_over(f, e);
	if (!r->token.refresh)
		return end_it(f, r, e);
	/* a disk that is full would lose the new refresh token when the old one is worth nothing any more: found out before the provider is asked */
	if (login_record_put(f->store, r, e) < 0)
		return -1;
	if (f->secret && f->secret(f->ctx, &secret, e) < 0)
		return -1;
	int done = refresh(f, r, secret, &why);
	str_wipe_free(secret);
	if (done == 0)
		return 0;
	return why.code == EX_NOPERM ? end_it(f, r, e) : err_copy(e, &why);
}

/* Only who tried leaves a failure: who heard of one would hand it on to those who came later, and nobody would try again. */
static int try_once(
    const struct login_fresh *f, struct login_record *r, int lock, int64_t since_ms, struct err *e)
{
	if (failed_meanwhile(lock, since_ms, e))
		return -1;
	int done = renew(f, r, e);
	if (done < 0)
		leave_failure(lock, e);
	return done;
}

static int renew_once(
    const struct login_fresh *f, struct login_record *r, int64_t since_ms, struct err *e)
{
	struct err why = ERR_INIT;
	int lock = login_store_lock(f->store, e), done;
	if (lock < 0)
		return -1;
	login_record_release(r);
	done = read_record(f, r, &why);
	if (done == 0 && !is_good(f, r))
		done = try_once(f, r, lock, since_ms, &why);
	sys_close(lock);
	return done < 0 ? err_copy(e, &why) : 0;
}

int login_token_fresh(const struct login_fresh *f, char **out, int64_t *expires_s, struct err *e)
{
	struct login_record r = {.over = false};
	int64_t since_ms = clock_mono_ms();
	int done = read_record(f, &r, e);
	if (done == 0 && !is_good(f, &r))
		done = renew_once(f, &r, since_ms, e);
	if (done == 0) {
		*out = str_dup(r.token.access);
		*expires_s = r.token.expires_s;
	}
	login_record_release(&r);
	return done;
}
