/*
 * result.h - what was found in a message, and the verdict on it.
 *
 * The verdict has four values: clean, infected, policy, not fully inspected. The heaviest finding names it. Rules that the policy lets pass
 * are kept for who wants to see them and do not count, but only a complete look is ever clean.
 */
#ifndef SURAT_INSPECT_RESULT_H
#define SURAT_INSPECT_RESULT_H

#include "base/arena.h"
#include "base/buf.h"
#include "inspect/rule.h"

enum { INSPECT_FINDINGS_MAX = 1000, INSPECT_TEXT_MAX = 1000 };

struct inspect_finding {
	enum inspect_rule rule;
	struct span part;   /* "2.1"; "" the message as a whole */
	struct span name;   /* the file, in an archive with its way: "a.zip > b/c.exe"; or "" */
	struct span detail; /* the evidence, or the malware's name; foreign text */
};
struct inspect_result {
	struct arena arena;
	struct inspect_finding *v;
	size_t n, cap;
	uint64_t parts, files, bytes; /* leaves; entries of archives; looked at, unpacked */
	unsigned readings;
};
enum inspect_verdict { INSPECT_CLEAN, INSPECT_UNWANTED, INSPECT_NOT_COMPLETE, INSPECT_MALWARE };

void inspect_result_init(struct inspect_result *r);
void inspect_result_release(struct inspect_result *r);
/* The same finding once more is not added. Past INSPECT_FINDINGS_MAX the last one says so. */
void inspect_add(struct inspect_result *r, enum inspect_rule rule, struct span part,
    struct span name, struct span detail);
/* Where something is looked at. */
struct inspect_place {
	struct inspect_result *result;
	struct span part, name;
};
void inspect_found(const struct inspect_place *at, enum inspect_rule rule, struct span detail);
/* *first, if given: the finding that names the verdict, or NULL. */
enum inspect_verdict inspect_result_verdict(const struct inspect_result *r,
    const struct inspect_policy *p, const struct inspect_finding **first);
/* The heaviest of all findings' actions. */
enum inspect_action inspect_result_action(const struct inspect_result *r,
    const struct inspect_policy *p, const struct inspect_finding **first);
const char *inspect_verdict_name(
    enum inspect_verdict v); /* "clean", "not-fully-inspected", "policy", "infected" */
/* "infected (Eicar-Test-Signature, part 2 a.zip)": one line, the foreign text in it inert. */
void inspect_finding_text(struct buf *b, const struct inspect_finding *f);
/* The fields that carry a verdict with the message, each with LF: X-Virus-Scanned and X-Virus-Status. scanners: "archives, clamd". */
void inspect_result_fields(struct buf *b, const struct inspect_result *r,
    const struct inspect_policy *p, const char *scanners);
/* Is a field of this name one of ours? Those that came with a message are somebody else's word. */
bool inspect_is_field(struct span name);

#endif
