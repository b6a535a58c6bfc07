#include "fetch/take.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "io/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

/* How many messages become safe together, and how long the first may wait for the others. */
enum { BATCH = 100, BATCH_MS = 500 };

void take_open(struct take *t, const struct fetch_job *job, struct records *records,
    struct fetch_result *result)
{
	*t = (struct take){.job = job, .records = records, .result = result};
	spool_init(&t->spool);
}

static void forget_batch(struct take *t)
{
	for (size_t i = 0; i < t->batch_n; i++)
		free(t->pending[i].name);
	t->batch_n = 0;
}

void take_release(struct take *t)
{
	if (t->batch_n)
		store_group_abort(t->job->store);
	forget_batch(t);
	free(t->batch);
	free(t->pending);
	for (size_t i = 0; i < t->known_n; i++)
		free(t->known[i].name);
	free(t->known);
	strv_release(&t->digest_uids);
	spool_release(&t->spool);
}

void take_failed(struct take *t, const char *which, struct err *e)
{
	struct buf b = BUF_INIT(1024);
	buf_addf(&b, "%s: %s", which, e->text);
	if (t->job->warn)
		t->job->warn(t->job->ctx, buf_cstr(&b));
	buf_release(&b);
	t->result->failed++;
	if (t->result->code != EX_TEMPFAIL)
		t->result->code = err_is_temporary(e) ? EX_TEMPFAIL : EX_UNAVAILABLE;
	err_clear(e);
}

bool take_is_due(const struct take *t, int64_t done_s)
{
	return t->job->delete_after_s >= 0 && !t->job->out &&
	       done_s <= clock_real_s() - t->job->delete_after_s;
}

/* --- the wire's bytes: counted, LF lines, spooled --- */

static int count_put(struct sink *s, struct span bytes, struct err *e)
{
	struct take *t = (struct take *)((char *)s - offsetof(struct take, count));
	t->wire_bytes += bytes.len;
	t->eight_bit = t->eight_bit || !is_ascii(bytes);
	return sink_put(&t->lf.sink, bytes, e);
}

struct sink *take_begin(struct take *t, struct err *e)
{
	if (spool_reset(&t->spool, e) < 0)
		return NULL;
	filter_crlf_init(&t->lf, &t->spool.sink, CRLF_LOCAL);
	t->count = (struct sink){count_put, NULL};
	t->wire_bytes = 0;
	t->eight_bit = false;
	return &t->count;
}

/* As the store will keep it: without a "From " line in front. */
static uint64_t body_start(const struct spool *sp)
{
	struct span head = buf_span(&sp->head);
	if (!span_starts(head, "From "))
		return 0;
	ptrdiff_t lf = span_index(head, '\n');
	return lf < 0 ? 0 : (uint64_t)lf + 1;
}

static void source_of(const struct take *t, struct source_spool *src)
{
	uint64_t from = body_start(&t->spool);
	source_spool_range(src, &t->spool, from, t->spool.size - from);
}

static int digest_source(struct source *from, unsigned char out[32], struct err *e)
{
	struct digest d;
	unsigned char sum[DIGEST_MAX];
	digest_init(&d, DIGEST_SHA256);
	if (sink_pump(&d.sink, from, e) < 0) {
		digest_release(&d);
		return -1;
	}
	digest_final(&d, sum);
	memcpy(out, sum, 32);
	return 0;
}

void take_message_id(struct span header, char *out, size_t size)
{
	struct span line;
	*out = 0;
	while (span_line(&header, &line) && line.len) {
		if (!span_starts_nocase(line, "Message-ID:"))
			continue;
		struct span value = span_trim(span_skip(line, 11));
		if (!value.len && span_line(&header, &line) && line.len && is_wsp(line.ptr[0]))
			value = span_trim(line);
		snprintf(out, size, "%.*s", SPAN_ARG(value));
		return;
	}
}

/* --- recognising what is in the mailbox already --- */

static int read_known(struct take *t, struct err *e)
{
	struct store_scan *sc;
	struct store_entry entry;
	int r;
	if (t->known_read)
		return 0;
	if (store_scan_open(t->job->store, &sc, e) < 0) {
		if (e->code != EX_NOINPUT)
			return -1;
		err_clear(e); /* an mbox that no message has made yet */
		t->known_read = true;
		return 0;
	}
	while ((r = store_scan_next(sc, &entry, e)) > 0) {
		if (t->known_n == t->known_cap) {
			t->known_cap = t->known_cap ? t->known_cap * 2 : 256;
			t->known = mem_resize(t->known, t->known_cap, sizeof(*t->known));
		}
		t->known[t->known_n++] = (struct take_known){str_dup(entry.name), entry.size};
	}
	store_scan_free(sc);
	t->known_read = r == 0;
	return r;
}

/* Same bytes? A name that vanished meanwhile is not it. */
static int same_message(const char *name, const unsigned char digest[32], struct err *e)
{
	struct store_message m;
	unsigned char sum[32];
	if (store_message_open(&m, span_of(name), e) < 0) {
		if (e->code != EX_NOINPUT)
			return -1;
		err_clear(e);
		return 0;
	}
	int r = digest_source(m.source, sum, e);
	store_message_free(&m);
	return r < 0 ? -1 : memcmp(sum, digest, 32) == 0;
}

