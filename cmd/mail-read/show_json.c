#include "full.h"
#include "json.h"
#include "parts.h"
#include "show.h"

enum { TEXT_MAX = 64 << 20 };

static json_t *attached_json(const struct show *sh)
{
	json_t *list = json_array();
	for (size_t i = 0; i < sh->view.n; i++) {
		const struct view_part *p = &sh->view.v[i];
		if (!p->listed)
			continue;
		json_t *o = json_object();
		json_object_set_new(o, "number", json_string(mime_part_number(p->part)));
		json_object_set_new(
		    o, "type", json_sprintf("%s/%s", p->part->type, p->part->subtype));
		if (p->part->filename.len)
			json_object_set_new(o, "filename", report_json_text(p->part->filename));
		json_array_append_new(list, o);
	}
	return list;
}

int full_show_json(struct show *sh, struct content *c, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct header h = HEADER_INIT;
	struct parts p = {0};
	sh->json = &text;
	int code = show_message(sh, c->source, e);
	if (code == 0 && content_rewind(c, e) == 0 && header_read(&h, c->source, NULL, NULL) == 0) {
		p.charset = header_charset(&h, &h.arena);
		p.subject = header_get(&h, "Subject");
		p.from = header_get(&h, "From");
		p.to = header_get(&h, "To");
		p.cc = header_get(&h, "Cc");
		p.date = header_get(&h, "Date");
		p.message_id = header_get(&h, "Message-ID");
	}
	if (code == 0) {
		json_t *o = parts_json(&p, c->name, NULL);
		json_object_del(o, "parts");
		json_object_set_new(o, "text", report_json_text(buf_span(&text)));
		json_object_set_new(o, "attachments", attached_json(sh));
		code = out_json(&sh->out, o, e);
	}
	header_release(&h);
	buf_release(&text);
	sh->json = NULL;
	return code;
}
