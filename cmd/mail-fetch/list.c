/* list.c - list and search: the messages of folders, by name. */
#include "fetch.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "mime/header.h"
#include "query/imap.h"
#include "report/report.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 200 };

static const struct report_column columns[] = {{"name", N_("NAME"), 0}, {"flags", N_("FLAGS"), 0},
    {"date", N_("DATE"), 0}, {"size", N_("SIZE"), REPORT_RIGHT}, {"from", N_("FROM"), 0},
    {"subject", N_("SUBJECT"), 0}, {"to", NULL, 0}, {"message_id", NULL, 0}, {"folder", NULL, 0},
    {"uid", NULL, 0}};

/* --- which --- */

/* The flags of a query are the store's: the same words here as in mail-read. */
static const struct query_imap_flag flag_words[] = {{STORE_SEEN, "SEEN", "UNSEEN"},
    {STORE_REPLIED, "ANSWERED", "UNANSWERED"}, {STORE_FLAGGED, "FLAGGED", "UNFLAGGED"},
    {STORE_TRASHED, "DELETED", "UNDELETED"}, {STORE_DRAFT, "DRAFT", "UNDRAFT"},
    {STORE_PASSED, "KEYWORD $Forwarded", "UNKEYWORD $Forwarded"}, {0, NULL, NULL}};

static int criteria_of(const char *text, struct buf *out, struct err *e)
{
	struct query *q;
	if (query_parse(&q, span_of(text), store_flag_by_name, e) < 0)
		return -1;
	int r = query_imap(q, flag_words, out, e);
	query_free(q);
	return r;
}

/* --- one message's line --- */

struct lister {
	struct opts *o;
	struct remote *remote;
	const char *folder;
	uint32_t uidvalidity;
	struct report *report;
};

static void add_text(struct report *r, size_t column, const struct header *h, const char *name)
{
	struct buf b = BUF_INIT(64 << 10);
	header_text(h, name, &b);
	if (b.len)
		report_text(r, column, buf_span(&b));
	buf_reset(&b);
	header_unfold(&b, header_get(h, name));
	report_raw(r, column, buf_span(&b));
	buf_release(&b);
}

/* For people the name, if there is one; JSON has the field as it is. */
static void add_from(struct report *r, struct header *h)
{
	struct arena a = ARENA_INIT(1 << 20);
	struct address_list l = {0};
	struct err ignored = ERR_INIT;
	add_text(r, 4, h, "From");
	if (header_addresses(h, "From", &a, &l, &ignored) == 0 && l.n)
		report_shown(r, 4, l.v[0].name.len ? l.v[0].name : l.v[0].spec);
	arena_release(&a);
}

static void add_flags(struct report *r, unsigned flags)
{
	char text[8];
	unsigned store =
	    (flags & IMAP_SEEN ? STORE_SEEN : 0) | (flags & IMAP_ANSWERED ? STORE_REPLIED : 0) |
	    (flags & IMAP_FLAGGED ? STORE_FLAGGED : 0) |
	    (flags & IMAP_DELETED ? STORE_TRASHED : 0) | (flags & IMAP_DRAFT ? STORE_DRAFT : 0);
	store_flags_letters(store, text);
	report_text(r, 1, span_of(text));
}

static int list_one(
    void *ctx, const struct imap_message *m, const struct err *body_error, struct err *e)
{
	struct lister *l = ctx;
	struct header h = HEADER_INIT;
	struct source_mem src;
	struct buf name = BUF_INIT(16 << 10);
	(void)body_error;
	if (!m->uid || !m->has_body)
		return 0;
	name_write(&name, l->remote, l->folder, l->uidvalidity, m->uid);
	report_text(l->report, 0, buf_span(&name));
	buf_release(&name);
	add_flags(l->report, m->flags);
	if (m->internaldate_s)
		report_time(l->report, 2, m->internaldate_s);
	report_bytes(l->report, 3, m->size);
	source_mem_init(&src, buf_span(&m->header));
	if (header_read(&h, &src.source, NULL, e) < 0)
		err_clear(e); /* a strange header is listed as far as it goes */
	add_from(l->report, &h);
	add_text(l->report, 5, &h, "Subject");
	add_text(l->report, 6, &h, "To");
	add_text(l->report, 7, &h, "Message-ID");
	report_text(l->report, 8, span_of(l->folder));
	report_number(l->report, 9, m->uid);
	header_release(&h);
	return report_row(l->report, e);
}

static int list_found(
    struct lister *l, struct fetch_session *s, const struct imap_uids *found, struct err *e)
{
	struct imap_fetch_handler h = {.ctx = l, .expected = CHUNK, .message = list_one};
	struct buf set = BUF_INIT(8 << 10);
	size_t at = 0;
	int r = 0;
	while (r == 0 && imap_uid_set(found, &at, CHUNK, &set)) {
		r = imap_client_fetch(&s->imap, buf_cstr(&set),
		    "UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT "
		    "MESSAGE-ID)]",
		    &h, e);
		buf_reset(&set);
	}
	buf_release(&set);
	return r;
}

