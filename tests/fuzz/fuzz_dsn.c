/* A notification of anything: LF ENVID LF ADDRESS LF ORCPT LF HOST LF ANSWER LF, then the message. No foreign text may begin a field. */
#include "base/alloc.h"
#include "dsn/dsn.h"
#include "dsn/internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *take(struct span *rest)
{
	struct span line;
	span_cut(rest, '\n', &line);
	return span_dup(line);
}

static void check_status(const struct dsn *d, bool utf8)
{
	static const char *const known[] = {"Original-Envelope-Id: ", "Reporting-MTA: ",
	    "Arrival-Date: ", "Original-Recipient: ", "Final-Recipient: ", "Action: ", "Status: ",
	    "Remote-MTA: ", "Diagnostic-Code: ", "Last-Attempt-Date: ", "Will-Retry-Until: ", " "};
	struct buf b = BUF_INIT(1 << 20);
	struct span rest, line;
	dsn_status(&b, d, utf8);
	for (rest = buf_span(&b); span_line(&rest, &line);) {
		bool good = line.len == 0;
		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			good |= span_starts(line, known[i]);
		ENSURE(good && line.len < 998);
	}
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = {(const char *)data, size};
	unsigned kind = size ? data[0] : 0;
	rest = span_skip(rest, 1);
	char *text[5];
	for (size_t i = 0; i < ARRAY_LEN(text); i++)
		text[i] = take(&rest);
	struct dsn_recipient r = {.address = text[1],
	    .orcpt = text[2],
	    .reason = (enum dsn_reason)(kind % 6),
	    .code = kind & 8 ? 550 : 0,
	    .enhanced = kind & 8 ? "5.1.1" : "",
	    .host = text[3],
	    .text = text[4],
	    .at_s = 1};
	struct dsn d = {.to = kind & 16 ? "änne@exämple.org" : "ana@example.org",
	    .host = "host.example.org",
	    .envid = text[0],
	    .arrived_s = 1,
	    .now_s = 2,
	    .recipients = &r,
	    .recipient_count = 1,
	    .whole = kind & 32};
	struct source_mem in;
	struct buf b = BUF_INIT(64 << 20);
	struct sink_buf out;
	source_mem_init(&in, rest);
	sink_buf_init(&out, &b);
	ENSURE(dsn_write(&d, &in.source, &out.sink, NULL) == 0);
	check_status(&d, kind & 16);
	buf_release(&b);
	for (size_t i = 0; i < ARRAY_LEN(text); i++)
		free(text[i]);
	return 0;
}
