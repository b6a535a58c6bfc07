/*
 * What each command does, and the table of them.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "mime/address.h"
#include "net/tls.h"
#include "smtp/server_room.h"

#include <stdlib.h>

/* --- HELO, EHLO, LHLO --- */

static bool hello_is_good(struct span name)
{
	if (!name.len || name.len > 255)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] <= ' ' || name.ptr[i] == 127)
			return false;
	return true;
}

static bool has_starttls(const struct smtp_server *s)
{
	return s->options->cert_file && s->options->key_file && !s->tls;
}

static void hello_extended(struct smtp_server *s)
{
	struct buf b = BUF_INIT(4096);
	buf_addf(&b, "%s\nPIPELINING\nSIZE", smtp_server_name(s));
	if (s->options->size_max)
		buf_addf(&b, " %llu", (unsigned long long)s->options->size_max);
	buf_addf(&b, "\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nCHUNKING\nLIMITS RCPTMAX=%zu",
	    smtp_server_recipients_max(s));
	if (has_starttls(s))
		buf_adds(&b, "\nSTARTTLS");
	/* no status in it: RFC 2034 3 */
	smtp_server_reply_lines(s, 250, NULL, buf_span(&b));
	buf_release(&b);
}

static int say_hello(struct smtp_server *s, struct span args, bool extended)
{
	struct span name = span_trim(args);
	if (!hello_is_good(name)) {
		smtp_server_bad(s, 501, "5.5.4", "%s", _("who are you? A name, please"));
		return 0;
	}
	smtp_server_reset(s);
	free(s->hello);
	s->hello = span_dup(name);
	s->extended = extended;
	if (extended)
		hello_extended(s);
	else
		smtp_server_reply(s, 250, "", "%s", smtp_server_name(s));
	return 0;
}

static int do_helo(struct smtp_server *s, struct span args, struct err *e)
{
	(void)e;
	return say_hello(s, args, false);
}

static int do_ehlo(struct smtp_server *s, struct span args, struct err *e)
{
	(void)e;
	return say_hello(s, args, true);
}

/* --- MAIL, RCPT --- */

/* "root" as an address that can be checked like the others; NULL: it is no such name. */
static char *local_name(struct span path)
{
	if (!path.len || span_index(path, '@') >= 0)
		return NULL;
	return str_printf("%.*s@localhost", SPAN_ARG(path));
}

/* Control characters, wrong syntax, UTF-8 without SMTPUTF8 (RFC 6531 3.5): refused before anybody acts on them. */
static bool path_is_good(struct smtp_server *s, struct span path, bool sender)
{
	struct err why = ERR_INIT;
	char *name = sender || !s->options->local_names ? NULL : local_name(path);
	int r = address_envelope_check(name ? span_of(name) : path, sender, &why);
	free(name);
	if (r < 0) {
		smtp_server_bad(s, 501, sender ? "5.1.7" : "5.1.3", "%s", why.text);
		return false;
	}
	if (address_is_utf8(path) && !s->envelope.utf8) {
		smtp_server_bad(s, 553, "5.6.7", "%s", _("an address beyond ASCII needs SMTPUTF8"));
		return false;
	}
	return true;
}

/* One parameter of MAIL; false when it was refused. */
static bool mail_param(struct smtp_server *s, struct span key, struct span value)
{
	struct smtp_server_envelope *v = &s->envelope;
	if (span_is_nocase(key, "SIZE") && span_to_u64(value, INT64_MAX, &v->declared)) {
		if (!s->options->size_max || v->declared <= s->options->size_max)
			return true;
		smtp_server_reply(s, 552, "5.3.4", _("larger than %llu bytes"),
		    (unsigned long long)s->options->size_max);
		return false;
	}
	if (span_is_nocase(key, "BODY") &&
	    (span_is_nocase(value, "7BIT") || span_is_nocase(value, "8BITMIME"))) {
		v->eight_bit = to_lower(value.ptr[0]) == '8';
		return true;
	}
	if (span_is_nocase(key, "SMTPUTF8") && !value.len) {
		v->utf8 = true;
		return true;
	}
	bool known = span_is_nocase(key, "SIZE") || span_is_nocase(key, "BODY") ||
		     span_is_nocase(key, "SMTPUTF8");
	smtp_server_bad(s, known ? 501 : 555, "5.5.4", _("MAIL parameter %.*s"), SPAN_ARG(key));
	return false;
}

static bool mail_params(struct smtp_server *s, struct span params)
{
	struct span key, value;
	while (smtp_param_next(&params, &key, &value))
		if (!mail_param(s, key, value))
			return false;
	return true;
}

