/*
 * What surat-read has and mail-read has not: main.c sees to it that it is not reached here. account_show stands for lib/account/show.c, which would
 * bring a library.
 */
#include "account/internal.h"
#include "base/alloc.h"
#include "full.h"

bool full_is_here(void)
{
	return false;
}

int full_run(struct read *r, enum command command, struct strv *operands, struct err *e)
{
	(void)r, (void)command, (void)operands, (void)e;
	BUG("a command of surat-read");
}

int full_message_name(struct read *r, const char *operand, char **name, struct err *e)
{
	(void)r, (void)operand, (void)name, (void)e;
	BUG("a name of surat-read");
}

int full_each(struct read *r, const char *mailbox, visit_name *visit, void *ctx, struct err *e)
{
	(void)r, (void)mailbox, (void)visit, (void)ctx, (void)e;
	BUG("a mailbox");
}

int full_header_json(
    struct out *o, const struct header_field *f, struct span charset, struct err *e)
{
	(void)o, (void)f, (void)charset, (void)e;
	BUG("--json");
}

int full_moved_json(struct out *o, const char *from, const char *name, struct err *e)
{
	(void)o, (void)from, (void)name, (void)e;
	BUG("--json");
}

int full_file_json(struct out *o, const char *path, const struct mime_part *part, uint64_t bytes,
    const char *message, struct err *e)
{
	(void)o, (void)path, (void)part, (void)bytes, (void)message, (void)e;
	BUG("--json");
}

int full_show_json(struct show *sh, struct content *c, struct err *e)
{
	(void)sh, (void)c, (void)e;
	BUG("--json");
}

int account_show(const struct account *a, const struct cli_program *p, const void *opts,
    const struct cli_common *common, struct err *e)
{
	(void)a, (void)p, (void)opts, (void)common, (void)e;
	BUG("--show-config");
}
