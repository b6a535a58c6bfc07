/* message/delivery-status: RFC 3464 2, RFC 6533 3. */
#include "codec/utf8.h"
#include "dsn/internal.h"
#include "mime/date.h"

#include <stdio.h>

enum { VALUE_MAX = 900, FOLD_AFTER = 50 }; /* a line has at most 998 */

static const char *const actions[] = {"failed", "failed", "failed", "failed", "delayed", "relayed"};

/* The class must be that of the action; an answer of another class tells of something else. */
void dsn_enhanced(char out[12], const struct dsn_recipient *r)
{
	static const char *const usual[] = {"5.0.0", "4.4.7", "4.4.2", "5.0.0", "4.0.0", "2.0.0"};
	const char *own = "";
	if (r->reason == DSN_REFUSED && r->enhanced[0] == '5')
		own = r->enhanced;
	else if (r->reason == DSN_DELAYED && r->enhanced[0] == '4')
		own = r->enhanced;
	else if (r->reason == DSN_RELAYED && r->enhanced[0] == '2')
		own = r->enhanced;
	snprintf(out, 12, "%.11s", *own ? own : usual[r->reason]);
}

/* ASCII (UTF-8 where that may be), folded at blanks; nothing in it can begin a field. */
static void put_value(struct buf *b, const char *text, bool utf8)
{
	struct span s = span_take(span_of(text), VALUE_MAX);
	s.len -= utf8_cut_tail(s);
	size_t begun = b->len;
	for (int32_t c; (c = utf8_next(&s)) != -2;) {
		bool blank =
		    c == ' ' || (c >= 0 && c < 0x20) || c == 0x7f || (c >= 0x80 && c < 0xa0);
		if (c < 0) {
			buf_addc(b, '?');
		} else if (blank && b->len - begun > FOLD_AFTER && s.len && s.ptr[0] > ' ') {
			buf_adds(b, "\n ");
			begun = b->len;
		} else if (blank) {
			buf_addc(b, ' ');
		} else if (c < 0x80 || utf8) {
			utf8_put(b, (uint32_t)c);
		} else {
			buf_addf(b, "\\x{%04X}", (unsigned)c); /* as RFC 6533 3 spells it */
		}
	}
}

static void put_field(
    struct buf *b, const char *name, const char *type, const char *value, bool utf8)
{
	if (!value || !*value)
		return;
	buf_addf(b, "%s: %s", name, type);
	put_value(b, value, utf8);
	buf_addc(b, '\n');
}

static void put_date(struct buf *b, const char *name, int64_t s)
{
	if (!s)
		return;
	buf_addf(b, "%s: ", name);
	date_write(b, s, date_local_offset(s));
	buf_addc(b, '\n');
}

static void put_diagnostic(struct buf *b, const struct dsn_recipient *r, bool utf8)
{
	if (!*r->text && !r->code)
		return;
	buf_adds(b, r->code ? "Diagnostic-Code: smtp; " : "Diagnostic-Code: x-surat; ");
	if (r->code)
		buf_addf(b, "%03d ", r->code);
	if (r->code && *r->enhanced)
		buf_addf(b, "%s ", r->enhanced);
	put_value(b, r->text, utf8);
	buf_addc(b, '\n');
}

static void put_recipient(struct buf *b, const struct dsn_recipient *r, bool utf8)
{
	char status[12];
	dsn_enhanced(status, r);
	buf_addc(b, '\n');
	put_field(b, "Original-Recipient", "", r->orcpt, utf8);
	put_field(b, "Final-Recipient", is_ascii(span_of(r->address)) ? "rfc822; " : "utf-8; ",
	    r->address, utf8);
	put_field(b, "Action", "", actions[r->reason], false);
	put_field(b, "Status", "", status, false);
	put_field(b, "Remote-MTA", "dns; ", r->host, utf8);
	put_diagnostic(b, r, utf8);
	put_date(b, "Last-Attempt-Date", r->at_s);
	if (r->reason == DSN_DELAYED)
		put_date(b, "Will-Retry-Until", r->until_s);
}

void dsn_status(struct buf *b, const struct dsn *d, bool utf8)
{
	put_field(b, "Original-Envelope-Id", "", d->envid, false);
	put_field(b, "Reporting-MTA", "dns; ", d->host, utf8);
	put_field(b, "X-Surat-Queue-Id", "", d->id, false);
	put_date(b, "Arrival-Date", d->arrived_s);
	for (size_t i = 0; i < d->recipient_count; i++)
		put_recipient(b, &d->recipients[i], utf8);
}
