#include "compose/lint.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "base/strv.h"
#include "codec/utf8.h"
#include "mime/address.h"
#include "mime/date.h"
#include "mime/decode.h"
#include "mime/parse.h"
#include "mime/shape.h"
#include "mime/word.h"

#include <stdlib.h>

enum {
	TEXT_MAX = 1 << 20,
	DAY = 86400,
	SIZE_SMALL = 10 << 20, /* what careful servers take */
	SIZE_LARGE = 25 << 20  /* what the large providers take */
};

struct lint {
	lint_report *report;
	void *ctx;
	struct err *e;
	bool failed;
	int64_t now_s;
	unsigned seen[32]; /* how often each of `fields` came */
	bool mime_fields, has_text, has_html, has_attachment, promises, bulk, unsubscribe;
	uint64_t size;
	struct strv cids, refers;
	/* the text being read */
	struct mime_part *part;
	struct mime_decoder decoder;
	struct buf text;
	struct sink sink;
};

void lint_say(struct lint *l, enum lint_level level, const char *code, const char *fmt, ...)
{
	struct buf b = BUF_INIT(4096);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	if (!l->failed && l->report(l->ctx, level, code, buf_cstr(&b), l->e) < 0)
		l->failed = true;
	buf_release(&b);
}

/* --- fields ---------------------------------------------------------------------- */

