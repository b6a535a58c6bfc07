/* What a sender is told: the three parts, whom it may be told, and nothing foreign that could break out of its line. */
#include "dsn/dsn.h"
#include "../tap.h"
#include "base/alloc.h"
#include "base/random.h"

#include <stdlib.h>

static const char letter[] =
    "From: Ana <ana@example.org>\nTo: bob@example.net\nSubject: =?utf-8?q?Na=C3=AFve?=\n"
    "Date: Tue, 24 Nov 2026 09:14:00 +0000\nMessage-ID: <1@example.org>\n\nHalo.\n";

static char *write_it(struct dsn *d, struct span message)
{
	struct source_mem in;
	struct buf b = BUF_INIT(64 << 20);
	struct sink_buf out;
	struct err e = ERR_INIT;
	source_mem_init(&in, message);
	sink_buf_init(&out, &b);
	if (dsn_write(d, &in.source, &out.sink, &e) < 0)
		printf("# %s\n", e.text);
	char *text = str_dup(buf_cstr(&b));
	buf_release(&b);
	return text;
}

static void has(const char *text, const char *part)
{
	ok(strstr(text, part) != NULL, "says: %s", part);
}

static void lacks(const char *text, const char *part)
{
	ok(strstr(text, part) == NULL, "does not say: %s", part);
}

/* Every line short enough, and no control character but LF in what we wrote; what is returned is the sender's own. */
static void is_clean(const char *all)
{
	const char *end = strstr(all, "-headers\n"), *message = strstr(all, "message/rfc822\n");
	end = message ? message : end;
	char *text = mem_dup(all, end ? (size_t)(end - all) : strlen(all));
	size_t longest = 0, n = 0;
	bool control = false;
	for (const char *p = text; *p; p++) {
		n = *p == '\n' ? 0 : n + 1;
		longest = n > longest ? n : longest;
		bool bad = ((unsigned char)*p < 32 && *p != '\n' && *p != '\t') || *p == 127;
		if (bad && !control)
			printf("# %02x behind: %.*s\n", (unsigned char)*p,
			    p - text > 60 ? 60 : (int)(p - text), p - text > 60 ? p - 60 : text);
		control |= bad;
	}
	ok(longest <= 998, "the longest line has %zu octets", longest);
	ok(!control, "no control character");
	free(text);
}

static struct dsn_recipient refused(const char *address)
{
	return (struct dsn_recipient){.address = address,
	    .reason = DSN_REFUSED,
	    .code = 550,
	    .enhanced = "5.1.1",
	    .host = "mx.example.net",
	    .text = "no such user",
	    .at_s = 1795508040};
}

static void failure(void)
{
	struct dsn_recipient r[2] = {refused("bob@example.net"), refused("carol@example.net")};
	r[1].reason = DSN_EXPIRED;
	r[1].code = 451;
	r[1].enhanced = "4.3.0";
	r[1].text = "try later";
	r[1].orcpt = "rfc822;c@example.net";
	struct dsn d = {.to = "ana@example.org",
	    .host = "laptop.example.org",
	    .envid = "QQ314159",
	    .id = "7Q2X",
	    .arrived_s = 1795508000,
	    .now_s = 1795508100,
	    .recipients = r,
	    .recipient_count = 2};
	random_fix(1);
	char *text = write_it(&d, SPAN("From x\nSubject: a\n\n"));
	free(text);
	text = write_it(&d, span_of(letter));
	has(text, "\nTo: ana@example.org\n");
	has(text, "Content-Type: multipart/report; report-type=delivery-status;");
	has(text, "Auto-Submitted: auto-replied\n");
	has(text, "In-Reply-To: <1@example.org>\n");
	has(text, "Subject: =?utf-8?");
	has(text, "refused by mx.example.net: 550 5.1.1 no such user");
	has(text, "The address does not exist.");
	has(text, "Original-Envelope-Id: QQ314159\nReporting-MTA: dns; laptop.example.org\n");
	has(text, "\nFinal-Recipient: rfc822; bob@example.net\nAction: failed\nStatus: 5.1.1\n"
		  "Remote-MTA: dns; mx.example.net\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n"
		  "Last-Attempt-Date: Tue, 24 Nov 2026 08:14:00 +0000\n");
	has(text, "\nOriginal-Recipient: rfc822;c@example.net\nFinal-Recipient: rfc822; "
		  "carol@example.net\n"
		  "Action: failed\nStatus: 4.4.7\n");
	has(text, "Content-Type: text/rfc822-headers\n\nFrom: Ana <ana@example.org>\n");
	lacks(text, "Halo.");
	is_clean(text);
	free(text);
	d.whole = true;
	text = write_it(&d, span_of(letter));
	has(text, "Content-Type: message/rfc822\n\nFrom: Ana <ana@example.org>\n");
	has(text, "\n\nHalo.\n");
	free(text);
}