/* An mbox quotes, so sizes differ there; but only what stands behind the mark can be it. */
static bool could_be(const struct take *t, const struct take_known *k, uint64_t size, int64_t mark)
{
	if (store_kind_of(t->job->store) != STORE_MBOX)
		return k->size == size;
	const char *offset = strrchr(k->name, '#');
	return offset && strtoll(offset + 1, NULL, 10) >= mark;
}

/* As the mailbox keeps it: an mbox ends every message with a line end, the wire need not. */
static int stored_digest(const struct take *t, unsigned char out[32], struct err *e)
{
	struct source_spool src;
	struct digest d;
	unsigned char sum[DIGEST_MAX];
	char last = '\n';
	source_of(t, &src);
	if (t->spool.size && spool_pread(&t->spool, &last, 1, t->spool.size - 1, e) < 0)
		return -1;
	digest_init(&d, DIGEST_SHA256);
	if (sink_pump(&d.sink, &src.source, e) < 0) {
		digest_release(&d);
		return -1;
	}
	if (last != '\n' && store_kind_of(t->job->store) == STORE_MBOX)
		digest_add(&d, SPAN("\n"));
	digest_final(&d, sum);
	memcpy(out, sum, 32);
	return 0;
}

/* *name (malloc'ed) when the mailbox has these bytes and no record has that name. 1, 0, -1. */
static int recognise(struct take *t, int64_t mark, char **name, struct err *e)
{
	uint64_t size = t->spool.size - body_start(&t->spool);
	unsigned char digest[32];
	if (!t->job->store)
		return 0;
	if (read_known(t, e) < 0 || stored_digest(t, digest, e) < 0)
		return -1;
	for (size_t i = 0; i < t->known_n; i++) {
		if (!could_be(t, &t->known[i], size, mark))
			continue;
		int r = same_message(t->known[i].name, digest, e);
		int recorded = r > 0 ? records_has_name(t->records, t->known[i].name, e) : 0;
		if (r < 0 || recorded < 0)
			return -1;
		if (r > 0 && !recorded) {
			*name = str_dup(t->known[i].name);
			return 1;
		}
	}
	return 0;
}

/* --- one message --- */

static void note(struct take *t, const char *uid, const char *name, uint64_t bytes, bool known)
{
	struct fetch_note n = {.uid = uid, .name = name, .bytes = bytes, .known = known};
	if (known) {
		t->result->known++;
	} else {
		t->result->fetched++;
		t->result->bytes += bytes;
	}
	if (t->job->note)
		t->job->note(t->job->ctx, &n);
}

/* Two messages of the same bytes are two messages: the second is told apart by its place. */
static void uid_of_digest(struct take *t, const char *hex, char *out, size_t size)
{
	unsigned before = 0;
	for (size_t i = 0; i < t->digest_uids.n; i++)
		before += strcmp(t->digest_uids.v[i], hex) == 0;
	strv_add(&t->digest_uids, hex);
	if (before)
		snprintf(out, size, "all:%s #%u", hex, before + 1);
	else
		snprintf(out, size, "all:%s", hex);
}

static int describe(struct take *t, const struct take_meta *meta, struct record *m, struct err *e)
{
	struct source_spool src;
	struct span head = buf_span(&t->spool.head);
	source_of(t, &src);
	*m = (struct record){
	    .size = meta->size ? meta->size : t->wire_bytes, .date_s = meta->date_s};
	take_message_id(span_skip(head, body_start(&t->spool)), m->msgid, sizeof(m->msgid));
	if (digest_source(&src.source, m->digest, e) < 0)
		return -1;
	struct buf hex = BUF_INIT(100);
	digest_hex(&hex, m->digest, sizeof(m->digest));
	if (meta->uid)
		snprintf(m->uid, sizeof(m->uid), "%s", meta->uid);
	else
		uid_of_digest(t, buf_cstr(&hex), m->uid, sizeof(m->uid));
	buf_release(&hex);
	return 0;
}

static int write_out(
    struct take *t, const struct take_meta *meta, const struct record *m, struct err *e)
{
	struct mbox_writer w;
	struct source_spool src;
	source_of(t, &src);
	mbox_writer_init(&w, t->job->out, NULL, meta->date_s ? meta->date_s : clock_real_s());
	if (sink_pump(&w.sink, &src.source, e) < 0 || sink_end(&w.sink, e) < 0)
		return -1;
	note(t, m->uid, NULL, t->wire_bytes, false);
	return 0;
}

static int64_t mbox_length(const struct store *s)
{
	struct stat st;
	if (!s || store_kind_of(s) != STORE_MBOX ||
	    sys_fstatat(AT_FDCWD, store_path(s), &st, 0) < 0)
		return 0;
	return st.st_size;
}

