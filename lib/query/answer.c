#include "mime/date.h"
#include "query/run.h"

static const char *const text_name[TEXT_COUNT] = {"From", "To", "Cc", "Bcc", "Subject", "List-Id"};

static bool contains(struct span text, struct span what)
{
	return span_find(text, what) >= 0;
}

static struct span field_text(struct query_run *run, int which)
{
	struct buf *out = &run->folded[which];
	if (run->folded_ok[which])
		return buf_span(out);
	struct buf decoded = BUF_INIT(FIELD_TEXT_MAX);
	struct span value;
	for (size_t i = 0; (value = header_get_nth(&run->header, text_name[which], i)).ptr; i++) {
		header_decode(&run->header, value, &decoded);
		buf_addc(&decoded, '\n');
	}
	buf_reset(out);
	query_fold(out, buf_span(&decoded));
	buf_release(&decoded);
	run->folded_ok[which] = true;
	return buf_span(out);
}

static bool any_field(struct query_run *run, struct span what)
{
	return contains(field_text(run, TEXT_SUBJECT), what) ||
	       contains(field_text(run, TEXT_FROM), what) ||
	       contains(field_text(run, TEXT_TO), what) || contains(field_text(run, TEXT_CC), what);
}

static bool id_is(const struct query_run *run, struct span wanted)
{
	struct span id = header_get(&run->header, "Message-ID");
	ptrdiff_t open = span_index(id, '<');
	id = open < 0 ? span_trim(id) : span_skip(id, (size_t)open + 1);
	ptrdiff_t close = span_index(id, '>');
	return span_eq(close < 0 ? id : span_take(id, (size_t)close), wanted);
}

static bool in_range(const struct query_node *t, int64_t n)
{
	return t->from_n <= n && n < t->to_n;
}

static bool date_is(const struct query_run *run, const struct query_node *t)
{
	struct date d;
	bool good = date_parse(header_get(&run->header, "Date"), &d);
	return in_range(t, good ? d.s : run->m->time_s);
}

static bool header_term(struct query_run *run, const struct query_node *t)
{
	switch (t->field) {
	case QUERY_FROM: return contains(field_text(run, TEXT_FROM), t->text);
	case QUERY_TO: return contains(field_text(run, TEXT_TO), t->text);
	case QUERY_CC: return contains(field_text(run, TEXT_CC), t->text);
	case QUERY_BCC: return contains(field_text(run, TEXT_BCC), t->text);
	case QUERY_SUBJECT: return contains(field_text(run, TEXT_SUBJECT), t->text);
	case QUERY_LIST: return contains(field_text(run, TEXT_LIST), t->text);
	case QUERY_ID: return id_is(run, t->text);
	case QUERY_DATE: return date_is(run, t);
	default: return any_field(run, t->text);
	}
}

/* "Archive" is a folder called so, at any depth: ".../.Archive", "Work/Archive". */
static bool mailbox_is(const struct query_run *run, struct span wanted)
{
	struct span have = buf_span(&run->mailbox);
	if (!span_ends_nocase(have, "") || have.len < wanted.len ||
	    !span_eq(span_skip(have, have.len - wanted.len), wanted))
		return false;
	return have.len == wanted.len || strchr("/.+", have.ptr[have.len - wanted.len - 1]);
}

static enum query_answer answer(bool yes)
{
	return yes ? QUERY_YES : QUERY_NO;
}

enum query_answer query_term_answer(struct query_run *run, const struct query_node *t)
{
	switch (t->field) {
	case QUERY_FLAG: return answer(((run->m->flags & t->flag) != 0) == t->flag_wanted);
	case QUERY_SIZE: return answer(in_range(t, (int64_t)run->m->size));
	case QUERY_IN: return answer(mailbox_is(run, t->text));
	case QUERY_ANY:
		if (run->have_header && any_field(run, t->text))
			return QUERY_YES;
		break;
	case QUERY_BODY:
	case QUERY_ATTACHMENT:
	case QUERY_FILENAME:
	case QUERY_TYPE: break;
	default: return run->have_header ? answer(header_term(run, t)) : QUERY_UNKNOWN;
	}
	if (run->hit[t->index])
		return QUERY_YES;
	return run->have_parts ? QUERY_NO : QUERY_UNKNOWN;
}
