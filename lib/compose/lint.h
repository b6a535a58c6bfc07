/*
 * lint.h - what of a message would hurt its delivery, or its reader: fields that are missing or twice, lines that are too long, texts without a charset, links
 * that look like others, an attachment that was promised and forgotten.
 *
 * One pass; of each text at most a megabyte is looked at.
 */
#ifndef SURAT_COMPOSE_LINT_H
#define SURAT_COMPOSE_LINT_H

#include "base/err.h"
#include "io/sink.h"

enum lint_level { LINT_WARNING, LINT_ERROR };
/* code: a word for programs ("no-date"); text: for people, UTF-8, may have foreign text in it. */
typedef int lint_report(
    void *ctx, enum lint_level level, const char *code, const char *text, struct err *e);
/* now_s: dates are judged against it. */
int lint_message(
    struct source *message, int64_t now_s, lint_report *report, void *ctx, struct err *e);

/* lint_html.c: private. */
struct lint;
void lint_say(struct lint *l, enum lint_level level, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Links and pictures of an HTML text; each cid: it refers to is handed to lint_refers. */
void lint_html(struct lint *l, struct span html);
void lint_refers(struct lint *l, struct span cid);

#endif
