#include "compose/reply.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "compose/file.h"
#include "compose/quote.h"
#include "mime/date.h"

#include <stdio.h>
#include <stdlib.h>

enum { REFERENCES_MAX = 100 };

/* --- addresses ------------------------------------------------------------------ */

static bool is_own(const struct strv *own, struct span spec)
{
	for (size_t i = 0; i < own->n; i++)
		if (span_is_nocase(spec, own->v[i]))
			return true;
	return false;
}

static int addresses_of(struct draft *d, const struct original *o, const char *name,
    struct address_list *out, struct err *e)
{
	struct header copy = o->header;
	*out = (struct address_list){0};
	return header_addresses(&copy, name, &d->arena, out, e);
}

/* Adds the addresses of a field that are not ours; how many there were. */
static int add_field(struct draft *d, enum draft_field to, const struct original *o,
    const char *name, const struct strv *own, size_t *found, struct err *e)
{
	struct address_list l;
	if (addresses_of(d, o, name, &l, e) < 0)
		return -1;
	*found = 0;
	for (size_t i = 0; i < l.n; i++) {
		if (!l.v[i].spec.len)
			continue;
		++*found;
		if (!is_own(own, l.v[i].spec))
			draft_add_known(d, to, &l.v[i]);
	}
	return 0;
}

/* The first of the fields that has an address. */
static int add_first_of(struct draft *d, const char *const *names, const struct original *o,
    const struct strv *own, size_t *found, struct err *e)
{
	for (*found = 0; *names && !*found; names++)
		if (add_field(d, DRAFT_TO, o, *names, own, found, e) < 0)
			return -1;
	return 0;
}

/* <mailto:list@example.org?subject=x> (RFC 2369); "NO" has none. */
static struct span list_address(const struct original *o)
{
	struct span value = header_get(&o->header, "List-Post"), none = SPAN("");
	ptrdiff_t at = value.ptr ? span_find_nocase(value, SPAN("<mailto:")) : -1;
	if (at < 0)
		return none;
	struct span s = span_skip(value, (size_t)at + 8);
	size_t n = 0;
	while (n < s.len && s.ptr[n] != '>' && s.ptr[n] != '?' && !is_space(s.ptr[n]))
		n++;
	return span_take(s, n);
}

static void add_list(struct draft *d, const struct original *o)
{
	struct address one;
	struct span list = list_address(o);
	if (list.len && address_parse_one(&d->arena, list, &one, NULL) == 0)
		draft_add_known(d, DRAFT_CC, &one);
}

/* To everybody: the sender's wish, or all who got it. */
static int address_all(
    struct draft *d, const struct original *o, const struct strv *own, struct err *e)
{
	static const char *const followup[] = {"Mail-Followup-To", NULL};
	static const char *const sender[] = {"Mail-Reply-To", "Reply-To", "From", NULL};
	size_t found;
	if (add_first_of(d, followup, o, own, &found, e) < 0)
		return -1;
	if (found)
		return 0;
	if (add_first_of(d, sender, o, own, &found, e) < 0 ||
	    add_field(d, DRAFT_CC, o, "To", own, &found, e) < 0 ||
	    add_field(d, DRAFT_CC, o, "Cc", own, &found, e) < 0)
		return -1;
	add_list(d, o);
	return 0;
}

static void move_cc_to_to(struct draft *d)
{
	struct draft_addresses none = {0};
	free(d->addresses[DRAFT_TO].v);
	d->addresses[DRAFT_TO] = d->addresses[DRAFT_CC];
	d->addresses[DRAFT_CC] = none;
}

/* A message of our own is answered to whom it went; and one to ourselves to ourselves. */
static int address_sender(
    struct draft *d, const struct original *o, const struct strv *own, struct err *e)
{
	static const char *const sender[] = {"Mail-Reply-To", "Reply-To", "From", NULL};
	static const char *const receiver[] = {"To", NULL};
	static const struct strv nobody = {0};
	size_t found, before = d->addresses[DRAFT_TO].n;
	if (add_first_of(d, sender, o, own, &found, e) < 0)
		return -1;
	if (d->addresses[DRAFT_TO].n == before && add_first_of(d, receiver, o, own, &found, e) < 0)
		return -1;
	if (d->addresses[DRAFT_TO].n == before)
		return add_first_of(d, sender, o, &nobody, &found, e);
	return 0;
}

/* --- subject and references ------------------------------------------------------ */

/* "Re: ", "RE[2]: ", "Aw: ", "Sv: ", "Antw: ": what mail programs put there. The length of one, or 0. */
static size_t prefix_length(struct span s, const char *const *words)
{
	for (; *words; words++) {
		if (!span_starts_nocase(s, *words))
			continue;
		size_t n = strlen(*words);
		if (n < s.len && s.ptr[n] == '[') {
			while (n < s.len && s.ptr[n] != ']')
				n++;
			n += n < s.len;
		}
		while (n < s.len && is_wsp(s.ptr[n]))
			n++;
		if (n < s.len && s.ptr[n] == ':')
			return n + 1;
	}
	return 0;
}

