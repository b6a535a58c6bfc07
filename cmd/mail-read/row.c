#include "row.h"

#include "base/intl.h"
#include "codec/utf8.h"
#include "mime/date.h"
#include "mime/word.h"

static struct span keep(struct arena *a, const struct header *h, const char *name)
{
	struct span value = header_get(h, name);
	return value.ptr ? arena_dup(a, value) : (struct span){0};
}

/* Bytes that are not UTF-8 are of the charset the message declares. */
static struct span keep_text(struct arena *a, const struct header *h, const char *name)
{
	struct span value = header_get(h, name);
	if (!value.ptr || utf8_valid(value))
		return keep(a, h, name);
	struct buf tmp = BUF_INIT(4 * value.len + 64);
	struct span kept = arena_dup(a, word_utf8(&tmp, value, header_charset(h, a)));
	buf_release(&tmp);
	return kept;
}

static struct span keep_bytes(struct arena *a, const struct header *h, const char *name)
{
	return utf8_valid(header_get(h, name)) ? (struct span){0} : keep(a, h, name);
}

/* multipart/mixed is how attachments come; alternatives and signatures are not meant. */
static bool seems_attached(const struct header *h)
{
	struct span type = span_trim(header_get(h, "Content-Type"));
	return span_starts_nocase(type, "multipart/mixed") ||
	       span_starts_nocase(type, "application/");
}

static void fill(struct row *row, struct arena *a, const struct header *h)
{
	struct date d;
	if (date_parse(header_get(h, "Date"), &d))
		row->date_s = d.s;
	row->from = keep_text(a, h, "From");
	row->to = keep_text(a, h, "To");
	row->cc = keep_text(a, h, "Cc");
	row->subject = keep_text(a, h, "Subject");
	row->subject_bytes = keep_bytes(a, h, "Subject");
	row->message_id = keep(a, h, "Message-ID");
	row->attachment = seems_attached(h);
	row->references = keep(a, h, "References");
	row->in_reply_to = keep(a, h, "In-Reply-To");
}

void row_init(struct row *row, struct arena *a, const struct found *f)
{
	*row = (struct row){.mailbox = f->mailbox->name,
	    .flags = f->entry->flags,
	    .size = f->entry->size,
	    .date_s = f->entry->time_s};
	row->name = arena_str(a, span_of(f->entry->name));
}

/* A row without its header is better than none; but it is said why. */
static int read_header(struct row *row, struct arena *a, struct store_message *m, struct err *e)
{
	struct header h = HEADER_INIT;
	struct err why = ERR_INIT;
	int code = 0;
	if (header_read(&h, m->source, NULL, &why) == 0)
		fill(row, a, &h);
	else if (why.code != EX_DATAERR)
		code = err_copy(e, &why);
	header_release(&h);
	return code < 0 ? err_prefix(e, "%s: ", row->name) : 0;
}

int row_load(struct row *row, struct arena *a, struct read *r, struct err *e)
{
	struct store_message m;
	struct err why = ERR_INIT;
	int found = a->over ? 0 : found_open(row->name, &m, &why), code = found;
	if (found > 0) {
		code = read_header(row, a, &m, &why);
		store_message_free(&m);
	}
	if (code < 0)
		note_failure(r, &why);
	if (a->over)
		return err_set(e, EX_DATAERR, _("the list needs more than %zu bytes"), a->max);
	return found != 0;
}

/* The first address of From. What is none is shown as it stands. */
static void first_address(const struct row *row, bool name, struct buf *b)
{
	struct arena a = ARENA_INIT(1 << 20);
	struct address_list list = {0};
	if (address_list_parse(&a, row->from, &list, NULL) == 0 && list.n &&
	    (list.v[0].spec.len || list.v[0].group.len)) {
		const struct address *first = &list.v[0];
		buf_add(b, name && first->name.len ? first->name
			   : first->spec.len       ? first->spec
						   : first->group);
	} else {
		word_decode(b, row->from);
	}
	arena_release(&a);
}

void row_from(const struct row *row, struct buf *b)
{
	first_address(row, true, b);
}

void row_from_address(const struct row *row, struct buf *b)
{
	first_address(row, false, b);
}

void row_subject(const struct row *row, struct buf *b)
{
	word_decode(b, row->subject);
}

void row_flags(const struct row *row, struct buf *b)
{
	static const struct {
		unsigned flag;
		char letter;
	} letters[] = {{STORE_REPLIED, 'R'}, {STORE_FLAGGED, 'F'}, {STORE_DRAFT, 'D'},
	    {STORE_PASSED, 'P'}, {STORE_TRASHED, 'T'}};
	if (!(row->flags & STORE_SEEN))
		buf_addc(b, 'N');
	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++)
		if (row->flags & letters[i].flag)
			buf_addc(b, letters[i].letter);
}

struct span row_id(const struct row *row)
{
	ptrdiff_t open = span_index(row->message_id, '<');
	struct span id =
	    open < 0 ? span_trim(row->message_id) : span_skip(row->message_id, (size_t)open + 1);
	ptrdiff_t close = span_index(id, '>');
	return close < 0 ? id : span_take(id, (size_t)close);
}
