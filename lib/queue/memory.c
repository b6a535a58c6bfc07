#include "queue/memory.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "io/file.h"
#include "io/sys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 4 << 20, ENTRIES_MAX = 10000, DAY = 24 * 3600, ANSWER_MAX = 500 };
static const char name[] = "destinations", version[] = "surat-destinations 1\n";

/* --- reading --- */

static struct memory_entry *add_entry(struct memory *m)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 16;
		m->v = mem_resize(m->v, m->cap, sizeof(*m->v));
	}
	m->v[m->n] = (struct memory_entry){0};
	return &m->v[m->n++];
}

/* "UNTIL FAILURES CODE ENHANCED", then key, host and text, with TABs between. */
static bool take_numbers(struct span s, struct memory_entry *entry)
{
	struct span until, failures, code;
	uint64_t u, f, c;
	if (!span_cut(&s, ' ', &until) || !span_cut(&s, ' ', &failures) ||
	    !span_cut(&s, ' ', &code) || !span_to_u64(until, INT64_MAX, &u) ||
	    !span_to_u64(failures, UINT32_MAX, &f) || !span_to_u64(code, 999, &c) ||
	    s.len >= sizeof(entry->answer.enhanced))
		return false;
	entry->until_s = (int64_t)u;
	entry->failures = (unsigned)f;
	entry->answer.code = (int)c;
	if (!span_is(s, "-"))
		memcpy(entry->answer.enhanced, s.ptr, s.len);
	return true;
}

static void take_line(struct memory *m, struct span line)
{
	struct span numbers, key, host;
	struct memory_entry found = {0};
	if (m->n == ENTRIES_MAX || !span_cut(&line, '\t', &numbers) ||
	    !span_cut(&line, '\t', &key) || !span_cut(&line, '\t', &host) ||
	    !take_numbers(numbers, &found))
		return;
	found.key = span_dup(key);
	found.answer.host = span_dup(host);
	found.answer.text = span_dup(line);
	*add_entry(m) = found;
}

/* Of another version, or of another user: as if it were not there. */
static void read_entries(struct memory *m, struct queue *q, int fd)
{
	struct buf b = BUF_INIT(FILE_MAX);
	struct span rest, line;
	struct stat st;
	ssize_t n;
	if (sys_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != q->uid ||
	    st.st_size > FILE_MAX)
		return;
	while (b.len < FILE_MAX && (n = sys_pread(fd, buf_room(&b, 4096), 4096, (off_t)b.len)) > 0)
		buf_grew(&b, (size_t)n);
	rest = buf_span(&b);
	if (span_starts(rest, version)) {
		rest = span_skip(rest, sizeof(version) - 1);
		while (span_cut(&rest, '\n', &line))
			take_line(m, line);
	}
	buf_release(&b);
}

static int by_key(const void *a, const void *b)
{
	const struct memory_entry *x = a, *y = b;
	return strcmp(x->key, y->key);
}

