#include "secure/pgp.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MAX = 1 << 20, END_MS = 10000 };

/* One run: stdin is read whole before it answers a line of JSON and, behind it, as many bytes as that says. */
struct helper {
	struct child child;
	struct source_fd from;
	struct buf answer; /* the line */
	uint64_t bytes;    /* behind it */
};

static int start(struct helper *h, char *const argv[], struct err *e)
{
	*h = (struct helper){.answer = BUF_INIT(ANSWER_MAX)};
	if (child_start(&h->child, argv, NULL, CHILD_STDIN | CHILD_STDOUT, e) < 0)
		return err_prefix(e, _("OpenPGP: "));
	source_fd_init(&h->from, h->child.out);
	return 0;
}

/* A helper that has ended has said why: that is read, whatever became of our bytes. */
static int give(struct helper *h, struct source *in, struct err *e)
{
	char chunk[16384];
	ssize_t n;
	while ((n = in->read(in, chunk, sizeof(chunk), e)) > 0)
		if (fd_write_all(h->child.in, span_make(chunk, (size_t)n), NULL) < 0)
			return 0;
	return n < 0 ? -1 : 0;
}

static int read_answer(struct helper *h, struct err *e)
{
	char c;
	ssize_t n;
	sys_close(h->child.in);
	h->child.in = -1;
	while ((n = h->from.source.read(&h->from.source, &c, 1, e)) > 0 && c != '\n' &&
	       !h->answer.over)
		buf_addc(&h->answer, c);
	if (n < 0)
		return -1;
	if (n == 0 || h->answer.over)
		return err_set(e, EX_UNAVAILABLE, _("OpenPGP: surat-pgp gave no answer"));
	return 0;
}

static int read_bytes(struct helper *h, uint64_t left, struct sink *out, struct err *e)
{
	char chunk[16384];
	while (left) {
		size_t want = left < sizeof(chunk) ? (size_t)left : sizeof(chunk);
		ssize_t n = h->from.source.read(&h->from.source, chunk, want, e);
		if (n <= 0)
			return n < 0
				   ? -1
				   : err_set(e, EX_UNAVAILABLE, _("OpenPGP: surat-pgp broke off"));
		if (sink_put(out, span_make(chunk, (size_t)n), e) < 0)
			return -1;
		left -= (uint64_t)n;
	}
	return 0;
}

