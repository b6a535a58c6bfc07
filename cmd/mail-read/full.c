#include "full.h"

#include "account/message.h"
#include "json.h"
#include "mailboxes.h"
#include "mime/shape.h"

bool full_is_here(void)
{
	return true;
}

/* --- commands --- */

static int dispatch(struct lister *l, enum command command, struct strv *operands, struct err *e)
{
	switch (command) {
	case LIST: return run_list(l, operands, e);
	case SEARCH: return run_search(l, operands, e);
	case THREAD: return run_thread(l, operands, e);
	case COUNT: return run_count(l, operands, e);
	case FOLDERS: return run_folders(l, operands, e);
	case PARTS: return run_parts(l->r, operands, e);
	case EXPUNGE: return run_expunge(l, operands, e);
	default: return err_set(e, EX_SOFTWARE, "no such command");
	}
}

int full_run(struct read *r, enum command command, struct strv *operands, struct err *e)
{
	struct lister l = {.r = r};
	int code = r->o->where ? query_set(&l, span_of(r->o->where), e) : 0;
	if (code == 0)
		code = dispatch(&l, command, operands, e);
	query_run_free(l.run);
	query_free(l.query);
	return code;
}

/* --- names --- */

int full_message_name(struct read *r, const char *operand, char **name, struct err *e)
{
	return account_message_name(&r->account, operand, name, e);
}

struct each {
	visit_name *visit;
	void *ctx;
};

static int visit_found_name(void *ctx, const struct found *f, struct err *e)
{
	struct each *each = ctx;
	return each->visit(each->ctx, f->entry->name, NAME_MESSAGE, e);
}

int full_each(struct read *r, const char *mailbox, visit_name *visit, void *ctx, struct err *e)
{
	struct lister l = {.r = r};
	struct each each = {visit, ctx};
	struct strv one = {0};
	struct mailboxes m;
	strv_add(&one, mailbox);
	int code = mailboxes_open(&l, &one, &m, e);
	strv_release(&one);
	if (code < 0)
		return -1;
	code = mailboxes_each(&l, &m, visit_found_name, &each, e);
	mailboxes_close(&m);
	return code;
}

/* --- JSON --- */

int full_header_json(
    struct out *out, const struct header_field *f, struct span charset, struct err *e)
{
	json_t *o = json_object();
	json_object_set_new(o, "name", report_json_text(f->name));
	json_set_field(o, "value", span_trim(f->value), charset);
	return out_json(out, o, e);
}

int full_moved_json(struct out *out, const char *from, const char *name, struct err *e)
{
	json_t *o = json_object();
	json_object_set_new(o, "from", report_json_text(span_of(from)));
	json_object_set_new(o, "name", report_json_text(span_of(name)));
	return out_json(out, o, e);
}

int full_file_json(struct out *out, const char *path, const struct mime_part *part, uint64_t bytes,
    const char *message, struct err *e)
{
	json_t *o = json_object();
	json_object_set_new(o, "path", report_json_text(span_of(path)));
	json_object_set_new(o, "part", json_string(mime_part_number(part)));
	json_object_set_new(o, "type", json_sprintf("%s/%s", part->type, part->subtype));
	json_object_set_new(o, "filename", report_json_text(part->filename));
	json_object_set_new(o, "bytes", json_integer((json_int_t)bytes));
	json_object_set_new(o, "message", report_json_text(span_of(message)));
	return out_json(out, o, e);
}
