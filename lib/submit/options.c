#include "submit/options.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "smtp/client.h"

#include <stdlib.h>

static const char *const utf8_words[] = {"auto", "always", "never", NULL};
static const char *const tls_words[] = {
    "auto", "none", "may", "encrypt", "fingerprint", "verify", "dane", "dane-only", NULL};

static const struct cli_option envelope_options[] = {
    CLI_STRING('f', "sender", N_("ADDRESS"), struct submit_options, sender,
	N_("the envelope's sender, '<>' for none (default: the account's)")),
    CLI_FLAG('t', "read-recipients", struct submit_options, read_recipients,
	N_("recipients from To, Cc and Bcc, or the newest Resent- ones")),
    CLI_STRING(0, "dsn-notify", N_("WHEN"), struct submit_options, dsn_notify,
	N_("ask for reports: never, or success,failure,delay")),
    CLI_STRING(0, "dsn-ret", "full|hdrs", struct submit_options, dsn_ret,
	N_("what of the message a report returns")),
    CLI_STRING(0, "envid", "ID", struct submit_options, envid,
	N_("a name for this sending, which reports repeat")),
    CLI_STRING(0, "hold-until", N_("TIME"), struct submit_options, hold_until,
	N_("not to be sent on before then (2h: in two hours)")),
    CLI_STRING(0, "deliver-by", "SECONDS[;R|N]", struct submit_options, deliver_by,
	N_("delivered within that time, else returned (R) or reported (N)")),
    CLI_STRING(0, "priority", "N", struct submit_options, priority, N_("from -9 to 9")),
    CLI_CHOICE(0, "smtputf8", N_("WHEN"), struct submit_options, smtputf8, utf8_words,
	N_("ask for SMTPUTF8: auto (where it is needed), always or never")),
};

static const struct cli_option route_options[] = {
    CLI_STRING(0, "server", "URL", struct submit_options, server,
	N_("smtp://[user@]host[:port], smtps://, lmtp://, lmtp:/socket")),
    {0, "mx", N_("HOST"), CLI_KIND_STRING, offsetof(struct submit_options, mx),
	N_("straight to each recipient's mail exchangers, or to HOST as one"), CLI_OPTIONAL},
    CLI_CHOICE(0, "tls", N_("LEVEL"), struct submit_options, tls, tls_words,
	N_("auto, none, may, encrypt, fingerprint, verify, dane or dane-only")),
    CLI_LIST(0, "fingerprint", "sha256:HEX", struct submit_options, fingerprints,
	N_("the server's certificate or public key (repeatable)")),
    CLI_FLAG(0, "require-tls", struct submit_options, require_tls,
	N_("every server on the way must use TLS (RFC 8689)")),
    CLI_STRING(0, "helo", N_("NAME"), struct submit_options, helo, N_("what we call ourselves")),
};

struct cli_group submit_envelope_group(size_t offset)
{
	return (struct cli_group){
	    _("The envelope"), envelope_options, ARRAY_LEN(envelope_options), offset, 0};
}

struct cli_group submit_route_group(size_t offset)
{
	return (struct cli_group){_("The way"), route_options, ARRAY_LEN(route_options), offset, 0};
}

void submit_options_release(struct submit_options *o)
{
	char *all[] = {o->sender, o->dsn_notify, o->dsn_ret, o->envid, o->hold_until, o->deliver_by,
	    o->priority, o->server, o->mx, o->helo, o->secrets.auth, o->secrets.user,
	    o->secrets.password_command, o->secrets.password_file};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i]);
	strv_release(&o->fingerprints);
	*o = (struct submit_options){0};
}

bool submit_tls_by_name(const char *word, enum submit_tls *out)
{
	for (int i = 0; tls_words[i]; i++)
		if (strcmp(word, tls_words[i]) == 0) {
			*out = (enum submit_tls)i;
			return true;
		}
	return false;
}

/* --- the envelope --- */

static char *upper(const char *s)
{
	char *copy = str_dup(s);
	for (char *p = copy; *p; p++)
		*p = to_upper(*p);
	return copy;
}

/* RFC 3461 4.1: NEVER alone, or a list of the others. */
static int check_notify(const char *notify, struct err *e)
{
	struct span rest = span_of(notify), word;
	bool never = false;
	size_t n = 0;
	for (bool more = true; more; n++) {
		more = span_cut(&rest, ',', &word);
		if (span_is_nocase(word, "never"))
			never = true;
		else if (!span_is_nocase(word, "success") && !span_is_nocase(word, "failure") &&
			 !span_is_nocase(word, "delay"))
			return err_set(e, EX_USAGE,
			    _("--dsn-notify: \"%.*s\" is none of never, success, failure, delay"),
			    SPAN_ARG(span_take(word, 60)));
	}
	if (never && n > 1)
		return err_set(e, EX_USAGE, _("--dsn-notify: never stands alone"));
	return 0;
}

