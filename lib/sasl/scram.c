#include "sasl/scram.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "base/random.h"
#include "codec/base64.h"
#include "sasl/mechanism.h"

#include <stdio.h>
#include <stdlib.h>

/* --- beginning --- */

static void make_nonce(struct scram *sc)
{
	unsigned char bytes[18];
	struct buf b = BUF_INIT(sizeof(sc->nonce));
	random_bytes(bytes, sizeof(bytes));
	base64_encode(&b, span_make((const char *)bytes, sizeof(bytes)));
	snprintf(sc->nonce, sizeof(sc->nonce), "%s", buf_cstr(&b));
	buf_release(&b);
}

static void prepared(struct buf *out, const char *text)
{
	*out = (struct buf)BUF_INIT(SCRAM_MESSAGE / 2);
	out->secret = true;
	sasl_prep(out, span_of(text));
}

void scram_init(struct scram *sc, enum digest_kind kind, const char *user, const char *password)
{
	*sc = (struct scram){.kind = kind,
	    .min_iterations = 1,
	    .binding = BUF_INIT(4096),
	    .auth_message = BUF_INIT(2 * SCRAM_MESSAGE)};
	prepared(&sc->user, user);
	prepared(&sc->password, password);
	make_nonce(sc);
	scram_bind(sc, "n,,", SPAN(""));
}

void scram_bind(struct scram *sc, const char *header, struct span data)
{
	sc->header = header;
	buf_reset(&sc->binding);
	buf_adds(&sc->binding, header);
	buf_add(&sc->binding, data);
}

void scram_release(struct scram *sc)
{
	buf_wipe(&sc->user);
	buf_wipe(&sc->password);
	buf_wipe(&sc->binding);
	buf_wipe(&sc->auth_message);
	mem_wipe(sc, sizeof(*sc));
}

/* --- the client's first message --- */

int scram_first(struct scram *sc, struct buf *out, struct err *e)
{
	struct buf *bare = &sc->auth_message;
	buf_adds(bare, "n=");
	for (size_t i = 0; i < sc->user.len; i++)
		if (sc->user.ptr[i] == ',' || sc->user.ptr[i] == '=')
			buf_adds(bare, sc->user.ptr[i] == ',' ? "=2C" : "=3D");
		else
			buf_addc(bare, sc->user.ptr[i]);
	buf_addf(bare, ",r=%s", sc->nonce);
	buf_adds(out, sc->header);
	buf_add(out, buf_span(bare));
	if (sc->user.over || sc->password.over || bare->over || out->over)
		return err_set(e, EX_USAGE, _("the user's name or the password is too long"));
	return 0;
}

/* --- the server's first message --- */

/* Takes "k=value" and the comma behind it. */
static bool attribute(struct span *rest, char key, struct span *value)
{
	struct span whole = *rest, one;
	if (rest->len < 2 || rest->ptr[0] != key || rest->ptr[1] != '=')
		return false;
	if (!span_cut(rest, ',', &one)) {
		one = whole;
		*rest = SPAN("");
	}
	*value = span_skip(one, 2);
	return true;
}

struct server_first {
	struct span nonce;
	struct buf salt;
	uint64_t iterations;
};

static int parse(struct scram *sc, struct span text, struct server_first *f, struct err *e)
{
	struct span salt, count;
	if (span_starts(text, "m="))
		return err_set(e, EX_PROTOCOL, _("the server needs an extension we do not know"));
	if (!attribute(&text, 'r', &f->nonce) || !attribute(&text, 's', &salt) ||
	    !attribute(&text, 'i', &count))
		return err_set(e, EX_PROTOCOL, _("the server's first message makes no sense"));
	if (!span_starts(f->nonce, sc->nonce) || f->nonce.len == strlen(sc->nonce))
		return err_set(e, EX_PROTOCOL, _("the server's nonce does not go on from ours"));
	if (base64_decode(&f->salt, salt, e) < 0 || !f->salt.len)
		return err_set(e, EX_PROTOCOL, _("the server's salt makes no sense"));
	if (!span_to_u64(count, UINT32_MAX, &f->iterations) || f->iterations == 0)
		return err_set(e, EX_PROTOCOL, _("the server's iteration count makes no sense"));
	if (f->iterations > SASL_ITERATIONS_MAX)
		return err_set(e, EX_PROTOCOL,
		    _("the server asks for %.*s iterations, more than %d"), SPAN_ARG(count),
		    SASL_ITERATIONS_MAX);
	if (f->iterations < sc->min_iterations)
		return err_set(e, EX_PROTOCOL,
		    _("the server asks for %.*s iterations; without TLS that is too few"),
		    SPAN_ARG(count));
	return 0;
}

/* --- the client's final message --- */

static size_t hmac(const struct scram *sc, const unsigned char *key, struct span text,
    unsigned char out[DIGEST_MAX])
{
	return digest_hmac(
	    sc->kind, span_make((const char *)key, digest_size(sc->kind)), text, out);
}

