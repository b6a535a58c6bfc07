/*
 * pgp.h - surat-pgp from the inside: gpgme, and what is answered.
 */
#ifndef SURAT_PGP_PGP_H
#define SURAT_PGP_PGP_H

#include "base/strv.h"
#include "io/spool.h"

#include <gpgme.h>
#include <jansson.h>

/* All of a run: what comes in, what goes out behind the answer. */
struct job {
	gpgme_ctx_t ctx;
	struct source *in;
	struct spool out;
	json_t *answer;
};
/* e from gpgme's error. EX_NOPERM the passphrase was not given, EX_NOUSER no such key. */
int job_failed(struct err *e, gpgme_error_t g, const char *what);
/* The input, and the output, as gpgme takes them. *failed keeps what our side of it said. */
struct data {
	gpgme_data_t gpgme;
	struct source *from;
	struct sink *to;
	struct err failed;
};
int data_open(struct data *d, struct source *from, struct sink *to, struct err *e);
void data_close(struct data *d);

/* A key that can sign, or one that can be encrypted to: by fingerprint, or address of a user id. */
int key_find(gpgme_ctx_t ctx, const char *name, bool secret, gpgme_key_t *key, struct err *e);
const char *key_validity(gpgme_validity_t v); /* "full" */
/* Its user ids with an address: [{"id","address","validity","trust"}]. */
json_t *key_user_ids(gpgme_key_t key);

int make_signature(struct job *j, const char *key, struct err *e);
int make_encrypted(struct job *j, const struct strv *to, const char *key, struct err *e);
int read_signature(struct job *j, uint64_t signature_bytes, struct err *e);
int read_encrypted(struct job *j, struct err *e);

#endif