static void set_subject(
    struct draft *d, const struct original *o, const char *prefix, const char *const *known)
{
	struct buf text = BUF_INIT(4 << 20), all = BUF_INIT(5 << 20);
	size_t n;
	if (d->subject.ptr)
		return;
	header_text(&o->header, "Subject", &text);
	struct span s = span_trim(buf_span(&text));
	while ((n = prefix_length(s, known)) > 0)
		s = span_trim(span_skip(s, n));
	buf_adds(&all, prefix);
	buf_add(&all, s);
	draft_set_subject(d, buf_span(&all));
	buf_release(&text);
	buf_release(&all);
}

/* "<a@b>" and the like out of a field. */
static void add_ids(struct strv *to, struct span value)
{
	while (value.len) {
		ptrdiff_t open = span_index(value, '<');
		if (open < 0)
			return;
		value = span_skip(value, (size_t)open);
		ptrdiff_t close = span_index(value, '>');
		if (close < 0)
			return;
		struct span id = span_take(value, (size_t)close + 1);
		value = span_skip(value, (size_t)close + 1);
		bool clean = id.len > 2 && id.len < 900;
		for (size_t i = 0; clean && i < id.len; i++)
			clean = id.ptr[i] > 32 && id.ptr[i] < 127;
		if (clean)
			strv_add_span(to, id);
	}
}

/* RFC 5322 3.6.4: its References, else its only In-Reply-To, then itself. Of very many the first and the last stay. */
static void set_references(struct draft *d, const struct original *o)
{
	struct strv ids = {0}, self = {0};
	struct span references = header_get(&o->header, "References");
	struct span answered = header_get(&o->header, "In-Reply-To");
	struct span id = header_get(&o->header, "Message-ID");
	if (references.ptr)
		add_ids(&ids, references);
	else if (answered.ptr)
		add_ids(&ids, answered);
	if (!references.ptr && ids.n > 1)
		strv_release(&ids);
	if (id.ptr)
		add_ids(&self, id);
	for (size_t i = 0; i < ids.n; i++)
		if (i == 0 || ids.n - i < REFERENCES_MAX)
			strv_add(&d->references, ids.v[i]);
	d->answers = self.n > 0;
	if (self.n)
		strv_add(&d->references, self.v[0]);
	strv_release(&ids);
	strv_release(&self);
}

int reply_address(
    struct draft *d, const struct original *o, const struct strv *own, bool all, struct err *e)
{
	static const char *const re[] = {"re", "aw", "sv", "vs", "antw", "res", "odp", NULL};
	size_t before = d->addresses[DRAFT_TO].n + d->addresses[DRAFT_CC].n;
	if (all && address_all(d, o, own, e) < 0)
		return -1;
	if (all && !d->addresses[DRAFT_TO].n)
		move_cc_to_to(d);
	if (d->addresses[DRAFT_TO].n + d->addresses[DRAFT_CC].n == before &&
	    address_sender(d, o, own, e) < 0)
		return -1;
	if (!d->addresses[DRAFT_TO].n)
		return err_set(e, EX_DATAERR, _("the message has no address that can be answered"));
	set_subject(d, o, "Re: ", re);
	set_references(d, o);
	return 0;
}

/* --- quoting ---------------------------------------------------------------------- */

static void sender_name(const struct original *o, struct buf *b)
{
	struct arena a = ARENA_INIT(4 << 20);
	struct header copy = o->header;
	struct address_list l = {0};
	if (header_addresses(&copy, "From", &a, &l, NULL) == 0 && l.n)
		buf_add(b, l.v[0].name.len ? l.v[0].name : l.v[0].spec);
	arena_release(&a);
}

static void attribution(const struct original *o, struct buf *b)
{
	struct date date;
	struct buf who = BUF_INIT(1 << 20);
	struct span value = header_get(&o->header, "Date");
	sender_name(o, &who);
	if (!who.len)
		buf_adds(&who, _("somebody"));
	if (value.ptr && date_parse(value, &date)) {
		buf_adds(b, _("On "));
		date_write(b, date.s, date.offset_min);
		buf_adds(b, ", ");
	}
	for (size_t i = 0; i < who.len; i++)
		buf_addc(b, who.ptr[i] < ' ' && who.ptr[i] >= 0 ? ' ' : who.ptr[i]);
	buf_adds(b, _(" wrote:\n"));
	buf_release(&who);
}

static int append(struct spool *to, const struct spool *from, struct err *e)
{
	struct source_spool in;
	source_spool_init(&in, from);
	return sink_pump(&to->sink, &in.source, e);
}

