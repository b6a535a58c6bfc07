#include "compose/draft.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "base/random.h"
#include "codec/utf8.h"
#include "compose/file.h"
#include "compose/text.h"
#include "mime/header.h"
#include "mime/lex.h"

#include <stdlib.h>
#include <time.h>

enum { ARENA_MAX = 64 << 20, TOKEN_MAX = 900 };

static const char *const field_names[DRAFT_ADDRESS_FIELDS] = {
    "From", "Sender", "Reply-To", "To", "Cc", "Bcc"};

void draft_init(struct draft *d)
{
	*d = (struct draft){.subject = {NULL, 0}, .extra = HEADER_OUT_INIT};
	arena_init(&d->arena, ARENA_MAX);
	d->files_end = &d->files;
	d->messages_end = &d->messages;
	spool_init(&d->text);
	spool_init(&d->html);
}

void draft_release(struct draft *d)
{
	for (int i = 0; i < DRAFT_ADDRESS_FIELDS; i++)
		free(d->addresses[i].v);
	header_out_release(&d->extra);
	strv_release(&d->references);
	spool_release(&d->text);
	spool_release(&d->html);
	while (d->files) {
		struct compose_file *next = d->files->next;
		file_release(d->files);
		d->files = next;
	}
	while (d->messages) {
		struct draft_message *next = d->messages->next;
		spool_release(&d->messages->spool);
		free(d->messages);
		d->messages = next;
	}
	if (d->building)
		build_release(&d->build);
	arena_release(&d->arena);
}

/* --- addresses ------------------------------------------------------------------ */

static void push(struct draft_addresses *l, const struct address *a)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 8;
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = *a;
}

/* A domain in another script becomes A-labels, unless the whole message is for SMTPUTF8. */
static int settle_domain(struct draft *d, struct address *a, struct err *e)
{
	struct buf spec = BUF_INIT(4096);
	if (d->flags & BUILD_UTF8_HEADERS || is_ascii(a->spec))
		return 0;
	if (!is_ascii(a->local))
		return err_set(e, EX_DATAERR,
		    _("%.*s: not an ASCII address; --utf8-headers makes a message for it"),
		    SPAN_ARG(a->spec));
	ENSURE(d->to_ascii);
	buf_add(&spec, span_take(a->spec, a->spec.len - a->domain.len));
	int r = d->to_ascii(&spec, a->domain, e);
	if (r == 0)
		a->spec = arena_dup(&d->arena, buf_span(&spec));
	buf_release(&spec);
	return r;
}

static int check_address(struct draft *d, struct address *a, struct err *e)
{
	const char *why;
	if (!a->spec.len) /* a group without members */
		return 0;
	if (address_check(a->spec, &why) != ADDRESS_SMTP)
		return err_set(e, EX_DATAERR, _("\"%.*s\" is not an address for mail: %s"),
		    SPAN_ARG(a->spec), why);
	return settle_domain(d, a, e);
}

static int bad_list(const char *text, struct err *e)
{
	struct arena a = ARENA_INIT(1 << 20);
	struct address one;
	struct err why = ERR_INIT;
	if (address_parse_one(&a, span_of(text), &one, &why) < 0)
		err_copy(e, &why);
	else
		err_set(e, EX_DATAERR, _("\"%s\" is not a list of addresses"), text);
	arena_release(&a);
	return -1;
}

int draft_add_address(struct draft *d, enum draft_field field, const char *text, struct err *e)
{
	struct address_list list = {0};
	for (const char *p = text; *p; p++)
		if (lex_is_control(*p) && *p != '\t')
			return err_set(e, EX_DATAERR, _("%s: a control character in the addresses"),
			    field_names[field]);
	if (address_list_parse(&d->arena, arena_dup(&d->arena, span_of(text)), &list, e) < 0)
		return -1;
	if (list.bad || !list.n)
		return bad_list(text, e);
	for (size_t i = 0; i < list.n; i++) {
		if (check_address(d, &list.v[i], e) < 0)
			return -1;
		push(&d->addresses[field], &list.v[i]);
	}
	return 0;
}

static bool same_address(struct span a, struct span b)
{
	return span_eq_nocase(a, b);
}

bool draft_has_recipient(const struct draft *d, struct span spec)
{
	for (int f = DRAFT_TO; f <= DRAFT_BCC; f++)
		for (size_t i = 0; i < d->addresses[f].n; i++)
			if (same_address(d->addresses[f].v[i].spec, spec))
				return true;
	return false;
}

