/*
 * Messages of random names, subjects, texts and files are composed, parsed, and come back equal; no line of them is over 78 where that is promised, and
 * their header has nothing a parser would have to forgive. ROUNDTRIP_COUNT (2,000) messages; the seed is ROUNDTRIP_SEED (1).
 */
#include "../tap.h"
#include "base/alloc.h"
#include "base/random.h"
#include "codec/utf8.h"
#include "compose/draft.h"
#include "compose/file.h"
#include "mime/decode.h"
#include "mime/header.h"
#include "mime/word.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILES = 3, NAMES = 5, LINE_WISHED = 78, LINE_MOST = 10000, FILE_NAME_MOST = 255 };

/* --- what is random --- */

static const char *const odd[] = {"a", "B", "7", " ", "  ", "é", "ü", "ß", "日", "本", "語",
    "привет", "😀", "e\xcc\x81", "=?", "?=", "=?utf-8?q?x?=", "\"", "\\", "(", ")", "<", ">", "@",
    ",", ";", ":", ".", "'", "=", "_", "?", "%41", "*", "/", "[", "]", "-",
    "Re: ", "longwordwithoutanyblank", "\xc2\xa0", "\xe2\x80\x8f"};
static const char *const of_text[] = {"\n", "\n\n", ".\n", "From ", "\nFrom me\n", "--", "-- \n",
    "\t", " \n", "=\n", ">", "=3D", "\r"};

static void add_random(struct buf *b, unsigned pieces, bool text)
{
	for (unsigned n = random_below(pieces + 1); n; n--) {
		unsigned k = random_below(ARRAY_LEN(odd) + (text ? 2 * ARRAY_LEN(of_text) : 0));
		const char *s = k < ARRAY_LEN(odd) ? odd[k] : of_text[(k - ARRAY_LEN(odd)) / 2];
		unsigned times = random_below(20) ? 1 : 1 + random_below(120);
		for (; times; times--)
			buf_adds(b, s);
	}
}

/* Of a header: blanks at the ends are not kept (RFC 5322 3.2.2). */
static char *random_line(unsigned pieces, size_t most)
{
	struct buf b = BUF_INIT(1 << 20);
	add_random(&b, pieces, false);
	struct span line = span_take(buf_span(&b), most);
	line.len -= utf8_cut_tail(line);
	char *s = span_dup(span_trim(line));
	buf_release(&b);
	return s;
}

static char *random_bytes_of(size_t *len)
{
	static const size_t sizes[] = {0, 1, 2, 3, 56, 57, 58, 100, 1000, 10000};
	*len = sizes[random_below(ARRAY_LEN(sizes))];
	char *p = mem_new(*len + 1, 1);
	random_bytes(p, *len);
	return p;
}

/* --- a message and what is known of it --- */

struct sample {
	char *subject, *name[NAMES], *file_name[FILES], *file[FILES];
	size_t file_len[FILES];
	unsigned names, files;
	struct buf text;
	int flags;
};

/* CRLF is a line's end, and comes back as LF. */
static void drop_crlf(struct buf *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->len; i++) {
		while (b->ptr[i] == '\n' && n && b->ptr[n - 1] == '\r')
			n--;
		b->ptr[n++] = b->ptr[i];
	}
	buf_cut(b, n);
}

static void make_sample(struct sample *s)
{
	*s = (struct sample){.subject = random_line(12, LINE_MOST),
	    .names = 1 + random_below(NAMES),
	    .files = random_below(FILES + 1),
	    .flags =
		(random_below(4) ? 0 : BUILD_UTF8_HEADERS) | (random_below(4) ? 0 : BUILD_8BIT)};
	for (unsigned i = 0; i < s->names; i++)
		s->name[i] = random_line(5, LINE_MOST);
	for (unsigned i = 0; i < s->files; i++) {
		s->file_name[i] = random_line(6, FILE_NAME_MOST);
		s->file[i] = random_bytes_of(&s->file_len[i]);
	}
	buf_init(&s->text, 1 << 20);
	add_random(&s->text, 200, true);
	if (s->text.len && s->text.ptr[s->text.len - 1] != '\n')
		buf_addc(&s->text, '\n');
	drop_crlf(&s->text);
}

static void release_sample(struct sample *s)
{
	free(s->subject);
	for (unsigned i = 0; i < s->names; i++)
		free(s->name[i]);
	for (unsigned i = 0; i < s->files; i++) {
		free(s->file_name[i]);
		free(s->file[i]);
	}
	buf_release(&s->text);
}

static void add_file(struct draft *d, const struct sample *s, unsigned i)
{
	struct spool sp;
	spool_init(&sp);
	sink_put(&sp.sink, span_make(s->file[i], s->file_len[i]), NULL);
	file_add_spool(
	    d, FILE_ATTACH, "application/octet-stream", span_of(s->file_name[i]), SPAN(""), &sp);
	spool_release(&sp);
}

static bool compose(const struct sample *s, struct buf *out, struct err *e)
{
	struct draft d;
	struct sink_buf to;
	draft_init(&d);
	d.flags = s->flags;
	d.date_s = 1700000000;
	draft_set_subject(&d, span_of(s->subject));
	draft_add_address(&d, DRAFT_FROM, "a@example.org", e);
	for (unsigned i = 0; i < s->names; i++) {
		char spec[32];
		snprintf(spec, sizeof(spec), "n%u@example.org", i);
		struct address a = {.name = span_of(s->name[i]),
		    .local = span_take(span_of(spec), 2),
		    .domain = SPAN("example.org"),
		    .spec = span_of(spec),
		    .group = SPAN("")};
		draft_add_known(&d, i % 2 ? DRAFT_CC : DRAFT_TO, &a);
	}
	sink_put(&d.text.sink, buf_span(&s->text), e);
	d.has_text = true;
	for (unsigned i = 0; i < s->files; i++)
		add_file(&d, s, i);
	sink_buf_init(&to, out);
	bool good = draft_settle(&d, e) == 0 && draft_write(&d, &to.sink, e) == 0;
	draft_release(&d);
	return good;
}

