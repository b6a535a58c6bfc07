/*
 * config.h - the INI file of surat-config(5), parsed only: sections, keys, values, each with its line. What they mean is account/'s.
 *
 * `#` begins a comment on a line of its own; a value runs to the end of its line, nothing is stripped but blanks at both ends; keys are lower case
 * letters, digits and "-". EX_CONFIG with "file:line: why".
 */
#ifndef SURAT_CONFIG_CONFIG_H
#define SURAT_CONFIG_CONFIG_H

#include "base/buf.h"
#include "base/err.h"

struct config_entry {
	char *section; /* "" , "account", "queue" */
	char *label;   /* "work" of [account work], or "" */
	char *key, *value;
	unsigned line;
};
struct config {
	char *path;
	struct config_entry *v;
	size_t n, cap;
};
/* At most 1 MiB. A missing file is EX_NOINPUT. */
int config_read(struct config *c, const char *path, struct err *e);
int config_parse(struct config *c, const char *path_for_errors, struct span text, struct err *e);
void config_release(struct config *c);
/* The last value of a key, or NULL. */
const struct config_entry *config_get(
    const struct config *c, const char *section, const char *label, const char *key);
/* EX_CONFIG "path:line: text". */
int config_error(const struct config *c, const struct config_entry *at, struct err *e,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
