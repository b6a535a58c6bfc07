/*
 * fuzz_smtp_reply.c - what a server says: as replies one after the other, and as the other side of a whole session. Whatever comes, every
 * recipient is settled, and a reply that was taken can be shown and written again.
 */
#include "../unit/script.h"
#include "smtp/client.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replies(const uint8_t *data, size_t size, size_t chunk)
{
	struct script sc = {.says = (const char *)data, .len = size, .chunk = chunk};
	struct stream s;
	struct smtp_reply r = SMTP_REPLY_INIT;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(1 << 20);
	script_open(&sc, &s);
	while (smtp_reply_read(&r, &s, &e) == 0) {
		buf_reset(&b);
		smtp_reply_words(&r, &b);
		smtp_reply_write(&b, r.code, r.enhanced, buf_span(&r.text));
		if (b.over || r.code < 200 || r.code > 599 || !r.lines)
			abort();
	}
	if (!e.code)
		abort();
	buf_release(&b);
	smtp_reply_release(&r);
	stream_release(&s);
	buf_release(&sc.heard);
}

static void session(const uint8_t *data, size_t size, enum smtp_protocol protocol)
{
	struct script sc = {.says = (const char *)data, .len = size};
	struct stream s;
	struct smtp_client c;
	struct err e = ERR_INIT;
	struct source_mem text;
	struct smtp_rcpt to[] = {{.address = "a@x"}, {.address = "b@x"}};
	struct smtp_mail m = {
	    .sender = "", .rcpts = to, .rcpt_count = 2, .message = &text.source, .wire_size = 8};
	script_open(&sc, &s);
	source_mem_init(&text, SPAN("a: b\n\n"));
	smtp_client_init(&c, &s, protocol, 1000);
	if (smtp_client_greeting(&c, &e) == 0 && smtp_client_hello(&c, "me", &e) == 0) {
		smtp_client_send(&c, &m, &e);
		for (size_t i = 0; i < 2; i++)
			if (to[i].answer.status == SMTP_UNSETTLED)
				abort();
		smtp_client_quit(&c);
	}
	smtp_client_release(&c);
	stream_release(&s);
	buf_release(&sc.heard);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	replies(data, size, 0);
	replies(data, size, 1);
	session(data, size, SMTP);
	session(data, size, LMTP);
	return 0;
}
