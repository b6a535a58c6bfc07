#include "imap/untagged.h"

#include "base/intl.h"

#include <stdio.h>

static void learn_capabilities(struct imap_client *c, struct span words)
{
	struct span word;
	strv_release(&c->capabilities);
	while (span_word(&words, &word) && c->capabilities.n < 500)
		strv_add_span(&c->capabilities, word);
	c->capabilities_known = true;
}

static void learn_number(uint32_t *to, struct span text)
{
	uint64_t n;
	if (span_to_u64(span_trim(text), UINT32_MAX, &n))
		*to = (uint32_t)n;
}

/* --- [CODE args] text --- */

static void act_on_code(struct imap_client *c, struct span code)
{
	struct span name, args = code;
	if (!span_word(&args, &name))
		return;
	snprintf(c->status.code, sizeof(c->status.code), "%.*s", SPAN_ARG(name));
	if (span_is_nocase(name, "CAPABILITY"))
		learn_capabilities(c, args);
	else if (span_is_nocase(name, "UIDVALIDITY"))
		learn_number(&c->mailbox.uidvalidity, args);
	else if (span_is_nocase(name, "UIDNEXT"))
		learn_number(&c->mailbox.uidnext, args);
	else if (span_is_nocase(name, "READ-ONLY"))
		c->mailbox.read_only = true;
	else if (span_is_nocase(name, "COPYUID") || span_is_nocase(name, "APPENDUID")) {
		buf_reset(&c->code_args);
		buf_add(&c->code_args, args);
	}
}

int imap_client_read_status(struct imap_client *c, const char *word, struct err *e)
{
	struct span line, code;
	c->status = (struct imap_status){0};
	snprintf(c->status.word, sizeof(c->status.word), "%s", word);
	if (imap_lex_line(&c->lex, &line, e) < 0)
		return -1;
	if (span_starts(line, "[")) {
		line = span_skip(line, 1);
		if (!span_cut(&line, ']', &code))
			return err_set(e, EX_PROTOCOL, _("a response code without its end"));
		act_on_code(c, code);
	}
	line = span_trim(line);
	snprintf(c->status.text, sizeof(c->status.text), "%.*s", SPAN_ARG(line));
	return 0;
}

static int on_ok(struct imap_client *c, uint64_t number, struct err *e)
{
	(void)number;
	return imap_client_read_status(c, "OK", e);
}

static int on_no(struct imap_client *c, uint64_t number, struct err *e)
{
	(void)number;
	return imap_client_read_status(c, "NO", e);
}

static int on_preauth(struct imap_client *c, uint64_t number, struct err *e)
{
	(void)number;
	if (c->greeted)
		return err_set(e, EX_PROTOCOL, _("PREAUTH is for greetings only"));
	c->signed_in = true;
	return imap_client_read_status(c, "PREAUTH", e);
}

/* With a command under way the connection ends behind this, and reading says so; the words before it are kept for that. */
static int on_bye(struct imap_client *c, uint64_t number, struct err *e)
{
	(void)number;
	c->bye = true;
	return imap_client_read_status(c, "BYE", e);
}

static int on_capability(struct imap_client *c, uint64_t number, struct err *e)
{
	struct span line;
	(void)number;
	if (imap_lex_line(&c->lex, &line, e) < 0)
		return -1;
	learn_capabilities(c, line);
	return 0;
}

/* --- the table --- */

static const struct {
	const char *word;
	bool numbered;
	imap_untagged_fn *handle;
} table[] = {
    {"OK", false, on_ok},
    {"NO", false, on_no},
    {"BAD", false, on_no},
    {"BYE", false, on_bye},
    {"PREAUTH", false, on_preauth},
    {"CAPABILITY", false, on_capability},
    {"LIST", false, imap_on_list},
    {"SEARCH", false, imap_on_search},
    {"STATUS", false, imap_on_status},
    {"EXISTS", true, imap_on_exists},
    {"EXPUNGE", true, imap_on_expunge},
    {"FETCH", true, imap_on_fetch},
};

int imap_client_untagged(struct imap_client *c, const struct imap_token *first, struct err *e)
{
	struct imap_token word = *first;
	uint64_t number = 0;
	bool numbered = imap_token_number(first, UINT32_MAX, &number);
	if (numbered && imap_lex_expect(&c->lex, IMAP_ATOM, &word, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].numbered == numbered && imap_token_is(&word, table[i].word))
			return table[i].handle(c, number, e);
	return imap_lex_skip(&c->lex, e);
}
