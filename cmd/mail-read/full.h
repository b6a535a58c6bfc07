/*
 * full.h - what surat-read has and mail-read has not (see read.h).
 */
#ifndef MAIL_READ_FULL_H
#define MAIL_READ_FULL_H

#include "mime/header.h"
#include "read.h"

bool full_is_here(void);
/* Any command. */
int full_run(struct read *r, enum command command, struct strv *operands, struct err *e);
/* The name of a stored message for what a person typed. malloc'ed. */
int full_message_name(struct read *r, const char *operand, char **name, struct err *e);
/* Calls visit for each message of a mailbox. */
int full_each(struct read *r, const char *mailbox, visit_name *visit, void *ctx, struct err *e);

/* --json: one line each. */
int full_header_json(
    struct out *o, const struct header_field *f, struct span charset, struct err *e);
int full_moved_json(struct out *o, const char *from, const char *name, struct err *e);
struct mime_part;
int full_file_json(struct out *o, const char *path, const struct mime_part *part, uint64_t bytes,
    const char *message, struct err *e);
struct show;
int full_show_json(struct show *sh, struct content *c, struct err *e);

#endif