/* --- names only --- */

static int print_names(
    struct lister *l, const struct imap_uids *found, struct sink *out, struct err *e)
{
	for (size_t i = 0; i < found->n; i++)
		if (name_print(l->o, l->remote, l->folder, l->uidvalidity, found->v[i], out, e) < 0)
			return -1;
	return 0;
}

/* --- folders --- */

struct asked {
	const char *criteria;
	struct sink *names; /* search; NULL: list */
	uint64_t found;
};

static int one_folder(struct lister *l, struct fetch_session *s, struct asked *q, struct err *e)
{
	struct imap_uids found = {0};
	int r = imap_client_select(&s->imap, l->folder, true, e);
	l->uidvalidity = s->imap.mailbox.uidvalidity;
	if (r == 0)
		r = imap_client_search(&s->imap, q->criteria, &found, e);
	if (r == 0 && l->o->limit && found.n > (size_t)l->o->limit)
		found.n = (size_t)l->o->limit;
	q->found += found.n;
	if (r == 0)
		r = q->names ? print_names(l, &found, q->names, e) : list_found(l, s, &found, e);
	imap_uids_release(&found);
	return r;
}

static int all_folders(
    struct lister *l, const struct strv *operands, size_t at, struct asked *q, struct err *e)
{
	struct fetch_session s;
	struct err late = ERR_INIT;
	if (fetch_connect(&s, &l->remote->server, &l->remote->link, e) < 0)
		return -1;
	int r = 0;
	l->folder = l->remote->server.folder ? l->remote->server.folder : "INBOX";
	if (at == operands->n)
		r = one_folder(l, &s, q, e);
	for (; r == 0 && at < operands->n; at++) {
		l->folder = operands->v[at];
		r = one_folder(l, &s, q, e);
	}
	if (r < 0)
		fetch_abort(&s);
	fetch_disconnect(&s, &late);
	return r;
}

int list_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct remote remote;
	struct lister l = {.o = o, .remote = &remote};
	struct buf criteria = BUF_INIT(32 << 10);
	struct asked q = {0};
	size_t at;
	int r = criteria_of(o->where ? o->where : "", &criteria, e);
	if (r < 0)
		return -1;
	q.criteria = buf_cstr(&criteria);
	r = remote_of_operands(&remote, o, &args->operands, &at, e);
	if (r == 0)
		r = remote_needs_imap(&remote, "list", e);
	if (r == 0) {
		l.report = report_new(columns, ARRAY_LEN(columns),
		    o->common.json ? REPORT_JSON : REPORT_AUTO, o->common.color);
		r = all_folders(&l, &args->operands, at, &q, e);
		if (report_close(l.report, r < 0 ? NULL : e) < 0)
			r = -1;
	}
	remote_release(&remote);
	buf_release(&criteria);
	return r;
}

/* The first operand, and what surely belongs to it. */
static size_t query_of_operands(const struct strv *operands, struct buf *out)
{
	size_t i = 0;
	bool more = true;
	for (; i < operands->n && (more || query_is_term(span_of(operands->v[i]))); i++) {
		buf_addf(out, "%s%s", i ? " " : "", operands->v[i]);
		more = query_wants_more(span_of(operands->v[i]));
	}
	return i;
}

static int search(struct opts *o, struct strv *operands, const char *criteria, struct err *e)
{
	struct remote remote;
	struct lister l = {.o = o, .remote = &remote};
	struct sink_fd *out = sink_fd_new(STDOUT_FILENO);
	struct asked q = {.criteria = criteria, .names = &out->sink};
	size_t at;
	int r = remote_of_operands(&remote, o, operands, &at, e);
	if (r == 0)
		r = remote_needs_imap(&remote, "search", e);
	if (r == 0 && o->common.json) {
		q.names = NULL;
		l.report = report_new(columns, ARRAY_LEN(columns), REPORT_JSON, o->common.color);
	}
	if (r == 0)
		r = all_folders(&l, operands, at, &q, e);
	if (l.report && report_close(l.report, r < 0 ? NULL : e) < 0)
		r = -1;
	if (sink_end(&out->sink, r < 0 ? NULL : e) < 0)
		r = -1;
	free(out);
	remote_release(&remote);
	return r < 0 ? -1 : q.found == 0;
}

int search_run(struct opts *o, struct cli_args *args, struct err *e)
{
	struct buf text = BUF_INIT(16 << 10), criteria = BUF_INIT(32 << 10);
	size_t taken = query_of_operands(&args->operands, &text);
	struct strv rest = {0};
	int r = taken ? criteria_of(buf_cstr(&text), &criteria, e)
		      : err_set(e, EX_USAGE, _("what is to be searched for?"));
	for (size_t i = taken; i < args->operands.n; i++)
		strv_add(&rest, args->operands.v[i]);
	if (r == 0)
		r = search(o, &rest, buf_cstr(&criteria), e);
	strv_release(&rest);
	buf_release(&text);
	buf_release(&criteria);
	return r;
}
