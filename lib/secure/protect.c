#include "secure/protect.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "base/random.h"
#include "codec/base64.h"
#include "mime/write.h"
#include "secure/canon.h"
#include "secure/fields.h"
#include "secure/keep_open.h"
#include "secure/pgp.h"
#include "secure/seven.h"

#include <stdlib.h>

/* Each step reads an entity (a header that says what the body is, and the body) and makes another. */
struct work {
	const struct protect_job *job;
	struct header header; /* of the message */
	struct spool a, b;
	struct spool *from, *to;
};

bool protect_wanted(const struct protect_job *job)
{
	return job->smime_signer || job->smime_to || job->pgp_signer || job->pgp_to;
}

static bool encrypts(const struct protect_job *job)
{
	return job->smime_to || job->pgp_to;
}

static int step_done(struct work *w, int r, struct err *e)
{
	struct spool *t = w->from;
	if (r < 0)
		return r;
	w->from = w->to;
	w->to = t;
	return spool_reset(w->to, e);
}

static int put(struct sink *out, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int put(struct sink *out, struct err *e, const char *fmt, ...)
{
	struct buf b = BUF_INIT(4096);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	int r = sink_put(out, buf_span(&b), e);
	buf_release(&b);
	return r;
}

/* --- the header, inside and outside --- */

/* What stands outside of it: Subject hidden, Comments and Keywords gone (RFC 9788 3.2.1, hcp_baseline). */
static bool hidden(
    const struct protect_job *job, const struct header_field *f, const char **instead)
{
	*instead = NULL;
	if (!encrypts(job) || !job->headers)
		return false;
	if (span_is_nocase(f->name, "Subject"))
		*instead = " [...]";
	return *instead || span_is_nocase(f->name, "Comments") ||
	       span_is_nocase(f->name, "Keywords");
}

/* The fields as they stand outside, each behind the prefix. */
static int outer_fields(
    const struct work *w, const char *prefix, bool copied_only, struct sink *out, struct err *e)
{
	for (size_t i = 0; i < w->header.n; i++) {
		struct header_field f = w->header.v[i];
		const char *instead;
		bool hide = hidden(w->job, &f, &instead);
		if (copied_only ? !field_is_composed(f.name)
				: field_is_structural(f.name) || field_is_about(f.name))
			continue;
		if (hide && !instead)
			continue;
		if (hide)
			f.value = span_of(instead);
		if (field_copy(out, prefix, &f, e) < 0)
			return -1;
	}
	return 0;
}

static int inner_fields(const struct work *w, struct sink *out, struct err *e)
{
	for (size_t i = 0; i < w->header.n; i++)
		if (field_is_composed(w->header.v[i].name) &&
		    field_copy(out, "", &w->header.v[i], e) < 0)
			return -1;
	return encrypts(w->job) ? outer_fields(w, "HP-Outer: ", true, out, e) : 0;
}

/* A Content-Type that says hp= already (a message that was decrypted before) is written anew without it. */
static int type_again(const struct mime_params *params, struct span main, const char *hp,
    struct sink *out, struct err *e)
{
	struct header_out h = HEADER_OUT_INIT;
	size_t column;
	header_begin(&h, "Content-Type", main, &column);
	for (size_t i = 0; i < params->n; i++) {
		char *name = span_dup(params->v[i].name);
		if (!span_is(params->v[i].name, "hp"))
			header_add_param(&h, &column, name, params->v[i].value);
		free(name);
	}
	if (hp)
		header_add_param(&h, &column, "hp", span_of(hp));
	header_end(&h);
	int r = sink_put(out, buf_span(&h.b), e);
	header_out_release(&h);
	return r;
}

static int type_with(struct header_field f, const char *hp, struct sink *out, struct err *e)
{
	struct buf with = BUF_INIT(1 << 20);
	while (f.value.len &&
	       (is_space(f.value.ptr[f.value.len - 1]) || f.value.ptr[f.value.len - 1] == ';'))
		f.value.len--;
	buf_add(&with, f.value);
	buf_addf(&with, ";\n hp=\"%s\"", hp);
	f.value = buf_span(&with);
	int r = field_copy(out, "", &f, e);
	buf_release(&with);
	return r;
}

/* Content-Type with hp= (RFC 9788 2.1.1). */
static int type_field(const struct work *w, struct sink *out, struct err *e)
{
	const char *hp = !w->job->headers ? NULL : encrypts(w->job) ? "cipher" : "clear";
	struct header_field f = {
	    SPAN("Content-Type"), header_get(&w->header, "Content-Type"), 0, 0};
	struct mime_params params;
	struct span main;
	struct arena arena = ARENA_INIT(1 << 20);
	int r;
	if (!f.value.ptr || !span_trim(f.value).len)
		f.value = SPAN(" text/plain; charset=us-ascii");
	mime_params_parse(&arena, f.value, &main, &params);
	if (mime_params_get(&params, "hp").ptr)
		r = type_again(&params, main, hp, out, e);
	else
		r = hp ? type_with(f, hp, out, e) : field_copy(out, "", &f, e);
	arena_release(&arena);
	return r;
}

static int content_fields(const struct work *w, struct sink *out, struct err *e)
{
	for (size_t i = 0; i < w->header.n; i++) {
		struct span name = w->header.v[i].name;
		if (span_starts_nocase(name, "Content-") && !span_is_nocase(name, "Content-Type") &&
		    field_copy(out, "", &w->header.v[i], e) < 0)
			return -1;
	}
	return 0;
}

/* The first entity: the message's content, with the header where that is to be protected. */
static int payload(struct work *w, const struct spool *in, struct err *e)
{
	struct sink *out = &w->to->sink;
	struct filter_crlf local;
	struct source_spool body;
	source_spool_range(&body, in, w->header.end, UINT64_MAX - w->header.end);
	filter_crlf_init(&local, out, CRLF_LOCAL);
	if (w->job->headers && inner_fields(w, out, e) < 0)
		return -1;
	if (type_field(w, out, e) < 0 || content_fields(w, out, e) < 0 ||
	    sink_puts(out, "\n", e) < 0)
		return -1;
	if (sink_pump(&local.sink, &body.source, e) < 0 || sink_end(&local.sink, e) < 0)
		return -1;
	return step_done(w, 0, e);
}

/* --- signing and encrypting --- */

/* An entity ends with a line's end: the empty line before the boundary is then none of what is signed. */
static int end_line(struct spool *sp, struct err *e)
{
	char last = '\n';
	if (sp->size && spool_pread(sp, &last, 1, sp->size - 1, e) < 0)
		return -1;
	return last == '\n' ? 0 : sink_puts(&sp->sink, "\n", e);
}

/* Ready to be signed in the clear. */
static int seven(struct work *w, struct err *e)
{
	int r = seven_make(w->from, &w->to->sink, e);
	if (r > 0)
		r = step_done(w, 0, e);
	return r == 0 ? end_line(w->from, e) : r;
}

static void canonical(struct work *w, struct source_spool *s, struct source_canon *c)
{
	source_spool_init(s, w->from);
	source_canon_init(c, &s->source);
}

static int put_base64(struct sink *out, struct span bytes, struct err *e)
{
	struct keep_open open;
	struct base64_encoder enc;
	keep_open_init(&open, out);
	base64_encoder_init(&enc, &open.sink);
	int r = sink_put(&enc.sink, bytes, e);
	return r == 0 ? sink_end(&enc.sink, e) : r;
}

/* multipart/signed, RFC 1847 2.1. */
static int multipart_signed(struct work *w, const char *micalg, const char *protocol,
    const char *part_fields, struct span signature, bool base64, struct err *e)
{
	char boundary[33];
	struct sink *out = &w->to->sink;
	struct source_spool s;
	random_name(boundary, 32);
	source_spool_init(&s, w->from);
	int r = put(out, e,
	    "Content-Type: multipart/signed; micalg=%s;\n protocol=\"%s\";\n "
	    "boundary=\"--=_%s\"\n\n----=_%s\n",
	    micalg, protocol, boundary, boundary);
	if (r == 0)
		r = sink_pump(out, &s.source, e);
	if (r == 0)
		r = put(out, e, "\n----=_%s\n%s\n", boundary, part_fields);
	if (r == 0)
		r = base64 ? put_base64(out, signature, e) : sink_put(out, signature, e);
	if (r == 0)
		r = put(out, e, "\n----=_%s--\n", boundary);
	return step_done(w, r, e);
}

static int smime_clear(struct work *w, struct err *e)
{
	struct buf der = BUF_INIT(4 << 20);
	struct sink_buf to;
	struct source_spool s;
	struct source_canon c;
	if (seven(w, e) < 0)
		return -1;
	canonical(w, &s, &c);
	sink_buf_init(&to, &der);
	int r = smime_sign(w->job->smime_signer, true, &c.source, &to.sink, e);
	if (r == 0)
		r = multipart_signed(w, smime_micalg(w->job->smime_signer),
		    "application/pkcs7-signature",
		    "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\n"
		    "Content-Transfer-Encoding: base64\n"
		    "Content-Disposition: attachment; filename=\"smime.p7s\"\n",
		    buf_span(&der), true, e);
	buf_release(&der);
	return r;
}

/* application/pkcs7-mime, RFC 8551 3.2. */
static int pkcs7_mime(struct work *w, const char *smime_type,
    int (*make)(struct work *w, struct source *content, struct sink *der, struct err *e),
    struct err *e)
{
	struct sink *out = &w->to->sink;
	struct source_spool s;
	struct source_canon c;
	struct keep_open open;
	struct base64_encoder enc;
	canonical(w, &s, &c);
	keep_open_init(&open, out);
	base64_encoder_init(&enc, &open.sink);
	int r = put(out, e,
	    "Content-Type: application/pkcs7-mime; smime-type=%s;\n name=\"smime.p7m\"\n"
	    "Content-Transfer-Encoding: base64\n"
	    "Content-Disposition: attachment; filename=\"smime.p7m\"\n\n",
	    smime_type);
	if (r == 0)
		r = make(w, &c.source, &enc.sink, e);
	if (r == 0)
		r = sink_end(&enc.sink, e);
	return step_done(w, r, e);
}

static int make_opaque(struct work *w, struct source *content, struct sink *der, struct err *e)
{
	return smime_sign(w->job->smime_signer, false, content, der, e);
}

static int make_envelope(struct work *w, struct source *content, struct sink *der, struct err *e)
{
	return smime_encrypt(w->job->smime_to, w->job->cipher, content, der, e);
}

static int pgp_clear(struct work *w, struct err *e)
{
	struct buf signature = BUF_INIT(PGP_SIGNATURE_MAX);
	char micalg[PGP_MICALG_MAX];
	struct source_spool s;
	struct source_canon c;
	if (seven(w, e) < 0)
		return -1;
	canonical(w, &s, &c);
	int r = pgp_sign(w->job->pgp_signer, &c.source, &signature, micalg, e);
	if (r == 0)
		r = multipart_signed(w, micalg, "application/pgp-signature",
		    "Content-Type: application/pgp-signature; name=\"signature.asc\"\n"
		    "Content-Disposition: attachment; filename=\"signature.asc\"\n",
		    buf_span(&signature), false, e);
	buf_release(&signature);
	return r;
}

/* multipart/encrypted, RFC 3156 4; signed in the same step where that is wanted (6.2). */
static int pgp_envelope(struct work *w, struct err *e)
{
	char boundary[33];
	struct sink *out = &w->to->sink;
	struct source_spool s;
	struct source_canon c;
	random_name(boundary, 32);
	canonical(w, &s, &c);
	int r = put(out, e,
	    "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\n"
	    " boundary=\"--=_%s\"\n\n"
	    "----=_%s\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n"
	    "----=_%s\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\n"
	    "Content-Disposition: inline; filename=\"encrypted.asc\"\n\n",
	    boundary, boundary, boundary);
	if (r == 0)
		r = pgp_encrypt(w->job->pgp_to, w->job->pgp_signer, &c.source, out, e);
	if (r == 0)
		r = put(out, e, "\n----=_%s--\n", boundary);
	return step_done(w, r, e);
}

/* Those the message goes to for whom no certificate is given. */
static int add_unreadable(
    struct header *h, const char *name, const struct cert_list *to, struct strv *out, struct err *e)
{
	struct address_list list = {0};
	if (header_addresses(h, name, &h->arena, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		bool can = !list.v[i].spec.len;
		for (size_t k = 0; k < to->n && !can; k++)
			can = cert_has_address(to->v[k], list.v[i].spec);
		if (!can)
			strv_add_span(out, list.v[i].spec);
	}
	return 0;
}

int protect_unreadable(
    const struct protect_job *job, const struct spool *in, struct strv *out, struct err *e)
{
	static const char *const names[] = {"To", "Cc", "Bcc"};
	struct header h = HEADER_INIT;
	struct source_spool s;
	source_spool_init(&s, in);
	int r = job->smime_to ? header_read(&h, &s.source, NULL, e) : 0;
	for (size_t i = 0; r == 0 && job->smime_to && i < ARRAY_LEN(names); i++)
		r = add_unreadable(&h, names[i], job->smime_to, out, e);
	header_release(&h);
	return r;
}

static int steps(struct work *w, const struct spool *in, struct err *e)
{
	const struct protect_job *job = w->job;
	int r = payload(w, in, e);
	if (r == 0 && job->smime_signer)
		r = job->opaque ? pkcs7_mime(w, "signed-data", make_opaque, e) : smime_clear(w, e);
	if (r == 0 && job->pgp_signer && !job->pgp_to)
		r = pgp_clear(w, e);
	if (r == 0 && job->pgp_to)
		r = pgp_envelope(w, e);
	if (r == 0 && job->smime_to)
		r = pkcs7_mime(w,
		    job->cipher == SMIME_GCM ? "authEnveloped-data" : "enveloped-data",
		    make_envelope, e);
	return r;
}

static int write_out(struct work *w, struct sink *out, struct err *e)
{
	struct source_spool s;
	source_spool_init(&s, w->from);
	if (outer_fields(w, "", false, out, e) < 0 || sink_puts(out, "MIME-Version: 1.0\n", e) < 0)
		return -1;
	return sink_pump(out, &s.source, e);
}

int protect_message(
    const struct protect_job *job, const struct spool *in, struct sink *out, struct err *e)
{
	struct work w = {.job = job, .header = HEADER_INIT, .from = &w.a, .to = &w.b};
	struct source_spool s;
	source_spool_init(&s, in);
	spool_init(&w.a);
	spool_init(&w.b);
	int r = header_read(&w.header, &s.source, NULL, e);
	if (r == 0 && !w.header.complete)
		r = err_set(e, EX_DATAERR, _("the message has no end of header"));
	if (r == 0)
		r = steps(&w, in, e);
	if (r == 0)
		r = write_out(&w, out, e);
	header_release(&w.header);
	spool_release(&w.a);
	spool_release(&w.b);
	return r;
}
