/*
 * Messages of our own, one oddity a file (tests/data/mime: NAME.eml and what the parser makes of it, NAME.want); and where they are, the collections of
 * others: $SURAT_DATA, or ../shared/data beside the source.
 */
#include "../tap.h"
#include "base/alloc.h"
#include "base/strv.h"
#include "events.h"
#include "io/file.h"
#include "mime/address.h"

#include <dirent.h>
#include <stdlib.h>

enum { FILE_MAX_BYTES = 64 << 20 };

static bool slurp(const char *path, struct buf *b)
{
	buf_init(b, FILE_MAX_BYTES);
	return file_read(path, b, NULL) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Paths of the files in a folder that end so; none where there is no folder. */
static struct strv files(const char *folder, const char *ending)
{
	struct strv out = {0};
	struct dirent **names;
	int n = scandir(folder, &names, NULL, by_name);
	for (int i = 0; i < n; i++) {
		if (span_ends_nocase(span_of(names[i]->d_name), ending))
			strv_take(&out, str_printf("%s/%s", folder, names[i]->d_name));
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return out;
}

static const char *base(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* Events at three cuts, one a line; "" when they differ. */
static void all_cuts(const char *path, struct buf *out)
{
	static const size_t chunks[] = {0, 1, 13};
	struct buf message;
	buf_init(out, FILE_MAX_BYTES);
	bool readable = slurp(path, &message);
	for (size_t i = 0; readable && i < ARRAY_LEN(chunks); i++) {
		struct buf b = BUF_INIT(FILE_MAX_BYTES);
		struct err e = ERR_INIT;
		events_write(
		    &b, buf_span(&message), chunks[i], EVENTS_FIELDS | EVENTS_DECODED, NULL, &e);
		if (i == 0)
			buf_add(out, buf_span(&b));
		else if (!span_eq(buf_span(out), buf_span(&b)))
			buf_reset(out);
		buf_release(&b);
	}
	for (size_t i = 0; i < out->len; i++)
		if (out->ptr[i] == '|')
			out->ptr[i] = '\n';
	buf_release(&message);
}

static void own_messages(const char *src)
{
	char *folder = str_printf("%s/tests/data/mime", src);
	struct strv list = files(folder, ".eml");
	ok(list.n > 0, "there are messages in tests/data/mime");
	for (size_t i = 0; i < list.n; i++) {
		struct buf got, want;
		char *expected = str_printf("%.*s.want", (int)strlen(list.v[i]) - 4, list.v[i]);
		all_cuts(list.v[i], &got);
		slurp(expected, &want);
		is_mem(got.ptr, got.len, want.ptr, want.len, base(list.v[i]));
		free(expected);
		buf_release(&got);
		buf_release(&want);
	}
	strv_release(&list);
	free(folder);
}

/* --- collections of others ----------------------------------------------------- */

static void whole_folder(const char *data, const char *name, const char *ending)
{
	char *folder = str_printf("%s/%s", data, name);
	struct strv list = files(folder, ending);
	size_t bad = 0;
	for (size_t i = 0; i < list.n; i++) {
		struct buf got;
		all_cuts(list.v[i], &got);
		if (!got.len || span_find(buf_span(&got), SPAN("ERROR")) >= 0) {
			printf("# %s\n", list.v[i]);
			bad++;
		}
		buf_release(&got);
	}
	ok(bad == 0, "%s: %zu messages, the same events at all cuts", name, list.n);
	strv_release(&list);
	free(folder);
}

/* The next <...-body name="FILE"/> of a description. */
static bool next_body(struct span *xml, struct span *name)
{
	ptrdiff_t at = span_find(*xml, SPAN("-body name=\""));
	if (at < 0)
		return false;
	struct span rest = span_skip(*xml, (size_t)at + 12);
	*name = span_take(rest, (size_t)span_index(rest, '"'));
	*xml = rest;
	return true;
}

static void without_cr(struct buf *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->len; i++)
		if (b->ptr[i] != '\r')
			b->ptr[n++] = b->ptr[i];
	buf_cut(b, n);
}

/* A leaf's bytes against the next file of the description. */
static bool same_leaf(struct buf *leaf, struct span *xml, const char *folder)
{
	struct span name;
	struct buf want;
	if (!next_body(xml, &name))
		return false;
	char *path = str_printf("%s/%.*s", folder, SPAN_ARG(name));
	slurp(path, &want);
	without_cr(&want);
	without_cr(leaf);
	bool same = span_eq(buf_span(leaf), buf_span(&want));
	if (!same)
		printf("# %s: %zu bytes, want %zu\n", path, leaf->len, want.len);
	free(path);
	buf_release(&want);
	return same;
}

static bool same_leaves(const char *folder, struct span message, struct span xml)
{
	struct mime_parser p;
	struct mime_event ev;
	struct source_mem in;
	struct mime_decoder d;
	struct buf leaf = BUF_INIT(FILE_MAX_BYTES);
	struct sink_buf to;
	struct span more;
	bool same = true;
	source_mem_init(&in, message);
	sink_buf_init(&to, &leaf);
	mime_parser_init(&p, &in.source, NULL);
	while (mime_next(&p, &ev, NULL) > 0) {
		if (!ev.part->leaf)
			continue;
		if (ev.type == MIME_HEADERS_END)
			mime_decoder_init(&d, ev.part, MIME_DECODE_BYTES, &to.sink);
		if (ev.type == MIME_BODY)
			sink_put(mime_decoder_sink(&d), ev.body, NULL);
		if (ev.type != MIME_PART_END)
			continue;
		mime_decoder_end(&d, ev.part, NULL);
		same &= same_leaf(&leaf, &xml, folder);
		buf_reset(&leaf);
	}
	mime_parser_release(&p);
	buf_release(&leaf);
	return same && !next_body(&xml, &more);
}

/* Where that collection and this parser differ on purpose: a message without a header is all body, lines behind a broken header are not dropped, and
 * blanks at the end of a boundary are padding. */
static bool differs(const char *name)
{
	static const char *const known[] = {"basic-plain-with-bad-header-separator.msg",
	    "malformedHeader-noheader.msg", "malformedHeaderStartsBody-nocrlfcrlf.msg",
	    "malformedHeaderStartsBody-noheader.msg", "very-long-boundary.msg",
	    "very-very-long-boundary.msg", "weird-boundary.msg"};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i], name) == 0)
			return true;
	return false;
}

