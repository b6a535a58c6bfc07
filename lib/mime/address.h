/*
 * address.h - mailboxes, groups and envelope addresses.
 *
 * Headers: RFC 5322 3.4 with the obsolete forms of 4.4 (routes, blanks and comments anywhere, empty elements), UTF-8 (RFC 6532), groups, encoded words
 * in names. Envelopes: RFC 5321 4.1.2 Mailbox, RFC 6531 for UTF-8, length limits of 4.5.3.1.
 */
#ifndef SURAT_MIME_ADDRESS_H
#define SURAT_MIME_ADDRESS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct address {
	struct span name;  /* display name, decoded UTF-8; "" */
	struct span local; /* unquoted */
	struct span
	    domain; /* as written, without blanks and comments; "[192.0.2.1]" for a literal; "" when there is none */
	struct span spec; /* local@domain as it goes into an envelope: quoted where it must be */
	struct span
	    group; /* the group's name, or "" ; a group with no member is one entry with spec "" */
	bool in_group;
	bool obsolete; /* needed 4.4 */
};
struct address_list {
	struct address *v;
	size_t n;
	size_t bad; /* pieces that are no address, passed over */
};
/* All of a field's value (folded or not). At most 100,000 addresses (EX_DATAERR). Content that is none is counted in bad. */
int address_list_parse(struct arena *a, struct span value, struct address_list *out, struct err *e);
/* Exactly one mailbox, `a@b` or `Name <a@b>`, else EX_DATAERR with why. A control character (so: a newline) is always refused. */
int address_parse_one(struct arena *a, struct span text, struct address *out, struct err *e);

enum address_level { ADDRESS_NONE, ADDRESS_HEADER, ADDRESS_SMTP };
/* Is `text` (a bare addr-spec, no name) good for an envelope (SMTP), only for a header (obsolete or too long), or none? reason: why not SMTP, static text. */
enum address_level address_check(struct span text, const char **reason);
/* What may stand in MAIL FROM:<> and RCPT TO:<>: ADDRESS_SMTP or "" (only with allow_empty) or "postmaster". EX_DATAERR names it. */
int address_envelope_check(struct span text, bool allow_empty, struct err *e);
/* True when local or domain need SMTPUTF8. */
bool address_is_utf8(struct span spec);
/* Appends `Name <spec>` as a header wants it: phrase quoted or encoded (RFC 2047). Folded at 78 with *column kept. */
void address_write(
    struct buf *b, size_t *column, struct span name, struct span spec, bool utf8_headers);

#endif
