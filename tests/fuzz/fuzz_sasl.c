/* What a server sends while we sign in: the first line names the mechanism, each line behind it is a challenge. */
#include "sasl/sasl.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void exchange(struct span mechanism, struct span challenges, bool token)
{
	struct sasl_credentials cred = {.user = "user",
	    .password = "pencil",
	    .is_token = token,
	    .host = "x",
	    .end_point = SPAN("0123")};
	struct sasl s;
	struct span line;
	struct buf out = BUF_INIT(48 << 10);
	struct err e = ERR_INIT;
	bool has_initial;
	if (sasl_start(&s, mechanism, "auto", &cred, true, &out, &has_initial, &e) == 0) {
		int r = 0;
		while (r == 0 && span_line(&challenges, &line)) {
			buf_reset(&out);
			r = sasl_step(&s, line, &out, &e);
		}
		sasl_finish(&s, &e);
		sasl_explain(&s, &e);
		sasl_release(&s);
	}
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_make((const char *)data, size), mechanism;
	if (span_find(all, SPAN("i=")) >= 0 && span_find(all, SPAN("i=4096")) < 0)
		return 0; /* high counts only cost time */
	if (size && span_line(&all, &mechanism)) {
		exchange(mechanism, all, false);
		exchange(mechanism, all, true);
	}
	return 0;
}