void draft_add_known(struct draft *d, enum draft_field field, const struct address *a)
{
	struct address own = {.name = arena_dup(&d->arena, a->name),
	    .local = arena_dup(&d->arena, a->local),
	    .domain = arena_dup(&d->arena, a->domain),
	    .spec = arena_dup(&d->arena, a->spec),
	    .group = SPAN("")};
	if (field >= DRAFT_TO && draft_has_recipient(d, a->spec))
		return;
	if (check_address(d, &own, NULL) == 0)
		push(&d->addresses[field], &own);
}

/* --- fields --------------------------------------------------------------------- */

void draft_set_subject(struct draft *d, struct span text)
{
	d->subject = arena_dup(&d->arena, text);
}

int draft_set_message_id(struct draft *d, const char *id, struct err *e)
{
	struct span s = span_trim(span_of(id)), bare = s;
	if (s.len > 2 && s.ptr[0] == '<' && s.ptr[s.len - 1] == '>')
		bare = span_make(s.ptr + 1, s.len - 2);
	bool good = bare.len > 2 && bare.len < TOKEN_MAX && span_index(bare, '@') > 0;
	for (size_t i = 0; i < bare.len; i++)
		good &= bare.ptr[i] > 32 && bare.ptr[i] < 127 && !strchr("<>", bare.ptr[i]);
	if (!good)
		return err_set(
		    e, EX_USAGE, _("\"%s\" is not a message identifier: <name@domain>"), id);
	char *full = str_printf("<%.*s>", SPAN_ARG(bare));
	d->message_id = arena_str(&d->arena, span_of(full));
	free(full);
	return 0;
}

enum field_kind { TEXT, TOKENS, ADDRESSES, OWN_ADDRESS, SUBJECT, MESSAGE_ID, REFUSED };
static const struct {
	const char *name;
	enum field_kind kind;
	enum draft_field field;
} known[] = {{"From", OWN_ADDRESS, DRAFT_FROM}, {"Sender", OWN_ADDRESS, DRAFT_SENDER},
    {"Reply-To", OWN_ADDRESS, DRAFT_REPLY_TO}, {"To", OWN_ADDRESS, DRAFT_TO},
    {"Cc", OWN_ADDRESS, DRAFT_CC}, {"Bcc", OWN_ADDRESS, DRAFT_BCC}, {"Subject", SUBJECT, 0},
    {"Message-ID", MESSAGE_ID, 0}, {"Date", REFUSED, 0}, {"MIME-Version", REFUSED, 0},
    {"References", TOKENS, 0}, {"In-Reply-To", TOKENS, 0}, {"Auto-Submitted", TOKENS, 0},
    {"Precedence", TOKENS, 0}, {"Archived-At", TOKENS, 0}, {"Received", TOKENS, 0},
    {"Return-Path", TOKENS, 0}, {"Supersedes", TOKENS, 0}, {"Mail-Followup-To", ADDRESSES, 0},
    {"Mail-Reply-To", ADDRESSES, 0}, {"Disposition-Notification-To", ADDRESSES, 0},
    {"Errors-To", ADDRESSES, 0}, {"Return-Receipt-To", ADDRESSES, 0}, {"Resent-From", ADDRESSES, 0},
    {"Resent-To", ADDRESSES, 0}, {"Resent-Cc", ADDRESSES, 0}};

static int add_tokens(struct draft *d, const char *name, struct span value, struct err *e)
{
	struct span rest = value, word;
	if (!is_ascii(value))
		return err_set(e, EX_DATAERR, _("%s: only ASCII may stand in this field"), name);
	while (span_word(&rest, &word))
		if (word.len >= TOKEN_MAX)
			return err_set(e, EX_DATAERR, _("%s: a word is too long for a line"), name);
	header_add_tokens(&d->extra, name, value);
	return 0;
}

static int add_addresses(struct draft *d, const char *name, struct span value, struct err *e)
{
	struct address_list list = {0};
	if (address_list_parse(&d->arena, value, &list, e) < 0)
		return -1;
	if (list.bad || !list.n)
		return err_set(e, EX_DATAERR, _("%s: \"%.*s\" is not a list of addresses"), name,
		    SPAN_ARG(value));
	for (size_t i = 0; i < list.n; i++)
		if (check_address(d, &list.v[i], e) < 0)
			return -1;
	header_add_addresses(&d->extra, name, list.v, list.n);
	return 0;
}