static int do_mail(struct smtp_server *s, struct span args, struct err *e)
{
	struct span path;
	struct err why = ERR_INIT;
	(void)e;
	if (!s->hello)
		smtp_server_bad(
		    s, 503, "5.5.1", _("%s comes first"), s->options->lmtp ? "LHLO" : "EHLO");
	else if (s->envelope.sender)
		smtp_server_bad(s, 503, "5.5.1", "%s", _("there is a sender already"));
	else if (!smtp_path_cut(&args, "FROM:", &path))
		smtp_server_bad(s, 501, "5.5.4", "%s", _("it should read MAIL FROM:<address>"));
	else if (mail_params(s, args) && path_is_good(s, path, true)) {
		s->envelope.sender = span_dup(path);
		if (s->hooks->sender && s->hooks->sender(s->ctx, s, s->envelope.sender, &why) < 0) {
			smtp_server_refuse(s, &why);
			smtp_server_reset(s);
		} else {
			smtp_server_reply(s, 250, "2.1.0", "%s", _("sender accepted"));
		}
		return 0;
	}
	if (!s->envelope.sender)
		s->envelope = (struct smtp_server_envelope){0};
	return 0;
}

static void add_recipient(struct smtp_server *s, struct span path)
{
	struct err why = ERR_INIT;
	char *recipient = span_dup(path);
	if (s->hooks->recipient(s->ctx, s, recipient, &why) < 0) {
		smtp_server_refuse(s, &why);
		free(recipient);
		s->idle++; /* guessing names costs */
		return;
	}
	strv_take(&s->envelope.recipients, recipient);
	smtp_server_reply(s, 250, "2.1.5", "%s", _("recipient accepted"));
}

static int do_rcpt(struct smtp_server *s, struct span args, struct err *e)
{
	struct span path, key, value;
	(void)e;
	if (!s->envelope.sender)
		smtp_server_bad(s, 503, "5.5.1", "%s", _("MAIL comes first"));
	else if (s->chunking)
		smtp_server_bad(s, 503, "5.5.1", "%s", _("the message has begun already"));
	else if (!smtp_path_cut(&args, "TO:", &path))
		smtp_server_bad(s, 501, "5.5.4", "%s", _("it should read RCPT TO:<address>"));
	else if (smtp_param_next(&args, &key, &value))
		smtp_server_bad(s, 555, "5.5.4", _("RCPT parameter %.*s"), SPAN_ARG(key));
	else if (!path_is_good(s, path, false))
		return 0;
	else if (s->envelope.recipients.n >= smtp_server_recipients_max(s))
		smtp_server_reply(s, 452, "4.5.3", "%s", _("too many recipients for one message"));
	else
		add_recipient(s, path);
	return 0;
}

/* --- the message --- */

static int do_data(struct smtp_server *s, struct span args, struct err *e)
{
	if (span_trim(args).len)
		smtp_server_bad(s, 501, "5.5.4", "%s", _("DATA takes nothing"));
	else if (!s->envelope.sender)
		smtp_server_bad(s, 503, "5.5.1", "%s", _("MAIL comes first"));
	else if (s->chunking)
		smtp_server_bad(s, 503, "5.5.1", "%s", _("BDAT has begun already"));
	else if (!s->envelope.recipients.n)
		smtp_server_bad(s, 554, "5.5.1", "%s", _("no valid recipients"));
	else
		return smtp_server_data(s, e);
	return 0;
}

static int do_bdat(struct smtp_server *s, struct span args, struct err *e)
{
	return smtp_server_bdat(s, args, e);
}

/* --- the others --- */

static int do_rset(struct smtp_server *s, struct span args, struct err *e)
{
	(void)args;
	(void)e;
	smtp_server_reset(s);
	smtp_server_reply(s, 250, "2.0.0", "%s", _("forgotten"));
	return 0;
}

static int do_noop(struct smtp_server *s, struct span args, struct err *e)
{
	(void)args;
	(void)e;
	smtp_server_reply(s, 250, "2.0.0", "%s", _("fine"));
	return 0;
}

/* Who lives here is nobody's business, and not all is known before RCPT (RFC 5321 7.3). */
static int do_vrfy(struct smtp_server *s, struct span args, struct err *e)
{
	(void)args;
	(void)e;
	smtp_server_reply(s, 252, "2.5.0", "%s", _("send some mail and see"));
	return 0;
}

