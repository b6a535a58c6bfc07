#include "secure/smime.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "secure/bio.h"

#include <openssl/cms.h>
#include <openssl/err.h>

enum { CHUNK = 16384, TAG_MIN = 12 /* RFC 5084 3.1 and 3.2 */ };

/* The cipher's name, and whether it knows when it was tampered with. */
static void describe(const struct cms_slice *s, struct secure_finding *f, bool *integrity)
{
	const unsigned char *p = (const unsigned char *)s->shell.ptr + s->algorithm_at;
	X509_ALGOR *a = s->algorithm_len ? d2i_X509_ALGOR(NULL, &p, (long)s->algorithm_len) : NULL;
	int nid = a ? OBJ_obj2nid(a->algorithm) : NID_undef;
	const EVP_CIPHER *cipher = EVP_get_cipherbynid(nid);
	struct buf name = BUF_INIT(64);
	for (const char *c = nid == NID_undef ? "unknown" : OBJ_nid2ln(nid); *c; c++)
		buf_addc(&name, to_lower(*c));
	f->algorithm = str_dup(buf_cstr(&name));
	*integrity = s->kind == CMS_AUTH_ENVELOPED && cipher && s->tag_len >= TAG_MIN &&
		     (EVP_CIPHER_get_flags(cipher) & EVP_CIPH_FLAG_AEAD_CIPHER);
	buf_release(&name);
	X509_ALGOR_free(a);
	ERR_clear_error();
}

static bool is_for(CMS_RecipientInfo *ri, X509 *cert)
{
	if (CMS_RecipientInfo_type(ri) == CMS_RECIPINFO_TRANS)
		return CMS_RecipientInfo_ktri_cert_cmp(ri, cert) == 0;
	if (CMS_RecipientInfo_type(ri) != CMS_RECIPINFO_AGREE)
		return false;
	STACK_OF(CMS_RecipientEncryptedKey) *keys = CMS_RecipientInfo_kari_get0_reks(ri);
	for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(keys); i++)
		if (CMS_RecipientEncryptedKey_cert_cmp(
			sk_CMS_RecipientEncryptedKey_value(keys, i), cert) == 0)
			return true;
	return false;
}

static const struct smime_identity *ours(CMS_ContentInfo *cms, const struct smime_reader *reader)
{
	STACK_OF(CMS_RecipientInfo) *all = CMS_get0_RecipientInfos(cms);
	for (size_t k = 0; k < reader->mine_n; k++)
		for (int i = 0; i < sk_CMS_RecipientInfo_num(all); i++)
			if (is_for(sk_CMS_RecipientInfo_value(all, i), reader->mine[k].chain.v[0]))
				return &reader->mine[k];
	return NULL;
}

/* CMS_decrypt keeps what an AEAD gives in memory until the tag is seen; here it goes to a spool that nobody reads before that. */
static bool read_through(BIO *plain, struct bio_ends *to)
{
	char chunk[CHUNK];
	int n;
	while ((n = BIO_read(plain, chunk, sizeof(chunk))) > 0)
		if (sink_put(to->sink, span_make(chunk, (size_t)n), &to->err) < 0)
			return false;
	return BIO_method_type(plain) == BIO_TYPE_CIPHER && BIO_get_cipher_status(plain) > 0;
}

/* With the certificate told, OpenSSL answers a key that does not fit like content that was tampered with (no oracle, RFC 3218). */
static int decrypt(CMS_ContentInfo *cms, const struct smime_identity *id,
    const struct cms_slice *slice, struct sink *out, struct secure_finding *f, struct err *e)
{
	struct source_spool content;
	source_spool_init(&content, &slice->content);
	struct bio_ends in = {.source = &content.source}, to = {.sink = out};
	BIO *from = bio_of(&in), *plain = NULL;
	if (CMS_decrypt_set1_pkey(cms, id->key, id->chain.v[0]) == 1)
		plain = CMS_dataInit(cms, from);
	bool whole = plain && read_through(plain, &to);
	BIO_free_all(plain ? plain : from);
	if (in.err.code || to.err.code)
		return err_copy(e, in.err.code ? &in.err : &to.err);
	if (whole)
		secure_finding_say(f, SECURE_PASS, _("decrypted, %s"), f->algorithm);
	else
		secure_finding_say(f, SECURE_FAIL, _("changed since it was encrypted: %s"),
		    secure_openssl_reason());
	return 0;
}

int smime_decrypt(const struct cms_slice *slice, const struct smime_reader *reader,
    struct sink *out, struct secure_finding *f, bool *integrity, struct err *e)
{
	const unsigned char *p = (const unsigned char *)slice->shell.ptr;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)slice->shell.len);
	const struct smime_identity *id = cms ? ours(cms, reader) : NULL;
	int r = 0;
	describe(slice, f, integrity);
	if (!cms)
		secure_finding_say(
		    f, SECURE_PERMERROR, _("cannot be read: %s"), secure_openssl_reason());
	else if ((f->no_key = !reader->mine_n))
		secure_finding_say(
		    f, SECURE_PERMERROR, _("encrypted, and no key of ours is given"));
	else if ((f->no_key = !id))
		secure_finding_say(f, SECURE_PERMERROR, _("encrypted for others, not for our key"));
	else if (!slice->has_content)
		secure_finding_say(f, SECURE_PERMERROR, _("there is no content in it"));
	else
		r = decrypt(cms, id, slice, out, f, e);
	if (r == 0 && f->result == SECURE_PASS && !*integrity)
		secure_finding_say(f, SECURE_POLICY,
		    _("decrypted, but %s does not show whether it was changed"), f->algorithm);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return r;
}
