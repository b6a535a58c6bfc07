/* ~/.netrc, asked for a host with and without a user. */
#include "account/internal.h"
#include "base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(struct span text, const char *user)
{
	struct buf password = BUF_INIT(1 << 20);
	password.secret = true;
	if (account_netrc_find(text, "mail.test", user, &password))
		ENSURE(password.len && password.len <= text.len);
	buf_wipe(&password);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_make((const char *)data, size);
	ask(text, "ana");
	ask(text, NULL);
	return 0;
}
