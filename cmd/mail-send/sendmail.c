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
    {'F', "-F"},
    {'A', ""},
    {'B', ""},
    {'C', ""},
    {'D', ""},
    {'e', ""},
    {'h', ""},
    {'L', ""},
    {'O', ""},
    {'p', ""},
    {'o', ""},
    /* who can add arguments to a web page's call must not get a file written (CVE-2016-10033): no log */
    {'X', ""},
};

enum mode { DELIVER, LIST, RUN, VERIFY, SPEAK, NOTHING };
struct letters {
	struct strv argv, operands, queue; /* queue: what mail-queue run is told */
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

/* -qR is for a domain, -qI for one message, both now; -q30m would be a daemon's, and is run once. */
static int take_queue(struct letters *l, const char *what, struct err *e)
{
	l->mode = RUN;
	if (*what == 'R' && what[1]) {
		strv_add(&l->queue, "--force");
		strv_take(&l->queue, str_printf("--domain=%s", what + 1));
	} else if (*what == 'I' && what[1])
		strv_add(&l->queue, what + 1);
	else if (*what && !is_digit(*what))
		return err_set(e, EX_USAGE, _("-q%.20s is not known here"), what);
	return 0;
}

/* -o and -q take only what is joined to them ("-oi", "-q30m"; alone: "-q"); the others the next argument too. */
static int take_letters(struct letters *l, char **argv, int *i, struct err *e)
{
	for (const char *p = argv[*i] + 1; *p; p++) {
		const char *option = option_of(*p);
		if (*p == 'q' || *p == 'b')
			return *p == 'b' ? take_mode(l, p + 1, e) : take_queue(l, p + 1, e);
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
		else if (*p == 'I')
			l->mode = NOTHING;
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

static int hand_over(const char *command, const struct strv *further, struct err *e)
{
	struct strv argv = {0};
	struct child c;
	int status = EX_UNAVAILABLE;
	strv_add(&argv, "mail-queue");
	strv_add(&argv, command);
	for (size_t i = 0; i < further->n; i++)
		strv_add(&argv, further->v[i]);
	int r = child_start(&c, argv.v, NULL, 0, e);
	if (r == 0)
		r = child_wait(&c, -1, &status, e);
	strv_release(&argv);
	return r < 0 ? -1 : status;
}

static int dispatch(
    const struct cli_program *p, struct send_options *o, struct letters *l, struct err *e)
{
	switch (l->mode) {
	case LIST: return hand_over("list", &(struct strv){0}, e);
	case RUN:
		if (strv_has(&l->argv, "--verbose"))
			strv_add(&l->queue, "--verbose");
		return hand_over("run", &l->queue, e);
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
	strv_release(&l.queue);
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

/* --- names without a domain --- */

static bool needs_domain(const struct address *a)
{
	return a->spec.len && span_index(a->spec, '@') < 0;
}

/* What cron and mdadm write, "From: root", is an address on this machine only: anywhere else it needs this machine's name (RFC 5321 2.3.5). */
static void qualify(struct submit_message *m, const char *name, struct header_out *h)
{
	struct arena arena = ARENA_INIT(16u << 20);
	struct address_list l = {0};
	size_t changed = 0;
	int r = header_addresses(&m->header, name, &arena, &l, NULL);
	for (size_t i = 0; r == 0 && !l.bad && i < l.n; i++) {
		if (!needs_domain(&l.v[i]))
			continue;
		char *local = span_dup(l.v[i].spec), *whole = send_local_address(local);
		l.v[i].spec = arena_dup(&arena, span_of(whole));
		free(local);
		free(whole);
		changed++;
	}
	if (changed) {
		header_add_addresses(h, name, l.v, l.n);
		strv_add(&m->replaced, name);
	}
	arena_release(&arena);
}

static void qualify_all(struct submit_message *m, struct header_out *h)
{
	static const char *const names[] = {"From", "Sender", "Reply-To", "To", "Cc"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		qualify(m, names[i], h);
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
	qualify_all(m, &h);
	if (!header_get(&m->header, "Date").ptr)
		header_add_date(&h, "Date", now, date_local_offset(now));
	if (!header_get(&m->header, "From").ptr)
		add_from(s, sender, &h);
	if (!header_get(&m->header, "Message-ID").ptr)
		add_message_id(&h);
	buf_add(&m->front, buf_span(&h.b));
	header_out_release(&h);
}