static void described_messages(const char *data)
{
	char *folder = str_printf("%s/mime4j/testmsgs", data);
	struct strv list = files(folder, ".msg");
	size_t bad = 0, different = 0;
	for (size_t i = 0; i < list.n; i++) {
		struct buf message, xml;
		int stem = (int)strlen(list.v[i]) - 4;
		char *path = str_printf("%.*s_decoded.xml", stem, list.v[i]);
		if (slurp(list.v[i], &message) && slurp(path, &xml)) {
			bool same = same_leaves(folder, buf_span(&message), buf_span(&xml));
			different += !same;
			if (same == differs(base(list.v[i])) && ++bad)
				printf("# %s\n", base(list.v[i]));
			buf_release(&xml);
		}
		buf_release(&message);
		free(path);
	}
	ok(bad == 0, "mime4j: %zu messages, %zu read differently, as expected", list.n, different);
	strv_release(&list);
	free(folder);
}

/* Judged otherwise on purpose: names and comments are no envelope address, an underscore is in no mail domain, and whether "xn--" decodes is not asked. */
static void addresses(const char *data, const char *file, bool valid, size_t otherwise)
{
	struct buf text;
	struct span rest, line;
	char *path = str_printf("%s/flanker/%s", data, file);
	size_t n = 0, bad = 0;
	if (slurp(path, &text)) {
		rest = buf_span(&text);
		while (span_line(&rest, &line)) {
			const char *why = NULL;
			if (!line.len || *line.ptr == '#')
				continue;
			n++;
			if ((address_check(line, &why) == ADDRESS_SMTP) == valid)
				continue;
			bad++;
			printf("# %.*s (%s)\n", SPAN_ARG(line), why ? why : "taken");
		}
	}
	ok(n && bad == otherwise, "%s: %zu addresses, %zu judged otherwise", file, n, bad);
	buf_release(&text);
	free(path);
}

int main(void)
{
	const char *src = getenv("SURAT_SRC"), *data = getenv("SURAT_DATA");
	src = src ? src : ".";
	own_messages(src);
	char *beside = str_printf("%s/../shared/data", src);
	struct strv probe = files(data ? data : beside, "mime4j");
	if (probe.n) {
		whole_folder(data ? data : beside, "enmime/mail", ".raw");
		whole_folder(data ? data : beside, "enmime/parts", ".raw");
		whole_folder(data ? data : beside, "enmime/low-quality", ".raw");
		whole_folder(data ? data : beside, "mime4j/testmsgs", ".msg");
		described_messages(data ? data : beside);
		addresses(data ? data : beside, "mailbox_valid.txt", true, 9);
		addresses(data ? data : beside, "mailbox_invalid.txt", false, 1);
	} else {
		printf("# no collections of others here ($SURAT_DATA): only our own messages\n");
	}
	strv_release(&probe);
	free(beside);
	return tap_done();
}