/* The name is malloc'ed. */
static int into_store(struct take *t, const struct take_meta *meta, char **name, struct err *e)
{
	struct source_spool src;
	struct store_delivery d = {.flags = meta->flags, .received_s = meta->date_s};
	struct store_receipt receipt = {0};
	source_of(t, &src);
	if (store_deliver(t->job->store, &src.source, &d, &receipt, e) < 0)
		return err_prefix(e, "%s: ", store_path(t->job->store));
	*name = receipt.name;
	return 0;
}

/* Who else delivers cannot be asked later what it has: as little as may be lies between its word and our record. */
static int hand_over(
    struct take *t, const struct take_meta *meta, const struct record *m, struct err *e)
{
	struct source_spool src;
	uint64_t from = body_start(&t->spool);
	source_of(t, &src);
	struct fetch_parcel p = {.message = &src.source,
	    .size = t->spool.size - from,
	    .header = span_skip(buf_span(&t->spool.head), from),
	    .eight_bit = t->eight_bit,
	    .received_s = meta->date_s};
	if (records_intents(t->records, m, 1, e) < 0)
		return -1;
	int r = t->job->deliver(t->job->deliver_ctx, &p, e);
	if (r != 0)
		return r;
	records_done(t->records, m->uid, NULL);
	if (records_flush(t->records, e) < 0)
		return -1;
	note(t, m->uid, NULL, t->wire_bytes, false);
	return 0;
}

/* --- batches --- */

int take_settle(struct take *t, struct err *e)
{
	if (!t->batch_n)
		return 0;
	int r = records_intents(t->records, t->batch, t->batch_n, e);
	if (r < 0)
		store_group_abort(t->job->store);
	else if ((r = store_group_commit(t->job->store, e)) < 0)
		err_prefix(e, "%s: ", store_path(t->job->store));
	for (size_t i = 0; r == 0 && i < t->batch_n; i++) {
		records_done(t->records, t->batch[i].uid, t->pending[i].name);
		note(t, t->batch[i].uid, t->pending[i].name, t->pending[i].wire_bytes, false);
	}
	forget_batch(t);
	return r;
}

static int into_batch(
    struct take *t, const struct take_meta *meta, const struct record *m, struct err *e)
{
	char *name = NULL;
	if (!t->batch) {
		t->batch = mem_new(BATCH, sizeof(*t->batch));
		t->pending = mem_new(BATCH, sizeof(*t->pending));
	}
	if (!t->batch_n) {
		store_group(t->job->store);
		t->batch_began_ms = clock_mono_ms();
	}
	if (into_store(t, meta, &name, e) < 0) {
		if (!t->batch_n)
			store_group_abort(t->job->store);
		return -1;
	}
	t->batch[t->batch_n] = *m;
	t->pending[t->batch_n++] = (struct take_pending){name, t->wire_bytes};
	bool full = t->batch_n == BATCH || store_group_full(t->job->store) ||
		    clock_mono_ms() - t->batch_began_ms > BATCH_MS;
	return full ? take_settle(t, e) : 0;
}

/* An mbox would be locked while a batch gathers: there each message is settled alone. */
static int deliver(struct take *t, const struct take_meta *meta, struct record *m, struct err *e)
{
	char *name = NULL;
	if (t->job->deliver)
		return hand_over(t, meta, m, e);
	if (store_kind_of(t->job->store) == STORE_MAILDIR)
		return into_batch(t, meta, m, e);
	m->mark = mbox_length(t->job->store);
	if (records_intents(t->records, m, 1, e) < 0 || into_store(t, meta, &name, e) < 0)
		return -1;
	records_done(t->records, m->uid, name);
	note(t, m->uid, name, t->wire_bytes, false);
	free(name);
	return 0;
}

/* Already ours: by an open intent or after a lost database by the mailbox itself, after a new UIDVALIDITY by its digest. */
static int already(struct take *t, const struct record *m, char **name, struct err *e)
{
	enum record_status status;
	int64_t mark;
	if (records_find(t->records, m->uid, &status, NULL, &mark, e) < 0)
		return -1;
	if (status == RECORD_DONE)
		return 2;
	if (status == RECORD_INTENT || t->records->recovering)
		return recognise(t, mark, name, e);
	int r = records_adopt(t->records, m, true, e);
	return r > 0 ? 2 : r;
}

int take_message(struct take *t, const struct take_meta *meta, struct err *e)
{
	struct record m;
	char *name = NULL;
	if (sink_end(&t->lf.sink, e) < 0 || describe(t, meta, &m, e) < 0)
		return -1;
	if (t->job->out)
		return write_out(t, meta, &m, e);
	int r = already(t, &m, &name, e);
	if (r < 0)
		return -1;
	if (r == 0)
		return deliver(t, meta, &m, e);
	if (r == 1) {
		/* committed at once: the next one of the same bytes must not take this name for its own */
		r = records_intents(t->records, &m, 1, e);
		records_done(t->records, m.uid, name);
		r = r < 0 ? r : records_flush(t->records, e);
	}
	note(t, m.uid, name, t->wire_bytes, true);
	free(name);
	return r < 0 ? -1 : 0;
}
