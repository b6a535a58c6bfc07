#include "table.h"

#include "account/numbers.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "json.h"

#include <unistd.h>

enum {
	NUMBER,
	NAME,
	FLAGS,
	DATE,
	FROM,
	TO,
	CC,
	SIZE,
	ATTACHMENT,
	SUBJECT,
	MESSAGE_ID,
	MAILBOX,
	JSON_NAME,
	COLUMNS
};
enum { FROM_WIDTH = 24, TEXT_MAX = 1 << 20 };

/* People read numbers, programs read names. */
static const struct report_column on_terminal[COLUMNS] = {
    [NUMBER] = {"number", "", REPORT_RIGHT | REPORT_TEXT_ONLY},
    [NAME] = {"name", NULL, REPORT_TEXT_ONLY},
    [FLAGS] = {"flags", ""},
    [DATE] = {"date", N_("DATE"), REPORT_RIGHT},
    [FROM] = {"from", N_("FROM")},
    [TO] = {"to", NULL},
    [CC] = {"cc", NULL},
    [SIZE] = {"size", N_("SIZE"), REPORT_RIGHT},
    [ATTACHMENT] = {"attachment", ""},
    [SUBJECT] = {"subject", N_("SUBJECT")},
    [MESSAGE_ID] = {"message_id", NULL},
    [MAILBOX] = {"mailbox", NULL},
    [JSON_NAME] = {"name", NULL},
};
static const struct report_column elsewhere[COLUMNS] = {
    [NUMBER] = {"number", NULL, REPORT_TEXT_ONLY},
    [NAME] = {"name", "NAME", REPORT_TEXT_ONLY},
    [FLAGS] = {"flags", "FLAGS"},
    [DATE] = {"date", "DATE"},
    [FROM] = {"from", "FROM"},
    [TO] = {"to", NULL},
    [CC] = {"cc", NULL},
    [SIZE] = {"size", "SIZE"},
    [ATTACHMENT] = {"attachment", NULL},
    [SUBJECT] = {"subject", "SUBJECT"},
    [MESSAGE_ID] = {"message_id", NULL},
    [MAILBOX] = {"mailbox", NULL},
    [JSON_NAME] = {"name", NULL},
};

void table_open(struct table *t, struct read *r)
{
	bool json = r->o->common.json;
	*t = (struct table){.r = r, .terminal = !json && isatty(STDOUT_FILENO)};
	buf_init(&t->text, TEXT_MAX);
	if (r->o->format && !json)
		out_init(&t->out);
	else
		t->report = report_new(t->terminal ? on_terminal : elsewhere, COLUMNS,
		    json ? REPORT_JSON : REPORT_AUTO, r->o->common.color);
}

static void json_row(struct table *t, const struct row *row)
{
	struct report *r = t->report;
	report_json(r, FLAGS, json_flags(row->flags));
	report_time(r, DATE, row->date_s);
	report_json(r, FROM, json_addresses(row->from, SPAN("")));
	report_json(r, TO, json_addresses(row->to, SPAN("")));
	report_json(r, CC, json_addresses(row->cc, SPAN("")));
	report_bytes(r, SIZE, row->size);
	report_bool(r, ATTACHMENT, row->attachment);
	report_json(r, SUBJECT, json_decoded(row->subject, SPAN("")));
	header_unfold(&t->text, row->subject_bytes);
	report_raw(r, SUBJECT, buf_span(&t->text));
	buf_reset(&t->text);
	report_text(r, MESSAGE_ID, row_id(row));
	report_text(r, MAILBOX, span_of(row->mailbox));
	report_text(r, JSON_NAME, span_of(row->name));
}

static void text_row(struct table *t, const struct row *row)
{
	struct report *r = t->report;
	report_number(r, NUMBER, row->number);
	report_text(r, NAME, span_of(row->name));
	row_flags(row, &t->text);
	report_text(r, FLAGS, buf_span(&t->text));
	report_time(r, DATE, row->date_s);
	buf_reset(&t->text);
	row_from(row, &t->text);
	report_text(
	    r, FROM, t->terminal ? utf8_cut(buf_span(&t->text), FROM_WIDTH) : buf_span(&t->text));
	report_bytes(r, SIZE, row->size);
	report_shown(r, ATTACHMENT, row->attachment ? SPAN("@") : SPAN(""));
	buf_reset(&t->text);
	for (unsigned i = 0; t->terminal && i < row->depth; i++)
		buf_adds(&t->text, i + 1 < row->depth ? "  " : "└ ");
	row_subject(row, &t->text);
	report_text(r, SUBJECT, buf_span(&t->text));
}

int table_row(struct table *t, const struct row *row, struct err *e)
{
	buf_reset(&t->text);
	if (t->terminal)
		strv_add(&t->names, row->name);
	if (!t->report) {
		format_row(t->r->o->format, row, &t->text);
		return sink_put(&t->out.fd.sink, buf_span(&t->text), e) < 0 ? out_failed(e) : 0;
	}
	if (t->r->o->common.json)
		json_row(t, row);
	else
		text_row(t, row);
	return out_row(t->report, e);
}

int table_close(struct table *t, struct err *e)
{
	int code = t->report ? report_close(t->report, e) : out_end(&t->out, e);
	struct err why = ERR_INIT;
	/* a list without numbers is a list all the same */
	if (code == 0 && t->terminal && account_numbers_keep(&t->names, &why) < 0)
		cli_warn(&read_program, &t->r->o->common,
		    _("the numbers of this list are not kept: %s"), why.text);
	strv_release(&t->names);
	buf_release(&t->text);
	return code;
}
