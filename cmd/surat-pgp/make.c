#include "base/alloc.h"
#include "base/intl.h"
#include "pgp.h"

#include <stdio.h>
#include <stdlib.h>

/* What went wrong on our side is the cause of what gpgme then says. */
static int settle(
    gpgme_error_t g, const struct data *in, const struct data *out, const char *what, struct err *e)
{
	if (in->failed.code || out->failed.code)
		return err_copy(e, in->failed.code ? &in->failed : &out->failed);
	return g ? job_failed(e, g, what) : 0;
}

static int set_signer(gpgme_ctx_t ctx, const char *name, gpgme_key_t *key, struct err *e)
{
	if (key_find(ctx, name, true, key, e) < 0)
		return -1;
	gpgme_signers_clear(ctx);
	gpgme_error_t g = gpgme_signers_add(ctx, *key);
	return g ? job_failed(e, g, name) : 0;
}

/* micalg, RFC 3156 5. */
static void set_micalg(struct job *j)
{
	gpgme_sign_result_t r = gpgme_op_sign_result(j->ctx);
	const char *hash =
	    r && r->signatures ? gpgme_hash_algo_name(r->signatures->hash_algo) : NULL;
	char micalg[32];
	snprintf(micalg, sizeof(micalg), "pgp-%s", hash ? hash : "sha512");
	for (char *p = micalg; *p; p++)
		*p = to_lower(*p);
	json_object_set_new(j->answer, "micalg", json_string(micalg));
}

int make_signature(struct job *j, const char *name, struct err *e)
{
	struct data in = {0}, out = {0};
	gpgme_key_t key = NULL;
	int r = set_signer(j->ctx, name, &key, e);
	if (r == 0)
		r = data_open(&in, j->in, NULL, e);
	if (r == 0)
		r = data_open(&out, NULL, &j->out.sink, e);
	if (r == 0)
		r = settle(gpgme_op_sign(j->ctx, in.gpgme, out.gpgme, GPGME_SIG_MODE_DETACH), &in,
		    &out, name, e);
	if (r == 0)
		set_micalg(j);
	data_close(&in);
	data_close(&out);
	gpgme_key_unref(key);
	return r;
}

/* The signer reads what he sends, too. */
static int find_all(
    struct job *j, const struct strv *to, const char *signer, gpgme_key_t *keys, struct err *e)
{
	size_t n = 0;
	for (size_t i = 0; i < to->n; i++, n++)
		if (key_find(j->ctx, to->v[i], false, &keys[n], e) < 0)
			return -1;
	gpgme_key_t own = NULL;
	if (signer && set_signer(j->ctx, signer, &own, e) < 0) {
		gpgme_key_unref(own);
		return -1;
	}
	if (own && own->can_encrypt)
		keys[n] = own;
	else
		gpgme_key_unref(own);
	return 0;
}

int make_encrypted(struct job *j, const struct strv *to, const char *signer, struct err *e)
{
	gpgme_key_t *keys = mem_new(to->n + 2, sizeof(gpgme_key_t));
	struct data in = {0}, out = {0};
	/* key_find has asked who vouches for them */
	const gpgme_encrypt_flags_t flags = GPGME_ENCRYPT_ALWAYS_TRUST;
	int r = find_all(j, to, signer, keys, e);
	if (r == 0)
		r = data_open(&in, j->in, NULL, e);
	if (r == 0)
		r = data_open(&out, NULL, &j->out.sink, e);
	if (r == 0)
		r = settle(signer ? gpgme_op_encrypt_sign(j->ctx, keys, flags, in.gpgme, out.gpgme)
				  : gpgme_op_encrypt(j->ctx, keys, flags, in.gpgme, out.gpgme),
		    &in, &out, _("cannot encrypt"), e);
	data_close(&in);
	data_close(&out);
	for (size_t i = 0; keys[i]; i++)
		gpgme_key_unref(keys[i]);
	free(keys);
	return r;
}
