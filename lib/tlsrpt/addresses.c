/* addresses.c - who wants reports, RFC 8460 3. */
#include "base/alloc.h"
#include "base/intl.h"
#include "mime/address.h"
#include "tlsrpt/tlsrpt.h"

/* Whoever publishes a record names whom we write to, and nobody asks those: a few are a domain's own, a thousand are somebody's whom it does not like. */
enum { ADDRESSES_MAX = 10 };

/* A mailto: URI may be percent-encoded and may have "?subject=..." behind it: the address alone counts. */
static void add_address(struct strv *out, struct span uri)
{
	struct span address = uri;
	struct buf plain = BUF_INIT(1024);
	span_cut(&uri, '?', &address);
	for (size_t i = 0; i < address.len; i++) {
		struct span hex = span_take(span_skip(address, i + 1), 2);
		int high = hex.len == 2 ? hex_value(hex.ptr[0]) : -1;
		int low = hex.len == 2 ? hex_value(hex.ptr[1]) : -1;
		bool encoded = address.ptr[i] == '%' && high >= 0 && low >= 0;
		buf_addc(&plain, encoded ? (char)(high * 16 + low) : address.ptr[i]);
		i += encoded ? 2 : 0;
	}
	if (!plain.over && address_envelope_check(buf_span(&plain), false, NULL) == 0 &&
	    out->n < ADDRESSES_MAX && !strv_has(out, buf_cstr(&plain)))
		strv_add_span(out, buf_span(&plain));
	buf_release(&plain);
}

static void add_uris(struct strv *out, struct span list)
{
	struct span rest = list, uri;
	for (bool more = true; more;) {
		more = span_cut(&rest, ',', &uri);
		uri = span_trim(uri);
		if (span_starts_nocase(uri, "mailto:"))
			add_address(out, span_skip(uri, 7));
	}
}

int tlsrpt_addresses(struct span record, struct strv *out, struct err *e)
{
	struct span rest = record, field, name;
	bool version = false, rua = false;
	for (bool more = true; more;) {
		more = span_cut(&rest, ';', &field);
		field = span_trim(field);
		if (!version && !span_is(field, "v=TLSRPTv1"))
			break;
		version = true;
		if (span_cut(&field, '=', &name) && span_is(span_trim(name), "rua")) {
			rua = true;
			add_uris(out, field);
		}
	}
	if (!version || !rua)
		return err_set(e, EX_DATAERR, _("the TLSRPT record makes no sense"));
	return out->n ? 0
		      : err_set(e, EX_UNAVAILABLE, _("the TLSRPT record names no mail address"));
}
