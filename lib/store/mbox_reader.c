#include "base/alloc.h"
#include "base/intl.h"
#include "mime/date.h"
#include "store/mbox.h"

#include <stdlib.h>

enum { BUFFER = 65536, FROM_LINE = 1000, LOOK_AHEAD = 64 };

struct mbox_reader {
	struct source message; /* what is handed out */
	struct source *in;
	unsigned how;
	char *buf;
	size_t at, len;
	uint64_t base; /* offset of buf[0] in the stream */
	bool eof;

	/* the message at hand */
	bool open, header, mid_line, quote, skip;
	struct span blank; /* an empty line held back: what ends the message or belongs to it */
	unsigned flags;
	uint64_t from_at, start;
	size_t from_len;
	char from[FROM_LINE + 1];
	struct span piece;  /* handed out next */
	struct err trouble; /* met behind bytes that were handed out: the next read tells */
};

/* --- the buffer --- */

static struct span rest(const struct mbox_reader *r)
{
	return span_make(r->buf + r->at, r->len - r->at);
}

static void take(struct mbox_reader *r, size_t n)
{
	r->at += n;
}

static uint64_t position(const struct mbox_reader *r)
{
	return r->base + r->at;
}

/* At least n bytes (at most BUFFER) in the buffer, fewer only at the end of the stream. */
static int want(struct mbox_reader *r, size_t n, struct err *e)
{
	while (r->len - r->at < n && !r->eof) {
		if (r->at) {
			memmove(r->buf, r->buf + r->at, r->len - r->at);
			r->base += r->at;
			r->len -= r->at;
			r->at = 0;
		}
		ssize_t got = r->in->read(r->in, r->buf + r->len, BUFFER - r->len, e);
		if (got < 0)
			return -1;
		r->eof = got == 0;
		r->len += (size_t)got;
	}
	return 0;
}

/* As much of the line at hand as is needed to know it: to its LF, or max bytes. No more is waited for: the writer at the other end of a pipe may be waiting
 * for us. */
static int want_line(struct mbox_reader *r, size_t max, struct err *e)
{
	for (size_t seen = 0;;) {
		struct span s = rest(r);
		if (s.len >= max || memchr(s.ptr + seen, '\n', s.len - seen))
			return 0;
		seen = s.len;
		if (want(r, seen + 1, e) < 0)
			return -1;
		if (rest(r).len == seen)
			return 0;
	}
}

/* --- lines that mean something --- */

static bool has_time(struct span s)
{
	for (size_t i = 0; i + 5 <= s.len; i++)
		if (is_digit(s.ptr[i]) && is_digit(s.ptr[i + 1]) && s.ptr[i + 2] == ':' &&
		    is_digit(s.ptr[i + 3]) && is_digit(s.ptr[i + 4]))
			return true;
	return false;
}

/* Prose that somebody else's program left unquoted is several words without a time or a year at its end. */
static bool is_from_line(struct span line)
{
	struct span word, last = SPAN("");
	size_t words = 0;
	uint64_t year;
	if (!span_starts(line, "From "))
		return false;
	line = span_skip(span_chomp(line), 5);
	for (struct span s = line; span_word(&s, &word); words++)
		last = word;
	return words <= 1 || has_time(line) || (last.len == 4 && span_to_u64(last, 9999, &year));
}

bool mbox_is_status(struct span line)
{
	return span_starts_nocase(line, "Status:") || span_starts_nocase(line, "X-Status:");
}

/* c-client's letters, which mutt, Dovecot and Pine use as well. */
static void note_status(struct mbox_reader *r, struct span line)
{
	bool x = to_lower(line.ptr[0]) == 'x';
	struct span v = span_skip(line, x ? 9 : 7);
	ptrdiff_t lf = span_index(v, '\n');
	v = span_take(v, lf < 0 ? v.len : (size_t)lf);
	static const struct {
		bool x;
		char letter;
		unsigned flag;
	} known[] = {{false, 'R', STORE_SEEN}, {true, 'A', STORE_REPLIED},
	    {true, 'F', STORE_FLAGGED}, {true, 'D', STORE_TRASHED}, {true, 'T', STORE_DRAFT},
	    {true, 'P', STORE_PASSED}};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].x == x && span_index(v, known[i].letter) >= 0)
			r->flags |= known[i].flag;
	if (!x && (span_index(v, 'O') >= 0 || span_index(v, 'R') >= 0))
		r->flags &= ~(unsigned)STORE_RECENT;
}

/* --- a message, piece by piece --- */

static int ended(struct mbox_reader *r)
{
	r->open = false;
	return 0;
}

static int give(struct mbox_reader *r, struct span s)
{
	r->piece = s;
	return 1;
}