static int check_ret(const char *ret, struct err *e)
{
	if (span_is_nocase(span_of(ret), "full") || span_is_nocase(span_of(ret), "hdrs"))
		return 0;
	return err_set(e, EX_USAGE, _("--dsn-ret: full or hdrs"));
}

/* RFC 3461 4.4: printable ASCII, 100 octets. */
static int check_envid(const char *envid, struct err *e)
{
	size_t n = strlen(envid);
	bool good = n > 0 && n <= 100;
	for (size_t i = 0; i < n; i++)
		good = good && (unsigned char)envid[i] > 32 && (unsigned char)envid[i] < 127;
	return good ? 0
		    : err_set(e, EX_USAGE,
			  _("--envid: 1 to 100 printable ASCII characters without a blank"));
}

/* RFC 2852 4: "120;R", "-60;N"; R is what a bare number means. */
static int check_deliver_by(const char *by, struct err *e)
{
	struct span rest = span_of(by), number;
	uint64_t seconds;
	bool mode = span_cut(&rest, ';', &number);
	bool minus = span_starts(number, "-");
	if (span_to_u64(span_skip(number, minus), 999999999, &seconds) &&
	    (!mode || span_is_nocase(rest, "R") || span_is_nocase(rest, "N")) &&
	    !(seconds == 0 && !minus) && !(minus && !(mode && span_is_nocase(rest, "N"))))
		return 0;
	return err_set(e, EX_USAGE, _("--deliver-by: SECONDS, SECONDS;R or SECONDS;N"));
}

static int check_priority(const char *priority, struct err *e)
{
	struct span n = span_of(priority);
	n = span_skip(n, span_starts(n, "-"));
	if (n.len == 1 && is_digit(n.ptr[0]))
		return 0;
	return err_set(e, EX_USAGE, _("--priority: a number from -9 to 9"));
}

/* An AGE is ahead here: "2h" is in two hours. */
static int hold_time(const char *text, int64_t *out, struct err *e)
{
	int64_t s, now = clock_real_s();
	if (date_parse_age(span_of(text), &s))
		s += now;
	else if (date_parse_time(span_of(text), now, &s, e) < 0)
		return err_prefix(e, "--hold-until: ");
	if (s <= now)
		return err_set(e, EX_USAGE, _("--hold-until: that time is over"));
	*out = s;
	return 0;
}

static int check(const struct submit_options *o, struct err *e)
{
	if ((o->dsn_notify && check_notify(o->dsn_notify, e) < 0) ||
	    (o->dsn_ret && check_ret(o->dsn_ret, e) < 0) ||
	    (o->envid && check_envid(o->envid, e) < 0) ||
	    (o->deliver_by && check_deliver_by(o->deliver_by, e) < 0) ||
	    (o->priority && check_priority(o->priority, e) < 0))
		return -1;
	return 0;
}

int submit_envelope(const struct submit_options *o, const struct account *a,
    struct queue_envelope *out, struct err *e)
{
	char *written = NULL, *bare = NULL;
	int64_t hold = 0;
	if (check(o, e) < 0 || (o->hold_until && hold_time(o->hold_until, &hold, e) < 0))
		return -1;
	if (account_sender(a, o->sender, &written, e) < 0)
		return -1;
	int r = submit_bare_address(span_of(written), true, &bare, e);
	free(written);
	if (r < 0)
		return err_prefix(e, _("sender: "));
	out->sender = bare;
	out->envid = o->envid ? str_dup(o->envid) : NULL;
	out->ret = o->dsn_ret ? upper(o->dsn_ret) : NULL;
	out->hold_until_s = hold;
	return 0;
}

/* RFC 3461 4.2; UTF-8 as RFC 6533 3 spells it for whoever knows no SMTPUTF8 further on. */
static char *orcpt(const char *address)
{
	struct buf b = BUF_INIT(16 << 10);
	struct span s = span_of(address);
	if (is_ascii(s)) {
		buf_adds(&b, "rfc822;");
		smtp_xtext(&b, s);
	} else {
		buf_adds(&b, "utf-8;");
		for (int32_t c; (c = utf8_next(&s)) != -2;)
			if (c > 32 && c < 127 && c != '+' && c != '=' && c != '\\')
				buf_addc(&b, (char)c);
			else
				buf_addf(&b, "\\x{%X}", (unsigned)c);
	}
	return buf_detach(&b);
}

void submit_envelope_add(
    const struct submit_options *o, struct queue_envelope *env, const char *address)
{
	size_t n = env->recipient_count++;
	if ((n & (n - 1)) == 0)
		env->recipients =
		    mem_resize(env->recipients, n ? 2 * n : 1, sizeof(*env->recipients));
	env->recipients[n] = (struct queue_recipient){.address = str_dup(address),
	    .notify = o->dsn_notify ? upper(o->dsn_notify) : NULL,
	    .orcpt = o->dsn_notify || o->envid || o->dsn_ret ? orcpt(address) : NULL};
}
