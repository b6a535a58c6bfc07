/*
 * quote.h - "> " before each line of a text.
 */
#ifndef SURAT_COMPOSE_QUOTE_H
#define SURAT_COMPOSE_QUOTE_H

#include "io/spool.h"

/* Long lines are wrapped, what is behind a signature's "-- " and empty lines at the end are left out; what was quoted before gets one more '>'. */
int quote_text(struct spool *to, const struct spool *from, struct err *e);

#endif