static int add_field(struct draft *d, const char *name, struct span value, struct err *e)
{
	enum field_kind kind = span_starts_nocase(span_of(name), "List-") ? TOKENS : TEXT;
	enum draft_field field = DRAFT_FROM;
	if (span_starts_nocase(span_of(name), "Content-") && strcasecmp(name, "Content-Language"))
		kind = REFUSED;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcasecmp(known[i].name, name) == 0) {
			kind = known[i].kind;
			field = known[i].field;
		}
	d->extra.utf8 = d->flags & BUILD_UTF8_HEADERS;
	switch (kind) {
	case TEXT: header_add_text(&d->extra, name, value); return 0;
	case TOKENS: return add_tokens(d, name, value, e);
	case ADDRESSES: return add_addresses(d, name, value, e);
	case OWN_ADDRESS: return draft_add_address(d, field, value.ptr, e);
	case SUBJECT: draft_set_subject(d, value); return 0;
	case MESSAGE_ID: return draft_set_message_id(d, value.ptr, e);
	case REFUSED: break;
	}
	return err_set(e, EX_USAGE, _("%s: this field is written by the program itself"), name);
}

int draft_add_header(struct draft *d, const char *line, struct err *e)
{
	struct span value = span_of(line), name;
	struct buf flat = BUF_INIT(1 << 20);
	if (!span_cut(&value, ':', &name) || !header_name_valid(name))
		return err_set(e, EX_USAGE, _("\"%s\" is not a field: Name: value"), line);
	/* whatever ends a line is a blank: no field begins in another's value */
	for (size_t i = 0; i < value.len; i++)
		buf_addc(&flat, value.ptr[i] == '\n' || value.ptr[i] == '\r' ? ' ' : value.ptr[i]);
	const char *name_text = arena_str(&d->arena, name);
	const char *flat_text = arena_str(&d->arena, span_trim(buf_span(&flat)));
	buf_release(&flat);
	return add_field(d, name_text, span_of(flat_text), e);
}

void draft_add_message(struct draft *d, const char *type, struct spool *message)
{
	struct draft_message *m = mem_new(1, sizeof(*m));
	m->type = type;
	m->spool = *message;
	spool_init(message);
	*d->messages_end = m;
	d->messages_end = &m->next;
}

/* --- the message's header -------------------------------------------------------- */

/* <20261124091400.k3j5h6g7f8d9@example.org>: nothing of this machine is in it. */
const char *draft_message_id(struct draft *d)
{
	if (d->message_id)
		return d->message_id;
	char chance[17], when[32];
	time_t t = (time_t)d->date_s;
	struct tm tm;
	struct span from = d->addresses[DRAFT_FROM].v[0].spec, domain = from;
	const char *at = memrchr(from.ptr, '@', from.len);
	domain = at ? span_skip(from, (size_t)(at - from.ptr) + 1) : SPAN("localhost");
	if (!is_ascii(domain) || span_starts(domain, "["))
		domain = SPAN("localhost");
	gmtime_r(&t, &tm);
	strftime(when, sizeof(when), "%Y%m%d%H%M%S", &tm);
	random_name(chance, sizeof(chance) - 1);
	char *id = str_printf("<%s.%s@%.*s>", when, chance, SPAN_ARG(domain));
	d->message_id = arena_str(&d->arena, span_of(id));
	free(id);
	return d->message_id;
}

static void write_references(struct draft *d, struct header_out *h)
{
	struct buf all = BUF_INIT(1 << 20);
	for (size_t i = 0; i < d->references.n; i++)
		buf_addf(&all, "%s%s", i ? " " : "", d->references.v[i]);
	if (d->answers)
		header_add_tokens(h, "In-Reply-To", span_of(d->references.v[d->references.n - 1]));
	header_add_tokens(h, "References", buf_span(&all));
	buf_release(&all);
}

static void write_addresses(struct draft *d, struct header_out *h)
{
	struct draft_addresses *a = d->addresses;
	if (a[DRAFT_FROM].n > 1 && !a[DRAFT_SENDER].n) /* RFC 5322 3.6.2 */
		push(&a[DRAFT_SENDER], &a[DRAFT_FROM].v[0]);
	for (int f = 0; f < DRAFT_ADDRESS_FIELDS; f++)
		header_add_addresses(h, field_names[f], a[f].v, a[f].n);
	if (a[DRAFT_BCC].n && !a[DRAFT_TO].n && !a[DRAFT_CC].n)
		buf_adds(&h->b, "To: undisclosed-recipients:;\n");
}

