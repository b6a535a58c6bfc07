/* sign.c - DKIM signatures by configuration: of what goes out, Bcc cut and all fields added, with the code of mail-sign. */
#include "auth/signature.h"
#include "base/clock.h"
#include "base/intl.h"
#include "send.h"

enum { FIELDS_MAX = 1 << 20 };

int send_sign_read(struct send *s, struct err *e)
{
	const struct send_options *o = s->o;
	/* who asks, or carries on what the queue holds, signs nothing */
	if (!o->dkim.n || o->verify || o->plan || o->batch)
		return 0;
	int r = dkim_signers_check(&o->dkim, &o->selectors, &o->dkim_keys, e);
	if (r == 0 && dkim_signers_read(&s->signers, &o->dkim, &o->selectors, &o->dkim_keys, e) < 0)
		r = err_prefix(e, "--dkim-key: ");
	/* a key that is not there is a fault of the configuration: the input is the letter */
	if (r < 0 && (e->code == EX_USAGE || e->code == EX_NOINPUT))
		e->code = EX_CONFIG;
	return r;
}

/* Somebody in front of us did it already, mail-sign perhaps. */
static bool is_signed_by(const struct auth_fields *f, const struct dkim_signer *by)
{
	bool found = false;
	for (size_t i = 0; i < f->n && !found; i++) {
		struct auth_signature s;
		if (!span_is_nocase(f->v[i].name, "DKIM-Signature") ||
		    auth_signature_parse(&s, AUTH_SIGNATURE_DKIM, &f->v[i], NULL) < 0)
			continue;
		found = strcmp(s.domain, by->domain) == 0 && strcmp(s.selector, by->selector) == 0;
		auth_signature_release(&s);
	}
	return found;
}

static int sign(struct send *s, struct auth_message *seen, struct submit_message *m, struct err *e)
{
	struct submit_source src;
	struct dkim_sign_options o = {.v = s->signers.v,
	    .n = s->signers.n,
	    .header = CANON_RELAXED,
	    .body = CANON_RELAXED,
	    .time_s = clock_real_s(),
	    .expires_s = -1};
	struct buf front = BUF_INIT(FIELDS_MAX);
	submit_source_init(&src, m);
	dkim_sign_want(&o, seen);
	int r = sink_pump(&seen->sink, &src.source, e);
	if (r == 0)
		r = sink_end(&seen->sink, e);
	bool done = r == 0 && is_signed_by(&seen->fields, &s->signers.v[0]);
	if (r == 0 && !done)
		r = dkim_sign(&o, seen, &front, e);
	if (r == 0 && !done) {
		buf_add(&front, buf_span(&m->front));
		buf_release(&m->front);
		m->front = front;
		r = submit_message_ready(m, e);
		m->is_signed = true;
	} else {
		buf_release(&front);
	}
	return r;
}

int send_sign(struct send *s, struct submit_message *m, struct err *e)
{
	struct auth_message seen;
	if (!s->signers.n)
		return 0;
	auth_message_init(&seen);
	int r = sign(s, &seen, m, e);
	auth_message_release(&seen);
	return r;
}
