/*
 * template.h - "Dear {{name}}," with the values of a row. {{name|friend}} says what stands where the value is empty, {{{{ is "{{".
 */
#ifndef SURAT_COMPOSE_TEMPLATE_H
#define SURAT_COMPOSE_TEMPLATE_H

#include "base/buf.h"
#include "base/err.h"

/* The value of a field, or false where the row has none of that name. */
typedef bool template_lookup(void *ctx, struct span name, struct span *value);
enum { TEMPLATE_HTML = 1 /* values are escaped for HTML */ };
/* Appends. EX_DATAERR: a field that does not exist, braces that do not close. */
int template_expand(struct buf *out, struct span text, template_lookup *lookup, void *ctx,
    int flags, struct err *e);
bool template_has_fields(struct span text);

#endif
