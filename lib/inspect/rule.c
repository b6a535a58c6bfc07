#include "inspect/rule.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "base/span.h"

/* The weak ones, as good mail has them every day, pass unless told. */
static const struct rule {
	const char *name;
	enum inspect_kind kind;
	bool weak;
	const char *text;
} rules[INSPECT_RULES] = {
    [INSPECT_EICAR] = {"eicar", INSPECT_INFECTED, false, N_("the EICAR test file")},
    [INSPECT_SIGNATURE] = {"signature", INSPECT_INFECTED, false, N_("known malware")},
    [INSPECT_EXECUTABLE] = {"executable", INSPECT_POLICY, false, N_("a program")},
    [INSPECT_SCRIPT] = {"script", INSPECT_POLICY, false, N_("a script")},
    [INSPECT_PROGRAM_NAME] = {"program-name", INSPECT_POLICY, false, N_("the name of a program")},
    [INSPECT_DOUBLE_EXTENSION] = {"double-extension", INSPECT_POLICY, false,
	N_("a name with two extensions")},
    [INSPECT_HIDDEN_NAME] = {"hidden-name", INSPECT_POLICY, false,
	N_("a name that shows as another one")},
    [INSPECT_DISK_IMAGE] = {"disk-image", INSPECT_POLICY, false, N_("the image of a disk")},
    [INSPECT_MACRO] = {"macro", INSPECT_POLICY, false, N_("a document with macros")},
    [INSPECT_EXTERNAL_LINK] = {"external-link", INSPECT_POLICY, false,
	N_("a document that loads something from elsewhere")},
    [INSPECT_EMBEDDED_OBJECT] = {"embedded-object", INSPECT_POLICY, false,
	N_("a document with a foreign object in it")},
    [INSPECT_PDF_LAUNCH] = {"pdf-launch", INSPECT_POLICY, false, N_("a PDF that starts a program")},
    [INSPECT_PDF_SCRIPT] = {"pdf-script", INSPECT_POLICY, false, N_("a PDF with JavaScript")},
    [INSPECT_PDF_ACTION] = {"pdf-action", INSPECT_POLICY, true,
	N_("a PDF that does something when it is opened")},
    [INSPECT_PDF_ATTACHMENT] = {"pdf-attachment", INSPECT_POLICY, true,
	N_("a PDF with a file in it")},
    [INSPECT_HTML_SCRIPT] = {"html-script", INSPECT_POLICY, false, N_("HTML with a script")},
    [INSPECT_HTML_FORM] = {"html-form", INSPECT_POLICY, false, N_("HTML with a form")},
    [INSPECT_LOOKALIKE_LINK] = {"lookalike-link", INSPECT_POLICY, false,
	N_("a link that goes elsewhere than it says")},
    [INSPECT_POLYGLOT] = {"polyglot", INSPECT_POLICY, false, N_("one file that is two")},
    [INSPECT_AMBIGUOUS] = {"ambiguous", INSPECT_POLICY, true,
	N_("a message that programs read differently")},
    [INSPECT_NESTED_ARCHIVE] = {"nested-archive", INSPECT_POLICY, true,
	N_("an archive in an archive")},
    [INSPECT_ENCRYPTED] = {"encrypted", INSPECT_INCOMPLETE, false, N_("encrypted")},
    [INSPECT_DAMAGED] = {"damaged", INSPECT_INCOMPLETE, false, N_("damaged")},
    [INSPECT_UNKNOWN_FORMAT] = {"unknown-format", INSPECT_INCOMPLETE, false,
	N_("an archive of a kind that cannot be read here")},
    [INSPECT_LIMIT_BYTES] = {"bytes", INSPECT_INCOMPLETE, false, N_("unpacks to too many bytes")},
    [INSPECT_LIMIT_ENTRY] = {"entry-bytes", INSPECT_INCOMPLETE, false, N_("one file is too large")},
    [INSPECT_LIMIT_RATIO] = {"ratio", INSPECT_INCOMPLETE, false,
	N_("unpacks to too many times its size")},
    [INSPECT_LIMIT_DEPTH] = {"depth", INSPECT_INCOMPLETE, false,
	N_("archives in archives, too deep")},
    [INSPECT_LIMIT_ENTRIES] = {"entries", INSPECT_INCOMPLETE, false, N_("too many files")},
    [INSPECT_LIMIT_TIME] = {"time", INSPECT_INCOMPLETE, false, N_("takes too long")},
    [INSPECT_LIMIT_MEMORY] = {"memory", INSPECT_INCOMPLETE, false, N_("needs too much memory")},
    [INSPECT_LIMIT_MESSAGE] = {"message", INSPECT_INCOMPLETE, false,
	N_("a message over the limits of reading")},
    [INSPECT_LIMIT_READINGS] = {"readings", INSPECT_INCOMPLETE, false,
	N_("can be read in too many ways")},
    [INSPECT_LIMIT_FINDINGS] = {"findings", INSPECT_INCOMPLETE, false,
	N_("more was found than is kept")},
    [INSPECT_ENCODING] = {"encoding", INSPECT_INCOMPLETE, false,
	N_("an encoding that is not known")},
    [INSPECT_HELPER] = {"helper", INSPECT_INCOMPLETE, false,
	N_("what looks into files did not come to its end")},
    [INSPECT_SCANNER_LIMIT] = {"scanner-limit", INSPECT_INCOMPLETE, false,
	N_("over the scanner's limit")},
    [INSPECT_SCANNER_ERROR] = {"scanner-error", INSPECT_INCOMPLETE, false,
	N_("the scanner gave no verdict")},
    [INSPECT_SCANNER_ABSENT] = {"scanner-absent", INSPECT_INCOMPLETE, false,
	N_("the scanner cannot be reached")},
};
static const char *const action_names[INSPECT_ACTIONS] = {
    "pass", "tag", "quarantine", "defer", "reject"};
