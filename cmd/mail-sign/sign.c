/* sign.c - a message from standard input, its signatures, the message again: nothing is written before all is read. */
#include "sign.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/spool.h"
#include "store/store.h"

#include <stdlib.h>
#include <unistd.h>

enum { FIELDS_MAX = 1 << 20 };

/* The signatures are put in front, in the line ends of the message. */
static int write_fields(struct span fields, bool crlf, struct sink *out, struct err *e)
{
	struct span line;
	if (!crlf)
		return sink_put(out, fields, e);
	while (span_line(&fields, &line))
		if (sink_put(out, line, e) < 0 || sink_put(out, SPAN("\r\n"), e) < 0)
			return -1;
	return 0;
}

static bool has_crlf(const struct auth_message *m)
{
	ptrdiff_t lf = span_index(buf_span(&m->header), '\n');
	return lf > 0 && m->header.ptr[lf - 1] == '\r';
}

static int write_message(const struct auth_message *m, const struct spool *spool,
    struct span fields, struct sink *out, struct err *e)
{
	struct source_spool again;
	if (write_fields(fields, has_crlf(m), out, e) < 0)
		return -1;
	/* a "From " line in front would end up between our fields */
	source_spool_range(&again, spool, m->from_line, spool->size - m->from_line);
	return sink_pump(out, &again.source, e);
}

/* The signatures, and the seal over them, in front of them. */
static int make_fields(struct sign *s, const struct auth_message *m, struct buf *out, struct err *e)
{
	struct buf signatures = BUF_INIT(FIELDS_MAX);
	struct err why = ERR_INIT;
	int r = s->dkim.n ? dkim_sign(&s->dkim, m, &signatures, e) : 0;
	if (r == 0 && s->seal.by.key)
		r = arc_seal(&s->seal, m, buf_span(&signatures), out, &why);
	if (r < 0 && why.code)
		err_copy(e, &why);
	else if (why.code)
		cli_warn(s->o->program, &s->o->common, "%s", why.text);
	buf_add(out, buf_span(&signatures));
	buf_release(&signatures);
	return r < 0 ? -1 : 0;
}

static int sign_spooled(struct sign *s, struct auth_message *m, struct spool *spool,
    struct source *in, struct sink *out, struct err *e)
{
	struct filter_tee tee;
	struct buf fields = BUF_INIT(FIELDS_MAX);
	filter_tee_init(&tee, &m->sink, &spool->sink);
	dkim_sign_want(&s->dkim, m);
	if (s->seal.by.key)
		arc_seal_want(&s->seal, m);
	int r = sink_pump(&tee.sink, in, e);
	if (r == 0)
		r = sink_end(&m->sink, e);
	if (r == 0)
		r = make_fields(s, m, &fields, e);
	if (r == 0)
		r = write_message(m, spool, buf_span(&fields), out, e);
	buf_release(&fields);
	return r;
}

static int dkim(struct sign *s, struct source *in, struct sink *out, struct err *e)
{
	struct spool spool;
	struct auth_message m;
	if (!s->dkim.n && !s->seal.by.key)
		return sink_pump(out, in, e);
	spool_init(&spool);
	auth_message_init(&m);
	int r = sign_spooled(s, &m, &spool, in, out, e);
	auth_message_release(&m);
	spool_release(&spool);
	return r;
}

static int warn_unreadable(const struct sign *s, const struct spool *message, struct err *e)
{
	struct strv who = {0};
	int r = protect_unreadable(&s->protect, message, &who, e);
	for (size_t i = 0; r == 0 && i < who.n; i++)
		cli_warn(s->o->program, &s->o->common,
		    _("%s will not be able to read it: there is no certificate for that address"),
		    who.v[i]);
	strv_release(&who);
	return r;
}

/* DKIM comes last: it signs what travels. */
static int one(struct sign *s, struct source *in, struct sink *out, struct err *e)
{
	struct spool whole, sealed;
	struct source_spool again;
	if (!protect_wanted(&s->protect))
		return dkim(s, in, out, e);
	spool_init(&whole);
	spool_init(&sealed);
	struct sink *to = s->dkim.n || s->seal.by.key ? &sealed.sink : out;
	int r = sink_pump(&whole.sink, in, e);
	if (r == 0)
		r = warn_unreadable(s, &whole, e);
	if (r == 0)
		r = protect_message(&s->protect, &whole, to, e);
	spool_release(&whole);
	source_spool_init(&again, &sealed);
	if (r == 0 && to != out)
		r = dkim(s, &again.source, out, e);
	spool_release(&sealed);
	return r;
}

static int stream(struct sign *s, struct source *in, struct sink *out, struct err *e)
{
	struct mbox_reader *box = mbox_reader_new(in);
	struct source *message;
	unsigned long long number = 0;
	int r;
	while ((r = mbox_reader_next(box, &message, e)) > 0) {
		struct mbox_writer w;
		char *from = span_dup(mbox_reader_sender(box));
		number++;
		mbox_writer_init(&w, out, from, mbox_reader_time(box));
		free(from);
		r = one(s, message, &w.sink, e);
		if (r < 0 || sink_end(&w.sink, e) < 0) {
			r = err_prefix(e, _("message %llu: "), number);
			break;
		}
	}
	mbox_reader_free(box);
	return r;
}

int sign_messages(struct sign *s, struct err *e)
{
	struct source_fd in;
	struct sink_fd *out = sink_fd_new(STDOUT_FILENO);
	source_fd_init(&in, STDIN_FILENO);
	int r =
	    s->o->mbox ? stream(s, &in.source, &out->sink, e) : one(s, &in.source, &out->sink, e);
	if (r == 0)
		r = sink_end(&out->sink, e);
	free(out);
	return r;
}
