/* read.c - messages that stay on the server, read. */
#include "base/intl.h"
#include "fetch/fetch.h"
#include "io/spool.h"

enum { CHUNK = 50 };

struct reading {
	int (*each)(void *ctx, const struct spool *message, int64_t date_s, struct err *e);
	void *ctx;
	struct spool spool;
	struct filter_crlf lf;
	struct err begin_err;
	uint64_t came;
};

static struct sink *begin(void *ctx, uint64_t size)
{
	struct reading *r = ctx;
	(void)size;
	err_clear(&r->begin_err);
	if (spool_reset(&r->spool, &r->begin_err) < 0)
		return NULL;
	filter_crlf_init(&r->lf, &r->spool.sink, CRLF_LOCAL);
	return &r->lf.sink;
}

static int one(void *ctx, const struct imap_message *m, const struct err *body_error, struct err *e)
{
	struct reading *r = ctx;
	if (!m->has_body)
		return 0;
	if (r->begin_err.code || body_error)
		return err_copy(e, body_error ? body_error : &r->begin_err);
	if (sink_end(&r->lf.sink, e) < 0)
		return -1;
	r->came++;
	return r->each(r->ctx, &r->spool, m->internaldate_s, e);
}

int fetch_read(struct fetch_session *s, const struct imap_uids *uids,
    int (*each)(void *ctx, const struct spool *message, int64_t date_s, struct err *e), void *ctx,
    uint64_t *missing, struct err *e)
{
	struct reading r = {.each = each, .ctx = ctx};
	struct imap_fetch_handler h = {&r, CHUNK, begin, one};
	struct buf set = BUF_INIT(8 << 10);
	size_t at = 0;
	int done = 0;
	spool_init(&r.spool);
	while (done == 0 && imap_uid_set(uids, &at, CHUNK, &set)) {
		done = imap_client_fetch(
		    &s->imap, buf_cstr(&set), "UID INTERNALDATE BODY.PEEK[]", &h, e);
		buf_reset(&set);
	}
	buf_release(&set);
	spool_release(&r.spool);
	if (done == 0)
		*missing = uids->n > r.came ? uids->n - r.came : 0;
	return done;
}
