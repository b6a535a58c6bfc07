#include "options.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/time.h"
#include "mime/date.h"

#include <stdlib.h>

/* A TIME as everywhere, or a date as it stands in a message: then with its zone. */
static int set_date(void *opts, const char *value, struct err *e)
{
	struct options *o = opts;
	struct date d;
	if (date_parse_time(span_of(value), clock_real_s(), &o->date_s, e) == 0) {
		o->has_date = true;
		o->date_offset_min = date_local_offset(o->date_s);
		return 0;
	}
	if (!date_parse(span_of(value), &d))
		return -1;
	err_clear(e);
	o->has_date = true;
	o->date_s = d.s;
	o->date_offset_min = d.offset_min;
	return 0;
}

static int set_lint(void *opts, const char *value, struct err *e)
{
	struct options *o = opts;
	(void)e;
	o->lint = true;
	free(o->lint_message);
	o->lint_message = str_dup(value ? value : "");
	return 0;
}

#define O struct options
/* what belongs to one run only */
#define ONCE(name, value, kind, field, help)                                                       \
	{                                                                                          \
		0, name, value, kind, offsetof(O, field), help, CLI_COMMAND_LINE                   \
	}
static const struct cli_option own[] = {
    CLI_LIST('f', "from", N_("ADDRESS"), O, from, N_("who writes")),
    CLI_LIST(
	't', "to", N_("ADDRESS"), O, to, N_("a recipient, or several with commas (repeatable)")),
    CLI_LIST('c', "cc", N_("ADDRESS"), O, cc, N_("who gets a copy")),
    CLI_LIST('b', "bcc", N_("ADDRESS"), O, bcc, N_("who gets a copy nobody else knows of")),
    CLI_LIST(0, "reply-to", N_("ADDRESS"), O, reply_to, N_("where answers go")),
    CLI_STRING('s', "subject", N_("TEXT"), O, subject, N_("what it is about")),
    CLI_LIST('H', "header", N_("'NAME: VALUE'"), O, headers, N_("another field (repeatable)")),
    CLI_STRING(0, "body", N_("FILE"), O, body, N_("the text; - and default: standard input")),
    CLI_STRING(
	0, "html", N_("FILE"), O, html, N_("the same as HTML; alone, the text is made from it")),
    CLI_LIST(
	0, "inline", N_("FILE[;cid=ID]"), O, inlines, N_("a picture the HTML shows as cid:ID")),
    CLI_LIST('a', "attach", N_("FILE[;type=T][;name=N]"), O, attach, N_("attach a file")),
    CLI_LIST('z', "attach-archive", N_("PATH[;format=F][;name=N]"), O, archives,
	N_("attach a folder as zip, tar.gz, tar.xz, tar.zst or 7z")),
    ONCE("reply", N_("MESSAGE"), CLI_KIND_STRING, reply, N_("answer this message")),
    CLI_FLAG(0, "all", O, all, N_("answer all who got it, and the list")),
    CLI_FLAG(0, "quote", O, quote, N_("quote its text")),
    ONCE("forward", N_("MESSAGE"), CLI_KIND_LIST, forward, N_("attach this message (repeatable)")),
    ONCE("inline-forward", NULL, CLI_KIND_FLAG, inline_forward,
	N_("forward its text and files instead")),
    ONCE("resend", N_("MESSAGE"), CLI_KIND_STRING, resend,
	N_("send this message on with Resent- fields")),
    CLI_FLAG(0, "mbox", O, mbox, N_("--forward -: standard input is an mboxrd stream")),
    ONCE("merge", N_("FILE"), CLI_KIND_STRING, merge,
	N_("a message for each row of this CSV or JSON, as mboxrd")),
    CLI_STRING(0, "unsubscribe", N_("URL"), O, unsubscribe,
	N_("List-Unsubscribe, with one click for https")),
    ONCE("spec", N_("FILE"), CLI_KIND_STRING, spec, N_("options as JSON")),
    {'e', "edit", NULL, CLI_KIND_FLAG, offsetof(O, edit),
	N_("the draft in $VISUAL or $EDITOR first"), CLI_COMMAND_LINE},
    {0, "lint", N_("MESSAGE"), CLI_KIND_CALL, 0,
	N_("what would hurt delivery; of the new message, or of this"),
	CLI_OPTIONAL | CLI_COMMAND_LINE, 0, 0, NULL, set_lint},
    CLI_STRING(0, "message-id", N_("ID"), O, message_id, N_("instead of one made by chance")),
    CLI_CALL(0, "date", N_("TIME"), set_date, N_("instead of now")),
    CLI_STRING(0, "boundary-seed", N_("TEXT"), O, boundary_seed,
	N_("what is made by chance comes from this")),
    CLI_STRING(0, "charset", N_("NAME"), O, charset, N_("of the texts as they are sent; UTF-8")),
    CLI_FLAG(0, "format-flowed", O, flowed, N_("paragraphs flow to the reader's width (RFC 3676)")),
    CLI_FLAG(0, "8bit", O, eight_bit, N_("8-bit text stays as it is")),
    CLI_FLAG(0, "utf8-headers", O, utf8_headers, N_("UTF-8 in headers and addresses (SMTPUTF8)")),
    CLI_FLAG(0, "crlf", O, crlf, N_("lines end in CRLF")),
    ONCE("check-address", NULL, CLI_KIND_FLAG, check_address,
	N_("are the operands addresses? a JSON object for each")),
};
#undef ONCE
#undef O

static const struct cli_group groups[] = {{NULL, own, ARRAY_LEN(own), 0, 0}};
const struct cli_program program = {.name = "mail-compose",
    .synopsis = N_("[options] < text > message"),
    .summary =
	N_("writes a message on standard output: text, HTML, pictures, files, answers, forwards"),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .common_offset = offsetof(struct options, common)};
const struct options options_default = {0};