void memory_read(struct memory *m, struct queue *q)
{
	*m = (struct memory){.fd = -1};
	int fd = sys_openat(q->dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	if (fd < 0)
		return;
	read_entries(m, q, fd);
	sys_close(fd);
	if (m->n)
		qsort(m->v, m->n, sizeof(*m->v), by_key);
}

const struct memory_entry *memory_known(const struct memory *m, const char *key)
{
	union {
		const char *in;
		char *out;
	} same = {key};
	const struct memory_entry wanted = {.key = same.out};
	return m->n ? bsearch(&wanted, m->v, m->n, sizeof(*m->v), by_key) : NULL;
}

bool memory_exists(struct queue *q)
{
	struct stat st;
	return sys_fstatat(q->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool memory_open(struct memory *m, struct queue *q)
{
	struct stat st;
	*m = (struct memory){.fd = -1};
	int fd = sys_openat(q->dirfd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return false;
	if (sys_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1 ||
	    file_lock(fd, true, true, NULL) <= 0) {
		sys_close(fd);
		return false;
	}
	m->fd = fd;
	read_entries(m, q, fd);
	return true;
}

struct memory_entry *memory_find(const struct memory *m, const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].key, key) == 0)
			return &m->v[i];
	return NULL;
}

/* --- changing --- */

static void free_text(const char *s)
{
	union {
		const char *in;
		char *out;
	} text = {s};
	free(text.out);
}

static void release_entry(struct memory_entry *entry)
{
	free(entry->key);
	free_text(entry->answer.host);
	free_text(entry->answer.text);
}

/* The first pause is that of a message, then it doubles; a host that is back must not be overlooked for hours. */
static int64_t pause_s(const struct queue_schedule *s, unsigned failures)
{
	int64_t most = s->retry_max_s / 4 > s->retry_s ? s->retry_max_s / 4 : s->retry_s;
	int64_t pause = s->retry_s;
	while (failures-- > 1 && pause < most)
		pause *= 2;
	return pause < most ? pause : most;
}

void memory_down(struct memory *m, const char *key, const struct queue_answer *why,
    const struct queue_schedule *s, int64_t now_s)
{
	struct memory_entry *entry = memory_find(m, key);
	struct memory_entry fresh = {.answer = *why, .failures = entry ? entry->failures + 1 : 1};
	if (!entry && m->n == ENTRIES_MAX)
		return;
	fresh.key = str_dup(key);
	fresh.answer.host = str_dup(why->host);
	fresh.answer.text = str_dup(why->text);
	fresh.until_s = now_s + pause_s(s, fresh.failures);
	if (entry)
		release_entry(entry);
	else
		entry = add_entry(m);
	*entry = fresh;
}

void memory_up(struct memory *m, const char *key)
{
	struct memory_entry *entry = memory_find(m, key);
	if (!entry)
		return;
	release_entry(entry);
	*entry = m->v[--m->n];
}

static void put_text(struct buf *b, const char *text)
{
	struct buf sound = BUF_INIT(ANSWER_MAX * 4);
	utf8_repair(&sound, span_take(span_of(text), ANSWER_MAX));
	for (size_t i = 0; i < sound.len; i++)
		buf_addc(b, (unsigned char)sound.ptr[i] < 0x20 ? ' ' : sound.ptr[i]);
	buf_release(&sound);
}

static void put_entry(struct buf *b, const struct memory_entry *entry)
{
	const struct queue_answer *a = &entry->answer;
	buf_addf(b, "%lld %u %d %s\t%s\t", (long long)entry->until_s, entry->failures, a->code,
	    *a->enhanced ? a->enhanced : "-", entry->key);
	put_text(b, a->host);
	buf_addc(b, '\t');
	put_text(b, a->text);
	buf_addc(b, '\n');
}

void memory_write(struct memory *m, struct queue *q, int64_t now_s)
{
	struct buf b = BUF_INIT(FILE_MAX);
	buf_adds(&b, version);
	for (
	    size_t i = 0; i < m->n;
	    i++) /* a day after its time it is news again; a time too far ahead is a clock's fault */
		if (m->v[i].until_s > now_s - DAY && m->v[i].until_s < now_s + 30 * DAY)
			put_entry(&b, &m->v[i]);
	if (b.len < sizeof(version) || b.over)
		sys_unlinkat(q->dirfd, name, 0);
	else if (sys_ftruncate(m->fd, 0) == 0)
		sys_pwrite(m->fd, b.ptr, b.len, 0);
	buf_release(&b);
}

void memory_release(struct memory *m)
{
	for (size_t i = 0; i < m->n; i++)
		release_entry(&m->v[i]);
	free(m->v);
	if (m->fd >= 0)
		sys_close(m->fd);
	*m = (struct memory){.fd = -1};
}

/* --- rates --- */

uint32_t hash_of(const char *key)
{
	uint32_t hash = 2166136261u;
	for (const char *c = key; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	return hash;
}

/* Which of the file's numbers is a destination's; two that share one go more slowly than they might. */
static off_t slot_of(const char *key)
{
	enum { SLOTS = 4096 };
	return (off_t)(8 * (1 + hash_of(key) % SLOTS));
}

/* How long it is to that slot's time. One further off than a pause is of before a reboot. */
static int64_t left_us(int fd, off_t at, int64_t pause_us, int64_t now_us)
{
	int64_t next = 0;
	if (!pause_us || sys_pread(fd, &next, sizeof(next), at) != sizeof(next))
		return 0;
	return next > now_us && next - now_us <= pause_us ? next - now_us : 0;
}

static int note(int fd, off_t at, int64_t pause_us, int64_t now_us)
{
	int64_t next = now_us + pause_us;
	return !pause_us || sys_pwrite(fd, &next, sizeof(next), at) == sizeof(next) ? 0 : -1;
}

/* Evenly spaced: a minute never has more, and waiting saves nothing up. */
static int64_t take_locked(int fd, const char *key, int64_t pause_us, int64_t own_us)
{
	int64_t now = clock_mono_ms() * 1000;
	int64_t all = left_us(fd, 0, pause_us, now), own = left_us(fd, slot_of(key), own_us, now);
	if (all || own)
		return all > own ? all : own;
	return note(fd, 0, pause_us, now) < 0 || note(fd, slot_of(key), own_us, now) < 0 ? -1 : 0;
}

int64_t rate_take(
    struct queue *q, const char *key, int64_t pause_us, int64_t own_pause_us, struct err *e)
{
	if (!pause_us && !own_pause_us)
		return 0;
	int fd = sys_openat(q->dirfd, "rates", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, "%s/rates", q->path);
	int64_t left =
	    file_lock(fd, true, true, e) < 0 ? -1 : take_locked(fd, key, pause_us, own_pause_us);
	if (left < 0)
		err_sys(e, EX_IOERR, "%s/rates", q->path);
	sys_close(fd);
	return left;
}
