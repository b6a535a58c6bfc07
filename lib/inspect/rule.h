/*
 * rule.h - what a look at a message can find, and what is done about it.
 *
 * Each finding follows one rule. A rule is of one of three kinds, in the order in which they weigh: what was found infected, what could not be looked at as a
 * whole (encrypted, over a limit) and may hold anything, what a policy may not want (a program, a macro). Only a message without any is clean.
 *
 *	struct inspect_policy policy;
 *	inspect_policy_init(&policy, has_quarantine);
 *	inspect_policy_set(&policy, "infected=reject,macro=quarantine,html-form=pass", e);
 */
#ifndef SURAT_INSPECT_RULE_H
#define SURAT_INSPECT_RULE_H

#include "base/err.h"

#include <stdbool.h>

enum inspect_kind { INSPECT_POLICY, INSPECT_INCOMPLETE, INSPECT_INFECTED, INSPECT_KINDS };
/* The names of people's configurations and of JSON: inspect_rule_name. */
enum inspect_rule {
	/* infected */
	INSPECT_EICAR,     /* the test file of all scanners, found by ourselves */
	INSPECT_SIGNATURE, /* the scanner's word */
	/* not wanted */
	INSPECT_EXECUTABLE,
	INSPECT_SCRIPT,
	INSPECT_PROGRAM_NAME,
	INSPECT_DOUBLE_EXTENSION,
	INSPECT_HIDDEN_NAME,
	INSPECT_DISK_IMAGE,
	INSPECT_MACRO,
	INSPECT_EXTERNAL_LINK,
	INSPECT_EMBEDDED_OBJECT,
	INSPECT_PDF_LAUNCH,
	INSPECT_PDF_SCRIPT,
	INSPECT_PDF_ACTION,
	INSPECT_PDF_ATTACHMENT,
	INSPECT_HTML_SCRIPT,
	INSPECT_HTML_FORM,
	INSPECT_LOOKALIKE_LINK,
	INSPECT_POLYGLOT,
	INSPECT_AMBIGUOUS,
	INSPECT_NESTED_ARCHIVE,
	/* not fully inspected */
	INSPECT_ENCRYPTED,
	INSPECT_DAMAGED,
	INSPECT_UNKNOWN_FORMAT,
	INSPECT_LIMIT_BYTES,
	INSPECT_LIMIT_ENTRY,
	INSPECT_LIMIT_RATIO,
	INSPECT_LIMIT_DEPTH,
	INSPECT_LIMIT_ENTRIES,
	INSPECT_LIMIT_TIME,
	INSPECT_LIMIT_MEMORY,
	INSPECT_LIMIT_MESSAGE,
	INSPECT_LIMIT_READINGS,
	INSPECT_LIMIT_FINDINGS,
	INSPECT_ENCODING,
	INSPECT_HELPER,
	INSPECT_SCANNER_LIMIT,
	INSPECT_SCANNER_ERROR,
	INSPECT_SCANNER_ABSENT,
	INSPECT_RULES
};
const char *inspect_rule_name(enum inspect_rule rule); /* "double-extension" */
const char *inspect_rule_text(
    enum inspect_rule rule); /* for people: "a name with two extensions" */
enum inspect_kind inspect_rule_kind(enum inspect_rule rule);
/* INSPECT_RULES where there is none of that name. */
enum inspect_rule inspect_rule_find(const char *name);

/* In the order in which they weigh: of several the last is taken. */
enum inspect_action {
	INSPECT_PASS,
	INSPECT_TAG,
	INSPECT_QUARANTINE,
	INSPECT_DEFER,
	INSPECT_REJECT,
	INSPECT_ACTIONS
};
const char *inspect_action_name(enum inspect_action action);
struct inspect_policy {
	enum inspect_action actions[INSPECT_RULES];
};
/* What is done where nothing is configured. What is infected goes to the quarantine where there is one, else it is refused; what is not wanted goes there or is
 * marked; what was not fully looked at is marked; where the scanner cannot be asked the message waits. Rules that good mail breaks every day pass. */
void inspect_policy_init(struct inspect_policy *p, bool has_quarantine);
/* "RULE=ACTION,...", in this order; "infected", "policy" and "incomplete" are all rules of their kind. EX_USAGE with what is wrong. */
int inspect_policy_set(struct inspect_policy *p, const char *text, struct err *e);
/* Does any rule have that action? */
bool inspect_policy_uses(const struct inspect_policy *p, enum inspect_action action);

#endif