enum {
	F_FROM,
	F_SENDER,
	F_REPLY_TO,
	F_TO,
	F_CC,
	F_BCC,
	F_ADDRESSES,
	F_DATE = F_ADDRESSES,
	F_SUBJECT,
	F_ID,
	F_IN_REPLY_TO,
	F_REFERENCES,
	F_VERSION,
	F_TYPE,
	F_ENCODING,
	F_COUNT
};
static const char *const fields[F_COUNT] = {"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Date",
    "Subject", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding"};

static void check_addresses(struct lint *l, const char *name, struct span value)
{
	struct arena a = ARENA_INIT(16 << 20);
	struct address_list list = {0};
	if (address_list_parse(&a, value, &list, NULL) < 0 || list.bad)
		lint_say(l, LINT_ERROR, "bad-address", _("%s: something that is no address"), name);
	for (size_t i = 0; i < list.n; i++) {
		const char *why = NULL;
		if (list.v[i].spec.len && address_check(list.v[i].spec, &why) != ADDRESS_SMTP)
			lint_say(l, LINT_ERROR, "bad-address", _("%s: \"%.*s\": %s"), name,
			    SPAN_ARG(list.v[i].spec), why);
	}
	arena_release(&a);
}

static void check_date(struct lint *l, struct span value)
{
	struct date d;
	if (!date_parse(value, &d))
		lint_say(l, LINT_ERROR, "bad-date", _("the date cannot be read"));
	else if (d.s > l->now_s + DAY)
		lint_say(l, LINT_WARNING, "future-date", _("the date is in the future"));
	else if (d.s < l->now_s - 30 * DAY)
		lint_say(l, LINT_WARNING, "old-date", _("the date is more than a month ago"));
}

static void check_subject(struct lint *l, struct span value)
{
	struct buf text = BUF_INIT(4 << 20);
	word_decode(&text, value);
	if (!text.len)
		lint_say(l, LINT_WARNING, "empty-subject", _("the subject is empty"));
	if (utf8_width(buf_span(&text)) > 150)
		lint_say(l, LINT_WARNING, "long-subject",
		    _("the subject is longer than 150 characters"));
	buf_release(&text);
}

static void check_id(struct lint *l, struct span value)
{
	struct span s = span_trim(value);
	if (s.len < 5 || *s.ptr != '<' || s.ptr[s.len - 1] != '>' || span_index(s, '@') < 0)
		lint_say(l, LINT_WARNING, "bad-message-id", _("Message-ID is not <name@domain>"));
}

static void top_field(struct lint *l, struct span name, struct span value)
{
	l->mime_fields |= span_starts_nocase(name, "Content-");
	l->unsubscribe |= span_is_nocase(name, "List-Unsubscribe");
	l->bulk |=
	    span_is_nocase(name, "List-Id") ||
	    (span_is_nocase(name, "Precedence") && span_find_nocase(value, SPAN("bulk")) >= 0);
	for (int f = 0; f < F_COUNT; f++) {
		if (!span_is_nocase(name, fields[f]))
			continue;
		if (++l->seen[f] == 2)
			lint_say(l, LINT_ERROR, "double-field", _("%s is there twice"), fields[f]);
		if (f < F_ADDRESSES)
			check_addresses(l, fields[f], value);
		if (f == F_DATE)
			check_date(l, value);
		if (f == F_SUBJECT)
			check_subject(l, value);
		if (f == F_ID)
			check_id(l, value);
	}
}

static void missing_fields(struct lint *l)
{
	if (!l->seen[F_FROM])
		lint_say(l, LINT_ERROR, "no-from", _("there is no From"));
	if (!l->seen[F_DATE])
		lint_say(l, LINT_ERROR, "no-date", _("there is no Date"));
	if (!l->seen[F_ID])
		lint_say(l, LINT_WARNING, "no-message-id", _("there is no Message-ID"));
	if (!l->seen[F_SUBJECT])
		lint_say(l, LINT_WARNING, "no-subject", _("there is no Subject"));
	if (!l->seen[F_TO] && !l->seen[F_CC] && !l->seen[F_BCC])
		lint_say(l, LINT_WARNING, "no-recipient",
		    _("there is no recipient: neither To, Cc nor Bcc"));
	if (l->mime_fields && !l->seen[F_VERSION])
		lint_say(l, LINT_WARNING, "no-mime-version", _("there is no MIME-Version"));
	if (l->bulk && !l->unsubscribe)
		lint_say(
		    l, LINT_WARNING, "no-unsubscribe", _("bulk mail without List-Unsubscribe"));
}

/* --- texts ----------------------------------------------------------------------- */

/* Words that promise a file, in languages of our users. */
static bool promises(struct span line)
{
	static const char *const words[] = {"attached", "attachment", "enclosed", "terlampir",
	    "lampiran", "anbei", "im anhang", "angeh\xc3\xa4ngt", "ci-joint", "pi\303\250ce jointe",
	    "adjunto", "allegato", "in allegato", "bijlage", "anexo"};
	if (span_starts(line, ">"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_find_nocase(line, span_of(words[i])) >= 0)
			return true;
	return false;
}

static void check_text(struct lint *l, struct span text)
{
	struct span line;
	while (span_line(&text, &line)) {
		if (span_is(line, "-- "))
			return;
		l->promises |= promises(line);
	}
}

static int text_put(struct sink *s, struct span bytes, struct err *e)
{
	struct lint *l = (struct lint *)((char *)s - offsetof(struct lint, sink));
	(void)e;
	buf_add(&l->text, span_take(bytes, TEXT_MAX - l->text.len));
	return 0;
}

static void begin_text(struct lint *l, struct mime_part *p)
{
	l->part = p;
	l->sink = (struct sink){.put = text_put};
	buf_reset(&l->text);
	mime_decoder_init(&l->decoder, p, MIME_DECODE_TEXT, &l->sink);
}

static void end_text(struct lint *l)
{
	struct mime_part *p = l->part;
	bool html = mime_part_is(p, "text/html");
	l->part = NULL;
	mime_decoder_end(&l->decoder, p, NULL);
	l->has_html |= html;
	l->has_text |= !html;
	if (!p->charset.len && !is_ascii(buf_span(&l->text)))
		lint_say(l, LINT_WARNING, "no-charset",
		    _("part %s: text with 8-bit characters and no charset"), p->number);
	if (p->charset.len && p->tolerated >> MIME_T_CHARSET_UNKNOWN & 1)
		lint_say(l, LINT_ERROR, "unknown-charset", _("part %s: charset %.*s is not known"),
		    p->number, SPAN_ARG(p->charset));
	if (html)
		lint_html(l, buf_span(&l->text));
	else
		check_text(l, buf_span(&l->text));
}

/* --- parts ----------------------------------------------------------------------- */

static void check_attachment(struct lint *l, const struct mime_part *p)
{
	static const char *const refused[] = {".exe", ".js", ".vbs", ".bat", ".cmd", ".com", ".scr",
	    ".pif", ".jar", ".lnk", ".msi", ".ps1"};
	l->has_attachment = true;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (span_ends_nocase(p->filename, refused[i]))
			lint_say(l, LINT_WARNING, "refused-type",
			    _("part %s: \"%.*s\": many servers refuse such files"), p->number,
			    SPAN_ARG(p->filename));
}

static bool is_attached(const struct mime_part *p)
{
	for (p = p->parent; p; p = p->parent)
		if (p->is_message)
			return true;
	return false;
}

static void begin_part(struct lint *l, struct mime_part *p)
{
	if (is_attached(p))
		return;
	if (mime_part_is_attachment(p) || p->is_message)
		check_attachment(l, p);
	else if (p->leaf && mime_part_is(p, "text"))
		begin_text(l, p);
	if (p->content_id.len)
		strv_add_span(&l->cids, p->content_id);
}

static void end_part(struct lint *l, struct mime_part *p)
{
	if (l->part == p)
		end_text(l);
	if (is_attached(p))
		return;
	const char *where = *p->number ? p->number : _("the whole");
	for (int t = 0; t < MIME_T_COUNT; t++)
		if (p->tolerated >> t & 1 && t != MIME_T_CHARSET_UNKNOWN && t != MIME_T_FROM_LINE)
			lint_say(l, LINT_ERROR, mime_tolerance_name((enum mime_tolerance)t),
			    _("part %s: this is against the rules"), where);
	for (int a = 0; a < MIME_A_COUNT; a++)
		if (p->ambiguous >> a & 1)
			lint_say(l, LINT_ERROR, mime_ambiguity_name((enum mime_ambiguity)a),
			    _("part %s: programs read this differently"), where);
	l->size = p->end;
}

void lint_refers(struct lint *l, struct span cid)
{
	strv_add_span(&l->refers, cid);
}

/* --- the whole ------------------------------------------------------------------- */

static void judge_whole(struct lint *l)
{
	missing_fields(l);
	if (l->has_html && !l->has_text)
		lint_say(l, LINT_WARNING, "no-text", _("HTML without a text beside it"));
	if (l->promises && !l->has_attachment)
		lint_say(l, LINT_WARNING, "no-attachment",
		    _("the text speaks of an attachment, and there is none"));
	for (size_t i = 0; i < l->refers.n; i++)
		if (!strv_has(&l->cids, l->refers.v[i]))
			lint_say(l, LINT_ERROR, "no-picture",
			    _("the HTML shows cid:%s, and there is no such part"), l->refers.v[i]);
	if (l->size > SIZE_LARGE)
		lint_say(l, LINT_WARNING, "large", _("%llu bytes: the large providers take %d"),
		    (unsigned long long)l->size, SIZE_LARGE);
	else if (l->size > SIZE_SMALL)
		lint_say(l, LINT_WARNING, "large",
		    _("%llu bytes: some servers take no more than %d"), (unsigned long long)l->size,
		    SIZE_SMALL);
}

static int each_event(struct lint *l, struct mime_parser *p, struct err *e)
{
	struct mime_event ev;
	int r = 0;
	while (!l->failed && (r = mime_next(p, &ev, e)) > 0) {
		if (ev.type == MIME_FIELD && ev.part->depth == 0)
			top_field(l, ev.name, ev.value);
		if (ev.type == MIME_HEADERS_END)
			begin_part(l, ev.part);
		if (ev.type == MIME_BODY && l->part == ev.part)
			sink_put(mime_decoder_sink(&l->decoder), ev.body, NULL);
		if (ev.type == MIME_PART_END)
			end_part(l, ev.part);
	}
	if (l->part)
		mime_decoder_end(&l->decoder, l->part, NULL);
	return l->failed ? -1 : r;
}

int lint_message(
    struct source *message, int64_t now_s, lint_report *report, void *ctx, struct err *e)
{
	struct lint *l = mem_new(1, sizeof(*l));
	struct mime_parser p;
	*l = (struct lint){.report = report, .ctx = ctx, .e = e, .now_s = now_s};
	buf_init(&l->text, TEXT_MAX);
	mime_parser_init(&p, message, NULL);
	int r = each_event(l, &p, e);
	mime_parser_release(&p);
	if (r == 0)
		judge_whole(l);
	if (l->failed)
		r = -1;
	strv_release(&l->cids);
	strv_release(&l->refers);
	buf_release(&l->text);
	free(l);
	return r;
}
