/*
 * sendmail.c - called sendmail, mailq or newaliases: the letters that cron, git, PHP and mail readers have used for forty years become
 * options of ours, with --queue on.
 */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/random.h"
#include "codec/time.h"
#include "io/child.h"
#include "mime/write.h"
#include "send.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *base_name(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
	return slash ? slash + 1 : argv0 ? argv0 : "";
}

bool send_is_sendmail(const char *argv0)
{
	static const char *const names[] = {"sendmail", "mailq", "newaliases"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(base_name(argv0), names[i]) == 0)
			return true;
	return false;
}

/* --- letters --- */

/* Those whose value is the rest of the argument, or the next one; what becomes of it. "": dropped. */
static const struct {
	char letter;
	const char *option;
} with_value[] = {
    {'f', "sender"},
    {'r', "sender"},
    {'N', "dsn-notify"},
    {'R', "dsn-ret"},
    {'V', "envid"},
    {'X', "trace"},
    {'F', "-F"},
    {'B', ""},
    {'h', ""},
    {'L', ""},
    {'O', ""},
    {'p', ""},
    {'o', ""},
};

enum mode { DELIVER, LIST, RUN, VERIFY, SPEAK, NOTHING };
struct letters {
	struct strv argv, operands;
	enum mode mode;
};

static const char *option_of(char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(with_value); i++)
		if (with_value[i].letter == letter)
			return with_value[i].option;
	return NULL;
}

static void add_value(struct letters *l, const char *option, const char *value)
{
	if (strcmp(option, "-F") == 0)
		strv_take(&l->argv, str_printf("-F%s", value));
	else if (*option)
		strv_take(&l->argv, str_printf("--%s=%s", option, value));
}

static int take_mode(struct letters *l, const char *mode, struct err *e)
{
	static const struct {
		const char *letters;
		enum mode mode;
	} modes[] = {{"m", DELIVER}, {"p", LIST}, {"v", VERIFY}, {"s", SPEAK}, {"i", NOTHING}};
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (strcmp(mode, modes[i].letters) == 0) {
			l->mode = modes[i].mode;
			return 0;
		}
	return err_set(e, EX_USAGE, _("-b%.20s is not known here"), mode);
}

/* -o and -q take only what is joined to them ("-oi", "-q30m"; alone: "-q"); the others the next argument too. */
static int take_letters(struct letters *l, char **argv, int *i, struct err *e)
{
	for (const char *p = argv[*i] + 1; *p; p++) {
		const char *option = option_of(*p);
		if (*p == 'q' || *p == 'b') {
			l->mode = RUN;
			return *p == 'b' ? take_mode(l, p + 1, e) : 0;
		}
		if (option) {
			bool joined = p[1] || *p == 'o';
			if (!joined && !argv[*i + 1])
				return err_set(e, EX_USAGE, _("-%c wants a value"), *p);
			add_value(l, option, joined ? p + 1 : argv[++*i]);
			return 0;
		}
		if (*p == 't')
			strv_add(&l->argv, "--read-recipients");
		else if (*p == 'v')
			strv_add(&l->argv, "--verbose");
		else if (!strchr("inUGm", *p))
			return err_set(e, EX_USAGE, _("no option -%c"), *p);
	}
	return 0;
}

static int take_arguments(struct letters *l, int argc, char **argv, struct err *e)
{
	bool ended = false;
	for (int i = 1; i < argc; i++) {
		if (!ended && strcmp(argv[i], "--") == 0) {
			ended = true;
		} else if (!ended && strncmp(argv[i], "--", 2) == 0) {
			strv_add(&l->argv, argv[i]); /* one of ours */
		} else if (!ended && argv[i][0] == '-' && argv[i][1]) {
			if (take_letters(l, argv, &i, e) < 0)
				return -1;
		} else {
			ended = true;
			strv_add(&l->operands, argv[i]);
		}
	}
	return 0;
}

