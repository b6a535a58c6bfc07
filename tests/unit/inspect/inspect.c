/* Names, marks, links, the policy and the verdict: what each rule means. */
#include "inspect/message.h"

#include "../tap.h"
#include "inspect/kind.h"
#include "inspect/markup.h"
#include "inspect/name.h"

static struct inspect_result found;
static const struct inspect_place place = {&found, {"2", 1}, {"x", 1}};

static bool has(enum inspect_rule rule)
{
	for (size_t i = 0; i < found.n; i++)
		if (found.v[i].rule == rule)
			return true;
	return false;
}

static void again(void)
{
	inspect_result_release(&found);
	inspect_result_init(&found);
}

static void test_names(void)
{
	static const struct {
		const char *name;
		enum inspect_rule rule; /* INSPECT_RULES: none at all */
	} names[] = {
	    {"letter.txt", INSPECT_RULES},
	    {"report.pdf", INSPECT_RULES},
	    {"v1.2.3 notes.docx", INSPECT_RULES},
	    {"noextension", INSPECT_RULES},
	    {"", INSPECT_RULES},
	    {".", INSPECT_RULES},
	    {"archive.tar.gz", INSPECT_RULES},
	    {"setup.exe", INSPECT_PROGRAM_NAME},
	    {"SETUP.EXE", INSPECT_PROGRAM_NAME},
	    {"setup.exe. . ", INSPECT_PROGRAM_NAME},
	    {"setup.exe:stream", INSPECT_PROGRAM_NAME},
	    {"a.js", INSPECT_SCRIPT},
	    {"a.PS1", INSPECT_SCRIPT},
	    {"disk.iso", INSPECT_DISK_IMAGE},
	    {"invoice.pdf.exe", INSPECT_DOUBLE_EXTENSION},
	    {"invoice.pdf   .js", INSPECT_DOUBLE_EXTENSION},
	    {"annual\xe2\x80\xaexcod.exe", INSPECT_HIDDEN_NAME},
	    {"a\xe2\x80\x8b.txt", INSPECT_HIDDEN_NAME},
	    {"a\xe2\x80\xa4"
	     "exe.txt",
		INSPECT_HIDDEN_NAME},
	    {"a.txt                 .x", INSPECT_HIDDEN_NAME},
	    {"a\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0\xc2\xa0"
	     "b",
		INSPECT_HIDDEN_NAME},
	    {"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9.png", INSPECT_RULES},
	    {"\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae\xd9\x88\xd8\xa7.pdf", INSPECT_RULES},
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		again();
		inspect_name(&place, span_of(names[i].name));
		ok(names[i].rule == INSPECT_RULES ? found.n == 0 : has(names[i].rule),
		    "name %zu is %s", i,
		    names[i].rule == INSPECT_RULES ? "harmless" : inspect_rule_name(names[i].rule));
	}
	is_span(inspect_name_base(SPAN("a\\b/c.exe")), "c.exe", "the last component");
}

