/*
 * make.h - options to a draft.
 */
#ifndef SURAT_MAIL_COMPOSE_MAKE_H
#define SURAT_MAIL_COMPOSE_MAKE_H

#include "compose/draft.h"
#include "options.h"

/* --boundary-seed, once a run. */
void make_chance(const struct options *o);
/* What the options alone say: addresses, fields, files. */
int make_options(struct draft *d, const struct options *o, struct err *e);
/* The author, where none is named yet. */
int make_from(struct draft *d, const struct account *a, struct err *e);
/* All of it, with texts and originals, ready to be settled. free_stdin: standard input may be the text. */
int make_draft(struct draft *d, const struct options *o, const struct account *a, bool free_stdin,
    struct err *e);

#endif
