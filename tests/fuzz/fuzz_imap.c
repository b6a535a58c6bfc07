/* A server may say anything: a whole session of ours against it, in pieces of three sizes. The commands' tags are t1, t2... */
#include "../unit/script.h"
#include "imap/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sink *to_memory(void *ctx, uint64_t size)
{
	(void)ctx, (void)size;
	return NULL;
}

static int nothing(void *ctx, const struct imap_message *m, const struct err *bad, struct err *e)
{
	(void)ctx, (void)m, (void)bad, (void)e;
	return 0;
}

static void session(struct imap_client *c, struct err *e)
{
	static const struct imap_fetch_handler h = {
	    .expected = 10, .body = to_memory, .message = nothing};
	struct imap_list folders = {0};
	struct imap_uids found = {0};
	struct imap_counts counts;
	struct imap_moved moved = {0};
	if (imap_client_greeting(c, false, e) == 0) {
		imap_client_list(c, "*", &folders, e);
		imap_client_select(c, "INBOX", true, e);
		imap_client_search(c, "ALL", &found, e);
		imap_client_status(c, "x", &counts, e);
		imap_client_fetch(c, "1:*", "BODY[]", &h, e);
		imap_client_copy(c, &found, "x", &moved, e);
		imap_client_noop(c, e);
	}
	imap_list_release(&folders);
	imap_uids_release(&found);
	imap_moved_release(&moved);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t chunks[] = {1, 7, 0};
	for (size_t i = 0; size && i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		struct script sc = {.says = (const char *)data, .len = size, .chunk = chunks[i]};
		struct stream s;
		struct imap_client c;
		struct err e = ERR_INIT;
		script_open(&sc, &s);
		imap_client_init(&c, &s, 0);
		memcpy(c.prefix, "t", 2);
		session(&c, &e);
		imap_client_release(&c);
		stream_release(&s);
		buf_release(&sc.heard);
	}
	return 0;
}