/* Behind a "--" of their own: a caller's recipient that looks like an option (CVE-2016-10033) must not become one of ours. */
static void add_operands(struct letters *l)
{
	strv_add(&l->argv, "--");
	for (size_t i = 0; i < l->operands.n; i++)
		strv_add(&l->argv, l->operands.v[i]);
}

/* --- other programs of ours --- */

static int hand_over(const char *command, struct err *e)
{
	char *argv[] = {str_dup("mail-queue"), str_dup(command), NULL};
	struct child c;
	int status = EX_UNAVAILABLE;
	int r = child_start(&c, argv, NULL, 0, e);
	if (r == 0)
		r = child_wait(&c, -1, &status, e);
	free(argv[0]);
	free(argv[1]);
	return r < 0 ? -1 : status;
}

static int dispatch(
    const struct cli_program *p, struct send_options *o, struct letters *l, struct err *e)
{
	switch (l->mode) {
	case LIST: return hand_over("list", e);
	case RUN: return hand_over("run", e);
	case NOTHING: return 0;
	case VERIFY: strv_add(&l->argv, "--verify"); break;
	case SPEAK: o->smtp = true; break;
	case DELIVER: strv_add(&l->argv, "--queue"); break;
	}
	o->sendmail = true;
	add_operands(l);
	return cli_main(p, (int)l->argv.n, l->argv.v, o, send_run);
}

int send_as_sendmail(const struct cli_program *p, struct send_options *o, int argc, char **argv)
{
	const char *name = base_name(argv[0]);
	struct letters l = {.mode = strcmp(name, "mailq") == 0        ? LIST
				    : strcmp(name, "newaliases") == 0 ? NOTHING
								      : DELIVER};
	struct err e = ERR_INIT;
	strv_add(&l.argv, argv[0]);
	child_init_self(argv[0]);
	int code = take_arguments(&l, argc, argv, &e);
	if (code == 0)
		code = dispatch(p, o, &l, &e);
	strv_release(&l.argv);
	strv_release(&l.operands);
	return code < 0 ? cli_fail(p, &e) : code;
}

/* --- what an MTA's front door adds --- */

static void host_name(char *out, size_t size)
{
	FILE *f = fopen("/etc/mailname", "re");
	bool known = f && fgets(out, (int)size, f) && *out > ' ';
	if (f)
		fclose(f);
	if (known)
		out[strcspn(out, " \t\r\n")] = '\0';
	else if (gethostname(out, size) < 0 || !*out)
		snprintf(out, size, "localhost");
	out[size - 1] = '\0';
}

char *send_local_address(const char *name)
{
	char host[256];
	const struct passwd *pw = name ? NULL : getpwuid(getuid());
	host_name(host, sizeof(host));
	return str_printf("%s@%s", name ? name : pw ? pw->pw_name : "nobody", host);
}

static void add_from(const struct send *s, const char *sender, struct header_out *h)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *name = s->o->full_name      ? s->o->full_name
			   : pw && pw->pw_gecos ? pw->pw_gecos
						: "";
	struct span full = span_of(name), first;
	span_cut(&full, ',', &first); /* the rest of a gecos field is an office and telephones */
	struct address a = {.name = first, .spec = span_of(sender)};
	if (*sender)
		header_add_addresses(h, "From", &a, 1);
}

static void add_message_id(struct header_out *h)
{
	char host[256], unique[25];
	host_name(host, sizeof(host));
	random_name(unique, 24);
	char *id = str_printf("<%s@%s>", unique, host);
	header_add_tokens(h, "Message-ID", span_of(id));
	free(id);
}

void send_complete(const struct send *s, const char *sender, struct submit_message *m)
{
	struct header_out h = HEADER_OUT_INIT;
	int64_t now = clock_real_s();
	if (!header_get(&m->header, "Date").ptr)
		header_add_date(&h, "Date", now, date_local_offset(now));
	if (!header_get(&m->header, "From").ptr)
		add_from(s, sender, &h);
	if (!header_get(&m->header, "Message-ID").ptr)
		add_message_id(&h);
	buf_add(&m->front, buf_span(&h.b));
	header_out_release(&h);
}