static void end(struct helper *h)
{
	int status;
	child_wait(&h->child, END_MS, &status, NULL);
	buf_release(&h->answer);
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static json_t *parse(struct span line, struct err *e)
{
	json_t *o = json_loadb(line.ptr ? line.ptr : "", line.len, 0, NULL);
	if (json_is_object(o) && json_integer_value(json_object_get(o, "v")) == 1)
		return o;
	json_decref(o);
	err_set(e, EX_UNAVAILABLE, _("OpenPGP: surat-pgp answered something else"));
	return NULL;
}

/* What kept it from being done at all: not a finding about a message. */
static int refusal(const json_t *o, struct err *e)
{
	const char *why = text(o, "error");
	int code = (int)json_integer_value(json_object_get(o, "code"));
	if (!*why)
		return 0;
	return err_set(
	    e, code >= EX_USAGE && code <= EX_CONFIG ? code : EX_UNAVAILABLE, "OpenPGP: %s", why);
}

static uint64_t bytes_of(const json_t *o)
{
	json_int_t n = json_integer_value(json_object_get(o, "bytes"));
	return n > 0 ? (uint64_t)n : 0;
}

/* --- making --- */

static int make(char *const argv[], struct source *in, struct sink *out,
    char micalg[PGP_MICALG_MAX], struct err *e)
{
	struct helper h;
	if (start(&h, argv, e) < 0)
		return -1;
	json_t *o = NULL;
	int r = give(&h, in, e);
	if (r == 0)
		r = read_answer(&h, e);
	if (r == 0 && !(o = parse(buf_span(&h.answer), e)))
		r = -1;
	if (r == 0)
		r = refusal(o, e);
	if (r == 0 && micalg)
		snprintf(micalg, PGP_MICALG_MAX, "%s", text(o, "micalg"));
	if (r == 0)
		r = read_bytes(&h, bytes_of(o), out, e);
	json_decref(o);
	end(&h);
	return r;
}

static char *word(const char *s)
{
	return (char *)(uintptr_t)s; /* an argument list is only read */
}

int pgp_sign(const char *key, struct source *content, struct buf *signature,
    char micalg[PGP_MICALG_MAX], struct err *e)
{
	char *argv[] = {word("surat-pgp"), word("sign"), word("--key"), word(key), NULL};
	struct sink_buf to;
	sink_buf_init(&to, signature);
	return make(argv, content, &to.sink, micalg, e);
}

int pgp_encrypt(const struct strv *keys, const char *sign_with, struct source *content,
    struct sink *out, struct err *e)
{
	struct strv argv = {0};
	strv_add(&argv, "surat-pgp");
	strv_add(&argv, "encrypt");
	for (size_t i = 0; i < keys->n; i++) {
		strv_add(&argv, "--to");
		strv_add(&argv, keys->v[i]);
	}
	if (sign_with) {
		strv_add(&argv, "--key");
		strv_add(&argv, sign_with);
	}
	int r = make(argv.v, content, out, NULL, e);
	strv_release(&argv);
	return r;
}

/* --- reading --- */

/* Where OpenPGP is not installed nothing is known: neither that it holds nor that it does not. */
static void unavailable(
    struct secure_findings *found, enum secure_kind k, const char *part, const struct err *why)
{
	struct secure_finding *f = secure_findings_add(found, SECURE_PGP, k, part);
	enum secure_result r = why->code == EX_UNAVAILABLE ? SECURE_NEUTRAL
			       : err_is_temporary(why)     ? SECURE_TEMPERROR
							   : SECURE_PERMERROR;
	if (!f)
		return;
	secure_finding_say(f, r, "%s", why->text);
	f->no_key = why->code == EX_NOPERM;
}

int pgp_verify(struct span signature, struct source *content, const struct strv *authors,
    const char *part, struct secure_findings *found, struct err *e)
{
	char size[24];
	struct helper h;
	struct err bad = ERR_INIT;
	struct source_mem first;
	uint64_t bytes;
	ptrdiff_t decrypted;
	snprintf(size, sizeof(size), "%zu", signature.len);
	char *argv[] = {word("surat-pgp"), word("verify"), word("--signature-bytes"), size, NULL};
	if (start(&h, argv, &bad) < 0) {
		unavailable(found, SECURE_SIGNATURE, part, &bad);
		return 0;
	}
	source_mem_init(&first, signature);
	int r = give(&h, &first.source, e);
	if (r == 0)
		r = give(&h, content, e);
	if (r == 0 && (read_answer(&h, &bad) < 0 || pgp_answer_read(buf_span(&h.answer), authors,
							part, found, &bytes, &decrypted, &bad) < 0))
		unavailable(found, SECURE_SIGNATURE, part, &bad);
	end(&h);
	return r;
}

int pgp_decrypt(struct source *cipher, struct sink *out, const struct strv *authors,
    const char *part, struct secure_findings *found, ptrdiff_t *decrypted, struct err *e)
{
	struct helper h;
	struct err bad = ERR_INIT;
	char *argv[] = {word("surat-pgp"), word("decrypt"), NULL};
	uint64_t bytes = 0;
	*decrypted = -1;
	if (start(&h, argv, &bad) < 0) {
		unavailable(found, SECURE_ENCRYPTION, part, &bad);
		return 0;
	}
	int r = give(&h, cipher, e);
	if (r == 0 && (read_answer(&h, &bad) < 0 || pgp_answer_read(buf_span(&h.answer), authors,
							part, found, &bytes, decrypted, &bad) < 0))
		unavailable(found, SECURE_ENCRYPTION, part, &bad);
	else if (r == 0)
		r = read_bytes(&h, bytes, out, e);
	end(&h);
	return r;
}
