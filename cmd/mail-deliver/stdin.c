#include "base/alloc.h"
#include "base/intl.h"
#include "deliver.h"
#include "io/sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Where it goes: the map's word on the recipient, or the one mailbox. */
static int find_place(const struct deliver_program *p, struct deliver_place *place, struct err *e)
{
	if (p->map && p->recipient)
		return deliver_local_find(&p->local, p->recipient, place, e);
	*place = (struct deliver_place){.mailbox = p->mailbox};
	snprintf(place->rule, sizeof(place->rule), "%s", p->mailbox_rule);
	return 0;
}

static struct deliver_to address(const struct deliver_program *p, const struct deliver_place *place)
{
	return (struct deliver_to){.mailbox = place->mailbox,
	    .rule = place->rule,
	    .sender = p->sender,
	    .recipient = p->recipient,
	    .client_ip = p->client_ip,
	    .client_name = p->helo};
}

/* --- one message --- */

/* Standard input, and the byte of it that was looked at: nothing at all is what a program that died in front of us leaves, and no message. */
struct peeked {
	struct source source;
	struct source *in;
	char first;
	bool held;
};

static ssize_t peeked_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct peeked *s = (struct peeked *)source;
	if (!s->held || !n)
		return s->in->read(s->in, p, n, e);
	s->held = false;
	*p = s->first;
	return 1;
}

static int peek(struct peeked *s, struct source *in, struct err *e)
{
	*s = (struct peeked){.source = {peeked_read}, .in = in, .held = true};
	ssize_t n = in->read(in, &s->first, 1, e);
	if (n < 0)
		return err_prefix(e, "%s: ", _("standard input"));
	return n > 0 ? 0 : err_set(e, EX_DATAERR, _("there is no message"));
}

static int put(struct deliver_program *p, struct source *in, const struct deliver_to *to,
    struct report *report, struct err *e)
{
	struct deliver d = {.options = &p->options};
	struct deliver_receipt receipt = {0};
	uint64_t bytes;
	if (p->dry_run)
		return deliver_dry_run(&p->options, in, to, &bytes, e) < 0
			   ? -1
			   : show_decision(report, to, bytes, e);
	int r = deliver_message(&d, in, to, &receipt, e);
	if (r == 0)
		r = deliver_commit(&d, e);
	deliver_release(&d);
	if (r == 0)
		r = show_receipt(report, to, &receipt, e);
	free(receipt.path);
	return r;
}

/* A message on its way through --verify and --scan. */
struct seen {
	struct spool verified;
	struct deliver_scanned scanned;
	struct source_spool again, once_more;
};

/* What comes out of them takes its place in *in, and where it goes, in *to. */
static int see(struct deliver_program *p, struct seen *s, struct source **in, struct deliver_to *to,
    struct err *e)
{
	spool_init(&s->verified);
	spool_init(&s->scanned.spool);
	if (p->verify) {
		if (deliver_verify(&p->verifier, *in, to, &s->verified, e) < 0)
			return -1;
		source_spool_init(&s->again, &s->verified);
		*in = &s->again.source;
	}
	if (!p->scans)
		return 0;
	if (deliver_scan(&p->scanner, *in, &s->scanned, e) < 0)
		return -1;
	source_spool_init(&s->once_more, &s->scanned.spool);
	*in = &s->once_more.source;
	if (s->scanned.quarantined) {
		to->mailbox = p->quarantine;
		to->rule = s->scanned.rule;
		to->action = "quarantine";
	}
	return 0;
}

static void seen_release(struct seen *s)
{
	spool_release(&s->verified);
	spool_release(&s->scanned.spool);
}

static int one(struct deliver_program *p, struct source *in, const struct deliver_place *place,
    struct report *report, struct err *e)
{
	struct deliver_to to = address(p, place);
	struct peeked peeked;
	struct seen seen;
	if (peek(&peeked, in, e) < 0)
		return -1;
	in = &peeked.source;
	int r = see(p, &seen, &in, &to, e);
	if (r == 0)
		r = put(p, in, &to, report, e);
	seen_release(&seen);
	return r;
}

/* --- many --- */

enum { PATIENCE_MS = 200 };

struct bulk {
	struct source source; /* standard input, as read_all's reader sees it */
	struct source *in;
	struct deliver_program *p;
	struct report *report;
	struct deliver d;
	struct deliver_to to;
	struct deliver_receipt *waiting; /* delivered, not yet committed */
	size_t n, cap;
	uint64_t number, safe; /* messages read; of those that were delivered, safe */
	int code;              /* of what was refused on the way */
};

static void forget_waiting(struct bulk *b)
{
	while (b->n)
		free(b->waiting[--b->n].path);
}

