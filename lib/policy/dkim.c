/* dkim.c - a DKIM key as it is published: RFC 6376 3.6.1, 8301 (lengths, no SHA-1), 8463 (Ed25519). */
#include "auth/dkim_key.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "policy/room.h"

#include <stdlib.h>

enum { DER_INTEGER = 0x02, DER_BITS = 0x03, DER_SEQUENCE = 0x30 };

/* The next element of *rest: its tag, *content. 0: there is none. */
static unsigned der_next(struct span *rest, struct span *content)
{
	const unsigned char *p = (const unsigned char *)rest->ptr;
	size_t head = 2, len;
	if (rest->len < 2)
		return 0;
	len = p[1];
	if (len & 0x80) {
		size_t n = len & 0x7f;
		if (n < 1 || n > 3 || rest->len < 2 + n)
			return 0;
		for (len = 0, head = 2 + n; n; n--)
			len = len << 8 | p[head - n];
	}
	if (rest->len < head + len)
		return 0;
	*content = span_make(rest->ptr + head, len);
	*rest = span_skip(*rest, head + len);
	return p[0];
}

/* Bits of the modulus in a SubjectPublicKeyInfo or a bare RSAPublicKey; 0: it is none. */
static unsigned rsa_bits(struct span der)
{
	struct span outer, item, key;
	if (der_next(&der, &outer) != DER_SEQUENCE)
		return 0;
	unsigned tag = der_next(&outer, &item);
	if (tag == DER_SEQUENCE) {
		if (der_next(&outer, &item) != DER_BITS || !item.len)
			return 0;
		item = span_skip(item, 1); /* how many bits of the last octet do not count: 0 */
		if (der_next(&item, &key) != DER_SEQUENCE)
			return 0;
		tag = der_next(&key, &item);
	}
	if (tag != DER_INTEGER)
		return 0;
	while (item.len && !item.ptr[0])
		item = span_skip(item, 1);
	unsigned bits = (unsigned)item.len * 8;
	for (unsigned char top = item.len ? (unsigned char)item.ptr[0] : 0x80; !(top & 0x80);
	     top = (unsigned char)(top << 1))
		bits--;
	return bits;
}

static void judge_rsa(struct policy_check *c, const char *name, const struct dkim_key *k)
{
	unsigned bits = rsa_bits(buf_span(&k->key));
	policy_find(c, POLICY_FACT, "DKIM", NULL, NULL, _("%s: RSA, %u bits"), name, bits);
	if (!bits)
		policy_find(c, POLICY_ERROR, "DKIM", NULL, _("no signature can be verified"),
		    _("%s: the key cannot be read"), name);
	else if (bits < 1024)
		policy_find(c, POLICY_ERROR, "DKIM", NULL,
		    _("receivers must not accept it (RFC 8301 3.2): make one of 2048 bits"),
		    _("%s: a key of %u bits"), name, bits);
	else if (bits < 2048)
		policy_find(c, POLICY_WARNING, "DKIM", NULL,
		    _("signers should have 2048 bits (RFC 8301 3.2)"), _("%s: a key of %u bits"),
		    name, bits);
}

static void judge(struct policy_check *c, const char *name, const struct dkim_key *k)
{
	if (!k->key.len) {
		policy_find(c, POLICY_ERROR, "DKIM", NULL,
		    _("letters signed with it do not verify: sign with another one"),
		    _("%s: the key was revoked"), name);
		return;
	}
	if (k->type == DKIM_KEY_RSA)
		judge_rsa(c, name, k);
	else
		policy_find(c, k->type == DKIM_KEY_OTHER ? POLICY_ERROR : POLICY_FACT, "DKIM", NULL,
		    k->type == DKIM_KEY_OTHER ? _("no receiver knows it") : NULL,
		    k->type == DKIM_KEY_OTHER ? _("%s: a kind of key that is not known")
					      : _("%s: Ed25519"),
		    name);
	if (k->testing)
		policy_find(c, POLICY_WARNING, "DKIM", NULL,
		    _("some receivers count no signature of a key in testing"), _("%s: t=y"), name);
	if (k->hashes.len && span_find_nocase(k->hashes, SPAN("sha256")) < 0)
		policy_find(c, POLICY_ERROR, "DKIM", NULL,
		    _("SHA-1 must not be used (RFC 8301 3.1)"), _("%s: h=%.*s"), name,
		    SPAN_ARG(k->hashes));
}

static void judge_record(struct policy_check *c, const char *name, const struct dns_answer *a)
{
	struct dkim_key k;
	struct err why = ERR_INIT;
	if (policy_failed(c, "DKIM", a))
		return;
	if (a->status != DNS_OK || a->n != 1) {
		policy_find(c, POLICY_ERROR, "DKIM", NULL,
		    _("letters signed with this selector do not verify"),
		    a->n > 1 ? _("%s: several records") : _("%s: no key"), name);
	} else if (dkim_key_parse(&k, span_make((const char *)a->v[0].data, a->v[0].len), &why) <
		   0) {
		policy_find(c, POLICY_ERROR, "DKIM", NULL, _("no signature can be verified"),
		    "%s: %s", name, why.text);
	} else {
		judge(c, name, &k);
		dkim_key_release(&k);
	}
}

void policy_dkim(struct policy_check *c, const char *selector)
{
	char *name = str_printf("%s._domainkey", selector);
	const struct dns_answer *a = policy_ask(c, name, c->domain, DNS_TXT);
	if (a)
		judge_record(c, name, a);
	free(name);
}
