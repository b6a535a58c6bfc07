/* What a message that is answered, forwarded or sent on brings: the part of the program that finds and reads messages. */
#include "account/message.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "compose/reply.h"
#include "options.h"

#include <stdlib.h>
#include <unistd.h>

static bool is_dash(const char *s)
{
	return strcmp(s, "-") == 0;
}

static int read_original(
    struct original *original, const struct account *a, const char *name, struct err *e)
{
	struct store_message m;
	struct source_fd in;
	if (is_dash(name)) {
		source_fd_init(&in, STDIN_FILENO);
		return original_read(original, &in.source, e) < 0
			   ? err_prefix(e, "%s: ", _("standard input"))
			   : 0;
	}
	if (account_message_open(a, name, &m, e) < 0)
		return -1;
	int r = original_read(original, m.source, e);
	store_message_free(&m);
	return r < 0 ? err_prefix(e, "%s: ", name) : 0;
}

/* mail-verify --decrypt says what it took a message out of. Its text, and its Subject, would go on in the clear (RFC 9788 6.1.2). */
static void warn_of_secrets(const struct options *o, const struct original *original)
{
	struct span record = header_get(&original->header, "Surat-Protection");
	if (span_find(record, SPAN("encrypted=")) >= 0 &&
	    span_find(record, SPAN("encrypted=no")) < 0)
		cli_warn(&program, &o->common,
		    _("the original was encrypted, and what comes of it is not before "
		      "mail-sign --smime-encrypt or --pgp-encrypt has done it"));
}

/* An answer comes from the address the message went to, where that is one of ours. */
static int from_of_original(
    struct draft *d, const struct original *original, const struct strv *own, struct err *e)
{
	static const char *const names[] = {"To", "Cc", "Delivered-To"};
	struct header h = original->header;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct address_list l = {0};
		if (header_addresses(&h, names[i], &d->arena, &l, e) < 0)
			return -1;
		for (size_t k = 0; k < l.n && !d->addresses[DRAFT_FROM].n; k++)
			for (size_t j = 0; j < own->n; j++)
				if (span_is_nocase(l.v[k].spec, own->v[j])) {
					draft_add_known(d, DRAFT_FROM, &l.v[k]);
					break;
				}
	}
	return 0;
}

static int add_reply(
    struct draft *d, const struct options *o, const struct account *a, struct err *e)
{
	struct original original;
	struct strv own = {0};
	if (!o->reply)
		return 0;
	if (read_original(&original, a, o->reply, e) < 0)
		return -1;
	warn_of_secrets(o, &original);
	account_own_addresses(a, &own);
	for (size_t i = 0; i < d->addresses[DRAFT_FROM].n; i++)
		strv_add_span(&own, d->addresses[DRAFT_FROM].v[i].spec);
	int r = reply_address(d, &original, &own, o->all, e);
	if (r == 0)
		r = from_of_original(d, &original, &own, e);
	if (r == 0 && o->quote)
		r = reply_quote(d, &original, e);
	strv_release(&own);
	original_release(&original);
	return r;
}

static int forward_one(
    struct draft *d, const struct options *o, const struct original *original, struct err *e)
{
	warn_of_secrets(o, original);
	return o->inline_forward ? forward_inline(d, original, e) : forward_message(d, original, e);
}

static int forward_mbox(struct draft *d, const struct options *o, struct err *e)
{
	struct source_fd in;
	struct source *message;
	struct original original;
	int r;
	size_t n = 0;
	source_fd_init(&in, STDIN_FILENO);
	struct mbox_reader *reader = mbox_reader_new(&in.source);
	while ((r = mbox_reader_next(reader, &message, e)) > 0) {
		if ((r = original_read(&original, message, e)) < 0)
			break;
		r = forward_one(d, o, &original, e);
		original_release(&original);
		if (r < 0)
			break;
		n++;
	}
	mbox_reader_free(reader);
	if (r == 0 && !n)
		return err_set(e, EX_NOINPUT, _("standard input: no message to forward"));
	return r < 0 ? err_prefix(e, "%s: ", _("standard input")) : 0;
}

static int add_forwards(
    struct draft *d, const struct options *o, const struct account *a, struct err *e)
{
	struct original original;
	if (o->mbox && o->forward.n)
		return forward_mbox(d, o, e);
	for (size_t i = 0; i < o->forward.n; i++) {
		if (read_original(&original, a, o->forward.v[i], e) < 0)
			return -1;
		int r = forward_one(d, o, &original, e);
		original_release(&original);
		if (r < 0)
			return -1;
	}
	return 0;
}

int full_add_originals(
    struct draft *d, const struct options *o, const struct account *a, struct err *e)
{
	return add_reply(d, o, a, e) < 0 || add_forwards(d, o, a, e) < 0 ? -1 : 0;
}

int full_resend(struct draft *d, const struct options *o, const struct account *a, struct sink *out,
    struct err *e)
{
	struct original original;
	if (read_original(&original, a, o->resend, e) < 0)
		return -1;
	int r = resend_write(d, &original, out, e);
	original_release(&original);
	return r;
}
