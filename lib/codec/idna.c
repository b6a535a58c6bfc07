#include "codec/idna.h"

#include "base/late.h"
#include "codec/utf8.h"

#include <idn2.h>
#include <stdlib.h>

/* most domains are ASCII */
#define IDN2(function) LATE(SURAT_IDN2, function)

enum { LABEL_MAX = 63, NAME_MAX_ASCII = 253, INPUT_MAX = 1024 };

static int bad(struct err *e, struct span domain, const char *why)
{
	return err_set(
	    e, EX_DATAERR, "%.*s: not a domain name: %s", SPAN_ARG(span_take(domain, 300)), why);
}

/* Letters, digits, hyphens inside, and the underscores of service names: what may be asked of the DNS and shown to a shell. */
static const char *label_fault(struct span label)
{
	if (!label.len)
		return "an empty label";
	if (label.len > LABEL_MAX)
		return "a label of more than 63 characters";
	if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
		return "a label starts or ends with a hyphen";
	for (size_t i = 0; i < label.len; i++) {
		char c = label.ptr[i];
		if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_')
			return "a character that does not belong there";
	}
	return NULL;
}

/* The last look at what will be used, wherever it came from. */
static int add_checked(struct buf *out, struct span domain, struct span ascii, struct err *e)
{
	struct span rest = ascii, label;
	if (ascii.len > NAME_MAX_ASCII)
		return bad(e, domain, "more than 253 characters");
	for (bool more = true; more;) {
		more = span_cut(&rest, '.', &label);
		const char *fault = label_fault(label);
		if (fault)
			return bad(e, domain, fault);
	}
	size_t before = out->len;
	for (size_t i = 0; i < ascii.len; i++)
		buf_addc(out, to_lower(ascii.ptr[i]));
	if (!out->over)
		return 0;
	buf_cut(out, before);
	return bad(e, domain, "too long");
}

int idna_to_ascii(struct buf *out, struct span domain, struct err *e)
{
	struct span name = domain;
	if (name.len && name.ptr[name.len - 1] == '.')
		name.len--;
	if (!name.len)
		return bad(e, domain, "empty");
	if (name.len > INPUT_MAX)
		return bad(e, domain, "too long");
	if (is_ascii(name) && span_find_nocase(name, SPAN("xn--")) < 0)
		return add_checked(out, domain, name, e); /* most domains need no table */
	if (!utf8_valid(name) || memchr(name.ptr, 0, name.len))
		return bad(e, domain, "not UTF-8");
	char *in = span_dup(name), *ascii = NULL;
	int r = IDN2(idn2_to_ascii_8z)(in, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	free(in);
	if (r != IDN2_OK)
		return bad(e, domain, IDN2(idn2_strerror)(r));
	struct span got = span_of(ascii);
	if (got.len && got.ptr[got.len - 1] == '.') /* an ideographic full stop at the end */
		got.len--;
	r = add_checked(out, domain, got, e);
	IDN2(idn2_free)(ascii);
	return r;
}

static void label_to_unicode(struct buf *out, struct span label)
{
	char ascii[LABEL_MAX + 1], *text = NULL;
	if (!span_starts_nocase(label, "xn--") || label.len > LABEL_MAX ||
	    memchr(label.ptr, 0, label.len)) {
		buf_add(out, label);
		return;
	}
	memcpy(ascii, label.ptr, label.len);
	ascii[label.len] = 0;
	/* a label that decodes to dots or to nothing of its own would show another name than it is */
	if (IDN2(idn2_to_unicode_8z8z)(ascii, &text, IDN2_NONTRANSITIONAL) == IDN2_OK && *text &&
	    !strchr(text, '.'))
		buf_adds(out, text);
	else
		buf_add(out, label);
	IDN2(idn2_free)(text);
}

void idna_to_unicode(struct buf *out, struct span domain)
{
	struct span label;
	for (bool more = true; more;) {
		more = span_cut(&domain, '.', &label);
		label_to_unicode(out, label);
		if (more)
			buf_addc(out, '.');
	}
}
