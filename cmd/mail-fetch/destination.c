/* destination.c - where messages go: a mailbox, another program, standard output; and the record of them. */
#include "fetch.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "fetch/lmtp.h"
#include "mime/address.h"

#include <stdlib.h>
#include <unistd.h>

enum { DAY_S = 24 * 3600 };

int destination_open_state(struct destination *d, struct opts *o, struct err *e)
{
	char *path = NULL;
	*d = (struct destination){0};
	if (!o->state && account_state_path("state.db", &path, e) < 0)
		return -1;
	int r = state_open(&d->state, o->state ? o->state : path, e);
	if (r == 0 && state_notice(d->state))
		cli_warn(&program, &o->common, "%s", state_notice(d->state));
	free(path);
	return r;
}

/* What a person would call it: the home folder is "~". */
static char *shown_path(const char *path)
{
	const char *home = getenv("HOME");
	size_t n = home ? strlen(home) : 0;
	if (n > 1 && strncmp(path, home, n) == 0 && (path[n] == '/' || !path[n]))
		return str_printf("~%s", path + n);
	return str_dup(path);
}

static int open_store(struct destination *d, const struct opts *o, struct remote *r, struct err *e)
{
	char *mailbox = NULL;
	int done = o->to ? account_mailbox_expand(&r->account, o->to, &mailbox, e)
			 : account_mailbox(&r->account, &mailbox, e);
	if (done == 0)
		done = store_open(&d->store, span_of(mailbox), STORE_CREATE, e);
	free(mailbox);
	if (done == 0)
		d->shown = shown_path(store_path(d->store));
	return done;
}

/* Who a message is for, as an LMTP server may ask: whose account it is. */
static char *recipient_of(const struct remote *r)
{
	struct arena arena = ARENA_INIT(64 << 10);
	struct address one;
	const char *user = r->server.user ? r->server.user : "";
	char *address = NULL;
	if (r->account.from && address_parse_one(&arena, span_of(r->account.from), &one, NULL) == 0)
		address = span_dup(one.spec);
	else if (strchr(user, '@'))
		address = str_dup(user);
	else
		address = str_printf("%s@%s", user, r->server.host);
	arena_release(&arena);
	return address;
}

static int open_lmtp(struct destination *d, const struct opts *o, struct remote *r, struct err *e)
{
	char *recipient = recipient_of(r);
	int done = address_envelope_check(span_of(recipient), false, e);
	if (done == 0)
		done = fetch_lmtp_open(&d->lmtp, o->lmtp, recipient, r->link.timeout_ms, e);
	d->job.deliver = fetch_lmtp_deliver;
	d->job.deliver_ctx = d->lmtp;
	d->shown = str_dup(o->lmtp);
	free(recipient);
	return done;
}

static void open_stdout(struct destination *d)
{
	d->out = sink_fd_new(STDOUT_FILENO);
	d->job.out = &d->out->sink;
	d->shown = str_dup("-");
}

/* What the command line says wins over the configuration. */
static int64_t delete_after_s(const struct opts *o)
{
	const struct strv *given = &o->common.given;
	if (strv_has(given, "keep"))
		return -1;
	if (o->erase && (strv_has(given, "delete") || !strv_has(given, "delete-after")))
		return 0;
	return o->delete_after_days < 0 ? -1 : o->delete_after_days * DAY_S;
}

int destination_open(struct destination *d, struct opts *o, struct remote *r, struct err *e)
{
	if (destination_open_state(d, o, e) < 0)
		return -1;
	d->job = (struct fetch_job){.delete_after_s = delete_after_s(o),
	    .since_s = o->since_s,
	    .limit = o->limit,
	    .deadline_ms = r->deadline_ms};
	d->job.state = d->state;
	if (o->to && strcmp(o->to, "-") == 0) {
		open_stdout(d);
		return 0;
	}
	if (o->lmtp)
		return open_lmtp(d, o, r, e);
	if (open_store(d, o, r, e) < 0)
		return -1;
	d->job.store = d->store;
	return 0;
}

int destination_close(struct destination *d, struct err *e)
{
	int r = d->out ? sink_end(&d->out->sink, e) : 0;
	fetch_lmtp_close(d->lmtp);
	store_free(d->store);
	state_free(d->state);
	free(d->out);
	free(d->shown);
	*d = (struct destination){0};
	return r;
}
