/*
 * spf_macro.h - the grammar of macros in SPF records, RFC 7208 section 7.
 */
#ifndef SURAT_AUTH_SPF_MACRO_H
#define SURAT_AUTH_SPF_MACRO_H

#include "base/span.h"

bool spf_is_macro_string(struct span s);
/* A macro string that ends in a macro or in ".toplabel". c, r and t are for the text of exp only. */
bool spf_is_domain_spec(struct span s);

#endif
