#include "base/intl.h"
#include "mailboxes.h"
#include "parts.h"
#include "parts_jobs.h"

enum { MESSAGE, NUMBER, TYPE, CHARSET, SIZE, DISPOSITION, FILENAME, COLUMNS };
static const struct report_column one_message[COLUMNS] = {{"name", NULL}, {"number", N_("PART"), 0},
    {"type", N_("TYPE"), 0}, {"charset", N_("CHARSET"), 0}, {"size", N_("SIZE"), REPORT_RIGHT},
    {"disposition", "", 0}, {"filename", N_("FILE"), 0}};
static const struct report_column several[COLUMNS] = {{"name", N_("MESSAGE"), 0},
    {"number", N_("PART"), 0}, {"type", N_("TYPE"), 0}, {"charset", N_("CHARSET"), 0},
    {"size", N_("SIZE"), REPORT_RIGHT}, {"disposition", "", 0}, {"filename", N_("FILE"), 0}};

struct listing {
	struct read *r;
	struct report *report; /* text */
	struct out out;        /* JSON */
};

static int part_row(struct report *report, const char *name, const struct part_info *info,
    bool terminal, struct err *e)
{
	static const char *const dispositions[] = {"inline", "attachment", ""};
	const struct mime_part *part = info->part;
	struct buf type = BUF_INIT(1024);
	if (terminal)
		buf_addf(&type, "%*s", (int)(2 * part->depth), "");
	buf_addf(&type, "%s/%s", part->type, part->subtype);
	report_text(report, MESSAGE, span_of(name));
	report_text(report, NUMBER, span_of(mime_part_number(part)));
	report_text(report, TYPE, buf_span(&type));
	buf_release(&type);
	report_text(report, CHARSET, part->charset);
	if (part->leaf)
		report_bytes(report, SIZE, info->size);
	report_text(report, DISPOSITION, span_of(dispositions[part->disposition]));
	report_text(report, FILENAME, part->filename);
	return out_row(report, e);
}

/* A part, and the files embedded in it. */
static int rows_of(struct report *report, const struct parts *p, const char *name,
    const struct part_info *info, struct err *e)
{
	const struct part_info *files;
	bool terminal = report_terminal_width() > 0;
	int code = part_row(report, name, info, terminal, e);
	size_t n = p->file_count ? parts_embedded(p, info->part, &files) : 0;
	for (size_t i = 0; code == 0 && i < n; i++)
		code = part_row(report, name, &files[i], terminal, e);
	return code;
}

static int print(struct listing *l, const struct parts *p, const char *name,
    const struct err *failure, struct err *e)
{
	if (l->r->o->common.quiet)
		return 0;
	if (l->r->o->common.json)
		return out_json(&l->out, parts_json(p, name, failure), e);
	int code = 0;
	for (size_t i = 0; code == 0 && i < p->n; i++)
		if (p->v[i].part)
			code = rows_of(l->report, p, name, &p->v[i], e);
	return code;
}

static int what_is_wanted(const struct cli_common *common)
{
	return common->quiet  ? PARTS_CHECK
	       : common->json ? PARTS_DIGEST | PARTS_TEXT | PARTS_ARCHIVE
			      : 0;
}

/* What could be read is shown, also of a message that passes a limit. */
static int show(struct listing *l, const struct parts *p, const char *name, int failed,
    const struct err *why, struct err *e)
{
	int code = print(l, p, name, failed < 0 ? why : NULL, e);
	return code == 0 && failed < 0 ? err_copy(e, why) : code;
}

static int visit(void *ctx, struct content *c, struct err *e)
{
	struct listing *l = ctx;
	struct parts p;
	struct err why = ERR_INIT;
	int failed = parts_read(&p, c->source, what_is_wanted(&l->r->o->common), &why);
	int code = show(l, &p, c->name, failed, &why, e);
	parts_release(&p);
	return code;
}

static int visit_job(void *ctx, struct parts_job *job, struct err *e)
{
	return job->opened ? show(ctx, &job->parts, job->name, job->code, &job->why, e)
			   : err_copy(e, &job->why);
}

int run_parts(struct read *r, struct strv *operands, struct err *e)
{
	struct listing l = {.r = r};
	struct err late = ERR_INIT;
	bool many = operands->n > 1 || r->o->names || r->o->mbox ||
		    (operands->n && is_mailbox_operand(operands->v[0]));
	out_init(&l.out);
	if (!r->o->common.json)
		l.report = report_new(
		    many ? several : one_message, COLUMNS, REPORT_AUTO, r->o->common.color);
	bool jobs = r->o->jobs > 1 && !r->o->mbox && (operands->n || r->o->names);
	int code =
	    jobs ? parts_jobs_each(r, operands, what_is_wanted(&r->o->common), visit_job, &l, e)
		 : contents_each(r, operands, 0, visit, &l, e);
	int end = l.report ? report_close(l.report, &late) : out_end(&l.out, &late);
	return code < 0 ? code : end < 0 ? err_copy(e, &late) : 0;
}
