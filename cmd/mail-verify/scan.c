/* scan.c - what is in a message: programs, macros, traps, malware, and what could not be looked at. */
#include "base/alloc.h"
#include "verify.h"

#include <stdlib.h>

bool verify_scans(const struct verify_options *o)
{
	/* where the configuration names it, it says how, and not for which call */
	bool wanted = o->all || strv_has(&o->common.given, "scan");
	return wanted && !o->spf_only && (!o->scan.scan || strcmp(o->scan.scan, "off") != 0);
}

int verify_scan_open(struct verify *v, struct err *e)
{
	struct scan_settings settings = v->o->scan;
	char archives[] = "archives";
	if (!verify_scans(v->o))
		return 0;
	if (!settings.scan)
		settings.scan = archives;
	/* whoever acts upon the verdict has a quarantine, or none: here it is only a word */
	if (scan_init(&v->scan, &settings, true, e) < 0)
		return -1;
	v->scans = true;
	return 0;
}

void verify_scan_close(struct verify *v)
{
	if (v->scans)
		scan_release(&v->scan);
	v->scans = false;
}

/* --- records ------------------------------------------------------------------------- */

static void set_part(struct verify_record *r, const struct inspect_finding *f)
{
	if (f->part.len)
		r->part = span_dup(f->part);
}

static json_t *details(const struct verify *v, const struct inspect_result *found)
{
	json_t *o = json_object();
	json_object_set_new(o, "scanners", json_string(scan_names(&v->scan)));
	json_object_set_new(o, "action",
	    json_string(inspect_action_name(inspect_result_action(found, &v->scan.policy, NULL))));
	json_object_set_new(o, "parts", json_integer((json_int_t)found->parts));
	json_object_set_new(o, "files", json_integer((json_int_t)found->files));
	json_object_set_new(o, "readings", json_integer((json_int_t)found->readings));
	return o;
}

static void add_finding(
    struct verify *v, struct verify_records *all, const struct inspect_finding *f)
{
	struct verify_record *r = verify_add(all, "finding", inspect_rule_name(f->rule));
	struct buf text = BUF_INIT(4 * INSPECT_TEXT_MAX + 200);
	inspect_finding_text(&text, f);
	r->reason = str_dup(buf_cstr(&text));
	buf_release(&text);
	set_part(r, f);
	r->properties = json_object();
	json_object_set_new(r->properties, "action",
	    json_string(inspect_action_name(v->scan.policy.actions[f->rule])));
	if (f->name.len)
		json_object_set_new(r->properties, "file", report_json_text(f->name));
	if (f->detail.len)
		json_object_set_new(r->properties, "detail", report_json_text(f->detail));
}

/* Nothing is wrong but that the scanner was not there: another try may tell. */
static bool is_temporary(const struct inspect_result *found)
{
	bool absent = false;
	for (size_t i = 0; i < found->n; i++) {
		bool scanner = found->v[i].rule == INSPECT_SCANNER_ABSENT;
		absent |= scanner;
		if (!scanner && inspect_rule_kind(found->v[i].rule) == INSPECT_INCOMPLETE)
			return false;
	}
	return absent;
}

static void add_records(
    struct verify *v, struct verify_records *all, const struct inspect_result *found)
{
	const struct inspect_finding *first;
	enum inspect_verdict verdict = inspect_result_verdict(found, &v->scan.policy, &first);
	struct verify_record *r = verify_add(all, "scan", inspect_verdict_name(verdict));
	r->later = verdict == INSPECT_NOT_COMPLETE && is_temporary(found);
	r->bad = verdict != INSPECT_CLEAN && !r->later;
	if (first) {
		struct buf text = BUF_INIT(4 * INSPECT_TEXT_MAX + 200);
		inspect_finding_text(&text, first);
		r->reason = str_dup(buf_cstr(&text));
		buf_release(&text);
		set_part(r, first);
	}
	r->details = details(v, found);
	for (size_t i = 0; i < found->n; i++)
		add_finding(v, all, &found->v[i]);
}

int verify_scan(struct verify *v, struct verify_message *m, struct err *e)
{
	struct inspect_result found;
	if (!v->scans)
		return 0;
	inspect_result_init(&found);
	int r = scan_message(&v->scan, &m->again.input, &found, e);
	if (r == 0) {
		add_records(v, &m->records, &found);
		inspect_result_fields(&m->fields, &found, &v->scan.policy, scan_names(&v->scan));
	}
	inspect_result_release(&found);
	return r;
}
