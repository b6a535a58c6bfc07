#include "store/mh_sequences.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"

#include <fcntl.h>
#include <stdlib.h>

enum { WAIT_MS = 30000, POLL_MS = 20, TEXT_MAX = 16 << 20 };

static const struct {
	const char *name;
	enum store_flag flag;
} meanings[] = {{"replied", STORE_REPLIED}, {"flagged", STORE_FLAGGED}, {"trashed", STORE_TRASHED},
    {"draft", STORE_DRAFT}, {"passed", STORE_PASSED}};
static const char unseen[] = "unseen";

/* --- ranges --- */

static bool in_ranges(const struct mh_sequence *q, uint64_t number)
{
	for (size_t i = 0; i < q->n && q->v[i].first <= number; i++)
		if (number <= q->v[i].last)
			return true;
	return false;
}

static void append(struct mh_sequence *q, uint64_t first, uint64_t last)
{
	q->v = mem_resize(q->v, q->n + 1, sizeof(*q->v));
	q->v[q->n++] = (struct mh_range){first, last};
}

static int by_first(const void *a, const void *b)
{
	const struct mh_range *x = a, *y = b;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Ascending, and joined where they touch. */
static void settle(struct mh_sequence *q)
{
	size_t n = 0;
	if (q->n)
		qsort(q->v, q->n, sizeof(*q->v), by_first);
	for (size_t i = 0; i < q->n; i++) {
		if (n && q->v[i].first <= q->v[n - 1].last + 1) {
			if (q->v[i].last > q->v[n - 1].last)
				q->v[n - 1].last = q->v[i].last;
		} else {
			q->v[n++] = q->v[i];
		}
	}
	q->n = n;
}

/* "7" or "7-9" */
static bool parse_range(struct span word, struct mh_range *r)
{
	struct span from = word, to = word;
	ptrdiff_t dash = span_index(word, '-');
	if (dash >= 0) {
		from = span_take(word, (size_t)dash);
		to = span_skip(word, (size_t)dash + 1);
	}
	return span_to_u64(from, UINT32_MAX, &r->first) && span_to_u64(to, UINT32_MAX, &r->last) &&
	       r->first <= r->last && r->first > 0;
}

/* --- the file's text --- */

static struct mh_sequence *find(const struct mh_sequences *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	return NULL;
}

static struct mh_sequence *find_or_add(struct mh_sequences *s, const char *name)
{
	struct mh_sequence *q = find(s, name);
	if (q)
		return q;
	s->v = mem_resize(s->v, s->n + 1, sizeof(*s->v));
	s->v[s->n] = (struct mh_sequence){.name = str_dup(name)};
	return &s->v[s->n++];
}

void mh_sequences_parse(struct mh_sequences *s, struct span text)
{
	struct span line, name, word;
	struct mh_range r;
	while (span_line(&text, &line)) {
		if (!span_cut(&line, ':', &name) || !name.len || memchr(name.ptr, '\0', name.len))
			continue;
		char *copy = span_dup(name);
		struct mh_sequence *q = find_or_add(s, copy);
		while (span_word(&line, &word))
			if (parse_range(word, &r))
				append(q, r.first, r.last);
		settle(q);
		free(copy);
	}
}

void mh_sequences_write(const struct mh_sequences *s, struct buf *b)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct mh_sequence *q = &s->v[i];
		if (!q->n)
			continue;
		buf_addf(b, "%s:", q->name);
		for (size_t k = 0; k < q->n; k++) {
			buf_addf(b, " %llu", (unsigned long long)q->v[k].first);
			if (q->v[k].last > q->v[k].first)
				buf_addf(b, "-%llu", (unsigned long long)q->v[k].last);
		}
		buf_addc(b, '\n');
	}
}

void mh_sequences_release(struct mh_sequences *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].v);
	}
	free(s->v);
	*s = (struct mh_sequences){0};
}