static void write_fields(struct draft *d)
{
	struct header_out *h = &d->build.header;
	header_add_date(h, "Date", d->date_s, d->date_offset_min);
	write_addresses(d, h);
	if (d->subject.ptr)
		header_add_text(h, "Subject", d->subject);
	header_add_tokens(h, "Message-ID", span_of(draft_message_id(d)));
	if (d->references.n)
		write_references(d, h);
	buf_add(&h->b, buf_span(&d->extra.b));
}

/* --- the structure ---------------------------------------------------------------- */

static bool has_file(const struct draft *d, bool inlined)
{
	for (const struct compose_file *f = d->files; f; f = f->next)
		if ((f->use == FILE_INLINE) == inlined)
			return true;
	return false;
}

static void add_files(struct draft *d, struct build_part *parent, bool inlined)
{
	for (struct compose_file *f = d->files; f; f = f->next)
		if ((f->use == FILE_INLINE) == inlined)
			file_build(&d->build, parent, f);
}

static void add_text(struct draft *d, struct build_part *parent, const char *subtype)
{
	bool plain = strcmp(subtype, "plain") == 0;
	struct build_part *p = build_text(
	    &d->build, parent, subtype, d->charset ? d->charset : "", plain ? &d->text : &d->html);
	if (plain && d->flowed)
		build_param(p, "format", SPAN("flowed"));
}

static void add_html(struct draft *d, struct build_part *parent)
{
	if (has_file(d, true)) {
		parent = build_multipart(&d->build, parent, "related");
		build_param(parent, "type", SPAN("text/html"));
	}
	add_text(d, parent, "html");
	if (has_file(d, true))
		add_files(d, parent, true);
}

/* How many things stand side by side. */
static size_t count_items(const struct draft *d)
{
	size_t n = d->has_text || d->has_html;
	for (const struct compose_file *f = d->files; f; f = f->next)
		n += f->use != FILE_INLINE || !d->has_html;
	for (const struct draft_message *m = d->messages; m; m = m->next)
		n++;
	return n;
}

static void build_structure(struct draft *d)
{
	struct build_part *parent = NULL;
	bool loose = has_file(d, true) && !d->has_html; /* pictures beside a plain text */
	size_t items = count_items(d);
	if (items > 1)
		parent = build_multipart(&d->build, NULL, "mixed");
	struct build_part *mixed = parent;
	if (d->has_text && d->has_html)
		parent = build_multipart(&d->build, parent, "alternative");
	if (d->has_text || !items)
		add_text(d, parent, "plain");
	if (d->has_html)
		add_html(d, parent);
	if (loose)
		add_files(d, mixed, true);
	for (struct draft_message *m = d->messages; m; m = m->next)
		build_disposition(
		    build_message(&d->build, mixed, m->type, &m->spool), "inline", SPAN(""));
	add_files(d, mixed, false);
}

/* --- */

static int convert(struct spool *sp, const char *charset, struct err *e)
{
	struct spool other;
	spool_init(&other);
	if (text_convert(&other, sp, charset, e) < 0) {
		spool_release(&other);
		return -1;
	}
	spool_release(sp);
	*sp = other;
	return 0;
}

static int flow(struct draft *d, struct err *e)
{
	struct spool flowed;
	spool_init(&flowed);
	if (text_flow(&flowed, &d->text, e) < 0) {
		spool_release(&flowed);
		return -1;
	}
	spool_release(&d->text);
	d->text = flowed;
	return 0;
}

static int settle_texts(struct draft *d, struct err *e)
{
	if (d->has_html && !d->has_text) {
		if (text_from_html(&d->text, &d->html, e) < 0)
			return err_prefix(e, "%s", _("the text of the HTML: "));
		d->has_text = true;
	}
	if (d->flowed && d->has_text && flow(d, e) < 0)
		return -1;
	if (d->charset && d->has_text && convert(&d->text, d->charset, e) < 0)
		return -1;
	return d->charset && d->has_html ? convert(&d->html, d->charset, e) : 0;
}

int draft_settle(struct draft *d, struct err *e)
{
	if (settle_texts(d, e) < 0)
		return -1;
	for (struct compose_file *f = d->files; f; f = f->next)
		if (file_settle(d, f, d->date_s, e) < 0)
			return -1;
	build_init(&d->build, d->flags);
	d->building = true;
	write_fields(d);
	build_structure(d);
	return build_settle(&d->build, e);
}

int draft_write(struct draft *d, struct sink *out, struct err *e)
{
	return build_write(&d->build, out, e);
}
