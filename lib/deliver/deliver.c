#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "crypto/digest.h"
#include "deliver/room.h"
#include "io/spool.h"

#include <stdlib.h>

enum {
	OPEN_MAX = 50 /* mailboxes open at once */,
	HOLD_MS = 5000 /* no lock is kept longer for a group */
};

/* --- open mailboxes --- */

static int read_total(
    const struct deliver_options *o, struct store *store, uint64_t *total, struct err *e)
{
	*total = 0;
	return o->quota ? store_total(store, total, e) : 0;
}

/* A folder that is missing, full or not ours today is no reason to send a letter back. */
static int open_store(const char *mailbox, struct store **store, struct err *e)
{
	if (store_open(store, span_of(mailbox), STORE_CREATE, e) == 0)
		return 0;
	if (e && e->code != EX_USAGE)
		e->code = EX_TEMPFAIL;
	return -1;
}

/* A mailbox that is open stays so until the commit: an mbox could not be locked twice. */
static int open_mailbox(
    struct deliver *d, const char *mailbox, struct deliver_open **out, struct err *e)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->v[i].mailbox, mailbox) == 0) {
			*out = &d->v[i];
			return 0;
		}
	struct store *store;
	uint64_t total;
	if (open_store(mailbox, &store, e) < 0)
		return -1;
	if (read_total(d->options, store, &total, e) < 0) {
		store_free(store);
		return -1;
	}
	d->v = mem_resize(d->v, d->n + 1, sizeof(*d->v));
	d->v[d->n] = (struct deliver_open){str_dup(mailbox), store, total};
	*out = &d->v[d->n++];
	store_group(store);
	if (d->n == 1)
		d->since_ms = clock_mono_ms();
	return 0;
}

int deliver_check_quota(
    const struct deliver_options *o, const char *mailbox, uint64_t size, struct err *e)
{
	struct store *store;
	uint64_t total;
	if (!o->quota || deliver_is_command(mailbox))
		return 0;
	if (open_store(mailbox, &store, e) < 0)
		return -1;
	int r = read_total(o, store, &total, e);
	store_free(store);
	return r < 0                                          ? -1
	       : total + size > o->quota || total >= o->quota ? deliver_over_quota(e)
							      : 0;
}

/* --- one message --- */

static int to_store(struct deliver_open *box, struct source *message,
    const struct store_delivery *d, struct deliver_receipt *receipt, struct err *e)
{
	struct store_receipt r;
	if (store_deliver(box->store, message, d, &r, e) < 0)
		return err_prefix(e, "%s: ", box->mailbox);
	box->total += r.bytes;
	receipt->path = r.name;
	receipt->bytes = r.bytes;
	return 0;
}

struct counter {
	struct sink sink, *next;
	uint64_t bytes;
};

static int counter_put(struct sink *s, struct span bytes, struct err *e)
{
	struct counter *c = (struct counter *)s;
	c->bytes += bytes.len;
	return sink_put(c->next, bytes, e);
}

static int to_command(struct deliver *d, struct source *message, const struct deliver_to *to,
    struct store_delivery *how, struct deliver_receipt *receipt, struct err *e)
{
	struct counter count = {.sink = {counter_put, NULL}, .next = how->copy};
	how->copy = &count.sink;
	if (deliver_command(d->options, message, to, how, e) < 0)
		return err_prefix(e, "%s: ", to->mailbox);
	receipt->path = str_dup(to->mailbox);
	receipt->bytes = count.bytes;
	return 0;
}

/* The whole message is there before anything else begins: what ends in the middle must not look whole to a command, and no mbox is locked while somebody
 * sends slowly. Reading it may commit what came before (see deliver_locks), so the mailbox is asked for afterwards. */
static int spool_first(struct deliver *d, struct source *message, const struct deliver_to *to,
    struct store_delivery *how, struct deliver_receipt *receipt, struct err *e)
{
	struct spool spool;
	struct source_spool again;
	struct deliver_open *box = NULL;
	bool command = deliver_is_command(to->mailbox);
	spool_init(&spool);
	int r = sink_pump(&spool.sink, message, e);
	if (r == 0 && !command)
		r = open_mailbox(d, to->mailbox, &box, e);
	source_spool_init(&again, &spool);
	if (r == 0)
		r = command ? to_command(d, &again.source, to, how, receipt, e)
			    : to_store(box, &again.source, how, receipt, e);
	spool_release(&spool);
	return r;
}

