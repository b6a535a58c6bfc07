#include "mime/thread.h"

#include "base/alloc.h"
#include "sort.h"

#include <stdlib.h>

static struct thread_message *messages_of(const struct rows *rows)
{
	struct thread_message *v = mem_new(rows->n + 1, sizeof(*v));
	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->v[i];
		v[i] = (struct thread_message){
		    row->message_id, row->references, row->in_reply_to, row->subject, row->date_s};
	}
	return v;
}

void rows_thread(struct rows *rows)
{
	struct thread_message *v = messages_of(rows);
	struct thread *t = thread_new(v, rows->n);
	struct row *sorted = mem_new(rows->n + 1, sizeof(*sorted));
	unsigned depth = 0;
	size_t n = 0;
	for (const struct thread_node *x = thread_first(t); x; x = thread_next(x, &depth)) {
		if (!x->message)
			continue;
		sorted[n] = rows->v[x->message - v];
		sorted[n++].depth = depth;
	}
	ENSURE(n == rows->n);
	free(rows->v);
	rows->v = sorted;
	rows->cap = rows->n + 1;
	thread_free(t);
	free(v);
}

/* --- RFC 5256 4: "(1 2 3)(4 (5)(6))"; a place without a message is not written --- */

static void write_node(struct buf *b, const struct thread_node *x, const struct thread_message *v)
{
	for (;;) {
		if (x->message)
			buf_addf(b, "%zu", (size_t)(x->message - v) + 1);
		const struct thread_node *c = x->child;
		if (!c)
			return;
		if (x->message)
			buf_addc(b, ' ');
		if (!c->next) {
			x = c; /* one answer follows in the same parentheses */
			continue;
		}
		for (; c; c = c->next) {
			buf_addc(b, '(');
			write_node(b, c, v);
			buf_addc(b, ')');
		}
		return;
	}
}

static int print_imap(struct rows *rows, struct err *e)
{
	struct buf b = BUF_INIT((size_t)1 << 30);
	struct thread_message *v = messages_of(rows);
	struct thread *t = thread_new(v, rows->n);
	struct out out;
	for (const struct thread_node *x = thread_first(t); x; x = x->next) {
		buf_addc(&b, '(');
		write_node(&b, x, v);
		buf_addc(&b, ')');
	}
	buf_addc(&b, '\n');
	thread_free(t);
	free(v);
	out_init(&out);
	int code = sink_put(&out.fd.sink, buf_span(&b), e) < 0 ? out_failed(e) : out_end(&out, e);
	buf_release(&b);
	return code;
}

static int run_imap(struct lister *l, struct strv *operands, struct err *e)
{
	struct mailboxes m;
	struct rows rows;
	if (mailboxes_open(l, operands, &m, e) < 0)
		return -1;
	rows_init(&rows, ROWS_BYTES);
	int code = rows_collect(l, &m, &rows, e);
	if (code == 0)
		code = print_imap(&rows, e);
	rows_release(&rows);
	mailboxes_close(&m);
	return code;
}

int run_thread(struct lister *l, struct strv *operands, struct err *e)
{
	if (l->r->o->imap)
		return run_imap(l, operands, e);
	l->r->o->sort = SORT_THREAD;
	return run_list(l, operands, e);
}
