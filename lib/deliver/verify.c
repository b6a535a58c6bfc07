#include "deliver/verify.h"

#include "auth/field.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"
#include "mime/header.h"

#include <stdlib.h>

enum { WAIT_MS = 60000, BLOCK = 65536, BAD = 1 /* something did not verify */ };

/* --- the child --- */

/* What strangers say is never taken for an option: it is part of one. */
static void arguments(
    const struct deliver_verify *v, const struct deliver_to *to, struct strv *argv)
{
	bool known = to->client_ip && (to->client_name || (to->sender && *to->sender));
	strv_add(argv, "mail-verify");
	strv_add(argv, "--add-header");
	strv_add(argv, "--all");
	strv_add(argv, "--scan=off"); /* scan.h does it, with what it decides */
	if (v->authserv_id)
		strv_take(argv, str_printf("--authserv-id=%s", v->authserv_id));
	if (known)
		strv_take(argv, str_printf("--client-ip=%s", to->client_ip));
	if (known && to->client_name)
		strv_take(argv, str_printf("--helo=%s", to->client_name));
	if (to->sender)
		strv_take(argv, str_printf("--sender=%s", to->sender));
	for (size_t i = 0; i < v->options.n; i++)
		strv_add(argv, v->options.v[i]);
}

/* It reads all before it writes anything, so one after the other is safe. */
static int talk(struct child *c, struct source *message, struct spool *out, struct err *e)
{
	struct source_fd from;
	char *block = mem_new(1, BLOCK);
	ssize_t n;
	int r = 0, status = 0;
	while (r == 0 && (n = message->read(message, block, BLOCK, e)) != 0)
		r = n < 0 ? -1 : fd_write_all(c->in, span_make(block, (size_t)n), e);
	sys_close(c->in);
	c->in = -1;
	free(block);
	source_fd_init(&from, c->out);
	if (r == 0)
		r = sink_pump(&out->sink, &from.source, e);
	if (child_wait(c, WAIT_MS, &status, r < 0 ? NULL : e) < 0)
		return -1;
	/* it may have ended in the middle of what we told it */
	if (status == EX_DATAERR) {
		err_set(e, EX_UNAVAILABLE,
		    _("a header that is too large, or no message: it cannot be verified"));
		return err_reply(e, 554, "5.6.0");
	}
	if (r == 0 && status != 0 && status != BAD && status != EX_TEMPFAIL)
		r = err_set(e, EX_TEMPFAIL, _("mail-verify ended with %d"), status);
	return r;
}

/* --- what it found --- */

static int find_refusal(const struct deliver_verify *v, struct span results, struct err *e)
{
	struct buf dmarc = BUF_INIT(64), policy = BUF_INIT(64), from = BUF_INIT(1024);
	int r = 0;
	auth_field_result(results, "dmarc", &dmarc);
	auth_field_property(results, "dmarc", "policy.dmarc", &policy);
	auth_field_property(results, "dmarc", "header.from", &from);
	/* permerror: several authors, one of whom wants that */
	bool failed = span_is(buf_span(&dmarc), "fail") || span_is(buf_span(&dmarc), "permerror");
	bool wanted = v->reject && span_is(buf_span(&policy), "reject");
	const char *who = from.len ? buf_cstr(&from) : _("all that From names, one of");
	if (wanted && failed) {
		err_set(e, EX_UNAVAILABLE,
		    _("nothing proves that the message is from %s, which wants such mail refused "
		      "(DMARC)"),
		    who);
		r = err_reply(e, 550, "5.7.1");
	} else if (wanted && span_is(buf_span(&dmarc), "temperror")) {
		/* who can keep a name server from answering must not get past the policy (RFC 7208 8.6) */
		err_set(e, EX_TEMPFAIL,
		    _("what would prove that the message is from %s, which wants others refused "
		      "(DMARC), cannot be looked up now"),
		    who);
		r = err_reply(e, 451, "4.4.3");
	}
	buf_release(&dmarc);
	buf_release(&policy);
	buf_release(&from);
	return r;
}

/* Ours is the first field. */
static int judge(const struct deliver_verify *v, const struct spool *out, struct err *e)
{
	struct source_spool src;
	struct header h = HEADER_INIT;
	source_spool_init(&src, out);
	if (header_read(&h, &src.source, NULL, e) < 0)
		return -1;
	int r = h.n && span_is_nocase(h.v[0].name, "Authentication-Results")
		    ? find_refusal(v, h.v[0].value, e)
		    : err_set(e, EX_TEMPFAIL, _("mail-verify said nothing"));
	header_release(&h);
	return r;
}

int deliver_verify(const struct deliver_verify *v, struct source *message,
    const struct deliver_to *to, struct spool *out, struct err *e)
{
	struct strv argv = {0};
	struct child c;
	spool_init(out);
	arguments(v, to, &argv);
	int r = child_start(&c, argv.v, NULL, CHILD_STDIN | CHILD_STDOUT, e);
	if (r == 0)
		r = talk(&c, message, out, e);
	if (r < 0 && e->code != EX_DATAERR && !e->smtp)
		e->code = EX_TEMPFAIL;
	if (r == 0)
		r = judge(v, out, e);
	strv_release(&argv);
	return r;
}