static int quote_into(struct spool *to, struct draft *d, const struct original *o, struct err *e)
{
	struct spool text;
	struct buf head = BUF_INIT(1 << 20);
	spool_init(&text);
	attribution(o, &head);
	int r = original_text(o, &text, e);
	if (r == 0)
		r = sink_put(&to->sink, buf_span(&head), e);
	if (r == 0)
		r = quote_text(to, &text, e);
	if (r == 0 && d->has_text && d->text.size)
		r = sink_puts(&to->sink, "\n", e);
	if (r == 0 && d->has_text)
		r = append(to, &d->text, e);
	buf_release(&head);
	spool_release(&text);
	return r;
}

/* The draft's text becomes what is in fresh, or fresh goes. */
static int replace_text(struct draft *d, struct spool *fresh, int r)
{
	if (r < 0) {
		spool_release(fresh);
		return -1;
	}
	spool_release(&d->text);
	d->text = *fresh;
	d->has_text = true;
	return 0;
}

int reply_quote(struct draft *d, const struct original *o, struct err *e)
{
	struct spool fresh;
	spool_init(&fresh);
	return replace_text(d, &fresh, quote_into(&fresh, d, o, e));
}

/* --- forwarding ------------------------------------------------------------------- */

static const char *const forward_words[] = {"fwd", "fw", "wg", "tr", NULL};

int forward_message(struct draft *d, const struct original *o, struct err *e)
{
	static const char *const private_fields[] = {"Bcc", "Resent-Bcc", NULL};
	struct spool copy;
	spool_init(&copy);
	if (original_copy(o, private_fields, &copy.sink, e) < 0) {
		spool_release(&copy);
		return -1;
	}
	set_subject(d, o, "Fwd: ", forward_words);
	draft_add_message(d, "message/rfc822", &copy);
	return 0;
}

static void add_line(struct buf *b, const struct original *o, const char *name)
{
	struct buf text = BUF_INIT(4 << 20);
	header_text(&o->header, name, &text);
	if (text.len)
		buf_addf(b, "%s: %.*s\n", name, SPAN_ARG(buf_span(&text)));
	buf_release(&text);
}

static int forward_into(struct spool *to, struct draft *d, const struct original *o, struct err *e)
{
	static const char *const shown[] = {"From", "Date", "Subject", "To", "Cc"};
	struct buf head = BUF_INIT(8 << 20);
	struct spool text;
	spool_init(&text);
	int r = d->has_text ? append(to, &d->text, e) : 0;
	if (d->has_text && d->text.size)
		buf_adds(&head, "\n");
	buf_adds(&head, _("---------- Forwarded message ----------\n"));
	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		add_line(&head, o, shown[i]);
	buf_adds(&head, "\n");
	if (r == 0)
		r = sink_put(&to->sink, buf_span(&head), e);
	if (r == 0)
		r = original_text(o, &text, e);
	if (r == 0)
		r = append(to, &text, e);
	buf_release(&head);
	spool_release(&text);
	return r;
}

static int take_attachment(
    void *ctx, const struct mime_part *part, struct spool *bytes, struct err *e)
{
	char type[256], name[64];
	(void)e;
	snprintf(type, sizeof(type), "%s/%s", part->type, part->subtype);
	snprintf(name, sizeof(name), part->is_message ? "message-%s.eml" : "part-%s", part->number);
	file_add_spool(ctx, FILE_ATTACH, type, part->filename.len ? part->filename : span_of(name),
	    SPAN(""), bytes);
	return 0;
}

int forward_inline(struct draft *d, const struct original *o, struct err *e)
{
	struct spool fresh;
	spool_init(&fresh);
	if (replace_text(d, &fresh, forward_into(&fresh, d, o, e)) < 0)
		return -1;
	set_subject(d, o, "Fwd: ", forward_words);
	return original_attachments(o, take_attachment, d, e);
}

/* --- resending -------------------------------------------------------------------- */

int resend_write(struct draft *d, const struct original *o, struct sink *out, struct err *e)
{
	/* Delivered-To: the next delivery would take it for a loop */
	static const char *const without[] = {"Bcc", "Return-Path", "Delivered-To", NULL};
	static const struct {
		const char *name;
		enum draft_field field;
	} fields[] = {{"Resent-From", DRAFT_FROM}, {"Resent-Sender", DRAFT_SENDER},
	    {"Resent-To", DRAFT_TO}, {"Resent-Cc", DRAFT_CC}, {"Resent-Bcc", DRAFT_BCC}};
	struct header_out h = HEADER_OUT_INIT;
	h.utf8 = d->flags & BUILD_UTF8_HEADERS;
	header_add_date(&h, "Resent-Date", d->date_s, d->date_offset_min);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		header_add_addresses(&h, fields[i].name, d->addresses[fields[i].field].v,
		    d->addresses[fields[i].field].n);
	header_add_tokens(&h, "Resent-Message-ID", span_of(draft_message_id(d)));
	int r = sink_put(out, buf_span(&h.b), e);
	header_out_release(&h);
	return r < 0 ? -1 : original_copy(o, without, out, e);
}
