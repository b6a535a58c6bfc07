#include "base/intl.h"
#include "deliver/room.h"

enum { LINE = 2048 }; /* enough of a header's line to know it: a name and an address */

static int too_large(const struct deliver_check *c, struct err *e)
{
	err_set(e, EX_UNAVAILABLE, _("larger than %llu bytes"), (unsigned long long)c->max);
	return err_reply(e, 552, "5.3.4");
}

int deliver_over_quota(struct err *e)
{
	err_set(e, EX_TEMPFAIL, "%s", _("the mailbox is full"));
	return err_reply(e, 452, "4.2.2");
}

/* One line of the header. */
static int look_at(struct deliver_check *c, struct err *e)
{
	struct span line = span_chomp(buf_span(&c->line));
	c->body = line.len == 0;
	if (span_starts_nocase(line, "Received:") && ++c->hops > DELIVER_HOPS) {
		err_set(e, EX_UNAVAILABLE, _("more than %d hops: it goes round in circles"),
		    DELIVER_HOPS);
		return err_reply(e, 554, "5.4.6");
	}
	if (c->recipient && span_starts_nocase(line, "Delivered-To:") &&
	    span_is_nocase(span_trim(span_skip(line, 13)), c->recipient)) {
		err_set(
		    e, EX_UNAVAILABLE, _("it was delivered to %s before: a loop"), c->recipient);
		return err_reply(e, 554, "5.4.6");
	}
	return 0;
}

static int look(struct deliver_check *c, struct span s, struct err *e)
{
	while (s.len && !c->body) {
		ptrdiff_t lf = span_index(s, '\n');
		struct span part = lf < 0 ? s : span_take(s, (size_t)lf + 1);
		buf_add(&c->line, span_take(part, LINE - c->line.len));
		s = span_skip(s, part.len);
		if (lf < 0)
			break;
		if (look_at(c, e) < 0)
			return -1;
		buf_reset(&c->line);
	}
	return 0;
}

static ssize_t check_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct deliver_check *c = (struct deliver_check *)source;
	ssize_t got = c->in->read(c->in, p, n, e);
	if (got <= 0)
		return got;
	c->bytes += (uint64_t)got;
	if (c->max && c->bytes > c->max)
		return too_large(c, e);
	if (c->bytes > c->room)
		return deliver_over_quota(e);
	return look(c, span_make(p, (size_t)got), e) < 0 ? -1 : got;
}

void deliver_check_init(struct deliver_check *c, struct source *in)
{
	*c = (struct deliver_check){.source = {check_read}, .in = in, .room = UINT64_MAX};
	buf_init(&c->line, LINE + 1);
}

void deliver_check_release(struct deliver_check *c)
{
	buf_release(&c->line);
}
