#include "base/alloc.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "compose/draft.h"
#include "compose/draft_parts.h"

#include <stdlib.h>
#include <strings.h>

void draft_set_subject(struct draft *d, struct span text)
{
	d->subject = arena_dup(&d->arena, text);
}

int draft_set_message_id(struct draft *d, const char *id, struct err *e)
{
	struct span s = span_trim(span_of(id)), bare = s;
	if (s.len > 2 && s.ptr[0] == '<' && s.ptr[s.len - 1] == '>')
		bare = span_make(s.ptr + 1, s.len - 2);
	bool good = bare.len > 2 && bare.len < DRAFT_TOKEN_MAX && span_index(bare, '@') > 0;
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
		if (word.len >= DRAFT_TOKEN_MAX)
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
		if (draft_check_address(d, &list.v[i], e) < 0)
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