static int commit(struct bulk *b, struct err *e)
{
	int r = deliver_commit(&b->d, e);
	for (size_t i = 0; r == 0 && i < b->n; i++)
		r = show_receipt(b->report, &b->to, &b->waiting[i], e);
	b->safe += r == 0 ? b->n : 0;
	forget_waiting(b);
	return r;
}

/* Nobody's mbox stays locked while whoever writes to us thinks: what has come whole is made safe first. */
static ssize_t bulk_read(struct source *source, char *p, size_t n, struct err *e)
{
	struct bulk *b = (struct bulk *)source;
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	if (b->n && deliver_locks(&b->d) && sys_poll(&in, 1, PATIENCE_MS) == 0 && commit(b, e) < 0)
		return -1;
	return b->in->read(b->in, p, n, e);
}

static int bulk_put(struct bulk *b, struct source *message, struct err *e)
{
	struct deliver_receipt receipt;
	uint64_t bytes;
	if (b->p->dry_run)
		return deliver_dry_run(&b->p->options, message, &b->to, &bytes, e) < 0
			   ? -1
			   : show_decision(b->report, &b->to, bytes, e);
	/* what waits may be committed meanwhile */
	if (deliver_message(&b->d, message, &b->to, &receipt, e) < 0)
		return -1;
	if (b->n == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 64;
		b->waiting = mem_resize(b->waiting, b->cap, sizeof(*b->waiting));
	}
	b->waiting[b->n++] = receipt;
	return deliver_full(&b->d) ? commit(b, e) : 0;
}

/* What goes elsewhere goes alone, so that each receipt says where. */
static int bulk_aside(
    struct bulk *b, struct source *message, const struct deliver_to *to, struct err *e)
{
	struct deliver_to usual = b->to;
	if (commit(b, e) < 0)
		return -1;
	b->to = *to;
	int r = bulk_put(b, message, e);
	if (r == 0)
		r = commit(b, e);
	b->to = usual;
	return r;
}

static int bulk_one(struct bulk *b, struct source *message, struct err *e)
{
	struct deliver_to to = b->to;
	struct seen seen;
	int r = see(b->p, &seen, &message, &to, e);
	if (r == 0)
		r = to.action ? bulk_aside(b, message, &to, e) : bulk_put(b, message, e);
	seen_release(&seen);
	return r;
}

/* A message that is refused for good leaves the others alone; what may pass ends the run, as the next one would meet it too. */
static int judge(struct bulk *b, struct err *e)
{
	if (e->code != EX_UNAVAILABLE && e->code != EX_NOUSER && e->code != EX_NOPERM)
		return -1;
	cli_warn(
	    b->p->program, NULL, _("message %llu: %s"), (unsigned long long)b->number, e->text);
	b->code = e->code;
	err_clear(e);
	return 0;
}

static int read_all(struct bulk *b, struct source *in, struct err *e)
{
	b->source.read = bulk_read;
	b->in = in;
	struct mbox_reader *reader = mbox_reader_new(&b->source);
	struct source *message;
	int r;
	while ((r = mbox_reader_next(reader, &message, e)) > 0) {
		char *from = span_dup(mbox_reader_sender(reader));
		b->number++;
		b->to.from = from;
		b->to.received_s = mbox_reader_time(reader);
		r = bulk_one(b, message, e);
		free(from);
		if (r < 0 && judge(b, e) < 0)
			break;
	}
	mbox_reader_free(reader);
	return r;
}

static int many(struct deliver_program *p, struct source *in, const struct deliver_place *place,
    struct report *report, struct err *e)
{
	struct bulk b = {.p = p, .report = report, .d = {.options = &p->options}};
	struct err why = ERR_INIT;
	b.to = address(p, place);
	int r = read_all(&b, in, &why);
	/* what came whole before a cut is delivered */
	if (commit(&b, e) < 0)
		r = -1;
	else if (r < 0)
		err_copy(e, &why);
	if (r < 0)
		err_prefix(e, _("%llu delivered, then: "), (unsigned long long)b.safe);
	deliver_release(&b.d);
	free(b.waiting);
	return r < 0 ? -1 : b.code;
}

int deliver_stdin(struct deliver_program *p, struct err *e)
{
	struct source_fd in;
	struct deliver_place place;
	if (find_place(p, &place, e) < 0)
		return -1;
	struct report *report = show_new(p);
	source_fd_init(&in, STDIN_FILENO);
	int r = p->mbox ? many(p, &in.source, &place, report, e)
			: one(p, &in.source, &place, report, e);
	if (report && report_close(report, r < 0 ? NULL : e) < 0)
		r = -1;
	return r;
}
