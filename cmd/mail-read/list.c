#include "base/intl.h"
#include "json.h"
#include "sort.h"
#include "table.h"

enum { ROW_BYTES = 16 << 20 };

/* --- one after the other, as they are found --- */

struct stream {
	struct table table;
	unsigned number;
};

static int visit_streamed(void *ctx, const struct found *f, struct err *e)
{
	struct stream *s = ctx;
	struct arena a = ARENA_INIT(ROW_BYTES);
	struct row row;
	row_init(&row, &a, f);
	int code = row_load(&row, &a, s->table.r, e);
	row.number = s->number + 1;
	if (code > 0) {
		s->number++;
		code = table_row(&s->table, &row, e);
	}
	arena_release(&a);
	return code;
}

static int list_streamed(struct lister *l, struct mailboxes *m, struct err *e)
{
	struct stream s = {.number = 0};
	struct err late = ERR_INIT;
	table_open(&s.table, l->r);
	int code = mailboxes_each(l, m, visit_streamed, &s, e);
	int end = table_close(&s.table, &late); /* what was found is shown, whatever came then */
	return code < 0 ? code : end < 0 ? err_copy(e, &late) : 0;
}

/* --- all at once, sorted --- */

static int visit_collected(void *ctx, const struct found *f, struct err *e)
{
	struct rows *rows = ctx;
	struct row *row = rows_add(rows);
	row_init(row, &rows->arena, f);
	return rows->arena.over ? err_set(e, EX_DATAERR, _("the list needs more than %zu bytes"),
				      rows->arena.max)
				: 0;
}

int rows_collect(struct lister *l, struct mailboxes *m, struct rows *rows, struct err *e)
{
	bool headers_first = l->r->o->sort != SORT_ARRIVAL && l->r->o->sort != SORT_SIZE;
	int code = mailboxes_each(l, m, visit_collected, rows, e);
	if (code == 0 && headers_first)
		code = rows_load(rows, l->r, e);
	if (code < 0)
		return code;
	rows_sort(rows, (enum sort)l->r->o->sort);
	rows_limit(rows, l->r->o->limit);
	if (!headers_first && rows_load(rows, l->r, e) < 0)
		return -1;
	if (l->r->o->reverse)
		rows_reverse(rows);
	return 0;
}

static int print(struct lister *l, struct rows *rows, struct err *e)
{
	struct table t;
	struct err late = ERR_INIT;
	int code = 0;
	table_open(&t, l->r);
	for (size_t i = 0; code >= 0 && i < rows->n; i++) {
		rows->v[i].number = (unsigned)i + 1;
		code = table_row(&t, &rows->v[i], e);
	}
	int end = table_close(&t, &late);
	return code < 0 ? code : end < 0 ? err_copy(e, &late) : 0;
}

static int list_sorted(struct lister *l, struct mailboxes *m, struct err *e)
{
	struct rows rows;
	rows_init(&rows, ROWS_BYTES);
	int code = rows_collect(l, m, &rows, e);
	if (code == 0)
		code = print(l, &rows, e);
	rows_release(&rows);
	return code;
}

static bool is_sorted(const struct options *o)
{
	return o->sort || o->limit || o->reverse;
}

int run_list(struct lister *l, struct strv *operands, struct err *e)
{
	struct mailboxes m;
	if (l->r->o->format && format_check(l->r->o->format, e) < 0)
		return -1;
	if (mailboxes_open(l, operands, &m, e) < 0)
		return -1;
	int code = is_sorted(l->r->o) ? list_sorted(l, &m, e) : list_streamed(l, &m, e);
	mailboxes_close(&m);
	return code;
}

/* --- search: names, and no header is read but for the query and the order --- */

struct search {
	struct lister *l;
	struct out out;
	struct report *report; /* --json */
	size_t n;
};
enum { NAME, MAILBOX, FLAGS, SIZE, COLUMNS };
static const struct report_column columns[COLUMNS] = {
    {"name", NULL}, {"mailbox", NULL}, {"flags", NULL}, {"size", NULL}};

static int print_name(struct search *s, const struct row *row, struct err *e)
{
	s->n++;
	if (!s->report)
		return out_name(s->l->r, &s->out, row->name, e);
	report_text(s->report, NAME, span_of(row->name));
	report_text(s->report, MAILBOX, span_of(row->mailbox));
	report_json(s->report, FLAGS, json_flags(row->flags));
	report_bytes(s->report, SIZE, row->size);
	return out_row(s->report, e);
}

static int visit_name_found(void *ctx, const struct found *f, struct err *e)
{
	struct row row = {.name = f->entry->name,
	    .mailbox = f->mailbox->name,
	    .flags = f->entry->flags,
	    .size = f->entry->size};
	return print_name(ctx, &row, e);
}

static int search_sorted(struct search *s, struct mailboxes *m, struct err *e)
{
	struct rows rows;
	rows_init(&rows, ROWS_BYTES);
	int code = rows_collect(s->l, m, &rows, e);
	for (size_t i = 0; code == 0 && i < rows.n; i++)
		code = print_name(s, &rows.v[i], e);
	rows_release(&rows);
	return code;
}

static int search_in(struct search *s, struct mailboxes *m, struct err *e)
{
	struct err late = ERR_INIT;
	out_init(&s->out);
	if (s->l->r->o->common.json)
		s->report = report_new(columns, COLUMNS, REPORT_JSON, 0);
	int code = is_sorted(s->l->r->o) ? search_sorted(s, m, e)
					 : mailboxes_each(s->l, m, visit_name_found, s, e);
	int end = s->report ? report_close(s->report, &late) : out_end(&s->out, &late);
	if (code < 0)
		return code;
	return end < 0 ? err_copy(e, &late) : s->n == 0;
}

int run_search(struct lister *l, struct strv *operands, struct err *e)
{
	struct search s = {.l = l};
	struct strv boxes = {0};
	struct mailboxes m;
	if (!operands->n)
		return err_set(e, EX_USAGE, _("search wants a query"));
	int code = query_operands(l, operands, &boxes, e);
	if (code == 0 && (code = mailboxes_open(l, &boxes, &m, e)) == 0) {
		code = search_in(&s, &m, e);
		mailboxes_close(&m);
	} else if (code < 0 && boxes.n && e->code == EX_NOINPUT) {
		err_prefix(e, _("(words of a query stand in one argument) "));
	}
	strv_release(&boxes);
	return code;
}