static int do_help(struct smtp_server *s, struct span args, struct err *e)
{
	(void)args;
	(void)e;
	smtp_server_reply(s, 214, "2.0.0", "%s",
	    s->options->lmtp
		? "RFC 2033: LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY STARTTLS HELP QUIT"
		: "RFC 5321: EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY STARTTLS HELP QUIT");
	return 0;
}

static int do_quit(struct smtp_server *s, struct span args, struct err *e)
{
	(void)args;
	(void)e;
	smtp_server_reply(s, 221, "2.0.0", "%s", _("goodbye"));
	s->over = true;
	return 0;
}

/* CVE-2011-0411: what was sent in the clear behind STARTTLS must not be taken for what is said inside TLS. */
static int do_starttls(struct smtp_server *s, struct span args, struct err *e)
{
	if (!has_starttls(s)) {
		smtp_server_bad(
		    s, 502, "5.5.1", "%s", s->tls ? _("TLS is there already") : _("no TLS here"));
		return 0;
	}
	if (span_trim(args).len) {
		smtp_server_bad(s, 501, "5.5.4", "%s", _("STARTTLS takes nothing"));
		return 0;
	}
	if (stream_peek(s->stream).len)
		return err_set(e, EX_PROTOCOL, _("bytes between STARTTLS and the handshake"));
	smtp_server_reply(s, 220, "2.0.0", "%s", _("go ahead"));
	stream_timeout(s->stream, smtp_server_timeout_ms(s));
	if (stream_flush(s->stream, e) < 0 ||
	    tls_start_server(s->stream, s->options->cert_file, s->options->key_file, e) < 0)
		return err_prefix(e, "STARTTLS: ");
	/* all that was said before is forgotten (RFC 3207 4.2) */
	smtp_server_reset(s);
	free(s->hello);
	s->hello = NULL;
	s->tls = true;
	return 0;
}

/* --- the table --- */

enum { IN_SMTP = 1, IN_LMTP = 2, IN_BOTH = 3 };
static const struct verb {
	const char *name;
	unsigned where;
	int (*run)(struct smtp_server *s, struct span args, struct err *e);
} verbs[] = {
    {"HELO", IN_SMTP, do_helo},
    {"EHLO", IN_SMTP, do_ehlo},
    {"LHLO", IN_LMTP, do_ehlo},
    {"MAIL", IN_BOTH, do_mail},
    {"RCPT", IN_BOTH, do_rcpt},
    {"DATA", IN_BOTH, do_data},
    {"BDAT", IN_BOTH, do_bdat},
    {"RSET", IN_BOTH, do_rset},
    {"NOOP", IN_BOTH, do_noop},
    {"VRFY", IN_BOTH, do_vrfy},
    {"HELP", IN_BOTH, do_help},
    {"QUIT", IN_BOTH, do_quit},
    {"STARTTLS", IN_BOTH, do_starttls},
};

static const struct verb *find_verb(const struct smtp_server *s, struct span word)
{
	unsigned where = s->options->lmtp ? IN_LMTP : IN_SMTP;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if ((verbs[i].where & where) && span_is_nocase(word, verbs[i].name))
			return &verbs[i];
	return NULL;
}

/* A web page can make a browser send lines to any port: they begin with these. */
static bool is_http(struct span line)
{
	static const char *const first[] = {"GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ",
	    "CONNECT ", "DELETE ", "PATCH ", "Host:", "User-Agent:"};
	for (size_t i = 0; i < ARRAY_LEN(first); i++)
		if (span_starts_nocase(line, first[i]))
			return true;
	return false;
}

static bool has_control(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if (((unsigned char)line.ptr[i] < ' ' && line.ptr[i] != '\t') || line.ptr[i] == 127)
			return true;
	return false;
}

int smtp_server_command(struct smtp_server *s, struct span line, struct err *e)
{
	struct span args = line, word = line;
	ptrdiff_t blank = span_index(line, ' ');
	if (blank >= 0) {
		word = span_take(line, (size_t)blank);
		args = span_skip(line, (size_t)blank + 1);
	} else {
		args = SPAN("");
	}
	if (is_http(line)) {
		smtp_server_reply(s, 421, "4.7.0", "%s", _("this is no web server"));
		s->over = true;
		return 0;
	}
	const struct verb *verb = find_verb(s, word);
	if (!verb || has_control(line)) {
		smtp_server_bad(s, verb ? 501 : 500, verb ? "5.5.4" : "5.5.1", "%s",
		    verb ? _("a control character") : _("no such command"));
		return 0;
	}
	return verb->run(s, args, e);
}
