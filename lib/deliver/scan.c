#include "deliver/scan.h"

#include "base/intl.h"
#include "mime/header.h"

#include <stdio.h>

enum { FIELDS_MAX = 16 << 10, TEXT_MAX = 4096 };

/* --- what is done about it ------------------------------------------------------------ */

/* For the one who sent it, too: what was found, not where our mailboxes are. */
static int refuse(
    const struct inspect_finding *why, int code, int smtp, const char *enhanced, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	inspect_finding_text(&text, why);
	err_set(e, code, "%s: %.300s",
	    code == EX_UNAVAILABLE ? _("the message is not taken") : _("not now"), buf_cstr(&text));
	buf_release(&text);
	return err_reply(e, smtp, enhanced);
}

static int decide(struct deliver_scan *s, const struct inspect_result *found,
    struct deliver_scanned *out, struct err *e)
{
	const struct inspect_finding *why = NULL;
	enum inspect_action action = inspect_result_action(found, &s->scan->policy, &why);
	if (action == INSPECT_REJECT)
		return refuse(why, EX_UNAVAILABLE, 550, "5.7.1", e);
	if (action == INSPECT_DEFER)
		return refuse(why, EX_TEMPFAIL, 451, "4.7.1", e);
	if (action != INSPECT_QUARANTINE || !s->quarantine)
		return 0;
	struct buf text = BUF_INIT(TEXT_MAX);
	inspect_finding_text(&text, why);
	out->quarantined = true;
	snprintf(out->rule, sizeof(out->rule), "%s", buf_cstr(&text));
	buf_release(&text);
	return 0;
}

/* --- the message as it is delivered ------------------------------------------------------ */

static int copy(
    const struct spool *from, uint64_t begin, uint64_t end, struct spool *to, struct err *e)
{
	struct source_spool range;
	source_spool_range(&range, from, begin, end - begin);
	return sink_pump(&to->sink, &range.source, e);
}

static int copy_without(
    const struct spool *from, const struct header *h, struct spool *to, struct err *e)
{
	uint64_t at = h->start;
	int r = 0;
	for (size_t i = 0; r == 0 && i < h->n; i++) {
		if (!inspect_is_field(h->v[i].name))
			continue;
		r = copy(from, at, h->v[i].offset, to, e);
		at = h->v[i].offset + h->v[i].length;
	}
	return r == 0 ? copy(from, at, from->size, to, e) : r;
}

/* A header too large to be read as one has no field of ours taken away: what stands first counts. */
static int write_message(
    const struct spool *from, struct span fields, struct spool *to, struct err *e)
{
	struct header h = HEADER_INIT;
	struct source_spool in;
	struct err why = ERR_INIT;
	source_spool_init(&in, from);
	int r = sink_put(&to->sink, fields, e);
	bool readable = r == 0 && header_read(&h, &in.source, NULL, &why) == 0;
	if (r == 0)
		r = readable ? copy_without(from, &h, to, e) : copy(from, 0, from->size, to, e);
	header_release(&h);
	return r;
}

static int look(
    struct deliver_scan *s, const struct spool *message, struct deliver_scanned *out, struct err *e)
{
	struct scan_input in;
	struct inspect_result found;
	struct buf fields = BUF_INIT(FIELDS_MAX);
	inspect_result_init(&found);
	scan_input_spool(&in, message);
	int r = scan_message(s->scan, &in.input, &found, e);
	if (r < 0)
		e->code = EX_TEMPFAIL;
	if (r == 0)
		r = decide(s, &found, out, e);
	if (r == 0) {
		inspect_result_fields(&fields, &found, &s->scan->policy, scan_names(s->scan));
		r = write_message(message, buf_span(&fields), &out->spool, e);
	}
	buf_release(&fields);
	inspect_result_release(&found);
	return r;
}

int deliver_scan(
    struct deliver_scan *s, struct source *message, struct deliver_scanned *out, struct err *e)
{
	struct spool spool;
	*out = (struct deliver_scanned){.quarantined = false};
	spool_init(&out->spool);
	spool_init(&spool);
	int r = sink_pump(&spool.sink, message, e);
	if (r == 0)
		r = look(s, &spool, out, e);
	spool_release(&spool);
	return r;
}
