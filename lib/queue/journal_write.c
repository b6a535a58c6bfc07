#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { ANSWER_MAX = 1000 };

void journal_init(struct journal *j, const char *id, const char *run,
    const struct journal_facts *facts, bool exists)
{
	*j = (struct journal){
	    .lines = BUF_INIT(JOURNAL_MAX), .sound = facts->sound, .exists = exists};
	snprintf(j->id, sizeof(j->id), "%s", id);
	snprintf(j->run, sizeof(j->run), "%s", run);
}

void journal_release(struct journal *j)
{
	buf_release(&j->lines);
}

static void begin_line(struct journal *j, const char *word)
{
	if (j->sound == 0 && j->lines.len == 0)
		buf_addf(&j->lines, "surat-journal 1 %s\n", j->id);
	date_write_rfc3339(&j->lines, clock_real_s());
	buf_addf(&j->lines, " %s %s ", j->run, word);
}

static void put_list(struct buf *b, const size_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t from = i;
		while (i + 1 < n && v[i + 1] == v[i] + 1)
			i++;
		buf_addf(b, "%s%zu", from ? "," : "", v[from] + 1);
		if (i > from)
			buf_addf(b, "-%zu", v[i] + 1);
	}
}

/* One line, bounded, and UTF-8: it will be shown. Blanks within a word would shift what follows. */
static void put_foreign(struct buf *b, const char *text, size_t max, bool word)
{
	struct buf sound = BUF_INIT(ANSWER_MAX * 4);
	struct span s = span_take(span_of(text), max);
	utf8_repair(&sound, s);
	for (size_t i = 0; i < sound.len; i++) {
		unsigned char c = (unsigned char)sound.ptr[i];
		buf_addc(b, c < 0x20 || c == 0x7f ? (word ? '_' : ' ')
			    : word && c == ' '    ? '_'
						  : (char)c);
	}
	buf_release(&sound);
}

static void put_answer(struct buf *b, const struct queue_answer *a)
{
	static const struct queue_answer none = {.host = "", .text = ""};
	a = a ? a : &none;
	if (a->code)
		buf_addf(b, " %03d ", a->code);
	else
		buf_adds(b, " - ");
	put_foreign(b, a->enhanced[0] ? a->enhanced : "-", sizeof(a->enhanced), true);
	buf_addc(b, ' ');
	put_foreign(b, a->host[0] ? a->host : "-", 255, true);
	buf_addc(b, ' ');
	put_foreign(b, a->text, ANSWER_MAX, false);
}

void journal_status(
    struct journal *j, enum queue_status s, const struct queue_answer *a, const size_t *v, size_t n)
{
	if (n == 0)
		return;
	begin_line(j, queue_status_word(s));
	put_list(&j->lines, v, n);
	if (queue_status_has_answer(s))
		put_answer(&j->lines, a);
	buf_addc(&j->lines, '\n');
}

static void put_flag(struct journal *j, const char *word, const size_t *v, size_t n)
{
	if (n == 0)
		return;
	begin_line(j, word);
	put_list(&j->lines, v, n);
	buf_addc(&j->lines, '\n');
}

void journal_relayed(struct journal *j, const size_t *v, size_t n)
{
	put_flag(j, "relayed", v, n);
}

void journal_warned(struct journal *j, const size_t *v, size_t n)
{
	put_flag(j, "warned", v, n);
}

void journal_reported(struct journal *j, const size_t *v, size_t n)
{
	put_flag(j, "reported", v, n);
}

void journal_released(struct journal *j)
{
	begin_line(j, "released");
	buf_cut(&j->lines, j->lines.len - 1);
	buf_addc(&j->lines, '\n');
}

void journal_tried(struct journal *j, unsigned attempts, int64_t next_s)
{
	begin_line(j, "tried");
	buf_addf(&j->lines, "%u ", attempts);
	date_write_rfc3339(&j->lines, next_s);
	buf_addc(&j->lines, '\n');
}

static int append(int fd, struct journal *j, struct err *e)
{
	struct stat st;
	if (sys_fstat(fd, &st) < 0)
		return err_sys(e, EX_IOERR, _("cannot be looked at"));
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
		return err_set(e, EX_DATAERR, _("not a file of ours alone"));
	/* what a dead writer left unfinished, or we ourselves on a disk that was full */
	if ((uint64_t)st.st_size > j->sound && sys_ftruncate(fd, (off_t)j->sound) < 0)
		return err_sys(e, EX_IOERR, _("cannot be cut"));
	if ((uint64_t)st.st_size < j->sound)
		return err_set(e, EX_DATAERR, _("it has become shorter"));
	if (fd_write_all(fd, buf_span(&j->lines), e) < 0)
		return -1;
	return sys_fdatasync(fd) < 0 ? err_sys(e, EX_IOERR, _("cannot be made durable")) : 0;
}

int journal_flush(struct queue *q, struct journal *j, bool *new_name, struct err *e)
{
	char name[QUEUE_NAME_SIZE];
	if (j->lines.len == 0)
		return 0;
	if (j->lines.over)
		return err_set(e, EX_DATAERR, _("%s: too much to note at once"), j->id);
	snprintf(name, sizeof(name), "%s.log", j->id);
	int fd = sys_openat(q->dirfd, name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, "%s/%s", q->path, name);
	int r = append(fd, j, e);
	if (sys_close(fd) < 0 && r == 0)
		r = err_sys(e, EX_IOERR, _("cannot write"));
	if (r < 0)
		return err_prefix(e, "%s/%s: ", q->path, name);
	*new_name |= !j->exists;
	j->exists = true;
	j->sound += j->lines.len;
	buf_reset(&j->lines);
	return 0;
}