/* The stream's end: the empty line that was held back is the writer's, its absence means that there was more. */
static int at_end(struct mbox_reader *r, struct err *e)
{
	r->open = false;
	if (r->blank.len || (r->how & MBOX_LENIENT))
		return 0;
	return err_set(
	    e, EX_DATAERR, _("cut off: no empty line behind the last message of the stream"));
}

static int middle_of_line(struct mbox_reader *r, struct err *e)
{
	if (want(r, 1, e) < 0)
		return -1;
	struct span s = rest(r);
	if (!s.len)
		return at_end(r, e);
	ptrdiff_t lf = span_index(s, '\n');
	if (lf >= 0) {
		s = span_take(s, (size_t)lf + 1);
		r->mid_line = false;
	}
	take(r, s.len);
	return r->skip ? 2 : give(r, s);
}

/* One ">" of ">>From " is held back; as they are all alike, the others can go on. */
static int quoted_line(struct mbox_reader *r, struct err *e)
{
	size_t n = 0;
	if (want_line(r, 5, e) < 0)
		return -1;
	struct span s = rest(r);
	while (n < s.len && s.ptr[n] == '>')
		n++;
	if (n) {
		take(r, n);
		return give(r, span_take(s, n));
	}
	r->quote = false;
	r->mid_line = true;
	return span_starts(s, "From ") ? 2 : give(r, SPAN(">"));
}

/* Is the line at hand a From_ line behind an empty one? */
static int ends_here(struct mbox_reader *r, struct err *e)
{
	if (!r->blank.len || rest(r).ptr[0] != 'F')
		return 0;
	if (want_line(r, FROM_LINE, e) < 0)
		return -1;
	struct span s = span_take(rest(r), FROM_LINE);
	ptrdiff_t lf = span_index(s, '\n');
	return is_from_line(lf < 0 ? s : span_take(s, (size_t)lf));
}

/* 1 or 2 when the line at hand is empty, else 0; -1. */
static int empty_line(struct mbox_reader *r, struct err *e)
{
	if (rest(r).ptr[0] == '\r' && want(r, 2, e) < 0)
		return -1;
	struct span s = rest(r);
	return span_starts(s, "\n") ? 1 : span_starts(s, "\r\n") ? 2 : 0;
}

/* A Status field begins, or goes on: it is passed over. */
static int hide_status(struct mbox_reader *r, struct err *e)
{
	char first = to_lower(rest(r).ptr[0]);
	r->skip = r->skip && is_wsp(first);
	if (first != 's' && first != 'x')
		return 0;
	if (want_line(r, LOOK_AHEAD, e) < 0)
		return -1;
	struct span s = span_take(rest(r), LOOK_AHEAD); /* letters, not a novel */
	r->skip = mbox_is_status(s);
	if (r->skip)
		note_status(r, s);
	return 0;
}

static int start_of_line(struct mbox_reader *r, struct err *e)
{
	struct span held = r->blank;
	if (want(r, 1, e) < 0)
		return -1;
	if (!rest(r).len)
		return at_end(r, e);
	int over = ends_here(r, e), blank = over ? 0 : empty_line(r, e);
	if (over > 0)
		return ended(r);
	if (over < 0 || blank < 0)
		return -1;
	r->blank = SPAN("");
	if (blank) {
		r->header = r->skip = false;
		r->blank = blank == 1 ? SPAN("\n") : SPAN("\r\n");
		take(r, (size_t)blank);
		return held.len ? give(r, held) : 2;
	}
	if (held.len)
		return give(r, held);
	if (r->header && (r->how & MBOX_HIDE_STATUS) && hide_status(r, e) < 0)
		return -1;
	if (rest(r).ptr[0] == '>' && !(r->how & MBOX_RAW)) {
		r->quote = true;
		take(r, 1);
		return 2;
	}
	r->mid_line = true;
	return 2;
}

/* 1: r->piece, 0 the message is over, -1. */
static int next_piece(struct mbox_reader *r, struct err *e)
{
	int got = 2;
	while (r->open && got == 2)
		got = r->quote      ? quoted_line(r, e)
		      : r->mid_line ? middle_of_line(r, e)
				    : start_of_line(r, e);
	if (got < 0)
		r->open = false;
	return got == 2 ? 0 : got;
}

static ssize_t message_read(struct source *s, char *p, size_t n, struct err *e)
{
	struct mbox_reader *r = (struct mbox_reader *)s;
	size_t done = 0;
	int got = 1;
	while (done < n && !r->trouble.code) {
		/* a piece lies in the buffer, so the next one may only be asked for when it is used up */
		if (!r->piece.len && (got = next_piece(r, &r->trouble)) <= 0)
			break;
		size_t part = r->piece.len < n - done ? r->piece.len : n - done;
		memcpy(p + done, r->piece.ptr, part);
		r->piece = span_skip(r->piece, part);
		done += part;
	}
	if (done || !r->trouble.code)
		return (ssize_t)done;
	err_copy(e, &r->trouble);
	err_clear(&r->trouble);
	return -1;
}

