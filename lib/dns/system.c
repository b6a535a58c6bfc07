#include "dns/system.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "dns/name.h"
#include "io/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RESOLVERS_MAX = 8, FILE_MAX = 1 << 20, DNSKEY_REVOKED = 0x80, DNSKEY_ZONE = 0x100 };

#define ROOT_KEY_FILE "/usr/share/dns/root.key"

/* The root's key signing keys as DS records, data.iana.org/root-anchors: in use since 2018, and since 2026 (published in 2024). */
static const char *const root_keys[] = {
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
};

bool dns_resolver_check(const char *text)
{
	struct span port = span_of(text), host, address;
	uint64_t number;
	unsigned char bytes[16];
	char name[INET6_ADDRSTRLEN];
	if (span_cut(&port, '@', &host) && (!span_to_u64(port, 65535, &number) || !number))
		return false;
	bool zone = span_cut(&host, '%', &address);
	if ((zone && !host.len) || !address.len || address.len >= sizeof(name))
		return false;
	memcpy(name, address.ptr, address.len);
	name[address.len] = '\0';
	return inet_pton(AF_INET6, name, bytes) == 1 ||
	       (!zone && inet_pton(AF_INET, name, bytes) == 1);
}

int dns_resolvers_read(const char *path, struct strv *out, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAX);
	struct span rest, line, word;
	if (access(path, F_OK) == 0 && file_read(path, &text, e) < 0) {
		e->code = EX_CONFIG;
		buf_release(&text);
		return -1;
	}
	rest = buf_span(&text);
	while (span_line(&rest, &line)) {
		if (!span_word(&line, &word) || !span_is(word, "nameserver") ||
		    !span_word(&line, &word) || out->n == RESOLVERS_MAX)
			continue;
		strv_add_span(out, word);
		if (!dns_resolver_check(
			out->v[out->n - 1])) /* libc passes over what it does not understand */
			free(out->v[--out->n]), out->v[out->n] = NULL;
	}
	buf_release(&text);
	if (!out->n)
		strv_add(out, "127.0.0.1");
	return 0;
}

/* A key that has been revoked (RFC 5011 2.1) or that is no zone key is not an anchor. */
static bool is_anchor(const ldns_rr *rr)
{
	if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_DS)
		return true;
	uint16_t flags = ldns_rdf2native_int16(ldns_rr_rdf(rr, 0));
	return (flags & DNSKEY_ZONE) && !(flags & DNSKEY_REVOKED);
}

static int add_anchor(
    struct strv *out, const ldns_rr *rr, const char *path, int line, struct err *e)
{
	if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_DS && ldns_rr_get_type(rr) != LDNS_RR_TYPE_DNSKEY)
		return err_set(
		    e, EX_CONFIG, _("%s:%d: neither a DS nor a DNSKEY record"), path, line);
	if (!is_anchor(rr))
		return 0;
	char *text = ldns_rr2str(rr);
	ENSURE(text);
	struct span trimmed = span_trim(span_of(text));
	strv_add_span(out, trimmed);
	free(text);
	return 0;
}

static int read_anchors(FILE *f, const char *path, struct strv *out, struct err *e)
{
	ldns_rdf *origin = NULL, *prev = NULL;
	uint32_t ttl = 3600;
	int line = 0, r = 0;
	while (r == 0 && !feof(f)) {
		ldns_rr *rr = NULL;
		ldns_status s = ldns_rr_new_frm_fp_l(&rr, f, &ttl, &origin, &prev, &line);
		if (s == LDNS_STATUS_OK)
			r = add_anchor(out, rr, path, line, e);
		else if (s != LDNS_STATUS_SYNTAX_EMPTY && s != LDNS_STATUS_SYNTAX_TTL &&
			 s != LDNS_STATUS_SYNTAX_ORIGIN)
			r = err_set(
			    e, EX_CONFIG, "%s:%d: %s", path, line, ldns_get_errorstr_by_id(s));
		ldns_rr_free(rr);
	}
	ldns_rdf_deep_free(origin);
	ldns_rdf_deep_free(prev);
	return r;
}

int dns_anchors_read(const char *path, struct strv *out, struct err *e)
{
	struct buf text = BUF_INIT(FILE_MAX);
	if (!path && access(ROOT_KEY_FILE, R_OK) < 0) {
		for (size_t i = 0; i < ARRAY_LEN(root_keys); i++)
			strv_add(out, root_keys[i]);
		return 0;
	}
	if (!path)
		path = ROOT_KEY_FILE;
	if (file_read(path, &text, e) < 0) {
		e->code = EX_CONFIG;
		buf_release(&text);
		return err_prefix(e, _("trust anchor: "));
	}
	FILE *f = text.len ? fmemopen(text.ptr, text.len, "r") : NULL;
	int r = f ? read_anchors(f, path, out, e) : 0;
	if (f)
		fclose(f);
	buf_release(&text);
	if (r == 0 && !out->n)
		r = err_set(e, EX_CONFIG, _("%s: holds no DS or DNSKEY record"), path);
	return r < 0 ? err_prefix(e, _("trust anchor: ")) : 0;
}