static const char *const kind_names[INSPECT_KINDS] = {"policy", "incomplete", "infected"};

const char *inspect_rule_name(enum inspect_rule rule)
{
	return rule < INSPECT_RULES ? rules[rule].name : "";
}

const char *inspect_rule_text(enum inspect_rule rule)
{
	return rule < INSPECT_RULES ? _(rules[rule].text) : "";
}

enum inspect_kind inspect_rule_kind(enum inspect_rule rule)
{
	ENSURE(rule < INSPECT_RULES);
	return rules[rule].kind;
}

enum inspect_rule inspect_rule_find(const char *name)
{
	unsigned i = 0;
	while (i < INSPECT_RULES && strcmp(rules[i].name, name) != 0)
		i++;
	return (enum inspect_rule)i;
}

const char *inspect_action_name(enum inspect_action action)
{
	return action < INSPECT_ACTIONS ? action_names[action] : "";
}

/* --- the policy --- */

static enum inspect_action usual(const struct rule *r, bool has_quarantine)
{
	switch (r->kind) {
	case INSPECT_INFECTED: return has_quarantine ? INSPECT_QUARANTINE : INSPECT_REJECT;
	case INSPECT_POLICY:
		return r->weak ? INSPECT_PASS : has_quarantine ? INSPECT_QUARANTINE : INSPECT_TAG;
	default: return INSPECT_TAG;
	}
}

void inspect_policy_init(struct inspect_policy *p, bool has_quarantine)
{
	for (size_t i = 0; i < INSPECT_RULES; i++)
		p->actions[i] = usual(&rules[i], has_quarantine);
	p->actions[INSPECT_SCANNER_ABSENT] = INSPECT_DEFER;
}

static int find_word(const char *const *words, size_t n, struct span word)
{
	for (size_t i = 0; i < n; i++)
		if (span_is(word, words[i]))
			return (int)i;
	return -1;
}

static int set_one(struct inspect_policy *p, struct span item, struct err *e)
{
	struct span name, action = item;
	if (!span_cut(&action, '=', &name))
		return err_set(e, EX_USAGE, _("\"%.*s\" is not RULE=ACTION"), SPAN_ARG(item));
	name = span_trim(name);
	action = span_trim(action);
	int what = find_word(action_names, INSPECT_ACTIONS, action);
	int kind = find_word(kind_names, INSPECT_KINDS, name);
	bool found = kind >= 0;
	if (what < 0)
		return err_set(e, EX_USAGE,
		    _("\"%.*s\" is no action: pass, tag, quarantine, defer or reject"),
		    SPAN_ARG(action));
	for (size_t i = 0; i < INSPECT_RULES; i++)
		if (span_is(name, rules[i].name) || (int)rules[i].kind == kind) {
			p->actions[i] = (enum inspect_action)what;
			found = true;
		}
	return found ? 0 : err_set(e, EX_USAGE, _("\"%.*s\" is no rule"), SPAN_ARG(name));
}

int inspect_policy_set(struct inspect_policy *p, const char *text, struct err *e)
{
	struct span rest = span_of(text), item;
	while (rest.len) {
		span_cut(&rest, ',', &item);
		item = span_trim(item);
		if (item.len && set_one(p, item, e) < 0)
			return -1;
	}
	return 0;
}

bool inspect_policy_uses(const struct inspect_policy *p, enum inspect_action action)
{
	for (size_t i = 0; i < INSPECT_RULES; i++)
		if (p->actions[i] == action)
			return true;
	return false;
}
