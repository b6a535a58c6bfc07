#include "read.h"

/* One message is given as it is; a set of them, or with --mbox, as an mboxrd stream. */
struct raw {
	struct out out;
	bool mbox;
};

/* A source's failure and the output's must be told apart. */
struct output {
	struct sink sink;
	struct sink *to;
	bool failed;
};

static int output_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct output *o = (struct output *)sink;
	if (sink_put(o->to, bytes, e) == 0)
		return 0;
	o->failed = true;
	return -1;
}

static int visit(void *ctx, struct content *c, struct err *e)
{
	struct raw *raw = ctx;
	struct output o = {.sink = {.put = output_put}, .to = &raw->out.fd.sink};
	struct mbox_writer w;
	struct sink *to = &o.sink;
	if (raw->mbox) {
		mbox_writer_init(&w, &o.sink, NULL, c->time_s);
		to = &w.sink;
	}
	int code = sink_pump(to, c->source, e);
	if (code == 0 && raw->mbox)
		code = sink_end(to, e);
	return code < 0 && o.failed ? out_failed(e) : code;
}

int run_raw(struct read *r, struct strv *operands, struct err *e)
{
	struct raw raw = {.mbox = r->o->mbox || r->o->names || operands->n > 1 ||
				  (operands->n && is_mailbox_operand(operands->v[0]))};
	struct err late = ERR_INIT;
	out_init(&raw.out);
	int code = contents_each(r, operands, 0, visit, &raw, e);
	int end = out_end(&raw.out, &late);
	return code < 0 ? code : end < 0 ? err_copy(e, &late) : 0;
}
