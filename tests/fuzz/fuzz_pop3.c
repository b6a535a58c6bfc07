/* A server may say anything: a whole session of ours against it, in pieces of three sizes. */
#include "../unit/script.h"
#include "pop3/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void session(struct pop3_client *c, struct err *e)
{
	struct pop3_listing list = {0};
	struct buf b = BUF_INIT(4096);
	struct sink_buf to;
	uint64_t messages, bytes;
	sink_buf_init(&to, &b);
	if (pop3_client_greeting(c, e) == 0 && pop3_client_capa(c, e) == 0) {
		pop3_client_stat(c, &messages, &bytes, e);
		pop3_client_listing(c, &list, e);
		pop3_client_retr_send(c, 1);
		pop3_client_retr(c, &to.sink, e);
		pop3_client_top(c, 1, &to.sink, e);
		pop3_client_quit(c, e);
	}
	pop3_listing_release(&list);
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t chunks[] = {1, 7, 0};
	for (size_t i = 0; size && i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		struct script sc = {.says = (const char *)data, .len = size, .chunk = chunks[i]};
		struct stream s;
		struct pop3_client c;
		struct err e = ERR_INIT;
		script_open(&sc, &s);
		pop3_client_init(&c, &s, 0);
		session(&c, &e);
		stream_release(&s);
		buf_release(&sc.heard);
	}
	return 0;
}