static void others(void)
{
	static const struct {
		enum dsn_reason reason;
		const char *action, *title;
	} cases[] = {{DSN_DELAYED, "Action: delayed\nStatus: 4.0.0\n", "Not delivered yet: "},
	    {DSN_RELAYED, "Action: relayed\nStatus: 2.0.0\n", "Sent on: "},
	    {DSN_UNKNOWN, "Action: failed\nStatus: 4.4.2\n", "Perhaps not delivered: "},
	    {DSN_RETURNED, "Action: failed\nStatus: 5.0.0\n", "Not delivered: "}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dsn_recipient r = refused("bob@example.net");
		r.reason = cases[i].reason;
		r.until_s = 1795508040;
		struct dsn d = {
		    .to = "ana@example.org", .host = "h", .recipients = &r, .recipient_count = 1};
		char *text = write_it(&d, SPAN("Subject: x\n\nbody\n"));
		has(text, cases[i].action);
		has(text, cases[i].title);
		if (r.reason == DSN_DELAYED)
			has(text, "Will-Retry-Until: Tue, 24 Nov 2026 08:14:00 +0000\n");
		free(text);
	}
}

static void wanted(void)
{
	ok(dsn_wanted(NULL, DSN_REFUSED) && dsn_wanted("", DSN_DELAYED),
	    "failures and delays unless told");
	ok(!dsn_wanted(NULL, DSN_RELAYED) && dsn_wanted("SUCCESS,failure", DSN_RELAYED),
	    "success when asked for");
	ok(!dsn_wanted("never", DSN_REFUSED) && !dsn_wanted("never", DSN_DELAYED), "never");
	ok(dsn_wanted("failure", DSN_EXPIRED) && !dsn_wanted("failure", DSN_DELAYED),
	    "only failures");
	ok(dsn_wanted("delay", DSN_DELAYED) && !dsn_wanted("delay", DSN_UNKNOWN), "only delays");
	ok(dsn_returns_whole(NULL, 1000) && !dsn_returns_whole(NULL, 1 << 20), "small ones whole");
	ok(!dsn_returns_whole("HDRS", 1000), "RET=HDRS");
	ok(dsn_returns_whole("full", 1 << 20) && !dsn_returns_whole("full", 10 << 20), "RET=FULL");
}

/* A peer's words, an address and a message that want to break out. */
static void hostile(void)
{
	char *long_text = mem_new(1 << 20, 1);
	memset(long_text, 'x', (1 << 20) - 1);
	struct dsn_recipient r[3] = {refused("bob@example.net"),
	    refused("\"a\r\n\r\nb\"@example.net"), refused("bob@example.net")};
	r[0].text = "no\r\nFinal-Recipient: rfc822; "
		    "eve@example.net\r\n\r\n--=_x\r\n\x1b]52;c;aGk=\x07\xe2\x80\xae\xff";
	r[1].host = "evil\n\nhost";
	r[2].text = long_text;
	r[2].orcpt = "rfc822;a\nAction: delivered";
	struct dsn d = {.to = "ana@example.org",
	    .host = "h",
	    .envid = "a\nb: c",
	    .recipients = r,
	    .recipient_count = 3};
	char *text = write_it(&d, SPAN("Subject: a\x1b[31mb\nMessage-ID: <x@y>\n z\n\nbody\n"));
	has(text, "\nFinal-Recipient: rfc822; bob@example.net\n");
	lacks(text, "\nFinal-Recipient: rfc822; eve");
	lacks(text, "\nAction: delivered");
	lacks(text, "\nb: c");
	is_clean(text);
	free(text);
	static const char *const odd[] = {"", "no header at all", "\n\n", "Subject\n\nx", ":\n:\n",
	    "From x\nFrom y\n", "Subject: a\r\n\r\nb\r\n"};
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		for (int whole = 0; whole < 2; whole++) {
			d.whole = whole;
			text = write_it(&d, span_of(odd[i]));
			ok(strstr(text, "--\n") != NULL, "an odd message: finished");
			is_clean(text);
			free(text);
		}
	free(long_text);
}

/* RFC 6533. */
static void international(void)
{
	struct dsn_recipient r = refused("büdi@exämple.net");
	struct dsn d = {
	    .to = "ana@example.org", .host = "h", .recipients = &r, .recipient_count = 1};
	char *text = write_it(&d, span_of(letter));
	has(text, "Content-Type: message/delivery-status\n");
	has(text, "Final-Recipient: utf-8; b\\x{00FC}di@ex\\x{00E4}mple.net\n");
	free(text);
	d.to = "änne@exämple.org";
	d.whole = true;
	text = write_it(&d, span_of(letter));
	has(text, "\nTo: änne@exämple.org\n");
	has(text, "Content-Type: message/global-delivery-status\n");
	has(text, "Final-Recipient: utf-8; büdi@exämple.net\n");
	has(text, "Content-Type: message/global\n");
	free(text);
}

static void many(void)
{
	enum { N = 50000 };
	struct dsn_recipient *r = mem_new(N, sizeof(*r));
	for (size_t i = 0; i < N; i++)
		r[i] = refused("bob@example.net");
	struct dsn d = {
	    .to = "ana@example.org", .host = "h", .recipients = r, .recipient_count = N};
	char *text = write_it(&d, span_of(letter));
	has(text, "and 49800 more, in the second part");
	free(text);
	free(r);
}

int main(void)
{
	failure();
	others();
	wanted();
	hostile();
	international();
	many();
	return tap_done();
}
