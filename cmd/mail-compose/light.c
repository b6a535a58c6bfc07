/*
 * What surat-compose has and mail-compose has not: it is not reached here. The last two stand for lib/account/show.c and lib/codec/idna.c, which would
 * bring their libraries.
 */
#include "account/internal.h"
#include "base/alloc.h"
#include "codec/idna.h"
#include "options.h"

bool full_is_here(void)
{
	return false;
}

void full_prepare(struct draft *d)
{
	(void)d;
}

int full_add_originals(
    struct draft *d, const struct options *o, const struct account *a, struct err *e)
{
	(void)d, (void)a, (void)e;
	ENSURE(!o->reply && !o->forward.n);
	return 0;
}

int full_resend(struct draft *d, const struct options *o, const struct account *a, struct sink *out,
    struct err *e)
{
	(void)d, (void)o, (void)a, (void)out, (void)e;
	BUG("--resend");
}

int full_read_spec(struct options *o, struct err *e)
{
	(void)o, (void)e;
	BUG("--spec");
}

int full_edit(struct draft *d, const struct options *o, struct err *e)
{
	(void)d, (void)o, (void)e;
	BUG("--edit");
}

int full_merge(
    struct options *o, const struct account *a, bool free_stdin, struct sink *out, struct err *e)
{
	(void)o, (void)a, (void)free_stdin, (void)out, (void)e;
	BUG("--merge");
}

int full_lint_message(const struct options *o, const struct account *a, struct err *e)
{
	(void)o, (void)a, (void)e;
	BUG("--lint");
}

int full_lint(const struct options *o, const struct spool *message, struct err *e)
{
	(void)o, (void)message, (void)e;
	BUG("--lint");
}

int full_check_addresses(const struct strv *addresses, struct err *e)
{
	(void)addresses, (void)e;
	BUG("--check-address");
}

int account_show(const struct account *a, const struct cli_program *p, const void *opts,
    const struct cli_common *common, struct err *e)
{
	(void)a, (void)p, (void)opts, (void)common, (void)e;
	BUG("--show-config");
}

int idna_to_ascii(struct buf *out, struct span domain, struct err *e)
{
	(void)out;
	return err_set(e, EX_DATAERR, "%.*s: not an ASCII domain", SPAN_ARG(domain));
}
