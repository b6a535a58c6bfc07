#include "codec/charset.h"

#include "base/alloc.h"
#include "codec/charset_iconv.h"
#include "codec/utf8.h"

#include <errno.h>
#include <stdio.h>

/*
 * Names as mail declares them, to names iconv knows. Where a superset is what people's programs really write (a Windows page under an
 * ISO name, GB18030 under GB2312), the superset decodes both.
 */
static const struct {
	const char *name, *iconv;
} aliases[] = {
    {"utf8", "utf-8"},
    {"unicode-1-1-utf-8", "utf-8"},
    {"unicode-1-1-utf-7", "UTF-7"},
    {"x-unicode-2-0-utf-7", "UTF-7"},
    {"iso-8859-1", "CP1252"},
    {"iso8859-1", "CP1252"},
    {"iso_8859-1", "CP1252"},
    {"iso88591", "CP1252"},
    {"8859-1", "CP1252"},
    {"latin1", "CP1252"},
    {"latin-1", "CP1252"},
    {"l1", "CP1252"},
    {"ansi_x3.110-1983", "CP1252"},
    {"iso-8859-6-i", "ISO-8859-6"},
    {"iso-8859-6-e", "ISO-8859-6"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-8-e", "ISO-8859-8"},
    {"visual", "ISO-8859-8"},
    {"logical", "ISO-8859-8"},
    {"iso-8859-9", "CP1254"},
    {"iso-8859-11", "CP874"},
    {"tis-620", "CP874"},
    {"ks_c_5601-1987", "CP949"},
    {"ks_c_5601", "CP949"},
    {"ks_c_5601-1989", "CP949"},
    {"ksc_5601", "CP949"},
    {"ksc5601", "CP949"},
    {"korean", "CP949"},
    {"euc-kr", "CP949"},
    {"x-windows-949", "CP949"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"x-sjis", "CP932"},
    {"sjis", "CP932"},
    {"ms_kanji", "CP932"},
    {"windows-31j", "CP932"},
    {"x-euc-jp", "EUC-JP"},
    {"gb2312", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"x-gb2312", "GB18030"},
    {"euc-cn", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"cp936", "GB18030"},
    {"chinese", "GB18030"},
    {"big5", "BIG5-HKSCS"},
    {"x-x-big5", "BIG5-HKSCS"},
    {"koi8r", "KOI8-R"},
    {"koi8u", "KOI8-U"},
    {"x-mac-roman", "MACINTOSH"},
    {"mac", "MACINTOSH"},
    {"x-mac-cyrillic", "MAC-CYRILLIC"},
};
/* Names that say nothing: us-ascii has no 8-bit, so what is 8-bit is something else. */
static const char *const guessed[] = {"", "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us", "646",
    "x-unknown", "unknown", "unknown-8bit", "8bit", "7bit", "binary", "default", "none",
    "_autodetect", "x-user-defined", "utf-8-or-windows-1252"};
/* Names iconv knows that mean memory of this machine, not mail. */
static const char *const refused[] = {
    "char", "wchar_t", "internal", "ucs-4-internal", "ucs4-internal"};

enum how { AS_UTF8, GUESS, UNKNOWN, AS_CP1252, BY_ICONV };

static bool one_of(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* Lower case, without quotes and blanks; a name with anything odd (iconv's "//" options) is empty and *good false. */
static void tidy(char *to, size_t size, struct span name, bool *good)
{
	name = span_trim(name);
	while (name.len && strchr("\"'", name.ptr[0]))
		name = span_skip(name, 1);
	while (name.len && strchr("\"';", name.ptr[name.len - 1]))
		name.len--;
	name = span_trim(name);
	*good = name.len < size;
	size_t n = 0;
	for (; *good && n < name.len; n++) {
		char c = to_lower(name.ptr[n]);
		*good = is_alpha(c) || is_digit(c) || (c && strchr("-_.:+()", c));
		to[n] = c;
	}
	to[*good ? n : 0] = 0;
}

/* "cp-850", "cp_1251", "win-1251", "windows1251", "x-cp1251", "ansi-1252", "ibm-850": a code page by number. */
static bool code_page(const char *name, char *to, size_t size)
{
	static const char *const prefixes[] = {
	    "windows", "win", "x-cp", "cp", "ansi", "ibm", "x-ibm", "msdos", "dos"};
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t n = strlen(prefixes[i]);
		if (strncmp(name, prefixes[i], n) != 0)
			continue;
		const char *digits = name + n + strspn(name + n, "-_");
		size_t len = strspn(digits, "0123456789");
		if (len >= 3 && len <= 5 && !digits[len]) {
			snprintf(to, size, "CP%s", digits);
			return true;
		}
	}
	return false;
}

/* What the name means, and for BY_ICONV what iconv calls it. */
static enum how resolve(struct span charset, char *to, size_t size)
{
	char name[CHARSET_NAME];
	bool good;
	tidy(name, sizeof name, charset, &good);
	if (!good || one_of(refused, ARRAY_LEN(refused), name))
		return UNKNOWN;
	if (one_of(guessed, ARRAY_LEN(guessed), name))
		return GUESS;
	snprintf(to, size, "%s", name);
	bool found = false;
	for (size_t i = 0; !found && i < ARRAY_LEN(aliases); i++)
		if ((found = strcmp(aliases[i].name, name) == 0))
			snprintf(to, size, "%s", aliases[i].iconv);
	if (strcmp(to, "utf-8") == 0)
		return AS_UTF8;
	if (!found && code_page(name, to, size) && strcmp(to, "CP65001") == 0)
		return AS_UTF8;
	return strcmp(to, "CP1252") == 0 ? AS_CP1252 : BY_ICONV;
}

/* The way to UTF-8; other charsets than the commonest need iconv. */
static enum how open_decoder(struct span charset, char name[CHARSET_NAME], iconv_t *cd)
{
	*cd = (iconv_t)-1;
	enum how how = resolve(charset, name, CHARSET_NAME);
	if (how == BY_ICONV)
		*cd = charset_iconv_take(name);
	return how == BY_ICONV && *cd == (iconv_t)-1 ? UNKNOWN : how;
}

bool charset_known(struct span charset)
{
	iconv_t cd;
	char name[CHARSET_NAME];
	enum how how = open_decoder(charset, name, &cd);
	if (cd != (iconv_t)-1)
		charset_iconv_give(name, cd);
	return how != UNKNOWN;
}

static void replace(struct charset_filter *f, struct buf *out)
{
	utf8_put(out, 0xfffd);
	f->replaced++;
}

/* windows-1252, of which ISO 8859-1 and ASCII are parts: what most mail is that says nothing or says it wrong. */
static void from_cp1252(struct charset_filter *f, struct span in, struct buf *out)
{
	static const uint16_t high[32] = {0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d,
	    0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178};
	for (size_t i = 0; i < in.len; i++) {
		unsigned char c = (unsigned char)in.ptr[i];
		uint32_t u = c >= 0x80 && c < 0xa0 ? high[c - 0x80] : c;
		if (u || !c)
			utf8_put(out, u);
		else
			replace(f, out);
	}
}

/* UTF-8 as it is; other bytes as the filter's way says. */
static void repair(struct charset_filter *f, struct span in, struct buf *out)
{
	while (in.len) {
		size_t good = f->how == UNKNOWN ? 0 : utf8_valid_len(in);
		while (f->how == UNKNOWN && good < in.len && !(in.ptr[good] & 0x80))
			good++;
		buf_add(out, span_take(in, good));
		in = span_skip(in, good);
		if (!in.len)
			return;
		if (f->how == GUESS)
			from_cp1252(f, span_take(in, 1), out);
		else
			replace(f, out);
		in = span_skip(in, 1);
	}
}

/* All that can be converted; what is cut at the end stays in *in. A byte that fits nowhere is replaced alone. */
static void convert(struct charset_filter *f, struct span *in, struct buf *out)
{
	char *from = (char *)(uintptr_t)in->ptr; /* iconv takes char **, and does not write there */
	size_t left = in->len;
	while (left) {
		char tmp[1024], *to = tmp;
		size_t room = sizeof tmp;
		size_t r = iconv(f->cd, &from, &left, &to, &room);
		int why = r == (size_t)-1 ? errno : 0;
		/* some decoders let through what is no character (above U+10FFFF) */
		repair(f, span_make(tmp, sizeof tmp - room), out);
		if (why == EINVAL && left < sizeof f->hold)
			break;
		if (why == EILSEQ || why == EINVAL) {
			replace(f, out);
			from++;
			left--;
		}
	}
	*in = span_make(from, left);
}

/* As much as is whole; the rest is the caller's to hold. */
static struct span take_whole(struct charset_filter *f, struct span in, bool last, struct buf *out)
{
	if (f->how == AS_CP1252) {
		from_cp1252(f, in, out);
		return span_skip(in, in.len);
	}
	if (f->how == BY_ICONV) {
		convert(f, &in, out);
		for (; last && in.len; in = span_skip(in, 1))
			replace(f, out);
		return in;
	}
	size_t tail = last ? 0 : utf8_cut_tail(in);
	repair(f, span_take(in, in.len - tail), out);
	return span_skip(in, in.len - tail);
}

static int pass(struct charset_filter *f, struct span piece, bool last, struct err *e)
{
	struct buf all = BUF_INIT(piece.len + f->held),
		   out = BUF_INIT(16 * (piece.len + f->held) + 64);
	buf_addn(&all, f->hold, f->held);
	buf_add(&all, piece);
	struct span rest = take_whole(f, buf_span(&all), last, &out);
	memcpy(f->hold, rest.len ? rest.ptr : "", rest.len);
	f->held = rest.len;
	int r = out.len ? sink_put(f->next, buf_span(&out), e) : 0;
	buf_release(&all);
	buf_release(&out);
	return r;
}

/* Between characters an ASCII byte is itself: not so where there are shift states, or two bytes for all. */
static bool has_ascii(const struct charset_filter *f)
{
	static const char *const names[] = {
	    "CP8", "CP9", "CP12", "iso-8859-", "koi8", "KOI8", "GB18030", "EUC-", "euc-", "BIG5"};
	for (size_t i = 0; f->how == BY_ICONV && i < ARRAY_LEN(names); i++)
		if (strncmp(f->name, names[i], strlen(names[i])) == 0)
			return true;
	return f->how != BY_ICONV;
}

static int charset_put(struct sink *s, struct span bytes, struct err *e)
{
	struct charset_filter *f = (struct charset_filter *)s;
	for (struct span piece; bytes.len; bytes = span_skip(bytes, piece.len)) {
		piece = span_take(bytes, 16384);
		bool same = f->how == AS_UTF8 || f->how == GUESS ? utf8_valid(piece)
								 : f->ascii && is_ascii(piece);
		if (same && !f->held) {
			if (sink_put(f->next, piece, e) < 0)
				return -1;
		} else if (pass(f, piece, false, e) < 0) {
			return -1;
		}
	}
	return 0;
}

/* A decoder that looks ahead (combining characters) still owes something. */
static int flush(struct charset_filter *f, struct err *e)
{
	char tmp[64], *to = tmp;
	size_t room = sizeof tmp;
	struct buf out = BUF_INIT(16 * sizeof tmp);
	iconv(f->cd, NULL, NULL, &to, &room);
	repair(f, span_make(tmp, sizeof tmp - room), &out);
	int r = out.len ? sink_put(f->next, buf_span(&out), e) : 0;
	buf_release(&out);
	return r;
}

static int charset_end(struct sink *s, struct err *e)
{
	struct charset_filter *f = (struct charset_filter *)s;
	if (f->held && pass(f, SPAN(""), true, e) < 0)
		return -1;
	if (f->how == BY_ICONV && flush(f, e) < 0)
		return -1;
	return sink_end(f->next, e);
}

void charset_filter_init(struct charset_filter *f, struct sink *next, struct span name)
{
	*f = (struct charset_filter){.sink = {charset_put, charset_end}, .next = next};
	f->how = (int)open_decoder(name, f->name, &f->cd);
	f->unknown = f->how == UNKNOWN;
	f->ascii = has_ascii(f);
}

void charset_filter_release(struct charset_filter *f)
{
	if (f->cd != (iconv_t)-1)
		charset_iconv_give(f->name, f->cd);
	f->cd = (iconv_t)-1;
}

uint64_t charset_to_utf8(struct buf *out, struct span charset, struct span bytes)
{
	struct sink_buf to;
	struct charset_filter f;
	sink_buf_init(&to, out); /* past its maximum `over` says so */
	charset_filter_init(&f, &to.sink, charset);
	if (sink_put(&f.sink, bytes, NULL) == 0)
		sink_end(&f.sink, NULL);
	charset_filter_release(&f);
	return f.replaced;
}

static int encode(iconv_t cd, struct span text, struct buf *b, struct err *e)
{
	char *from = (char *)(uintptr_t)text.ptr;
	size_t left = text.len;
	bool flushed = false;
	while (!flushed) {
		char tmp[1024], *to = tmp;
		size_t room = sizeof tmp;
		bool last = left == 0;
		/* a count above 0 is characters glibc put others for */
		size_t r = iconv(cd, last ? NULL : &from, last ? NULL : &left, &to, &room);
		if (r != 0 && !(r == (size_t)-1 && errno == E2BIG))
			return err_set(e, EX_DATAERR,
			    "a character at byte %zu is not in that charset", text.len - left);
		buf_addn(b, tmp, sizeof tmp - room);
		flushed = last;
	}
	return 0;
}

int charset_from_utf8(struct buf *out, struct span charset, struct span text, struct err *e)
{
	iconv_t cd = (iconv_t)-1;
	char name[CHARSET_NAME];
	if (!utf8_valid(text))
		return err_set(e, EX_DATAERR, "text is not UTF-8");
	enum how how = resolve(charset, name, sizeof name);
	if (how == BY_ICONV || how == AS_CP1252)
		how = (cd = iconv_open(name, "UTF-8")) == (iconv_t)-1 ? UNKNOWN : BY_ICONV;
	if (how == UNKNOWN)
		return err_set(
		    e, EX_DATAERR, "%.*s: not a charset that is known here", SPAN_ARG(charset));
	if (how == GUESS && !is_ascii(text))
		return err_set(e, EX_DATAERR, "a character is not in %.*s", SPAN_ARG(charset));
	size_t before = out->len;
	if (how == BY_ICONV) {
		int r = encode(cd, text, out, e);
		iconv_close(cd);
		if (r < 0) {
			buf_cut(out, before);
			return -1;
		}
	} else {
		buf_add(out, text);
	}
	return out->over ? err_set(e, EX_DATAERR, "text is larger than %zu bytes", out->max) : 0;
}
