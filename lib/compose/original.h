/*
 * original.h - the message that is answered, forwarded or sent on: read whole, its header and the text people saw of it at hand.
 */
#ifndef SURAT_COMPOSE_ORIGINAL_H
#define SURAT_COMPOSE_ORIGINAL_H

#include "io/spool.h"
#include "mime/header.h"

struct original {
	struct spool spool;
	struct header header;
};
int original_read(struct original *o, struct source *in, struct err *e);
void original_release(struct original *o);
/* The text people saw: text parts that are not attached, else what surat-html makes of the HTML. UTF-8, LF; may be empty. */
int original_text(const struct original *o, struct spool *text, struct err *e);
/* Hands each part that is no such text, decoded, to take. A message that is attached is one part. The spool is taken over or released. */
typedef int original_take(
    void *ctx, const struct mime_part *part, struct spool *bytes, struct err *e);
int original_attachments(const struct original *o, original_take *take, void *ctx, struct err *e);
/* All of it but the fields of these names (NULL-terminated), LF line ends, without a "From " line. */
int original_copy(
    const struct original *o, const char *const *without, struct sink *to, struct err *e);

#endif
