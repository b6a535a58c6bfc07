#include "io/file.h"
#include "report/report.h"
#include "unpack.h"

#include <stdlib.h>
#include <unistd.h>

/* Steals o. */
static int say(json_t *o, struct err *e)
{
	char *text = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(o);
	if (!text)
		return err_set(e, EX_SOFTWARE, "json");
	int r = fd_write_all(STDOUT_FILENO, span_of(text), e);
	if (r == 0)
		r = fd_write_all(STDOUT_FILENO, SPAN("\n"), e);
	free(text);
	return r;
}

static void set(json_t *o, const char *key, struct span text)
{
	if (text.len)
		json_object_set_new(o, key, report_json_text(text));
}

int say_findings(struct unpack *u, struct err *e)
{
	for (; u->said < u->result.n; u->said++) {
		const struct inspect_finding *f = &u->result.v[u->said];
		json_t *o = json_object();
		json_object_set_new(o, "rule", json_string(inspect_rule_name(f->rule)));
		set(o, "path", f->name);
		set(o, "detail", f->detail);
		if (say(o, e) < 0)
			return -1;
	}
	return 0;
}

int say_entry(struct unpack *u, const struct said_entry *entry, struct err *e)
{
	if (!u->list)
		return 0;
	json_t *o = json_object();
	json_object_set_new(o, "entry", report_json_text(entry->path));
	if (entry->size >= 0)
		json_object_set_new(o, "size", json_integer(entry->size));
	json_object_set_new(o, "type", json_string(entry->type));
	if (entry->time_s >= 0)
		json_object_set_new(o, "time", report_json_time(entry->time_s));
	if (entry->encrypted)
		json_object_set_new(o, "encrypted", json_true());
	json_object_set_new(o, "depth", json_integer(entry->depth));
	return say(o, e);
}

int say_done(struct unpack *u, struct err *e)
{
	json_t *o = json_object();
	json_object_set_new(o, "done", json_true());
	json_object_set_new(o, "entries", json_integer((json_int_t)u->entries));
	json_object_set_new(o, "bytes", json_integer((json_int_t)u->bytes));
	return say(o, e);
}
