#include "dsn/dsn.h"

#include "base/intl.h"
#include "base/random.h"
#include "codec/utf8.h"
#include "dsn/internal.h"
#include "io/spool.h"
#include "mime/build.h"
#include "mime/date.h"
#include "mime/header.h"

#include <stdio.h>

enum { WHOLE_USUAL = 50 << 10, WHOLE_MOST = 1 << 20, TEXT_MAX = 64 << 20 };

/* A comma-separated list, RFC 3461 4.1. */
static bool names(const char *notify, const char *word)
{
	struct span rest = span_of(notify), item;
	while (rest.len) {
		span_cut(&rest, ',', &item);
		if (span_is_nocase(span_trim(item), word))
			return true;
	}
	return false;
}

bool dsn_wanted(const char *notify, enum dsn_reason reason)
{
	if (reason == DSN_RELAYED)
		return notify && names(notify, "success");
	if (!notify || !*notify)
		return true;
	return names(notify, reason == DSN_DELAYED ? "delay" : "failure");
}

bool dsn_returns_whole(const char *ret, int64_t size)
{
	if (ret && span_is_nocase(span_of(ret), "hdrs"))
		return false;
	return size <= (ret && span_is_nocase(span_of(ret), "full") ? WHOLE_MOST : WHOLE_USUAL);
}

/* --- the three parts --- */

struct parts {
	struct spool message, human, status, original; /* original: what is returned */
	struct header header;
	bool utf8;
};

static bool is_utf8(const struct dsn *d)
{
	bool other = !is_ascii(span_of(d->to));
	for (size_t i = 0; i < d->recipient_count && !other; i++)
		other = !is_ascii(span_of(d->recipients[i].address));
	/* a sender of ASCII may be behind servers that know no other; RFC 6533 has a spelling for that */
	return other && !is_ascii(span_of(d->to));
}

static int read_header(struct parts *p, struct err *e)
{
	struct source_spool from;
	source_spool_init(&from, &p->message);
	/* a header that is too odd to be read is still returned */
	if (header_read(&p->header, &from.source, NULL, e) < 0)
		header_release(&p->header);
	return 0;
}

static int copy_original(const struct dsn *d, struct parts *p, struct err *e)
{
	struct source_spool from;
	uint64_t start = p->header.n ? p->header.start : 0,
		 end = p->header.n ? p->header.end : p->message.size;
	if (d->whole)
		return 0;
	if (p->header.complete)
		end--; /* the empty line: the part ends there */
	source_spool_range(&from, &p->message, start, end > start ? end - start : 0);
	return sink_pump(&p->original.sink, &from.source, e);
}

static int put_text(struct spool *sp, struct buf *b, struct err *e)
{
	int r = b->over ? err_set(e, EX_DATAERR, _("the notification is too large"))
			: sink_put(&sp->sink, buf_span(b), e);
	buf_reset(b);
	return r;
}

static int make_texts(const struct dsn *d, struct parts *p, struct err *e)
{
	struct buf b = BUF_INIT(TEXT_MAX), subject = BUF_INIT(64 << 10), date = BUF_INIT(4096);
	if (p->header.n) {
		header_text(&p->header, "Subject", &subject);
		header_text(&p->header, "Date", &date);
	}
	dsn_human(&b, d, buf_span(&subject), buf_span(&date));
	int r = put_text(&p->human, &b, e);
	if (r == 0) {
		dsn_status(&b, d, p->utf8);
		r = put_text(&p->status, &b, e);
	}
	buf_release(&b);
	buf_release(&subject);
	buf_release(&date);
	return r;
}

/* --- the whole --- */

static void put_header(struct build *b, const struct dsn *d, struct header *h)
{
	struct buf text = BUF_INIT(64 << 10);
	char random[21];
	struct header_out *out = &b->header;
	struct buf from = BUF_INIT(1024);
	buf_addf(&from, "MAILER-DAEMON@%s", d->host);
	struct address sender = {.name = span_of(_("Mail queue")), .spec = buf_span(&from)};
	struct address to = {.spec = span_of(d->to)};
	header_add_addresses(out, "From", &sender, 1);
	header_add_addresses(out, "To", &to, 1);
	buf_adds(&text, dsn_title(d));
	if (h->n && header_get(h, "Subject").ptr) {
		buf_adds(&text, ": ");
		header_text(h, "Subject", &text);
	}
	header_add_text(out, "Subject", span_take(buf_span(&text), 300));
	header_add_date(out, "Date", d->now_s, date_local_offset(d->now_s));
	random_name(random, sizeof(random) - 1);
	buf_reset(&text);
	buf_addf(&text, "<%s@%s>", random, d->host);
	header_add_tokens(out, "Message-ID", buf_span(&text));
	/* RFC 3834 5.2 */
	header_add_tokens(out, "Auto-Submitted", SPAN("auto-replied"));
	struct span id = h->n ? span_trim(header_get(h, "Message-ID")) : SPAN("");
	if (id.len && id.len < 900) {
		header_add_tokens(out, "In-Reply-To", id);
		header_add_tokens(out, "References", id);
	}
	buf_release(&text);
	buf_release(&from);
}

static int assemble(const struct dsn *d, struct parts *p, struct sink *out, struct err *e)
{
	struct build b;
	build_init(&b, p->utf8 ? BUILD_UTF8_HEADERS | BUILD_8BIT : 0);
	put_header(&b, d, &p->header);
	struct build_part *report = build_multipart(&b, NULL, "report");
	build_param(report, "report-type", SPAN("delivery-status"));
	build_text(&b, report, "plain", "", &p->human);
	/* like a message it is never encoded: many readers would not see through that */
	build_message(&b, report,
	    p->utf8 ? "message/global-delivery-status" : "message/delivery-status", &p->status);
	if (d->whole)
		build_message(
		    &b, report, p->utf8 ? "message/global" : "message/rfc822", &p->message);
	else
		build_lines(&b, report, p->utf8 ? "message/global-headers" : "text/rfc822-headers",
		    &p->original);
	int r = build_settle(&b, e);
	if (r == 0)
		r = build_write(&b, out, e);
	build_release(&b);
	return r;
}

int dsn_write(const struct dsn *d, struct source *message, struct sink *out, struct err *e)
{
	struct parts p = {.header = HEADER_INIT, .utf8 = is_utf8(d)};
	spool_init(&p.message);
	spool_init(&p.human);
	spool_init(&p.status);
	spool_init(&p.original);
	int r = sink_pump(&p.message.sink, message, e);
	if (r == 0)
		r = read_header(&p, e);
	if (r == 0)
		r = make_texts(d, &p, e);
	if (r == 0)
		r = copy_original(d, &p, e);
	if (r == 0)
		r = assemble(d, &p, out, e);
	header_release(&p.header);
	spool_release(&p.message);
	spool_release(&p.human);
	spool_release(&p.status);
	spool_release(&p.original);
	return r;
}
