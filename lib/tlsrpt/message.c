/* message.c - a report on its way, RFC 8460 5.3: multipart/report, the JSON in gzip. */
#include "base/alloc.h"
#include "base/intl.h"
#include "base/random.h"
#include "codec/base64.h"
#include "mime/date.h"
#include "mime/write.h"
#include "tlsrpt/tlsrpt.h"

#include <stdlib.h>
#include <zlib.h>

static const char *domain_of(const char *address)
{
	const char *at = strrchr(address, '@');
	return at ? at + 1 : address;
}

/* RFC 8460 5.3: in the Subject it stands as a Message-ID does, so without the colons of its time (RFC 5322 3.6.4). */
static char *id_of(const json_t *json)
{
	const char *id = json_string_value(json_object_get(json, "report-id"));
	char *dotted = str_dup(id ? id : "");
	for (char *at = dotted; (at = strchr(at, ':'));)
		*at = '.';
	return dotted;
}

/* One To, however many there are: RFC 5322 3.6. */
static void write_to(const struct tlsrpt_report *r, struct header_out *h)
{
	struct address *to = mem_new(r->rua->n, sizeof(*to));
	for (size_t i = 0; i < r->rua->n; i++)
		to[i].spec = span_of(r->rua->v[i]);
	header_add_addresses(h, "To", to, r->rua->n);
	free(to);
}

/* --- gzip --- */

enum { GZIP_WINDOW = 15 + 16 }; /* zlib's way to ask for gzip's frame */

static int gzip(struct span text, struct buf *out, struct err *e)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)text.ptr, .avail_in = (uInt)text.len};
	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return err_set(e, EX_SOFTWARE, "deflateInit2");
	size_t room = deflateBound(&z, text.len);
	z.next_out = (Bytef *)buf_room(out, room);
	z.avail_out = (uInt)room;
	int r = z.next_out ? deflate(&z, Z_FINISH) : Z_BUF_ERROR;
	if (r == Z_STREAM_END)
		buf_grew(out, room - z.avail_out);
	deflateEnd(&z);
	return r == Z_STREAM_END ? 0 : err_set(e, EX_DATAERR, _("the report is too large"));
}

/* --- the parts --- */

static void write_header(
    const struct tlsrpt_report *r, const json_t *json, const char *boundary, struct header_out *h)
{
	struct address from = {.spec = span_of(r->from)};
	const char *submitter = domain_of(r->from);
	size_t column;
	header_add_addresses(h, "From", &from, 1);
	write_to(r, h);
	char *id = id_of(json);
	char *subject = str_printf("Report Domain: %s Submitter: %s Report-ID: <%s@%s>", r->domain,
	    submitter, id, submitter);
	free(id);
	header_add_text(h, "Subject", span_of(subject));
	free(subject);
	header_add_date(h, "Date", r->now_s, 0);
	id = str_printf("<%s.tlsrpt@%s>", boundary, submitter);
	header_add_tokens(h, "Message-ID", span_of(id));
	free(id);
	header_add_tokens(h, "TLS-Report-Domain", span_of(r->domain));
	header_add_tokens(h, "TLS-Report-Submitter", span_of(submitter));
	header_add_tokens(h, "MIME-Version", SPAN("1.0"));
	header_begin(h, "Content-Type", SPAN("multipart/report"), &column);
	header_add_param(h, &column, "report-type", SPAN("tlsrpt"));
	header_add_param(h, &column, "boundary", span_of(boundary));
	header_end(h);
	header_add_tokens(h, "Auto-Submitted", SPAN("auto-generated"));
	buf_addc(&h->b, '\n');
}

static void write_text(const struct tlsrpt_report *r, const char *boundary, struct header_out *h)
{
	buf_addf(&h->b, "--%s\n", boundary);
	header_add_tokens(h, "Content-Type", SPAN("text/plain; charset=us-ascii"));
	buf_addf(&h->b,
	    "\nThis is an aggregate report of TLS sessions (RFC 8460) with the mail servers of\n"
	    "%s, as %s saw them.\n\n",
	    r->domain, domain_of(r->from));
}

/* RFC 8460 5.1: submitter!domain!begin!end.json.gz */
static void write_part_header(
    const struct tlsrpt_report *r, const char *boundary, struct header_out *h)
{
	size_t column;
	char *name = str_printf("%s!%s!%lld!%lld.json.gz", domain_of(r->from), r->domain,
	    (long long)r->day_s, (long long)r->day_s + TLSRPT_DAY_S - 1);
	buf_addf(&h->b, "--%s\n", boundary);
	header_add_tokens(h, "Content-Type", SPAN("application/tlsrpt+gzip"));
	header_add_tokens(h, "Content-Transfer-Encoding", SPAN("base64"));
	header_begin(h, "Content-Disposition", SPAN("attachment"), &column);
	header_add_param(h, &column, "filename", span_of(name));
	header_end(h);
	buf_addc(&h->b, '\n');
	free(name);
}

static int write_report(const json_t *json, struct header_out *h, struct err *e)
{
	char *text = json_dumps(json, JSON_COMPACT);
	struct buf packed = BUF_INIT(16 << 20);
	struct base64_encoder encoder;
	struct sink_buf to;
	sink_buf_init(&to, &h->b);
	base64_encoder_init(&encoder, &to.sink);
	int r = text ? gzip(span_of(text), &packed, e) : err_set(e, EX_SOFTWARE, "json_dumps");
	if (r == 0 &&
	    (sink_put(&encoder.sink, buf_span(&packed), e) < 0 || sink_end(&encoder.sink, e) < 0))
		r = -1;
	buf_release(&packed);
	free(text);
	return r;
}

int tlsrpt_message(
    const struct tlsrpt_report *r, const json_t *json, struct sink *out, struct err *e)
{
	struct header_out h = HEADER_OUT_INIT;
	char boundary[33];
	random_name(boundary, sizeof(boundary) - 1);
	write_header(r, json, boundary, &h);
	write_text(r, boundary, &h);
	write_part_header(r, boundary, &h);
	int done = write_report(json, &h, e);
	buf_addf(&h.b, "\n--%s--\n", boundary);
	if (done == 0)
		done = sink_put(out, buf_span(&h.b), e);
	header_out_release(&h);
	return done;
}
