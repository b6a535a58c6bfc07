#include "codec/idna.h"
#include "secure/cert.h"

#include "base/alloc.h"

#include <openssl/x509v3.h>
#include <stdlib.h>

/* What has a control character in it (a NUL, above all) is no address and is passed over: nobody may be shown half of it. */
static void add_string(struct strv *out, const ASN1_STRING *s)
{
	struct span text =
	    span_make((const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
			return;
	if (span_index(text, '@') > 0)
		strv_add_span(out, text);
}

/* rfc822Name, and SmtpUTF8Mailbox among the otherNames. */
static void add_general_name(struct strv *out, const GENERAL_NAME *name)
{
	if (name->type == GEN_EMAIL)
		add_string(out, name->d.rfc822Name);
	else if (name->type == GEN_OTHERNAME &&
		 OBJ_obj2nid(name->d.otherName->type_id) == NID_id_on_SmtpUTF8Mailbox &&
		 name->d.otherName->value->type == V_ASN1_UTF8STRING)
		add_string(out, name->d.otherName->value->value.utf8string);
}

void cert_addresses(X509 *cert, struct strv *out)
{
	size_t before = out->n;
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		add_general_name(out, sk_GENERAL_NAME_value(names, i));
	GENERAL_NAMES_free(names);
	if (out->n != before)
		return;
	const X509_NAME *subject = X509_get_subject_name(cert);
	for (int at = -1;
	     (at = X509_NAME_get_index_by_NID(subject, NID_pkcs9_emailAddress, at)) >= 0;)
		add_string(out, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

/* The domain as it is looked up; what is none stays as it is. */
static char *domain_key(struct span domain)
{
	struct buf b = BUF_INIT(1024);
	char *key = NULL;
	if (idna_to_ascii(&b, domain, NULL) == 0)
		key = span_dup(buf_span(&b));
	buf_release(&b);
	return key ? key : span_dup(domain);
}

bool cert_same_address(struct span a, struct span b)
{
	struct span al = a, bl = b;
	while (al.len && al.ptr[al.len - 1] != '@')
		al.len--;
	while (bl.len && bl.ptr[bl.len - 1] != '@')
		bl.len--;
	if (!al.len || !bl.len || !span_eq_nocase(al, bl))
		return false;
	char *ad = domain_key(span_skip(a, al.len)), *bd = domain_key(span_skip(b, bl.len));
	bool same = span_eq_nocase(span_of(ad), span_of(bd));
	free(ad);
	free(bd);
	return same;
}

bool cert_has_address(X509 *cert, struct span address)
{
	struct strv all = {0};
	bool found = false;
	cert_addresses(cert, &all);
	for (size_t i = 0; i < all.n && !found; i++)
		found = cert_same_address(span_of(all.v[i]), address);
	strv_release(&all);
	return found;
}
