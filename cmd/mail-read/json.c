#include "json.h"

#include "base/intl.h"
#include "codec/base64.h"
#include "codec/utf8.h"
#include "mime/address.h"
#include "mime/header.h"
#include "mime/word.h"
#include "report/report.h"
#include "store/store.h"

enum { TEXT_MAX = 4 << 20, ARENA_BYTES = 64 << 20 };

json_t *json_flags(unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {{STORE_SEEN, "seen"}, {STORE_REPLIED, "replied"}, {STORE_FLAGGED, "flagged"},
	    {STORE_TRASHED, "trashed"}, {STORE_DRAFT, "draft"}, {STORE_PASSED, "passed"},
	    {STORE_RECENT, "recent"}};
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (flags & names[i].flag)
			json_array_append_new(list, json_string(names[i].name));
	return list;
}

static json_t *one_address(const struct address *a)
{
	json_t *o = json_object();
	json_object_set_new(o, "name", report_json_text(a->name));
	json_object_set_new(o, "address", report_json_text(a->spec));
	if (a->in_group)
		json_object_set_new(o, "group", report_json_text(a->group));
	return o;
}

json_t *json_addresses(struct span raw, struct span charset)
{
	struct buf tmp = BUF_INIT(4 * raw.len + 64);
	struct arena a = ARENA_INIT(ARENA_BYTES);
	struct address_list list = {0};
	json_t *all = json_array();
	if (address_list_parse(&a, word_utf8(&tmp, raw, charset), &list, NULL) == 0)
		for (size_t i = 0; i < list.n; i++)
			if (list.v[i].spec.len)
				json_array_append_new(all, one_address(&list.v[i]));
	arena_release(&a);
	buf_release(&tmp);
	return all;
}

json_t *json_decoded(struct span raw, struct span charset)
{
	struct buf b = BUF_INIT(TEXT_MAX), tmp = BUF_INIT(4 * raw.len + 64);
	word_decode(&b, word_utf8(&tmp, raw, charset));
	buf_release(&tmp);
	json_t *text = report_json_text(buf_span(&b));
	buf_release(&b);
	return text;
}

void json_set_field(json_t *object, const char *key, struct span raw, struct span charset)
{
	json_object_set_new(object, key, json_decoded(raw, charset));
	if (utf8_valid(raw))
		return;
	struct buf bytes = BUF_INIT(TEXT_MAX), b = BUF_INIT(2 * TEXT_MAX);
	json_t *all = json_object_get(object, "raw");
	if (!all)
		json_object_set_new(object, "raw", all = json_object());
	header_unfold(&bytes, raw);
	base64_encode(&b, buf_span(&bytes));
	json_object_set_new(all, key, report_json_text(buf_span(&b)));
	buf_release(&bytes);
	buf_release(&b);
}

int out_row(struct report *report, struct err *e)
{
	return report_row(report, e) < 0 ? OUT_FAILED : 0;
}

static int dump(const char *p, size_t n, void *ctx)
{
	return sink_put(ctx, span_make(p, n), NULL);
}

int out_json(struct out *o, json_t *value, struct err *e)
{
	int bad = json_dump_callback(value, dump, &o->fd.sink, report_json_flags());
	json_decref(value);
	if (bad) {
		err_sys(e, EX_IOERR, _("cannot write"));
		return out_failed(e);
	}
	return sink_puts(&o->fd.sink, "\n", e) < 0 ? out_failed(e) : 0;
}
