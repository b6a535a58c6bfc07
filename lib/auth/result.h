/*
 * result.h - what a method of authentication found, in the words of RFC 8601: one record, from which lines, JSON, Authentication-Results and explanations
 * are made.
 *
 *	struct auth_results all = {.explain = true};
 *	struct auth_result *r = auth_results_add(&all, "dkim");
 *	auth_say(r, AUTH_PASS, "...");
 *	auth_results_release(&all);
 *
 * All texts may hold foreign octets: whoever shows them makes them inert.
 */
#ifndef SURAT_AUTH_RESULT_H
#define SURAT_AUTH_RESULT_H

#include "base/strv.h"

/* RFC 8601 2.7 */
enum auth_code {
	AUTH_NONE,
	AUTH_PASS,
	AUTH_FAIL,
	AUTH_SOFTFAIL,
	AUTH_NEUTRAL,
	AUTH_POLICY,
	AUTH_TEMPERROR,
	AUTH_PERMERROR
};
const char *auth_code_word(enum auth_code c);

enum { AUTH_PROPERTIES_MAX = 6 };
struct auth_property {
	const char *name; /* "header.d" */
	char *value;
};
struct auth_result {
	const char *method; /* "spf", "dkim", "dmarc", "arc" */
	enum auth_code code;
	char *domain, *selector; /* whose it is; or NULL */
	char *reason;            /* one line, or NULL */
	struct auth_property v[AUTH_PROPERTIES_MAX];
	size_t n;
	bool explain;
	struct strv steps; /* each with the record that decided, where explanations are wanted */
};
struct auth_results {
	struct auth_result **v;
	size_t n;
	bool explain;
};
struct auth_result *auth_results_add(struct auth_results *all, const char *method);
void auth_results_release(struct auth_results *all);
/* Sets the code and the reason (fmt NULL: none). */
void auth_say(struct auth_result *r, enum auth_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* More to the reason, behind "; ". */
void auth_say_more(struct auth_result *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* One more step; does nothing where no explanation is wanted. */
void auth_step(struct auth_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Copies; what is empty is left out. The name must stay. */
void auth_property(struct auth_result *r, const char *name, struct span value);

#endif
