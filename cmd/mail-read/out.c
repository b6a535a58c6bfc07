#include "base/intl.h"
#include "codec/inert.h"
#include "read.h"

#include <unistd.h>

void out_init(struct out *o)
{
	sink_fd_init(&o->fd, STDOUT_FILENO);
}

int out_failed(struct err *e)
{
	err_prefix(e, "%s: ", _("standard output"));
	return OUT_FAILED;
}

int out_line(struct out *o, struct span text, struct err *e)
{
	struct buf b = BUF_INIT(16 << 20);
	inert_add(&b, text, 0);
	buf_addc(&b, '\n');
	int r = sink_put(&o->fd.sink, buf_span(&b), e);
	buf_release(&b);
	return r < 0 ? out_failed(e) : 0;
}

/* A name that is two lines would be two names to who reads the list, and the second of them anybody's choice. It is said, and the others go on. */
static bool is_one_line(struct read *r, const char *name)
{
	struct err why = ERR_INIT;
	if (r->o->zero || !strchr(name, '\n'))
		return true;
	err_set(&why, EX_DATAERR, _("%s: a line end in a name: -0 is for such lists"), name);
	note_failure(r, &why);
	return false;
}

int out_name(struct read *r, struct out *o, const char *name, struct err *e)
{
	struct buf shown = BUF_INIT(1 << 20);
	if (!is_one_line(r, name))
		return 0;
	if (isatty(STDOUT_FILENO)) /* for a person's eye, as ls does it */
		inert_add(&shown, span_of(name), 0);
	else
		buf_adds(&shown, name);
	buf_addc(&shown, r->o->zero ? '\0' : '\n');
	int code = sink_put(&o->fd.sink, buf_span(&shown), e) < 0 ? out_failed(e) : 0;
	buf_release(&shown);
	return code;
}

int out_end(struct out *o, struct err *e)
{
	return sink_end(&o->fd.sink, e) < 0 ? out_failed(e) : 0;
}
