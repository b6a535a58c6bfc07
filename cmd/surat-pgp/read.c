#include "base/alloc.h"
#include "base/intl.h"
#include "pgp.h"

#include <stdlib.h>

/* What gpg says of a decryption beyond what gpgme keeps. */
struct status {
	bool good_mdc; /* also what it says of an AEAD that was whole */
	int cipher, aead;
	bool bare; /* neither MDC nor AEAD */
};

static gpgme_error_t on_status(void *ctx, const char *keyword, const char *args)
{
	struct status *s = ctx;
	if (!strcmp(keyword, "GOODMDC"))
		s->good_mdc = true;
	else if (!strcmp(keyword, "DECRYPTION_INFO")) {
		char *at;
		long mdc = strtol(args, &at, 10);
		s->cipher = (int)strtol(at, &at, 10);
		s->aead = (int)strtol(at, NULL, 10);
		s->bare = !mdc && !s->aead;
	}
	return 0;
}

/* RFC 9580 9.3 */
static const char *cipher_name(int n)
{
	static const char *const names[] = {"plain", "idea", "3des", "cast5", "blowfish", "5", "6",
	    "aes128", "aes192", "aes256", "twofish", "camellia128", "camellia192", "camellia256"};
	return n > 0 && n < (int)ARRAY_LEN(names) ? names[n] : "unknown";
}

static const char *status_name(gpgme_error_t g)
{
	switch (gpgme_err_code(g)) {
	case GPG_ERR_NO_ERROR: return "good";
	case GPG_ERR_BAD_SIGNATURE: return "bad";
	case GPG_ERR_NO_PUBKEY: return "no-key";
	case GPG_ERR_SIG_EXPIRED: return "expired-signature";
	case GPG_ERR_KEY_EXPIRED: return "expired-key";
	case GPG_ERR_CERT_REVOKED: return "revoked-key";
	default: return gpgme_strerror(g);
	}
}

static json_t *signature(struct job *j, gpgme_signature_t s)
{
	gpgme_key_t key = NULL;
	char hash[32] = "";
	const char *name = gpgme_hash_algo_name(s->hash_algo);
	if (s->fpr && gpgme_err_code(s->status) != GPG_ERR_NO_PUBKEY)
		gpgme_get_key(j->ctx, s->fpr, &key, 0);
	for (size_t i = 0; name && name[i] && i < sizeof(hash) - 1; i++)
		hash[i] = to_lower(name[i]), hash[i + 1] = 0;
	/* the key's own fingerprint, not its subkey's: that is what people compare */
	json_t *o = json_pack("{s:s,s:s,s:s,s:I,s:I}", "status", status_name(s->status),
	    "fingerprint",
	    key && key->fpr ? key->fpr
	    : s->fpr        ? s->fpr
			    : "",
	    "hash", hash, "signed", (json_int_t)s->timestamp, "expires",
	    (json_int_t)(key && key->subkeys && key->subkeys->expires > 0 ? key->subkeys->expires
									  : 0));
	ENSURE(o);
	json_object_set_new(o, "user_ids", key_user_ids(key));
	gpgme_key_unref(key);
	return o;
}

/* Not while gpgme's own list is walked: looking up a key ends it. */
static json_t *signatures(struct job *j)
{
	gpgme_verify_result_t r = gpgme_op_verify_result(j->ctx);
	json_t *all = json_array();
	if (!r)
		return all;
	gpgme_result_ref(r);
	for (gpgme_signature_t s = r->signatures; s; s = s->next)
		json_array_append_new(all, signature(j, s));
	gpgme_result_unref(r);
	return all;
}

/* --- a detached signature --- */

static int take_signature(struct job *j, struct buf *b, uint64_t n, struct err *e)
{
	char chunk[4096];
	while (n) {
		ssize_t got =
		    j->in->read(j->in, chunk, n < sizeof(chunk) ? (size_t)n : sizeof(chunk), e);
		if (got <= 0)
			return got < 0 ? -1
				       : err_set(e, EX_DATAERR, _("the signature is cut short"));
		buf_addn(b, chunk, (size_t)got);
		n -= (uint64_t)got;
	}
	return 0;
}

/* What is left of the input is read: who writes it is not to be cut off. */
static int drain(struct job *j, struct err *e)
{
	char chunk[16384];
	ssize_t n;
	while ((n = j->in->read(j->in, chunk, sizeof(chunk), e)) > 0)
		;
	return (int)n;
}

int read_signature(struct job *j, uint64_t signature_bytes, struct err *e)
{
	struct buf b = BUF_INIT(1 << 20);
	struct source_mem mem;
	struct data sig = {0}, content = {0};
	int r = take_signature(j, &b, signature_bytes, e);
	source_mem_init(&mem, buf_span(&b));
	if (r == 0)
		r = data_open(&sig, &mem.source, NULL, e);
	if (r == 0)
		r = data_open(&content, j->in, NULL, e);
	if (r == 0) {
		gpgme_error_t g = gpgme_op_verify(j->ctx, sig.gpgme, content.gpgme, NULL);
		r = content.failed.code ? err_copy(e, &content.failed) : drain(j, e);
		json_t *all = signatures(j);
		if (r == 0 && json_array_size(all) == 0)
			json_array_append_new(all,
			    json_pack("{s:s}", "status", g ? gpgme_strerror(g) : "no signature"));
		json_object_set_new(j->answer, "signatures", all);
	}
	data_close(&sig);
	data_close(&content);
	buf_release(&b);
	return r;
}

