#include "base/clock.h"
#include "store/mbox.h"

#include <stdio.h>
#include <time.h>

/* The sender as one word of the From_ line: whatever could end the word or the line is no part of an address anyway. */
static void from_line(char *out, size_t size, const char *sender, int64_t time_s)
{
	static const char *const day[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const month[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char word[400];
	size_t n = 0;
	time_t t = (time_t)time_s;
	struct tm tm;
	for (const char *p = sender ? sender : ""; *p && n < sizeof(word) - 1; p++)
		word[n++] = (unsigned char)*p <= ' ' || *p == 127 ? '_' : *p;
	word[n] = '\0';
	/* a year that has no room in struct tm: the clock is broken, the mail is not */
	if (!gmtime_r(&t, &tm) || tm.tm_year > 8099 || tm.tm_year < 0) {
		t = 0;
		gmtime_r(&t, &tm);
	}
	snprintf(out, size, "From %s %s %s %2d %02d:%02d:%02d %d\n", n ? word : "MAILER-DAEMON",
	    day[tm.tm_wday], month[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    tm.tm_year + 1900);
}

static const char from_[] = "From ";
enum { FROM_LEN = 5 };

static int begin(struct mbox_writer *w, struct err *e)
{
	w->begun = true;
	return sink_puts(w->next, w->from, e);
}

/* The beginning of a line: ">" goes on at once (one more in front of "From " is the same wherever it stands among them), "From " is held back until it is
 * whole. Returns how many bytes it took, or -1. */
static ssize_t line_start(struct mbox_writer *w, struct span s, struct err *e)
{
	size_t n = 0;
	while (n < s.len && w->line_start) {
		char c = s.ptr[n];
		if (c == '>' && !w->matched) {
			n++;
			if (sink_puts(w->next, ">", e) < 0)
				return -1;
		} else if (c == from_[w->matched]) {
			n++;
			w->line_start = ++w->matched < FROM_LEN;
		} else {
			w->line_start = false;
		}
	}
	if (w->line_start)
		return (ssize_t)n;
	struct span held = span_make(from_, w->matched);
	bool quote = w->matched == FROM_LEN;
	w->matched = 0;
	if ((quote && sink_puts(w->next, ">", e) < 0) || sink_put(w->next, held, e) < 0)
		return -1;
	return (ssize_t)n;
}

static int writer_put(struct sink *sink, struct span s, struct err *e)
{
	struct mbox_writer *w = (struct mbox_writer *)sink;
	if (!w->begun && begin(w, e) < 0)
		return -1;
	if (s.len)
		w->open = s.ptr[s.len - 1] != '\n';
	while (s.len) {
		if (w->line_start) {
			ssize_t n = line_start(w, s, e);
			if (n < 0)
				return -1;
			s = span_skip(s, (size_t)n);
			continue;
		}
		/* whole lines that need no look go on in one piece */
		size_t n = 0;
		while (n < s.len && !w->line_start) {
			const char *lf = memchr(s.ptr + n, '\n', s.len - n);
			n = lf ? (size_t)(lf - s.ptr) + 1 : s.len;
			w->line_start = lf && (n == s.len || s.ptr[n] == '>' || s.ptr[n] == 'F');
		}
		if (sink_put(w->next, span_take(s, n), e) < 0)
			return -1;
		s = span_skip(s, n);
	}
	return 0;
}

static int writer_end(struct sink *sink, struct err *e)
{
	struct mbox_writer *w = (struct mbox_writer *)sink;
	if (!w->begun && begin(w, e) < 0)
		return -1;
	if (sink_put(w->next, span_make(from_, w->matched), e) < 0)
		return -1;
	w->matched = 0;
	return sink_puts(w->next, w->open ? "\n\n" : "\n", e);
}

void mbox_writer_init(struct mbox_writer *w, struct sink *next, const char *sender, int64_t time_s)
{
	*w = (struct mbox_writer){
	    .sink = {writer_put, writer_end}, .next = next, .line_start = true};
	from_line(w->from, sizeof(w->from), sender, time_s);
}

/* --- flags --- */

void mbox_status_lines(unsigned flags, bool old, struct buf *b)
{
	if (old || (flags & STORE_SEEN))
		buf_addf(b, "Status: %sO\n", flags & STORE_SEEN ? "R" : "");
	if (!(flags & ~(unsigned)(STORE_SEEN | STORE_RECENT)))
		return;
	buf_addf(b, "X-Status: %s%s%s%s%s\n", flags & STORE_REPLIED ? "A" : "",
	    flags & STORE_FLAGGED ? "F" : "", flags & STORE_TRASHED ? "D" : "",
	    flags & STORE_DRAFT ? "T" : "", flags & STORE_PASSED ? "P" : "");
}

/* Could what is held be the beginning of a Status field's name? */
static bool may_be_status(struct span s)
{
	struct span a = SPAN("status:"), b = SPAN("x-status:");
	return span_eq_nocase(s, span_take(a, s.len)) || span_eq_nocase(s, span_take(b, s.len));
}

static int filter_char(struct mbox_status_filter *f, char c, struct err *e)
{
	if (f->held == 0 && f->skip && is_wsp(c)) { /* a folded line of what is dropped */
		f->line_start = false;
		return 0;
	}
	if (f->held == 0)
		f->skip = false;
	f->hold[f->held++] = c;
	struct span s = span_make(f->hold, f->held);
	if (mbox_is_status(s)) {
		f->skip = true;
	} else if (may_be_status(s)) {
		return 0;
	} else {
		/* an empty line ends the header */
		f->body = span_is(s, "\n") || span_is(s, "\r\n");
		if (span_is(s, "\r"))
			return 0;
		if (sink_put(f->next, s, e) < 0)
			return -1;
	}
	f->held = 0;
	f->line_start = c == '\n';
	return 0;
}

static int filter_put(struct sink *sink, struct span s, struct err *e)
{
	struct mbox_status_filter *f = (struct mbox_status_filter *)sink;
	while (s.len && !f->body) {
		if (f->line_start) {
			if (filter_char(f, s.ptr[0], e) < 0)
				return -1;
			s = span_skip(s, 1);
			continue;
		}
		ptrdiff_t lf = span_index(s, '\n');
		size_t n = lf < 0 ? s.len : (size_t)lf + 1;
		f->line_start = lf >= 0;
		if (!f->skip && sink_put(f->next, span_take(s, n), e) < 0)
			return -1;
		s = span_skip(s, n);
	}
	return s.len ? sink_put(f->next, s, e) : 0;
}

static int filter_end(struct sink *sink, struct err *e)
{
	struct mbox_status_filter *f = (struct mbox_status_filter *)sink;
	if (sink_put(f->next, span_make(f->hold, f->held), e) < 0)
		return -1;
	return sink_end(f->next, e);
}

void mbox_status_filter_init(struct mbox_status_filter *f, struct sink *next)
{
	*f = (struct mbox_status_filter){
	    .sink = {filter_put, filter_end}, .next = next, .line_start = true};
}