/* --- back --- */

static const char *fault; /* of the last message: what differs */

static bool same(struct span got, struct span want, const char *what)
{
	if (span_eq(got, want))
		return true;
	printf("# %s\n#   got  %.*s\n#   want %.*s\n", what, SPAN_ARG(span_take(got, 300)),
	    SPAN_ARG(span_take(want, 300)));
	fault = what;
	return false;
}

static bool header_is_same(struct span message, const struct sample *s)
{
	struct header h = HEADER_INIT;
	struct source_mem in;
	struct buf subject = BUF_INIT(1 << 20);
	struct address_list list = {0};
	source_mem_init(&in, message);
	if (header_read(&h, &in.source, NULL, NULL) < 0)
		return same(SPAN("unreadable"), SPAN(""), "header");
	header_text(&h, "Subject", &subject);
	header_addresses(&h, "To", &h.arena, &list, NULL);
	header_addresses(&h, "Cc", &h.arena, &list, NULL);
	bool good = same(buf_span(&subject), span_of(s->subject), "subject") &&
		    same(list.n == s->names && !list.bad ? SPAN("") : SPAN("other"), SPAN(""),
			"number of addresses");
	for (unsigned i = 0; good && i < s->names; i++) /* even ones are in To, then odd ones */
		good = same(list.v[i % 2 ? (s->names + 1) / 2 + i / 2 : i / 2].name,
		    span_of(s->name[i]), "name");
	buf_release(&subject);
	header_release(&h);
	return good;
}

static bool leaf_is_same(
    const struct mime_part *part, struct span got, unsigned leaf, const struct sample *s)
{
	if (leaf == 0)
		return same(got, buf_span(&s->text), "text");
	return same(part->filename, span_of(s->file_name[leaf - 1]), "name of a file") &&
	       same(got, span_make(s->file[leaf - 1], s->file_len[leaf - 1]), "file");
}

/* "From " and the like apart, all that is written is short, but for what the texts themselves say (8bit). */
static bool lines_are_short(struct span message, const struct sample *s)
{
	struct span line;
	while (span_line(&message, &line))
		if (line.len > (s->flags ? 998 : LINE_WISHED) || span_starts(line, "From "))
			return same(line, SPAN(""), "a line");
	return true;
}

static bool body_is_same(struct span message, const struct sample *s)
{
	struct mime_parser p;
	struct mime_event ev;
	struct mime_decoder d;
	struct source_mem in;
	struct sink_buf to;
	struct buf got = BUF_INIT(1 << 22);
	unsigned leaf = 0;
	bool good = true;
	source_mem_init(&in, message);
	mime_parser_init(&p, &in.source, NULL);
	while (good && mime_next(&p, &ev, NULL) > 0) {
		if (ev.type == MIME_HEADERS_END && ev.part->leaf) {
			buf_reset(&got);
			sink_buf_init(&to, &got);
			mime_decoder_init(
			    &d, ev.part, leaf ? MIME_DECODE_BYTES : MIME_DECODE_TEXT, &to.sink);
		}
		if (ev.type == MIME_BODY && ev.part->leaf)
			sink_put(mime_decoder_sink(&d), ev.body, NULL);
		if (ev.type == MIME_PART_END && ev.part->leaf) {
			mime_decoder_end(&d, ev.part, NULL);
			good = leaf_is_same(ev.part, buf_span(&got), leaf++, s);
		}
	}
	uint32_t allowed =
	    s->flags & BUILD_UTF8_HEADERS ? UINT32_C(1) << MIME_T_EIGHT_BIT_HEADER : 0;
	good = good &&
	       same(mime_parser_tolerated(&p) & ~allowed || mime_parser_ambiguous(&p)
			? SPAN("something")
			: SPAN(""),
		   SPAN(""), "to be forgiven") &&
	       same(leaf == 1 + s->files ? SPAN("") : SPAN("other"), SPAN(""), "number of parts");
	mime_parser_release(&p);
	buf_release(&got);
	return good;
}

static bool round_trip(const struct sample *s)
{
	struct buf message = BUF_INIT(1 << 22);
	struct err e = ERR_INIT;
	bool good = compose(s, &message, &e) || same(span_of(e.text), SPAN(""), "composing");
	struct span m = buf_span(&message);
	good = good && header_is_same(m, s) && body_is_same(m, s) && lines_are_short(m, s);
	buf_release(&message);
	return good;
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);
	return value ? strtoull(value, NULL, 10) : otherwise;
}

int main(void)
{
	uint64_t count = number("ROUNDTRIP_COUNT", 2000), i;
	bool good = true;
	random_fix(number("ROUNDTRIP_SEED", 1));
	for (i = 0; good && i < count; i++) {
		struct sample s;
		make_sample(&s);
		good = round_trip(&s);
		release_sample(&s);
	}
	ok(good, "%llu messages come back as they were%s%s", (unsigned long long)i,
	    good ? "" : ": not the last: ", good ? "" : fault);
	return tap_done();
}