/* RFC 5802 3: proof = ClientKey xor HMAC(H(ClientKey), AuthMessage). */
static void compute(struct scram *sc, const struct server_first *f, unsigned char proof[DIGEST_MAX])
{
	unsigned char salted[DIGEST_MAX], key[DIGEST_MAX], stored[DIGEST_MAX], sign[DIGEST_MAX];
	size_t n = digest_pbkdf2(
	    sc->kind, buf_span(&sc->password), buf_span(&f->salt), (unsigned)f->iterations, salted);
	struct span message = buf_span(&sc->auth_message);
	hmac(sc, salted, SPAN("Client Key"), key);
	digest_of(sc->kind, span_make((const char *)key, n), stored);
	hmac(sc, stored, message, sign);
	for (size_t i = 0; i < n; i++)
		proof[i] = key[i] ^ sign[i];
	hmac(sc, salted, SPAN("Server Key"), key);
	hmac(sc, key, message, sc->server_signature);
	sc->has_signature = true;
	mem_wipe(salted, sizeof(salted));
	mem_wipe(key, sizeof(key));
	mem_wipe(stored, sizeof(stored));
}

static int write_final(struct scram *sc, struct span server_first, const struct server_first *f,
    struct buf *out, struct err *e)
{
	unsigned char proof[DIGEST_MAX];
	buf_adds(out, "c=");
	base64_encode(out, buf_span(&sc->binding));
	buf_adds(out, ",r=");
	buf_add(out, f->nonce);
	buf_addc(&sc->auth_message, ',');
	buf_add(&sc->auth_message, server_first);
	buf_addc(&sc->auth_message, ',');
	buf_add(&sc->auth_message, buf_span(out));
	if (sc->auth_message.over || out->over)
		return err_set(e, EX_PROTOCOL, _("the server's first message is too long"));
	compute(sc, f, proof);
	buf_adds(out, ",p=");
	base64_encode(out, span_make((const char *)proof, digest_size(sc->kind)));
	return 0;
}

int scram_final(struct scram *sc, struct span server_first, struct buf *out, struct err *e)
{
	struct server_first f = {.salt = BUF_INIT(SCRAM_MESSAGE)};
	int r = parse(sc, server_first, &f, e);
	if (r == 0)
		r = write_final(sc, server_first, &f, out, e);
	buf_release(&f.salt);
	return r;
}

/* --- the server's final message --- */

int scram_verify(struct scram *sc, struct span server_final, struct err *e)
{
	struct span value;
	struct buf given = BUF_INIT(DIGEST_MAX * 2);
	if (attribute(&server_final, 'e', &value))
		return err_set(e, EX_NOPERM, _("the server refuses: %.*s"), SPAN_ARG(value));
	bool good = sc->has_signature && attribute(&server_final, 'v', &value) &&
		    base64_decode(&given, value, e) == 0 &&
		    digest_equal(buf_span(&given),
			span_make((const char *)sc->server_signature, digest_size(sc->kind)));
	buf_release(&given);
	return good ? 0
		    : err_set(e, EX_PROTOCOL,
			  _("the server does not know the password: it is not the one it says"));
}

/* --- as a mechanism --- */

/* RFC 5802 6: "y" says that we could bind and the server did not offer it, so that who removed the offer is found out. */
static void choose_binding(struct sasl *s, struct scram *sc)
{
	const struct sasl_credentials *cred = s->cred;
	bool able = cred->exporter.len || cred->end_point.len;
	if (!(s->mechanism->flags & SASL_BINDING))
		scram_bind(sc, able && !s->plus_offered ? "y,," : "n,,", SPAN(""));
	else if (cred->exporter.len)
		scram_bind(sc, "p=tls-exporter,,", cred->exporter);
	else
		scram_bind(sc, "p=tls-server-end-point,,", cred->end_point);
}

int sasl_scram_begin(struct sasl *s, struct buf *out, struct err *e)
{
	struct scram *sc = mem_new(1, sizeof(*sc));
	scram_init(sc, (enum digest_kind)s->mechanism->variant, s->cred->user, s->cred->password);
	sc->min_iterations = s->allow_plain ? 1 : SASL_ITERATIONS_MIN;
	s->state = sc;
	choose_binding(s, sc);
	return scram_first(sc, out, e);
}

int sasl_scram_step(struct sasl *s, struct span challenge, struct buf *out, struct err *e)
{
	if (s->step == 0)
		return scram_final(s->state, challenge, out, e);
	if (s->step > 1)
		return err_set(e, EX_PROTOCOL, _("a third challenge"));
	if (scram_verify(s->state, challenge, e) < 0)
		return -1;
	s->proven = true;
	return 0;
}

void sasl_scram_release(struct sasl *s)
{
	if (s->state)
		scram_release(s->state);
	free(s->state);
}