int mbox_reader_drain(struct mbox_reader *r, uint64_t *size, struct err *e)
{
	int got;
	uint64_t n = r->piece.len;
	while ((got = next_piece(r, e)) > 0)
		n += r->piece.len;
	r->piece = SPAN("");
	if (size && got == 0)
		*size = n;
	return got;
}

/* --- from message to message --- */

static int read_from_line(struct mbox_reader *r, struct err *e)
{
	r->from_at = position(r);
	r->from_len = 0;
	for (bool lf = false; !lf;) {
		if (want(r, 1, e) < 0)
			return -1;
		struct span s = rest(r);
		if (!s.len)
			return err_set(e, EX_DATAERR, _("cut off in a \"From \" line"));
		ptrdiff_t end = span_index(s, '\n');
		lf = end >= 0;
		s = lf ? span_take(s, (size_t)end + 1) : s;
		struct span keep = span_take(s, FROM_LINE - r->from_len);
		memcpy(r->from + r->from_len, keep.ptr, keep.len);
		r->from_len += keep.len;
		take(r, s.len);
	}
	r->from_len = span_chomp(span_make(r->from, r->from_len)).len;
	r->start = position(r);
	return 0;
}

int mbox_reader_next(struct mbox_reader *r, struct source **message, struct err *e)
{
	if (r->trouble.code) {
		err_copy(e, &r->trouble);
		err_clear(&r->trouble);
		return -1;
	}
	if (r->open && mbox_reader_drain(r, NULL, e) < 0)
		return -1;
	int blank;
	do {
		if (want(r, 1, e) < 0)
			return -1;
		if (!rest(r).len)
			return 0;
		blank = empty_line(r, e);
		take(r, blank > 0 ? (size_t)blank : 0);
	} while (blank > 0);
	if (blank < 0 || want_line(r, 5, e) < 0)
		return -1;
	if (!span_starts(rest(r), "From "))
		return err_set(e, EX_DATAERR, _("no mbox: it does not begin with \"From \""));
	if (read_from_line(r, e) < 0)
		return -1;
	r->open = r->header = true;
	r->mid_line = r->quote = r->skip = false;
	r->blank = r->piece = SPAN("");
	r->flags = STORE_RECENT;
	*message = &r->message;
	return 1;
}

struct mbox_reader *mbox_reader_new_how(struct source *in, unsigned how)
{
	struct mbox_reader *r = mem_new(1, sizeof(*r));
	r->message.read = message_read;
	r->in = in;
	r->how = how;
	r->buf = mem_new(BUFFER, 1);
	return r;
}

struct mbox_reader *mbox_reader_new(struct source *in)
{
	return mbox_reader_new_how(in, 0);
}

void mbox_reader_free(struct mbox_reader *r)
{
	if (!r)
		return;
	free(r->buf);
	free(r);
}

void mbox_reader_how(struct mbox_reader *r, unsigned how)
{
	r->how = how;
}

void mbox_reader_at(struct mbox_reader *r, uint64_t offset)
{
	r->base = offset;
}

struct span mbox_reader_from_line(const struct mbox_reader *r)
{
	return span_make(r->from, r->from_len);
}

/* "From ana@example.org Tue Nov 24 09:14:00 2026" */
static struct span from_rest(const struct mbox_reader *r, struct span *sender)
{
	struct span s = span_skip(mbox_reader_from_line(r), 5);
	*sender = SPAN("");
	span_word(&s, sender);
	return span_trim(s);
}

struct span mbox_reader_sender(const struct mbox_reader *r)
{
	struct span sender;
	from_rest(r, &sender);
	return span_is(sender, "MAILER-DAEMON") || span_is(sender, "-") || span_is(sender, "<>")
		   ? SPAN("")
		   : sender;
}

int64_t mbox_reader_time(const struct mbox_reader *r)
{
	struct span sender;
	struct date d;
	return date_parse(from_rest(r, &sender), &d) ? d.s : 0;
}

uint64_t mbox_reader_offset(const struct mbox_reader *r)
{
	return r->from_at;
}

uint64_t mbox_reader_start(const struct mbox_reader *r)
{
	return r->start;
}

uint64_t mbox_reader_end(const struct mbox_reader *r)
{
	return position(r);
}

unsigned mbox_reader_flags(const struct mbox_reader *r)
{
	return r->flags;
}
