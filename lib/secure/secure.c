#include "secure/secure.h"

#include "base/alloc.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

const char *secure_result_name(enum secure_result r)
{
	static const char *const names[] = {
	    "none", "pass", "fail", "policy", "neutral", "temperror", "permerror"};
	return names[r];
}

const char *secure_method_name(enum secure_method m)
{
	return m == SECURE_SMIME ? "smime" : "pgp";
}

void secure_finding_release(struct secure_finding *f)
{
	char **const strings[] = {&f->reason, &f->part, &f->address, &f->signer, &f->issuer,
	    &f->serial, &f->fingerprint, &f->algorithm, &f->trust};
	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		free(*strings[i]);
	X509_free(f->certificate);
	*f = (struct secure_finding){0};
}

void secure_finding_say(struct secure_finding *f, enum secure_result r, const char *fmt, ...)
{
	struct buf b = BUF_INIT(1024);
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	free(f->reason);
	f->reason = str_dup(buf_cstr(&b));
	f->result = r;
	buf_release(&b);
}

struct secure_finding *secure_findings_add(
    struct secure_findings *l, enum secure_method m, enum secure_kind k, const char *part)
{
	if (l->n == SECURE_FINDINGS_MAX) {
		l->over = true;
		return NULL;
	}
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 4;
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	struct secure_finding *f = &l->v[l->n++];
	*f = (struct secure_finding){.method = m, .kind = k, .part = str_dup(part)};
	return f;
}

void secure_findings_release(struct secure_findings *l)
{
	for (size_t i = 0; i < l->n; i++)
		secure_finding_release(&l->v[i]);
	free(l->v);
	*l = (struct secure_findings){0};
}

/* The first error is the cause; what follows it is the way it came up through the layers. */
const char *secure_openssl_reason(void)
{
	unsigned long code = ERR_peek_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;
	ERR_clear_error();
	return reason ? reason : "OpenSSL refused it";
}

int secure_openssl_err(struct err *e, int code, const char *fmt, ...)
{
	struct buf b = BUF_INIT(sizeof(e->text));
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	err_set(e, code, "%s: %s", buf_cstr(&b), secure_openssl_reason());
	buf_release(&b);
	return -1;
}
