#include "fetch/take.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

void take_open(struct take *t, const struct fetch_job *job, struct records *records,
    struct fetch_result *result)
{
	*t = (struct take){.job = job, .records = records, .result = result};
	spool_init(&t->spool);
}

void take_release(struct take *t)
{
	for (size_t i = 0; i < t->known_n; i++)
		free(t->known[i].name);
	free(t->known);
	spool_release(&t->spool);
}

/* --- the wire's bytes: counted, LF lines, spooled --- */

static int count_put(struct sink *s, struct span bytes, struct err *e)
{
	struct take *t = (struct take *)((char *)s - offsetof(struct take, count));
	t->wire_bytes += bytes.len;
	return sink_put(&t->lf.sink, bytes, e);
}

struct sink *take_begin(struct take *t, struct err *e)
{
	if (spool_reset(&t->spool, e) < 0)
		return NULL;
	filter_crlf_init(&t->lf, &t->spool.sink, CRLF_LOCAL);
	t->count = (struct sink){count_put, NULL};
	t->wire_bytes = 0;
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
	if (store_scan_open(t->job->store, &sc, e) < 0)
		return -1;
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

static bool could_be(const struct take *t, const struct take_known *k, uint64_t size, int64_t mark)
{
	if (k->size != size)
		return false;
	if (store_kind_of(t->job->store) != STORE_MBOX)
		return true;
	const char *offset = strrchr(k->name, '#');
	return offset && strtoll(offset + 1, NULL, 10) >= mark;
}

/* *name (malloc'ed) when the mailbox has these bytes and no record has that name. 1, 0, -1. */
static int recognise(
    struct take *t, const struct record *m, int64_t mark, char **name, struct err *e)
{
	uint64_t size = t->spool.size - body_start(&t->spool);
	if (read_known(t, e) < 0)
		return -1;
	for (size_t i = 0; i < t->known_n; i++) {
		if (!could_be(t, &t->known[i], size, mark))
			continue;
		int r = same_message(t->known[i].name, m->digest, e);
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

static void note(struct take *t, const char *name, bool known)
{
	struct fetch_note n = {.uid = t->uid, .name = name, .bytes = t->wire_bytes, .known = known};
	if (known) {
		t->result->known++;
	} else {
		t->result->fetched++;
		t->result->bytes += t->wire_bytes;
	}
	if (t->job->note)
		t->job->note(t->job->ctx, &n);
}

static void source_of(struct take *t, struct source_spool *src)
{
	uint64_t from = body_start(&t->spool);
	source_spool_range(src, &t->spool, from, t->spool.size - from);
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
		snprintf(m->uid, sizeof(m->uid), "all:%s", buf_cstr(&hex));
	buf_release(&hex);
	snprintf(t->uid, sizeof(t->uid), "%s", m->uid);
	return 0;
}

static int write_out(struct take *t, const struct take_meta *meta, struct err *e)
{
	struct mbox_writer w;
	struct source_spool src;
	source_of(t, &src);
	mbox_writer_init(&w, t->job->out, NULL, meta->date_s ? meta->date_s : clock_real_s());
	if (sink_pump(&w.sink, &src.source, e) < 0 || sink_end(&w.sink, e) < 0)
		return -1;
	note(t, NULL, false);
	return 0;
}

static int64_t mbox_length(const struct store *s)
{
	struct stat st;
	if (store_kind_of(s) != STORE_MBOX || sys_fstatat(AT_FDCWD, store_path(s), &st, 0) < 0)
		return 0;
	return st.st_size;
}

static int deliver(struct take *t, const struct take_meta *meta, struct record *m, struct err *e)
{
	struct store_delivery d = {.flags = meta->flags, .received_s = meta->date_s};
	struct store_receipt receipt = {0};
	struct source_spool src;
	m->mark = mbox_length(t->job->store);
	if (records_intent(t->records, m, e) < 0)
		return -1;
	source_of(t, &src);
	if (store_deliver(t->job->store, &src.source, &d, &receipt, e) < 0)
		return err_prefix(e, "%s: ", store_path(t->job->store));
	records_done(t->records, m->uid, receipt.name);
	note(t, receipt.name, false);
	free(receipt.name);
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
		return recognise(t, m, mark, name, e);
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
		return write_out(t, meta, e);
	int r = already(t, &m, &name, e);
	if (r < 0)
		return -1;
	if (r == 0)
		return deliver(t, meta, &m, e);
	if (r == 1) {
		r = records_intent(t->records, &m, e);
		records_done(t->records, m.uid, name);
	}
	note(t, name, true);
	free(name);
	return r < 0 ? -1 : 0;
}
