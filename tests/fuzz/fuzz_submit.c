/*
 * fuzz_submit.c - any bytes as a message to be sent, and as a job of a batch. What is let through ends once on the wire, has the size that was
 * said, and loses no Bcc to anybody; in 7 bits it is still a message.
 */
#include "../unit/script.h"
#include "submit/batch.h"
#include "submit/downgrade.h"
#include "submit/message.h"
#include "submit/recipients.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool good)
{
	if (!good)
		abort();
}

/* As it goes by BDAT and by DATA. */
static void on_the_wire(const struct submit_message *m)
{
	struct buf plain = BUF_INIT(16 << 20), dotted = BUF_INIT(16 << 20);
	struct sink_buf to_plain, to_dotted;
	struct filter_crlf one, two;
	struct filter_dot dot;
	struct submit_source in;
	struct err e = ERR_INIT;
	sink_buf_init(&to_plain, &plain);
	filter_crlf_init(&one, &to_plain.sink, CRLF_WIRE);
	submit_source_init(&in, m);
	need(sink_pump(&one.sink, &in.source, &e) == 0 && sink_end(&one.sink, &e) == 0);
	if (plain.len && plain.ptr[plain.len - 1] != '\n')
		buf_adds(&plain, "\r\n");
	need(plain.len == m->wire_size);
	sink_buf_init(&to_dotted, &dotted);
	filter_dot_init(&dot, &to_dotted.sink);
	filter_crlf_init(&two, &dot.sink, CRLF_WIRE);
	submit_source_init(&in, m);
	need(sink_pump(&two.sink, &in.source, &e) == 0 && sink_end(&two.sink, &e) == 0);
	ptrdiff_t end = span_find(buf_span(&dotted), SPAN("\r\n.\r\n"));
	need(end >= 0 && (size_t)end + 5 == dotted.len && !span_starts(buf_span(&dotted), ".\r\n"));
	buf_release(&plain);
	buf_release(&dotted);
}

static void no_bcc(const struct submit_message *m)
{
	struct header h = HEADER_INIT;
	struct submit_source in;
	struct err e = ERR_INIT;
	submit_source_init(&in, m);
	need(header_read(&h, &in.source, NULL, &e) == 0 && h.complete);
	need(!header_get(&h, "Bcc").ptr && !header_get(&h, "Resent-Bcc").ptr);
	header_release(&h);
}

static void seven(const struct submit_message *m)
{
	struct submit_message out;
	struct err e = ERR_INIT;
	if (submit_downgrade(m, &out, &e) < 0) {
		need(e.code != 0);
		return;
	}
	need(!out.eight_bit_header);
	on_the_wire(&out);
	submit_message_release(&out);
}

static void message(const uint8_t *data, size_t size)
{
	struct source_mem in;
	struct submit_message m;
	struct err e = ERR_INIT;
	struct submit_recipients to = {0};
	source_mem_init(&in, span_make((const char *)data, size));
	if (submit_message_source(&m, &in.source, &e) < 0)
		return;
	submit_recipients_header(&to, &m.header, &e);
	submit_recipients_release(&to);
	if (submit_message_ready(&m, &e) == 0) {
		on_the_wire(&m);
		no_bcc(&m);
		seven(&m);
	}
	submit_message_release(&m);
}

static void job(const uint8_t *data, size_t size)
{
	struct script sc = {.says = (const char *)data, .len = size};
	struct stream in;
	struct submit_batch_job j;
	struct err e = ERR_INIT;
	char *id = NULL;
	script_open(&sc, &in);
	if (submit_batch_read(&in, &j, &id, &e) > 0) {
		need(j.id && j.path && j.env.sender && j.env.recipient_count);
		submit_batch_job_release(&j);
	}
	free(id);
	stream_release(&in);
	buf_release(&sc.heard);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] == '{')
		job(data, size);
	else
		message(data, size);
	return 0;
}
