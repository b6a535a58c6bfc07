/*
 * strv.h - a list of owned strings.
 *
 *	struct strv to = {0};
 *	strv_add(&to, "bob@example.org");
 *	for (size_t i = 0; i < to.n; i++) ... to.v[i]
 *	strv_release(&to);
 *
 * v is NULL-terminated once anything was added, so it serves as an argv.
 */
#ifndef SURAT_BASE_STRV_H
#define SURAT_BASE_STRV_H

#include "base/span.h"

struct strv {
	char **v;
	size_t n, cap;
};

void strv_add(struct strv *l, const char *s);
void strv_add_span(struct strv *l, struct span s);
/* Takes ownership of s. */
void strv_take(struct strv *l, char *s);
bool strv_has(const struct strv *l, const char *s);
void strv_release(struct strv *l);

#endif
