/*
 * fuzz_thread.c - a message a line: Message-ID, References, In-Reply-To, Subject with TABs between. Whatever they say, each message stands in one place.
 */
#include "mime/thread.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGES = 500, TOO_DEEP = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct thread_message v[MESSAGES];
	struct span rest = {(const char *)data, size}, line;
	size_t n = 0, seen = 0;
	unsigned depth = 0;
	for (; n < MESSAGES && span_line(&rest, &line); n++) {
		v[n] = (struct thread_message){.date_s = (int64_t)line.len};
		span_cut(&line, '\t', &v[n].id);
		span_cut(&line, '\t', &v[n].references);
		span_cut(&line, '\t', &v[n].in_reply_to);
		v[n].subject = line;
	}
	struct thread *t = thread_new(v, n);
	bool once[MESSAGES] = {false};
	for (const struct thread_node *x = thread_first(t); x; x = thread_next(x, &depth)) {
		if (depth > TOO_DEEP || (!x->message && !x->child))
			abort();
		if (!x->message)
			continue;
		if (once[x->message - v])
			abort();
		once[x->message - v] = true;
		seen++;
	}
	if (seen != n || depth != 0)
		abort();
	thread_free(t);
	return 0;
}
