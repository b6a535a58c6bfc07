#include "mime/subject.h"

#include "mime/word.h"

enum { SUBJECT_MAX = 1 << 20 };

/* (1) decoded, each run of blanks one blank, none at the ends */
static void clean(struct buf *b, struct span raw)
{
	struct buf text = BUF_INIT(SUBJECT_MAX);
	word_decode(&text, raw);
	struct span rest = buf_span(&text), word;
	bool first = true;
	while (span_word(&rest, &word)) {
		if (!first)
			buf_addc(b, ' ');
		buf_add(b, word);
		first = false;
	}
	buf_release(&text);
}

/* (2) "(fwd)" at the end */
static bool drop_trailer(struct span *s)
{
	struct span t = span_trim(*s);
	bool fwd = span_ends_nocase(t, "(fwd)");
	if (fwd)
		t.len -= strlen("(fwd)");
	*s = span_trim(t);
	return fwd;
}

/* subj-blob: "[...]" without brackets inside, and blanks behind it. The length, or 0. */
static size_t blob(struct span s)
{
	size_t i = 1;
	if (!s.len || *s.ptr != '[')
		return 0;
	while (i < s.len && s.ptr[i] != ']' && s.ptr[i] != '[')
		i++;
	if (i == s.len || s.ptr[i] != ']')
		return 0;
	for (i++; i < s.len && is_wsp(s.ptr[i]);)
		i++;
	return i;
}

/* (3) subj-refwd: "re", "fw" or "fwd", maybe a blob, ":"; blobs may stand before it. The length, or 0. */
static size_t leader(struct span s)
{
	static const char *const words[] = {"fwd", "fw", "re"};
	size_t at = 0, n;
	while ((n = blob(span_skip(s, at))))
		at += n;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct span rest = span_skip(s, at);
		if (!span_starts_nocase(rest, words[i]))
			continue;
		size_t end = at + strlen(words[i]);
		while (end < s.len && is_wsp(s.ptr[end]))
			end++;
		end += blob(span_skip(s, end));
		if (end < s.len && s.ptr[end] == ':')
			return end + 1;
	}
	return 0;
}

/* (4) the blobs at the front, but the last one when nothing would be left. All at once: one by one, each with a look for a leader behind all of them,
 * would take a square of their number. */
static size_t lone_blobs(struct span s)
{
	size_t at = 0, n;
	while ((n = blob(span_skip(s, at))) && at + n < s.len)
		at += n;
	return at;
}

/* (6) "[fwd: ...]" */
static bool unwrap(struct span *s)
{
	if (!span_starts_nocase(*s, "[fwd:") || s->ptr[s->len - 1] != ']')
		return false;
	*s = span_trim(span_make(s->ptr + 5, s->len - 6));
	return true;
}

bool subject_base(struct buf *b, struct span raw)
{
	struct buf text = BUF_INIT(SUBJECT_MAX);
	clean(&text, raw);
	struct span s = buf_span(&text);
	bool reply = false, again = true;
	while (again) {
		size_t n;
		while (drop_trailer(&s))
			reply = true;
		for (again = true; again;) {
			again = false;
			if ((n = leader(s)))
				reply = again = true;
			else if ((n = lone_blobs(s)))
				again = true;
			s = span_trim(span_skip(s, n));
		}
		again = unwrap(&s);
		reply = reply || again;
	}
	buf_add(b, s);
	buf_release(&text);
	return reply;
}