/* --- members --- */

bool mh_sequences_has(const struct mh_sequences *s, const char *name, uint64_t number)
{
	const struct mh_sequence *q = find(s, name);
	return q && in_ranges(q, number);
}

/* The range it is in falls apart. */
static void take_out(struct mh_sequence *q, uint64_t number)
{
	for (size_t i = 0; i < q->n; i++) {
		struct mh_range r = q->v[i];
		if (number < r.first || number > r.last)
			continue;
		q->v[i] = q->v[--q->n];
		if (r.first < number)
			append(q, r.first, number - 1);
		if (number < r.last)
			append(q, number + 1, r.last);
		break;
	}
}

void mh_sequences_set(struct mh_sequences *s, const char *name, uint64_t number, bool on)
{
	struct mh_sequence *q = on ? find_or_add(s, name) : find(s, name);
	if (!q || in_ranges(q, number) == on)
		return;
	if (on)
		append(q, number, number);
	else
		take_out(q, number);
	settle(q);
}

void mh_sequences_forget(struct mh_sequences *s, uint64_t number)
{
	for (size_t i = 0; i < s->n; i++)
		mh_sequences_set(s, s->v[i].name, number, false);
}

unsigned mh_sequences_flags(const struct mh_sequences *s, uint64_t number)
{
	unsigned flags = mh_sequences_has(s, unseen, number) ? STORE_RECENT : STORE_SEEN;
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		if (mh_sequences_has(s, meanings[i].name, number))
			flags |= meanings[i].flag;
	return flags;
}

void mh_sequences_put_flags(struct mh_sequences *s, uint64_t number, unsigned flags)
{
	mh_sequences_set(s, unseen, number, !(flags & STORE_SEEN));
	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		mh_sequences_set(s, meanings[i].name, number, flags & meanings[i].flag);
}

/* --- the file --- */

static int wait_for_lock(int fd, bool exclusive, struct err *e)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	for (;;) {
		int r = file_lock(fd, exclusive, false, e);
		if (r)
			return r < 0 ? -1 : 0;
		if (clock_mono_ms() >= end)
			return err_set(e, EX_TEMPFAIL, _("locked by another program"));
		sys_poll(NULL, 0, POLL_MS);
		if (signals_stop())
			return err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
	}
}

static int read_text(int fd, struct mh_sequences *s, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct source_fd in;
	struct sink_buf to;
	source_fd_init(&in, fd);
	sink_buf_init(&to, &text);
	int r = sink_pump(&to.sink, &in.source, e);
	if (r == 0)
		mh_sequences_parse(s, buf_span(&text));
	buf_release(&text);
	return r;
}

int mh_sequences_lock(int dirfd, bool exclusive, bool create, struct mh_sequences *s, struct err *e)
{
	int flags =
	    (exclusive ? O_RDWR : O_RDONLY) | (create ? O_CREAT : 0) | O_NOFOLLOW | O_NONBLOCK;
	int fd = sys_openat(dirfd, ".mh_sequences", flags, 0600);
	if (fd < 0)
		return err_sys(e, EX_NOINPUT, ".mh_sequences");
	if (wait_for_lock(fd, exclusive, e) < 0 || read_text(fd, s, e) < 0) {
		sys_close(fd);
		return err_prefix(e, ".mh_sequences: ");
	}
	return fd;
}

/* In place, as all programs do that lock this file. It holds flags only: that a power failure may take the last ones is no loss of mail. */
int mh_sequences_store(int fd, const struct mh_sequences *s, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	mh_sequences_write(s, &text);
	ssize_t n = text.over ? -1 : sys_pwrite(fd, text.ptr, text.len, 0);
	int r = n == (ssize_t)text.len && sys_ftruncate(fd, (off_t)text.len) == 0
		    ? 0
		    : err_sys(e, EX_TEMPFAIL, ".mh_sequences");
	buf_release(&text);
	return r;
}
