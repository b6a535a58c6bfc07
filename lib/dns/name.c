#include "dns/name.h"

#include <stdlib.h>

enum { LABEL_MAX = 63, NAME_MAX_TEXT = 253 };

bool dns_is_name(struct span name)
{
	struct span label;
	if (!name.len || name.len > NAME_MAX_TEXT)
		return false;
	for (bool more = true; more;) {
		more = span_cut(&name, '.', &label);
		if (!label.len || label.len > LABEL_MAX)
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (label.ptr[i] <= ' ' || label.ptr[i] >= 0x7f || label.ptr[i] == '\\')
				return false;
	}
	return true;
}

static bool is_host_label(struct span label, bool *digits)
{
	*digits = true;
	if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.ptr[i];
		if (!is_digit(c))
			*digits = false;
		if (!is_digit(c) && !is_alpha(c) && c != '-' && c != '_')
			return false;
	}
	return true;
}

bool dns_is_host_name(struct span name)
{
	bool digits = false;
	struct span label;
	if (!dns_is_name(name))
		return false;
	for (bool more = true; more;) {
		more = span_cut(&name, '.', &label);
		if (!is_host_label(label, &digits))
			return false;
	}
	return !digits; /* RFC 1123 2.1: "192.0.2.1" is an address that lost its way into a name */
}

char *dns_name_from_rdf(const ldns_rdf *rdf)
{
	char *text = ldns_rdf2str(rdf), *out;
	if (!text)
		return NULL;
	struct span name = span_of(text);
	/* a dot at the end is never part of the last label: that would be written "\." and followed by one more */
	if (name.len > 1)
		name.len--;
	out = span_dup(name);
	for (char *p = out; *p; p++)
		*p = to_lower(*p);
	free(text);
	return out;
}

char *dns_name_normal(struct span name)
{
	if (name.len > 1 && name.ptr[name.len - 1] == '.')
		name.len--;
	char *out = span_dup(name);
	for (char *p = out; *p; p++)
		*p = to_lower(*p);
	return out;
}
