#include "codec/idna.h"
#include "codec/utf8.h"
#include "mime/address.h"
#include "mime/address_spec.h"

#include <arpa/inet.h>

/*
 * Where the levels here differ from the lists of "valid" and "invalid" addresses that go round (flanker's, from Wikipedia
 * and D. Sayers):
 *   underscore or other atext in a domain (bob@under_scope, x@Micr!osoft99.com): a header may have it, RFC 5321 4.1.2 not: HEADER
 *   comments, quoted words between dots, blanks around dots, ""@x within dots:  obsolete, HEADER
 *   local part over 64, path over 254 or label over 63 octets: HEADER (the grammar allows it, 4.5.3.1 and DNS not)
 *   test@xn--example.com: SMTP; whether a label means something is not a matter of syntax
 *   ""@example.org: SMTP (Quoted-string may be empty), as the comment in that list admits
 *   [IPv6:...] with seven groups and "::": SMTP (RFC 4291), though 5321 allows six
 *   Name <a@b>: not an addr-spec, NONE (address_parse_one takes it)
 */

enum { LOCAL_MAX = 64, DOMAIN_MAX = 255, PATH_MAX_SPEC = 254, LABEL_MAX = 63 };

static const char *label_fault(struct span l)
{
	if (!l.len)
		return "an empty piece in the domain";
	if (l.len > LABEL_MAX)
		return "a piece of the domain is longer than 63";
	if (l.ptr[0] == '-' || l.ptr[l.len - 1] == '-')
		return "a hyphen at the edge of a piece of the domain";
	for (size_t i = 0; i < l.len; i++)
		if (!is_alpha(l.ptr[i]) && !is_digit(l.ptr[i]) && l.ptr[i] != '-')
			return "a character in the domain that no mail domain has";
	return NULL;
}

static const char *literal_fault(struct span lit)
{
	char text[64];
	unsigned char bin[16];
	struct span in = span_make(lit.ptr + 1, lit.len - 2);
	int family = AF_INET;
	if (span_starts_nocase(in, "IPv6:")) {
		in = span_skip(in, 5);
		family = AF_INET6;
	}
	if (in.len >= sizeof(text) || memchr(in.ptr, 0, in.len))
		return "a bad address literal";
	memcpy(text, in.ptr, in.len);
	text[in.len] = 0;
	return inet_pton(family, text, bin) == 1 ? NULL : "a bad address literal";
}

static const char *domain_fault(struct span domain)
{
	if (domain.ptr[0] == '[')
		return literal_fault(domain);
	struct buf ascii = BUF_INIT(4096);
	const char *fault = NULL;
	if (is_ascii(domain))
		buf_add(&ascii, domain);
	else if (idna_to_ascii(&ascii, domain, NULL) < 0)
		fault = "not a domain name in any script";
	if (ascii.len > DOMAIN_MAX || ascii.over)
		fault = "the domain is longer than 255";
	struct span rest = buf_span(&ascii), label;
	for (bool more = true; more && !fault;) {
		more = span_cut(&rest, '.', &label);
		fault = label_fault(label);
	}
	buf_release(&ascii);
	return fault;
}

/* Good for a header already: is it for an envelope? */
static const char *smtp_fault(const struct local_part *l, struct span domain, size_t spec_len)
{
	if (l->quoted && (l->atom || l->dots))
		return "quoted words between dots are obsolete";
	if (l->text.len > LOCAL_MAX)
		return "what is before the @ is longer than 64";
	if (spec_len > PATH_MAX_SPEC)
		return "longer than 254";
	return domain_fault(domain);
}

static const char *header_fault(
    struct lex *lx, struct local_part *l, struct buf *domain, bool *blanks)
{
	struct lex_token t;
	lex_next(lx, &t);
	*blanks = t.blank;
	while (!lex_is(&t, '@')) {
		if (t.type == LEX_END)
			return "no @ in it";
		if (!local_part_add(l, &t))
			return "a character before the @ that must be quoted";
		lex_next(lx, &t);
	}
	const char *fault = local_part_fault(l);
	if (!fault && (l->odd_dots || l->dot))
		fault = "a dot at an end, or two in a row";
	if (fault)
		return fault;
	*blanks |= l->blanks | t.blank;
	lex_next(lx, &t);
	bool inner;
	fault = domain_read(lx, &t, domain, &inner);
	*blanks |= inner | t.blank;
	return !fault && t.type != LEX_END ? "something follows the address" : fault;
}

enum address_level address_check(struct span text, const char **reason)
{
	struct lex lx;
	struct local_part l = {0};
	struct buf domain = BUF_INIT(text.len + 2);
	bool blanks = false;
	local_part_reset(&l, text.len + 1);
	lex_init(&lx, text);
	const char *fault = header_fault(&lx, &l, &domain, &blanks);
	enum address_level level = fault ? ADDRESS_NONE : ADDRESS_HEADER;
	if (!fault && blanks)
		fault = "blanks or comments in it";
	for (size_t i = 0; !fault && i < text.len; i++)
		if (lex_is_control(text.ptr[i])) /* a tab in quotes, too: RFC 5321 4.1.2 */
			fault = "a control character in it";
	if (!fault)
		fault = smtp_fault(&l, buf_span(&domain), text.len);
	if (!fault)
		level = ADDRESS_SMTP;
	buf_release(&l.text);
	buf_release(&domain);
	if (reason)
		*reason = fault;
	return level;
}

int address_envelope_check(struct span text, bool allow_empty, struct err *e)
{
	const char *reason;
	if (!text.len)
		return allow_empty ? 0 : err_set(e, EX_DATAERR, "the address is empty");
	for (size_t i = 0; i < text.len; i++)
		if (lex_is_control(text.ptr[i]))
			return err_set(e, EX_DATAERR, "\"%.*s\": a control character in an address",
			    SPAN_ARG(text));
	if (span_is_nocase(text, "postmaster")) /* RFC 5321 4.5.1 */
		return 0;
	if (address_check(text, &reason) != ADDRESS_SMTP)
		return err_set(
		    e, EX_DATAERR, "\"%.*s\" cannot be in an envelope: %s", SPAN_ARG(text), reason);
	return 0;
}

bool address_is_utf8(struct span spec)
{
	return !is_ascii(spec);
}