/* --- encrypted, or signed and whole --- */

static const char *decrypt_status(gpgme_error_t g)
{
	switch (gpgme_err_code(g)) {
	case GPG_ERR_NO_ERROR: return "ok";
	case GPG_ERR_NO_SECKEY: return "no-key";
	case GPG_ERR_NO_DATA: return "no-data";
	default: return "failed";
	}
}

static bool for_no_key_of_ours(gpgme_decrypt_result_t r)
{
	bool none = r && r->recipients;
	for (gpgme_recipient_t p = none ? r->recipients : NULL; p; p = p->next)
		none = none && gpgme_err_code(p->status) == GPG_ERR_NO_SECKEY;
	return none;
}

static void say_decryption(struct job *j, gpgme_error_t g, const struct status *s)
{
	gpgme_decrypt_result_t r = gpgme_op_decrypt_result(j->ctx);
	bool nomdc = s->bare || (r && r->legacy_cipher_nomdc);
	bool integrity = !g && s->good_mdc && !nomdc;
	const char *status = g && for_no_key_of_ours(r) ? "no-key" : decrypt_status(g);
	const char *why = nomdc || (!g && !integrity)
			      ? _("it was not protected against changes (no MDC)")
			  : g ? gpgme_strerror(g)
			      : "";
	char name[64];
	snprintf(name, sizeof(name), "%s%s", cipher_name(s->cipher),
	    s->aead == 2   ? "-ocb"
	    : s->aead == 1 ? "-eax"
			   : "");
	json_object_set_new(j->answer, "decryption",
	    json_pack("{s:s,s:b,s:s,s:s}", "status", status, "integrity", integrity, "reason", why,
		"algorithm", name));
	if (!integrity)
		spool_reset(&j->out, NULL);
}

/* Clear-signed text, or a signed message: no decryption in it. */
static int read_signed_whole(struct job *j, const struct spool *all, struct err *e)
{
	struct source_spool s;
	struct data in = {0}, out = {0};
	source_spool_init(&s, all);
	int r = data_open(&in, &s.source, NULL, e);
	if (r == 0)
		r = data_open(&out, NULL, &j->out.sink, e);
	if (r == 0) {
		gpgme_error_t g = gpgme_op_verify(j->ctx, in.gpgme, NULL, out.gpgme);
		json_t *found = signatures(j);
		if (json_array_size(found) == 0)
			json_array_append_new(found,
			    json_pack("{s:s}", "status", g ? gpgme_strerror(g) : "no signature"));
		json_object_set_new(j->answer, "signatures", found);
	}
	data_close(&in);
	data_close(&out);
	return r;
}

static int decrypt(struct job *j, const struct spool *all, bool *nothing, struct err *e)
{
	struct source_spool s;
	struct status status = {0};
	struct data in = {0}, out = {0};
	source_spool_init(&s, all);
	gpgme_set_status_cb(j->ctx, on_status, &status);
	int r = data_open(&in, &s.source, NULL, e);
	if (r == 0)
		r = data_open(&out, NULL, &j->out.sink, e);
	if (r == 0) {
		gpgme_error_t g = gpgme_op_decrypt_verify(j->ctx, in.gpgme, out.gpgme);
		*nothing = gpgme_err_code(g) == GPG_ERR_NO_DATA;
		if (in.failed.code || out.failed.code)
			r = err_copy(e, in.failed.code ? &in.failed : &out.failed);
		else if (!*nothing)
			say_decryption(j, g, &status);
		if (r == 0 && !*nothing)
			json_object_set_new(j->answer, "signatures", signatures(j));
	}
	gpgme_set_status_cb(j->ctx, NULL, NULL);
	data_close(&in);
	data_close(&out);
	return r;
}

static bool is_clear_signed(const struct spool *all)
{
	char head[64];
	ssize_t got = spool_pread(all, head, sizeof(head), 0, NULL);
	return span_starts(span_trim(span_make(head, got > 0 ? (size_t)got : 0)),
	    "-----BEGIN PGP SIGNED MESSAGE-----");
}

int read_encrypted(struct job *j, struct err *e)
{
	struct spool all;
	bool nothing = false;
	spool_init(&all);
	int r = sink_pump(&all.sink, j->in, e);
	if (r == 0 && is_clear_signed(&all))
		r = read_signed_whole(j, &all, e);
	else if (r == 0)
		r = decrypt(j, &all, &nothing, e);
	if (r == 0 && nothing && (r = spool_reset(&j->out, e)) == 0)
		r = read_signed_whole(j, &all, e);
	spool_release(&all);
	return r;
}
