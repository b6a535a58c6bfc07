#include "secure/smime.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/time.h"
#include "secure/bio.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <stdlib.h>

enum { SIGNERS_MAX = 16, CHUNK = 16384, RSA_BITS_MIN = 2048 };

static char *take_text(struct buf *b)
{
	char *text = str_dup(buf_cstr(b));
	buf_release(b);
	return text;
}

static void describe_cert(X509 *cert, const struct strv *authors, struct secure_finding *f)
{
	struct buf b = BUF_INIT(4096);
	struct strv addresses = {0};
	cert_subject(cert, &b);
	f->signer = take_text(&b);
	cert_issuer(cert, &b);
	f->issuer = take_text(&b);
	cert_serial(cert, &b);
	f->serial = take_text(&b);
	cert_fingerprint(cert, &b);
	f->fingerprint = take_text(&b);
	f->expires_s = cert_ends_s(cert);
	cert_addresses(cert, &addresses);
	for (size_t i = 0; i < addresses.n; i++)
		for (size_t j = 0; j < authors->n && !f->address; j++)
			if (cert_same_address(span_of(addresses.v[i]), span_of(authors->v[j])))
				f->address = str_dup(addresses.v[i]);
	if (!f->address && addresses.n)
		f->address = str_dup(addresses.v[0]);
	strv_release(&addresses);
	X509_up_ref(cert);
	f->certificate = cert;
}

/* signingTime, RFC 8551 2.5.1: a claim of the signer. 0: not said. */
static int64_t signing_time(CMS_SignerInfo *si)
{
	int at = CMS_signed_get_attr_by_NID(si, NID_pkcs9_signingTime, -1);
	X509_ATTRIBUTE *a = at < 0 ? NULL : CMS_signed_get_attr(si, at);
	ASN1_TYPE *t = a ? X509_ATTRIBUTE_get0_type(a, 0) : NULL;
	if (!t || (t->type != V_ASN1_UTCTIME && t->type != V_ASN1_GENERALIZEDTIME))
		return 0;
	return cert_time_s(t->value.asn1_string);
}

static const char *digest_name(int nid)
{
	switch (nid) {
	case NID_md5: return "md5";
	case NID_sha1: return "sha-1";
	case NID_sha224: return "sha-224";
	case NID_sha256: return "sha-256";
	case NID_sha384: return "sha-384";
	case NID_sha512: return "sha-512";
	default: return OBJ_nid2sn(nid);
	}
}

/* What can still be forged. */
static bool is_weak(X509 *cert, int digest_nid, char *why, size_t size)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	int bits = key ? EVP_PKEY_get_bits(key) : 0;
	int kind = key ? EVP_PKEY_get_base_id(key) : 0;
	if (digest_nid == NID_sha1 || digest_nid == NID_md5)
		snprintf(
		    why, size, _("signed with %s, which can be forged"), digest_name(digest_nid));
	else if ((kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS) && bits < RSA_BITS_MIN)
		snprintf(why, size, _("signed with an RSA key of only %d bits"), bits);
	else
		return false;
	return true;
}

static bool by_an_author(X509 *cert, const struct strv *authors)
{
	for (size_t i = 0; i < authors->n; i++)
		if (cert_has_address(cert, span_of(authors->v[i])))
			return true;
	return false;
}

/* The signature holds: what does it prove? The worst comes first. */
static void judge(const struct smime_reader *reader, X509 *cert, STACK_OF(X509) * along,
    int digest_nid, struct secure_finding *f)
{
	const char *why;
	char weak[100];
	struct trust_answer chain;
	trust_chain(reader->trust, cert, along, f->signed_s, &chain);
	f->trusted = chain.trusted;
	if (!cert_may(cert, CERT_SIGN, &why))
		secure_finding_say(f, SECURE_FAIL, "%s", why);
	else if (chain.result == SECURE_FAIL)
		secure_finding_say(f, SECURE_FAIL, "%s", chain.reason);
	else if (!by_an_author(cert, reader->authors))
		secure_finding_say(f, SECURE_FAIL,
		    reader->authors->n
			? _("the certificate is %s's, the message says it is from %s")
			: _("the certificate is %s's, and the message does not say who it is "
			    "from%s"),
		    f->address ? f->address : f->signer,
		    reader->authors->n ? reader->authors->v[0] : "");
	else if (chain.result != SECURE_PASS)
		secure_finding_say(f, chain.result, "%s", chain.reason);
	else if (is_weak(cert, digest_nid, weak, sizeof(weak)))
		secure_finding_say(f, SECURE_POLICY, "%s", weak);
	else
		secure_finding_say(
		    f, SECURE_PASS, _("signed by %s, vouched for by %s"), f->address, f->issuer);
}

