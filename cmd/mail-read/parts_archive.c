#include "parts_archive.h"

#include "base/clock.h"

enum { WAIT_MS = 30000 };

static void on_entry(void *ctx, json_t *entry)
{
	struct parts_archive *a = ctx;
	json_t *o = json_copy(entry);
	json_object_set(o, "name", json_object_get(entry, "entry"));
	json_object_del(o, "entry");
	json_array_append_new(a->entries, o);
}

static void settle(struct parts_archive *a)
{
	struct span head = buf_span(&a->head);
	enum inspect_class what = inspect_format_of(head)->class;
	a->settled = true;
	if (what != INSPECT_ARCHIVE && what != INSPECT_PACKED)
		return;
	a->entries = json_array();
	a->helper.entry = on_entry;
	a->helper.ctx = a;
	a->to = inspect_helper_open(
	    &a->helper, &a->place, &inspect_limits_default, clock_mono_ms() + WAIT_MS, NULL);
	if (a->to)
		sink_put(a->to, head, NULL);
}

static int archive_put(struct sink *sink, struct span s, struct err *e)
{
	struct parts_archive *a = (struct parts_archive *)sink;
	if (!a->settled) {
		struct span mine = span_take(s, INSPECT_HEAD - a->head.len);
		buf_add(&a->head, mine);
		s = span_skip(s, mine.len);
		if (a->head.len < INSPECT_HEAD)
			return 0;
		settle(a);
	}
	return a->to ? sink_put(a->to, s, e) : 0;
}

static int archive_end(struct sink *sink, struct err *e)
{
	struct parts_archive *a = (struct parts_archive *)sink;
	(void)e;
	if (!a->settled)
		settle(a);
	if (a->to)
		sink_end(a->to, NULL);
	a->whole = a->to && a->helper.done;
	for (size_t i = 0; i < a->found.n; i++)
		a->whole &= inspect_rule_kind(a->found.v[i].rule) != INSPECT_INCOMPLETE;
	return 0;
}

void parts_archive_init(struct parts_archive *a)
{
	*a = (struct parts_archive){
	    .sink = {archive_put, archive_end}, .head = BUF_INIT(INSPECT_HEAD)};
	inspect_result_init(&a->found);
	a->place = (struct inspect_place){&a->found, SPAN(""), SPAN("")};
}

void parts_archive_release(struct parts_archive *a)
{
	buf_release(&a->head);
	inspect_result_release(&a->found);
	json_decref(a->entries);
	a->entries = NULL;
}