static int pass_on(struct deliver *d, struct deliver_check *check, const struct deliver_to *to,
    struct store_delivery *how, struct deliver_receipt *receipt, struct err *e)
{
	struct deliver_open *box;
	if (deliver_is_command(to->mailbox))
		return spool_first(d, &check->source, to, how, receipt, e);
	if (open_mailbox(d, to->mailbox, &box, e) < 0)
		return -1;
	if (d->options->quota)
		check->room = d->options->quota > box->total ? d->options->quota - box->total : 0;
	if (store_kind_of(box->store) == STORE_MAILDIR)
		return to_store(box, &check->source, how, receipt, e);
	return spool_first(d, &check->source, to, how, receipt, e);
}

int deliver_message(struct deliver *d, struct source *message, const struct deliver_to *to,
    struct deliver_receipt *receipt, struct err *e)
{
	struct deliver_check check;
	struct deliver_receipt done = {0};
	struct digest digest;
	struct buf fields = BUF_INIT(16384);
	unsigned char sum[DIGEST_MAX];
	deliver_check_init(&check, message);
	check.max = d->options->max_size;
	check.recipient = to->one_user ? NULL : to->recipient;
	deliver_fields(&fields, to);
	digest_init(&digest, DIGEST_SHA256);
	struct store_delivery how = {.sender = to->sender ? to->sender : to->from,
	    .received_s = to->received_s,
	    .prepend = buf_span(&fields),
	    .copy = &digest.sink};
	int r = pass_on(d, &check, to, &how, &done, e);
	digest_final(&digest, sum);
	memcpy(done.sha256, sum, sizeof(done.sha256));
	deliver_check_release(&check);
	buf_release(&fields);
	if (r == 0 && receipt)
		*receipt = done;
	else if (r == 0)
		free(done.path);
	return r;
}

static int ignore_put(struct sink *s, struct span bytes, struct err *e)
{
	(void)s;
	(void)bytes;
	(void)e;
	return 0;
}

int deliver_dry_run(const struct deliver_options *o, struct source *message,
    const struct deliver_to *to, uint64_t *bytes, struct err *e)
{
	struct deliver_check check;
	struct sink nowhere = {.put = ignore_put};
	deliver_check_init(&check, message);
	check.max = o->max_size;
	check.recipient = to->one_user ? NULL : to->recipient;
	int r = sink_pump(&nowhere, &check.source, e);
	if (r == 0)
		*bytes = check.bytes;
	deliver_check_release(&check);
	return r;
}

/* --- the group --- */

bool deliver_full(const struct deliver *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (store_group_full(d->v[i].store))
			return true;
	return d->n >= OPEN_MAX || (d->n && clock_mono_ms() - d->since_ms > HOLD_MS);
}

bool deliver_locks(const struct deliver *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (store_kind_of(d->v[i].store) != STORE_MAILDIR)
			return true;
	return false;
}

static void close_all(struct deliver *d)
{
	for (size_t i = 0; i < d->n; i++) {
		store_free(d->v[i].store);
		free(d->v[i].mailbox);
	}
	free(d->v);
	d->v = NULL;
	d->n = 0;
}

/* All mailboxes have it, or none: until the last one has settled, the first can still be undone. */
int deliver_commit(struct deliver *d, struct err *e)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < d->n; i++)
		if (store_group_settle(d->v[i].store, e) < 0)
			r = err_prefix(e, "%s: ", d->v[i].mailbox);
	for (size_t i = 0; r == 0 && i < d->n; i++)
		store_group_end(d->v[i].store);
	close_all(d); /* takes back what has not ended */
	return r;
}

void deliver_abort(struct deliver *d)
{
	close_all(d);
}

void deliver_release(struct deliver *d)
{
	close_all(d);
}