/* Signed attributes are what the signature is over; without them it is over the content itself (RFC 5652 5.4). */
static bool holds(CMS_SignerInfo *si, BIO *digests)
{
	if (CMS_signed_get_attr_count(si) >= 0 && CMS_SignerInfo_verify(si) != 1)
		return false;
	return CMS_SignerInfo_verify_content(si, digests) == 1;
}

static void check_signer(CMS_SignerInfo *si, BIO *digests, STACK_OF(X509) * along,
    const struct smime_reader *reader, struct secure_finding *f)
{
	X509 *cert = NULL;
	X509_ALGOR *digest = NULL;
	CMS_SignerInfo_get0_algs(si, NULL, &cert, &digest, NULL);
	int nid = digest ? OBJ_obj2nid(digest->algorithm) : NID_undef;
	f->algorithm = str_dup(digest_name(nid));
	f->signed_s = signing_time(si);
	if (!cert) {
		secure_finding_say(f, SECURE_PERMERROR, _("the signer's certificate is not here"));
		return;
	}
	describe_cert(cert, reader->authors, f);
	if (holds(si, digests))
		judge(reader, cert, along, nid, f);
	else
		secure_finding_say(
		    f, SECURE_FAIL, _("changed since it was signed: %s"), secure_openssl_reason());
	ERR_clear_error();
}

static int read_through(BIO *digests, const struct bio_ends *in, struct err *e)
{
	char chunk[CHUNK];
	while (BIO_read(digests, chunk, sizeof(chunk)) > 0)
		;
	return in->err.code ? err_copy(e, &in->err) : 0;
}

/* Those we know can serve where the message brings none. */
static void find_signers(CMS_ContentInfo *cms, const struct trust *trust)
{
	STACK_OF(X509) *known = sk_X509_new_null();
	ENSURE(known);
	for (size_t i = 0; i < trust->intermediates.n; i++)
		sk_X509_push(known, trust->intermediates.v[i]);
	CMS_set1_signers_certs(cms, known, 0);
	sk_X509_free(known);
}

static int check_signers(CMS_ContentInfo *cms, BIO *digests, const struct smime_reader *reader,
    const char *part, struct secure_findings *found)
{
	STACK_OF(CMS_SignerInfo) *all = CMS_get0_SignerInfos(cms);
	STACK_OF(X509) *along = CMS_get1_certs(cms);
	int n = sk_CMS_SignerInfo_num(all);
	find_signers(cms, reader->trust);
	found->over = found->over || n > SIGNERS_MAX;
	for (int i = 0; i < n && i < SIGNERS_MAX; i++) {
		struct secure_finding *f =
		    secure_findings_add(found, SECURE_SMIME, SECURE_SIGNATURE, part);
		if (f)
			check_signer(sk_CMS_SignerInfo_value(all, i), digests, along, reader, f);
	}
	sk_X509_pop_free(along, X509_free);
	return n;
}

static void say_one(struct secure_findings *found, const char *part, enum secure_result r,
    const char *what, const char *detail)
{
	struct secure_finding *f = secure_findings_add(found, SECURE_SMIME, SECURE_SIGNATURE, part);
	if (f)
		secure_finding_say(f, r, "%s%s", what, detail);
}

int smime_verify(const struct cms_slice *slice, struct source *content,
    const struct smime_reader *reader, const char *part, struct secure_findings *found,
    struct err *e)
{
	const unsigned char *p = (const unsigned char *)slice->shell.ptr;
	CMS_ContentInfo *cms = slice->kind == CMS_SIGNED
				   ? d2i_CMS_ContentInfo(NULL, &p, (long)slice->shell.len)
				   : NULL;
	struct bio_ends in = {.source = content};
	int r = 0;
	if (!cms) {
		say_one(found, part, SECURE_PERMERROR, _("the signature cannot be read: "),
		    slice->kind == CMS_SIGNED ? secure_openssl_reason()
					      : _("it is something else"));
		return 0;
	}
	BIO *from = bio_of(&in), *digests = CMS_dataInit(cms, from);
	if (!digests) {
		say_one(found, part, SECURE_NEUTRAL, "", secure_openssl_reason());
	} else if ((r = read_through(digests, &in, e)) == 0 &&
		   check_signers(cms, digests, reader, part, found) == 0) {
		/* RFC 8551 3.2.2: certs-only */
		say_one(found, part, SECURE_NONE, _("certificates without a signature"), "");
	}
	/* CMS_dataInit put its digests in front of ours */
	BIO_free_all(digests ? digests : from);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return r;
}