static void test_formats(void)
{
	static const struct {
		struct span head;
		enum inspect_type type;
	} heads[] = {
	    {{"", 0}, INSPECT_T_TEXT},
	    {{"hello\n", 6}, INSPECT_T_TEXT},
	    {{"MZ is how this letter begins, dear reader of letters like this one ...", 70},
		INSPECT_T_TEXT},
	    {{"BZhello, says the letter", 24}, INSPECT_T_TEXT},
	    {{"FWS is a word", 13}, INSPECT_T_TEXT},
	    {{"a -lh options", 13}, INSPECT_T_TEXT},
	    {{"\x7f"
	      "ELF\2\1\1\0",
		 8},
		INSPECT_T_ELF},
	    {{"\xca\xfe\xba\xbe\0\0\0\x34", 8}, INSPECT_T_CLASS},
	    {{"\xca\xfe\xba\xbe\0\0\0\2", 8}, INSPECT_T_MACHO},
	    {{"#!/bin/sh\n", 10}, INSPECT_T_SHEBANG},
	    {{"\n\n <!-- x --> <HTML>", 20}, INSPECT_T_HTML},
	    {{"\xff\xfe<\0h\0t\0m\0l\0>\0", 14}, INSPECT_T_HTML},
	    {{"junk\n%PDF-1.4\n", 14}, INSPECT_T_PDF},
	    {{"  {\\rtf1 x}", 11}, INSPECT_T_RTF},
	    {{"PK\3\4", 4}, INSPECT_T_ZIP},
	    {{"Rar!\x1a\7\1\0", 8}, INSPECT_T_RAR5},
	    {{"[InternetShortcut]\nURL=x", 24}, INSPECT_T_SHORTCUT},
	    {{"-----BEGIN PGP MESSAGE-----\n", 28}, INSPECT_T_PGP},
	    {{"\0\1\2\3", 4}, INSPECT_T_DATA},
	};
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		is_str(inspect_format_of(heads[i].head)->name, inspect_format(heads[i].type)->name,
		    "its first bytes say what it is");
	ok(inspect_format_of_tail(SPAN("GIF89a and so on"), false) == NULL, "nothing behind it");
	ok(inspect_format_of_tail(
	       span_make("xPK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 23), true) != NULL,
	    "a zip's end");
	ok(inspect_format_of_tail(
	       span_make("xPK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0yy", 25), true) == NULL,
	    "which is not the end");
	ok(inspect_script_mark(SPAN("x = new ActiveXObject('a')")) != NULL,
	    "a script by its words");
	ok(inspect_script_mark(SPAN("a letter about scripts")) == NULL, "a letter");
	for (unsigned t = 0; t < INSPECT_T_COUNT; t++)
		if (inspect_format((enum inspect_type)t)->type != t)
			ok(false, "format %u stands in its place", t);
}

static void test_links(void)
{
	static const struct {
		const char *href, *text;
		bool bad;
	} links[] = {
	    {"https://www.example.org/a", "www.example.org", false},
	    {"https://click.example.org/a", "https://example.org/", false},
	    {"https://example.net/", "click here", false},
	    {"https://example.net/", "report.pdf", false},
	    {"https://example.net/", "bob@example.org", false},
	    {"mailto:bob@example.org", "www.example.net", false},
	    {"https://a.co.uk/", "www.b.co.uk", true},
	    {"https://evil.test/", "example.org", true},
	    {"https://evil.test/", "https://example.org/login", true},
	    {"https://example.org@evil.test/", "x", true},
	    {"https://bob@example.org/", "x", false},
	    {"https://b\xd0\xb0nk.example/", "x", true},
	    {"https://xn--80ak6aa92e.com/", "x", true},
	    {"https://xn--mnchen-3ya.de/", "x", false},
	    {"//evil.test/", "www.example.org", true},
	    {"", "", false},
	};
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		struct buf why = BUF_INIT(1024);
		ok(inspect_link(span_of(links[i].href), span_of(links[i].text), &why) ==
			links[i].bad,
		    "link %zu is %s", i, links[i].bad ? "a trap" : "none");
		buf_release(&why);
	}
}

static void test_policy(void)
{
	struct inspect_policy p;
	struct err e = ERR_INIT;
	const struct inspect_finding *first;
	inspect_policy_init(&p, false);
	ok(!inspect_policy_uses(&p, INSPECT_QUARANTINE), "without a quarantine nothing goes there");
	again();
	is_str(inspect_verdict_name(inspect_result_verdict(&found, &p, NULL)), "clean",
	    "nothing found");
	inspect_found(&place, INSPECT_PDF_ACTION, SPAN(""));
	is_str(inspect_verdict_name(inspect_result_verdict(&found, &p, NULL)), "clean",
	    "what passes does not count");
	inspect_found(&place, INSPECT_MACRO, SPAN("VBA"));
	is_str(inspect_verdict_name(inspect_result_verdict(&found, &p, NULL)), "policy", "a macro");
	inspect_found(&place, INSPECT_ENCRYPTED, SPAN(""));
	is_str(inspect_verdict_name(inspect_result_verdict(&found, &p, NULL)),
	    "not-fully-inspected", "what may be anything weighs more");
	inspect_found(&place, INSPECT_SIGNATURE, SPAN("Bad"));
	is_str(inspect_verdict_name(inspect_result_verdict(&found, &p, &first)), "infected",
	    "malware most");
	is_int(first->rule, INSPECT_SIGNATURE, "and names the verdict");
	is_int(inspect_result_action(&found, &p, NULL), INSPECT_REJECT, "refused");
	ok(inspect_policy_set(&p, " infected=pass , policy=pass,incomplete=pass", &e) == 0,
	    "all pass");
	is_int(inspect_result_action(&found, &p, &first), INSPECT_PASS, "nothing is done");
	ok(first == NULL, "for no reason");
	is_str(inspect_verdict_name(inspect_result_verdict(&found, &p, NULL)), "infected",
	    "and it is what it is");
	ok(inspect_policy_set(&p, "macro", &e) < 0 && e.code == EX_USAGE,
	    "a rule without an action");
	ok(inspect_policy_set(&p, "x=tag", &e) < 0, "no such rule");
	ok(inspect_policy_set(&p, "macro=x", &e) < 0, "no such action");
	for (unsigned i = 0; i < INSPECT_RULES; i++)
		if (inspect_rule_find(inspect_rule_name((enum inspect_rule)i)) != i)
			ok(false, "rule %u is found by its name", i);
}

static void test_result(void)
{
	struct inspect_policy p;
	struct buf b = BUF_INIT(4096);
	char name[40];
	inspect_policy_init(&p, false);
	again();
	for (unsigned i = 0; i < INSPECT_FINDINGS_MAX + 500; i++) {
		snprintf(name, sizeof(name), "%u", i);
		inspect_add(&found, INSPECT_SCRIPT, SPAN("1"), span_of(name), SPAN(""));
		inspect_add(&found, INSPECT_SCRIPT, SPAN("1"), span_of(name), SPAN(""));
	}
	is_int((long long)found.n, INSPECT_FINDINGS_MAX + 1, "so many are kept, each once");
	ok(has(INSPECT_LIMIT_FINDINGS), "and that there were more");
	inspect_add(&found, INSPECT_EICAR, SPAN("9"), SPAN(""), SPAN("x"));
	is_str(inspect_verdict_name(inspect_result_verdict(&found, &p, NULL)), "infected",
	    "malware behind them is not lost");
	again();
	inspect_add(&found, INSPECT_SIGNATURE, SPAN("2"), SPAN("a\r\nX: y\xe2\x80\xae).zip"),
	    SPAN("Evil\n\x1b[31m"));
	inspect_result_fields(&b, &found, &p, "archives");
	is_span(buf_span(&b),
	    "X-Virus-Scanned: surat (archives)\nX-Virus-Status: Infected (Evil??[31m; part "
	    "2\n\ta??X: y????.zip)\n",
	    "foreign names begin no field and end no comment");
	buf_release(&b);
}

struct input {
	struct inspect_input input;
	struct span bytes;
	struct source_mem source;
	unsigned readings;
};

static struct source *rewound(struct inspect_input *in)
{
	struct input *i = (struct input *)in;
	i->readings++;
	source_mem_init(&i->source, i->bytes);
	return &i->source.source;
}

static void look(const char *message, unsigned readings, bool executable, const char *what)
{
	struct inspect_options o = {.limits = &inspect_limits_default, .own = true};
	struct input in = {.input = {rewound}, .bytes = span_of(message)};
	struct err e = ERR_INIT;
	again();
	is_int(inspect_message(&found, &o, &in.input, &e), 0, what);
	is_int(in.readings, readings, "so many readings");
	ok(has(INSPECT_SCRIPT) == executable, "what is hidden is found");
}

static void test_readings(void)
{
	/* IyEvYmluL3NoCg== is a shell's first line */
	look("Content-Type: text/plain\n\nhello\n", 1, false, "a plain message");
	look("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nIyEvYmluL3NoCg==\n", 1,
	    true, "in base64");
	look("Content-Type: text/plain\nContent-Transfer-Encoding: "
	     "7bit\nContent-Transfer-Encoding: base64\n\nIyEvYmluL3NoCg==\n",
	    2, true, "two encodings");
	look("Content-Transfer-Encoding: base64\nContent-Transfer-Encoding : "
	     "7bit\n\nIyEvYmluL3NoCg==\n",
	    4, true, "two, one with a blank before its colon");
	look("Content-Type: multipart/mixed; boundary=a; "
	     "boundary=b\n\n--a\n\nx\n--a--\n--b\n\n#!/bin/sh\n--b--\n",
	    2, true, "two boundaries");
	look("Content-Type: multipart/mixed; "
	     "boundary=a\n\n--a\n\nx\n--a--\n--a\n\n#!/bin/sh\n--a--\n",
	    2, true, "a part behind the end");
	look("Content-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--ab\n\n#!/bin/sh\n--a--\n", 2,
	    true, "letters behind a boundary");
	look("Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\n#!/bin/sh\n----\n", 1, false,
	    "a boundary of nothing");
	ok(has(INSPECT_LIMIT_READINGS), "of which there is no other reading: said");
}

int main(void)
{
	inspect_result_init(&found);
	test_names();
	test_formats();
	test_links();
	test_policy();
	test_result();
	test_readings();
	inspect_result_release(&found);
	return tap_done();
}
