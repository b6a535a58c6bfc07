#include "parts.h"

#include "base/alloc.h"
#include "json.h"
#include "mime/date.h"

#include <stdlib.h>

static json_t *names_of(uint32_t bits, const char *(*name)(unsigned))
{
	json_t *list = json_array();
	for (unsigned i = 0; i < 32; i++)
		if (bits & (UINT32_C(1) << i))
			json_array_append_new(list, json_string(name(i)));
	return list;
}

static const char *tolerance_name(unsigned i)
{
	return mime_tolerance_name((enum mime_tolerance)i);
}

static const char *ambiguity_name(unsigned i)
{
	return mime_ambiguity_name((enum mime_ambiguity)i);
}

static void set_text(json_t *o, const char *key, struct span text)
{
	json_object_set_new(o, key, report_json_text(text));
}

static void set_leaf(json_t *o, const struct part_info *info)
{
	struct buf hex = BUF_INIT(2 * DIGEST_MAX);
	json_object_set_new(o, "size", json_integer((json_int_t)info->size));
	digest_hex(&hex, info->sha256, sizeof(info->sha256));
	set_text(o, "sha256", buf_span(&hex));
	buf_release(&hex);
	if (info->archive)
		json_object_set_new(o, "archive", json_incref(info->archive));
	if (info->archive && info->archive_cut)
		json_object_set_new(o, "archive_incomplete", json_true());
	if (info->has_text && !info->text.over)
		set_text(o, "text", buf_span(&info->text));
	else if (info->has_text)
		json_object_set_new(o, "text_too_long", json_true());
}

static json_t *part_object(const struct part_info *info)
{
	const struct mime_part *part = info->part;
	json_t *o = json_object();
	struct buf type = BUF_INIT(1024);
	buf_addf(&type, "%s/%s", part->type, part->subtype);
	set_text(o, "number", span_of(mime_part_number(part)));
	set_text(o, "type", buf_span(&type));
	buf_release(&type);
	if (part->charset.len)
		set_text(o, "charset", part->charset);
	if (part->disposition != MIME_NO_DISPOSITION)
		json_object_set_new(o, "disposition",
		    json_string(part->disposition == MIME_INLINE ? "inline" : "attachment"));
	if (part->filename.len)
		set_text(o, "filename", part->filename);
	if (part->content_id.len)
		set_text(o, "content_id", part->content_id);
	if (part->leaf)
		set_leaf(o, info);
	else
		json_object_set_new(o, "parts", json_array());
	if (part->is_message)
		json_object_set_new(o, "size", json_integer((json_int_t)(part->end - part->body)));
	json_object_set_new(o, "tolerated", names_of(part->tolerated, tolerance_name));
	json_object_set_new(o, "ambiguous", names_of(part->ambiguous, ambiguity_name));
	return o;
}

/* The files within a leaf are its parts. */
static void add_embedded(const struct parts *p, const struct mime_part *leaf, json_t *o)
{
	const struct part_info *files;
	size_t n = parts_embedded(p, leaf, &files);
	json_t *list = n ? json_array() : NULL;
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, part_object(&files[i]));
	if (list)
		json_object_set_new(o, "parts", list);
}

/* A part comes behind its parent, so each finds the list it belongs into. */
static json_t *tree(const struct parts *p)
{
	json_t **made = mem_new(p->n + 1, sizeof(json_t *)), *top = json_object();
	for (size_t i = 0; i < p->n; i++) {
		const struct mime_part *part = p->v[i].part;
		if (!part)
			continue;
		made[i] = part_object(&p->v[i]);
		if (p->file_count)
			add_embedded(p, part, made[i]);
		json_t *parent = part->parent ? made[part->parent->serial] : NULL;
		if (parent)
			json_array_append_new(json_object_get(parent, "parts"), made[i]);
		else if (part->serial == 0)
			json_object_update(top, made[i]);
		if (!parent && made[i]) {
			json_decref(made[i]);
			made[i] = part->serial == 0 ? top : NULL;
		}
	}
	free(made);
	return top;
}

static void set_field(json_t *o, const char *key, struct span raw, struct span charset)
{
	if (raw.ptr)
		json_set_field(o, key, raw, charset);
	else
		json_object_set_new(o, key, json_null());
}

static struct span id_of(struct span raw)
{
	ptrdiff_t open = span_index(raw, '<');
	struct span id = open < 0 ? span_trim(raw) : span_skip(raw, (size_t)open + 1);
	ptrdiff_t close = span_index(id, '>');
	return close < 0 ? id : span_take(id, (size_t)close);
}

json_t *parts_json(const struct parts *p, const char *name, const struct err *failure)
{
	struct date d;
	json_t *o = json_object();
	set_text(o, "name", span_of(name));
	set_field(o, "subject", p->subject, p->charset);
	json_object_set_new(o, "from", json_addresses(p->from, p->charset));
	json_object_set_new(o, "to", json_addresses(p->to, p->charset));
	json_object_set_new(o, "cc", json_addresses(p->cc, p->charset));
	json_object_set_new(
	    o, "date", date_parse(p->date, &d) ? report_json_time(d.s) : json_null());
	json_object_set_new(o, "message_id",
	    p->message_id.ptr ? report_json_text(id_of(p->message_id)) : json_null());
	json_object_set_new(o, "parts", tree(p));
	if (failure)
		set_text(o, "error", span_of(failure->text));
	return o;
}
