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

int out_name(struct read *r, struct out *o, const char *name, struct err *e)
{
	if (sink_puts(&o->fd.sink, name, e) < 0 ||
	    sink_put(&o->fd.sink, span_make(r->o->zero ? "" : "\n", 1), e) < 0)
		return out_failed(e);
	return 0;
}

int out_end(struct out *o, struct err *e)
{
	return sink_end(&o->fd.sink, e) < 0 ? out_failed(e) : 0;
}
