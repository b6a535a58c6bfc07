/*
 * text.h - texts on their way in: any bytes become UTF-8 with LF line ends, wrapped for format=flowed (RFC 3676), in another charset at the end.
 */
#ifndef SURAT_COMPOSE_TEXT_H
#define SURAT_COMPOSE_TEXT_H

#include "io/spool.h"

/* All of the source, UTF-8 with LF line ends, the last line ended. What is not UTF-8 is taken as windows-1252: *guessed. A byte order mark goes. */
int text_read(struct spool *to, struct source *from, bool *guessed, struct err *e);
/* format=flowed: long lines get soft ends, what would be taken for one or for a quote is stuffed. */
int text_flow(struct spool *to, const struct spool *from, struct err *e);
/* In another charset, strictly: EX_DATAERR. At most 16 MiB. */
int text_convert(struct spool *to, const struct spool *from, const char *charset, struct err *e);
/* Through surat-html: EX_DATAERR when it gives up. legacy: without what repeats a hidden header (mime/legacy.h). */
int text_from_html(struct spool *to, const struct spool *html, bool legacy, struct err *e);

#endif
