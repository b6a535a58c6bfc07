#include "secure/fields.h"

#include "base/alloc.h"

static bool among(struct span name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_is_nocase(name, names[i]))
			return true;
	return false;
}

bool field_is_structural(struct span name)
{
	return span_is_nocase(name, "MIME-Version") || span_starts_nocase(name, "Content-");
}

static bool of_family(struct span name, const char *const *families, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_starts_nocase(name, families[i]))
			return true;
	return false;
}

bool field_is_trace(struct span name)
{
	static const char *const names[] = {"Authentication-Results", "Bcc", "Delivered-To",
	    "DKIM-Signature", "DomainKey-Signature", "Lines", "Path", "Received", "Received-SPF",
	    "Return-Path", "Status", "X-Original-To", "X-Status"};
	static const char *const families[] = {
	    "ARC-", "Resent-", "X-Envelope-", "X-Spam-", "X-Virus-", "X-Mozilla-"};
	return among(name, names, ARRAY_LEN(names)) ||
	       of_family(name, families, ARRAY_LEN(families));
}

bool field_is_transport(struct span name)
{
	static const char *const names[] = {"Autocrypt", "Errors-To", "Precedence"};
	static const char *const families[] = {"List-", "TLS-"};
	return field_is_trace(name) || among(name, names, ARRAY_LEN(names)) ||
	       of_family(name, families, ARRAY_LEN(families));
}

bool field_is_shown(struct span name)
{
	static const char *const names[] = {"Cc", "Comments", "Date", "Followup-To", "From",
	    "In-Reply-To", "Keywords", "Mail-Followup-To", "Mail-Reply-To", "Message-ID",
	    "References", "Reply-To", "Sender", "Subject", "To"};
	return among(name, names, ARRAY_LEN(names));
}

bool field_is_about(struct span name)
{
	return span_is_nocase(name, "HP-Outer") || span_is_nocase(name, FIELD_RECORD);
}

bool field_is_protectable(struct span name)
{
	return !field_is_structural(name) && !field_is_transport(name) && !field_is_about(name);
}

bool field_is_composed(struct span name)
{
	return !field_is_structural(name) && !field_is_trace(name) && !field_is_about(name);
}

int field_copy(struct sink *out, const char *prefix, const struct header_field *f, struct err *e)
{
	struct span rest = f->value, line;
	if (sink_puts(out, prefix, e) < 0 || sink_put(out, f->name, e) < 0 ||
	    sink_puts(out, ":", e) < 0)
		return -1;
	if (!rest.len)
		return sink_puts(out, "\n", e);
	if (*prefix && !is_wsp(*rest.ptr) && sink_puts(out, " ", e) < 0)
		return -1;
	while (span_line(&rest, &line))
		if (sink_put(out, line, e) < 0 || sink_puts(out, "\n", e) < 0)
			return -1;
	return 0;
}

void field_line(struct buf *b, struct span raw)
{
	struct buf flat = BUF_INIT(1 << 20);
	header_unfold(&flat, raw);
	buf_add(b, span_trim(buf_span(&flat)));
	buf_release(&flat);
}

/* The next byte that is not a blank or a line end, or -1. */
static int next_dark(struct span *s)
{
	while (s->len && is_space(s->ptr[0]))
		*s = span_skip(*s, 1);
	if (!s->len)
		return -1;
	int c = (unsigned char)s->ptr[0];
	*s = span_skip(*s, 1);
	return c;
}

bool field_same(struct span a, struct span b)
{
	int x, y;
	do {
		x = next_dark(&a);
		y = next_dark(&b);
	} while (x == y && x >= 0);
	return x == y;
}
