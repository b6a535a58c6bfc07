#include "account/account.h"

#include "../tap.h"
#include "base/alloc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A program with the options that matter here, in a folder of its own that is HOME. */
struct opts {
	struct cli_common common;
	struct cli_secrets secrets;
	char *server, *mx, *spool;
	struct strv to;
	int64_t rate;
};
static const struct cli_option own[] = {
    CLI_STRING(0, "server", "URL", struct opts, server, "where"),
    CLI_STRING(0, "mx", "HOST", struct opts, mx, "or where"),
    CLI_STRING(0, "spool", "DIR", struct opts, spool, "a path"),
    CLI_LIST('t', "to", "ADDRESS", struct opts, to, "a list"),
    CLI_NUMBER(0, "rate", "N", struct opts, rate, 1, 100, "a number"),
};
struct world {
	struct cli_group groups[2];
	struct cli_program program;
	struct opts o;
	struct account a;
	struct err e;
	char dir[64], config[128];
};

static void put(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");
	ok(f && fputs(text, f) >= 0 && fclose(f) == 0 && chmod(path, mode) == 0, "(%s)", path);
}

static void world_init(struct world *w, const char *config)
{
	memset(w, 0, sizeof(*w));
	w->groups[0] = (struct cli_group){NULL, own, ARRAY_LEN(own), 0, 0};
	w->groups[1] = cli_secrets_group(offsetof(struct opts, secrets));
	w->program =
	    (struct cli_program){.name = "mail-send", .groups = w->groups, .group_count = 2};
	strcpy(w->dir, "/tmp/surat-account.XXXXXX");
	ok(mkdtemp(w->dir) != NULL, "(a folder)");
	setenv("HOME", w->dir, 1);
	snprintf(w->config, sizeof(w->config), "%s/config", w->dir);
	if (config) {
		put(w->config, config, 0600);
		w->o.common.config = str_dup(w->config);
	}
}

static void world_release(struct world *w)
{
	account_release(&w->a);
	char *remove = str_printf("rm -rf '%s'", w->dir);
	char *strings[] = {w->o.common.config, w->o.common.account, w->o.server, w->o.mx,
	    w->o.spool, w->o.secrets.auth, w->o.secrets.user, w->o.secrets.password_command,
	    w->o.secrets.password_file};
	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		free(strings[i]);
	strv_release(&w->o.to);
	strv_release(&w->o.common.given);
	ok(system(remove) == 0, "(gone)");
	free(remove);
}

static int load(struct world *w, const char *sender)
{
	return account_load(&w->a, &w->program, &w->o, &w->o.common, sender, &w->e);
}

static void give(struct world *w, const char *name, char **field, const char *value)
{
	strv_add(&w->o.common.given, name);
	*field = str_dup(value);
}

static const char usual[] = "default-account = work\n"
			    "rate = 3\n"
			    "to = top@x\n"
			    "[account work]\n"
			    "from = Ana <ana@example.org>\n"
			    "server = smtp://ana@mail.example.org\n"
			    "fetch = imaps://ana@imap.example.org/INBOX\n"
			    "user = ana\n"
			    "password-command = printf 'geheim\\nmore\\n'\n"
			    "mailbox = maildir:~/Mail\n"
			    "[account home]\n"
			    "from = a@home.example\n"
			    "[send]\n"
			    "spool = ~/spool\n"
			    "rate = 7\n"
			    "to = one@x\n"
			    "to = two@x\n"
			    "[queue]\n"
			    "rate = 9\n";

static void test_applies(void)
{
	struct world w;
	world_init(&w, usual);
	is_int(load(&w, NULL), 0, "loads");
	is_str(w.a.name, "work", "the default account");
	is_str(w.a.from, "Ana <ana@example.org>", "its sender");
	is_str(w.o.server, "smtp://ana@mail.example.org", "its keys are options");
	is_int(w.o.rate, 7,
	    "the program's section wins over the top, and other programs' do not count");
	ok(w.o.to.n == 2 && !strcmp(w.o.to.v[1], "two@x"), "a list is that of one level");
	char *spool = str_printf("%s/spool", w.dir);
	is_str(w.o.spool, spool, "~ in a path");
	free(spool);
	ok(!w.o.secrets.password_command && w.a.password_command, "a secret is no option");
	char *mailbox = NULL, *folder = NULL;
	ok(account_mailbox(&w.a, &mailbox, &w.e) == 0 &&
		account_mailbox_expand(&w.a, "+Work/2026", &folder, &w.e) == 0,
	    "mailboxes");
	char *want = str_printf("maildir:%s/Mail", w.dir),
	     *want_folder = str_printf("maildir:%s/Mail/.Work.2026", w.dir);
	is_str(mailbox, want, "the account's mailbox");
	is_str(folder, want_folder, "a folder of it");
	free(mailbox);
	free(folder);
	free(want);
	free(want_folder);
	struct strv me = {0};
	account_own_addresses(&w.a, &me);
	ok(me.n == 2 && strv_has(&me, "ana@example.org") && strv_has(&me, "a@home.example"),
	    "who I am");
	strv_release(&me);
	world_release(&w);
}

static void test_command_line_wins(void)
{
	struct world w;
	world_init(&w, usual);
	give(&w, "server", &w.o.server, "smtp://other.example");
	strv_add(&w.o.common.given, "t");
	strv_add(&w.o.to, "me@x");
	is_int(load(&w, NULL), 0, "loads");
	is_str(w.o.server, "smtp://other.example", "what the command line says stays");
	ok(w.o.to.n == 1, "said by letter too");
	ok(!w.o.secrets.user, "the account's name is for the account's server");
	world_release(&w);
	world_init(&w, usual);
	give(&w, "mx", &w.o.mx, "");
	is_int(load(&w, NULL), 0, "--mx");
	is_int(w.o.rate, 7, "what is not of a server counts");
	ok(!w.o.server && !w.o.secrets.user && !strcmp(w.a.name, "work"),
	    "silences the server, not the account");
	world_release(&w);
}

/* A file without accounts is one account. */
static void test_no_account(void)
{
	struct world w;
	world_init(&w, "server = smtp://mail.example.org\nuser = ana\nrate = 4\n");
	is_int(load(&w, NULL), 0, "loads");
	ok(w.o.server && w.o.secrets.user, "the top of a file without accounts");
	world_release(&w);
	world_init(
	    &w, "server = smtp://mail.example.org\nuser = ana\nrate = 4\n[send]\nauth = plain\n");
	give(&w, "server", &w.o.server, "smtp://other.example");
	is_int(load(&w, NULL), 0, "loads");
	ok(!w.o.secrets.user && w.o.rate == 4, "its user is not for another server");
	is_str(w.o.secrets.auth, "plain", "what the program's section says is for all");
	world_release(&w);
}

static void chooses(const char *by_name, const char *sender, const char *want)
{
	struct world w;
	world_init(&w, usual);
	w.o.common.account = by_name ? str_dup(by_name) : NULL;
	is_int(load(&w, sender), 0, "loads");
	is_str(w.a.name, want, "the account");
	world_release(&w);
}

static void refuses(const char *config, const char *account, const char *why)
{
	struct world w;
	world_init(&w, config);
	w.o.common.account = account ? str_dup(account) : NULL;
	ok(load(&w, NULL) == -1 && w.e.code == EX_CONFIG, "refused: EX_CONFIG");
	char *want = str_printf("%s%s", w.config, why);
	is_str(w.e.text, want, "file, line, why");
	free(want);
	ok(!w.a.name && !w.a.config.n, "nothing is left in the account");
	world_release(&w);
}

static void test_refuses(void)
{
	refuses("to = a\n\nformm = a@b\n", NULL, ":3: unknown key \"formm\"");
	refuses("[account work]\nfrom = a@b\n[acount home]\nfrom = a@b\n", NULL,
	    ":4: in an unknown section [acount]");
	refuses("[account]\nfrom = a@b\n", NULL, ":2: the section says no name: [account NAME]");
	refuses("[send x]\nto = a@b\n", NULL, ":2: [send] takes no name");
	refuses("rate = 3\n[send]\nrate = 300\n", NULL,
	    ":3: rate: \"300\" is not a number from 1 to 100");
	refuses("default-account = x\n", NULL, ":1: there is no [account x]");
	refuses(usual, "x", ": there is no [account x]");
	refuses("[send\n", NULL, ":1: a section ends with \"]\"");
	refuses("preset = nowhere\nfrom = a@b\n", NULL,
	    ":1: preset: \"nowhere\" is none of fastmail, google, icloud, microsoft, yahoo");
	refuses("preset = google\n", NULL,
	    ":1: preset: it needs \"from\" with one address, which is the name to sign in with");
}

static void test_files(void)
{
	struct world w;
	world_init(&w, NULL);
	is_int(load(&w, NULL), 0, "no file is fine");
	ok(!w.a.have_config && !w.a.name, "and means nothing");
	char *folder = str_printf("mkdir -p '%s/.config/surat'", w.dir),
	     *path = str_printf("%s/.config/surat/config", w.dir);
	ok(system(folder) == 0, "(a folder)");
	put(path, "rate = 5\n", 0666);
	is_int(load(&w, NULL), 0, "~/.config/surat/config");
	is_int(w.o.rate, 5, "is read; without commands in it who may write it does not matter");
	account_release(&w.a);
	put(path, "password-command = echo x\n", 0622);
	ok(load(&w, NULL) == -1 && w.e.code == EX_CONFIG && strstr(w.e.text, "others may write it"),
	    "with commands it does (%s)", w.e.text);
	put(path, "lmtp = mail-deliver --lmtp\n", 0622);
	ok(load(&w, NULL) == -1 && strstr(w.e.text, "others may write it"),
	    "lmtp is a command too (%s)", w.e.text);
	setenv("XDG_CONFIG_HOME", "relative", 1);
	ok(load(&w, NULL) == -1, "a relative XDG_CONFIG_HOME is ignored");
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	is_int(load(&w, NULL), 0, "an absolute one is not");
	unsetenv("XDG_CONFIG_HOME");
	w.o.common.config = str_dup("/nonexistent/x");
	ok(load(&w, NULL) == -1 && w.e.code == EX_CONFIG,
	    "--config names a file that must be there");
	free(folder);
	free(path);
	world_release(&w);
}

static void test_preset(void)
{
	struct world w;
	world_init(&w, "preset = google\nfrom = Ana <ana@gmail.com>\n");
	is_int(load(&w, NULL), 0, "a preset");
	is_str(w.o.server, "smtp://ana@gmail.com@smtp.gmail.com", "its server");
	is_str(w.a.fetch, "imaps://ana@gmail.com@imap.gmail.com/INBOX", "and where to fetch");
	world_release(&w);
}

static int secret(struct world *w, const char *host, const char *user, char **out)
{
	*out = NULL;
	return account_secret(&w->a, &w->o.secrets, host, user, out, &w->e);
}

static void test_secret(void)
{
	struct world w;
	char *s;
	world_init(&w, usual);
	is_int(load(&w, NULL), 0, "loads");
	ok(secret(&w, "MAIL.example.org", "ana", &s) == 0, "for the account's server");
	is_str(s, "geheim", "the first line");
	str_wipe_free(s);
	ok(secret(&w, "imap.example.org", "ana", &s) == 0, "and where it fetches");
	str_wipe_free(s);
	ok(secret(&w, "evil.example", "ana", &s) == -1 && w.e.code == EX_NOPERM && !s,
	    "for no other");
	is_str(w.e.text,
	    "no password for ana@evil.example: give --password-command, or configure one",
	    "said so");
	w.a.by_name = true;
	ok(secret(&w, "evil.example", "ana", &s) == 0, "unless -A named the account");
	str_wipe_free(s);
	w.a.by_name = false;
	w.o.secrets.password_command = str_dup("echo $SURAT_ACCOUNT $SURAT_USER@$SURAT_HOST");
	ok(secret(&w, "h", "u", &s) == 0, "--password-command");
	is_str(s, "work u@h", "knows what it is asked for");
	str_wipe_free(s);
	free(w.o.secrets.password_command);
	w.o.secrets.password_command = str_dup("echo secret; exit 3");
	ok(secret(&w, "h", "u", &s) == -1 && w.e.code == EX_NOPERM && !s,
	    "a command that fails is 77");
	ok(!strstr(w.e.text, "secret"), "and nothing of it is shown (%s)", w.e.text);
	free(w.o.secrets.password_command);
	w.o.secrets.password_command = str_dup("echo; echo x");
	ok(secret(&w, "h", "u", &s) == -1 && w.e.code == EX_NOPERM, "an empty first line is none");
	free(w.o.secrets.password_command);
	w.o.secrets.password_command = NULL;
	char *path = str_printf("%s/ana@cred.example", w.dir);
	put(path, "from systemd\n", 0600);
	setenv("CREDENTIALS_DIRECTORY", w.dir, 1);
	ok(secret(&w, "cred.example", "ana", &s) == 0, "$CREDENTIALS_DIRECTORY");
	is_str(s, "from systemd", "USER@HOST");
	str_wipe_free(s);
	ok(secret(&w, "../x", "ana", &s) == -1, "never above it");
	unsetenv("CREDENTIALS_DIRECTORY");
	w.o.secrets.password_file = str_dup("/nonexistent");
	ok(secret(&w, "h", "u", &s) == -1 && w.e.code == EX_NOPERM,
	    "a password file that is not there is 77");
	free(path);
	world_release(&w);
}

static void netrc(struct world *w, const char *host, const char *user, const char *want)
{
	char *s;
	int r = secret(w, host, user, &s);
	is_str(s, want, host);
	is_int(r, want ? 0 : -1, "found or not");
	str_wipe_free(s);
}

static void test_netrc(void)
{
	struct world w;
	world_init(&w, NULL);
	char *path = str_printf("%s/.netrc", w.dir);
	put(path,
	    "# machine commented login x password no\n"
	    "machine one login ana password \"a b\\\"c\"\n"
	    "macdef init\nmachine macro login x password no\n\n"
	    "machine two\n\tpassword first\n\tlogin bob\nmachine two login ana\n\taccount x "
	    "password second\n"
	    "machine none login ana\ndefault password any",
	    0600);
	netrc(&w, "ONE", "ana", "a b\"c");
	netrc(&w, "two", "ana", "second");
	netrc(&w, "two", "bob", "first");
	netrc(&w, "two", NULL, "first");
	netrc(&w, "none", "ana", "any");
	netrc(&w, "elsewhere", "x", "any");
	put(path, "machine one password x\n", 0640);
	netrc(&w, "one", NULL, NULL);
	ok(strstr(w.e.text, "others may read it") != NULL,
	    "a file that others may read is refused");
	netrc(&w, "two", NULL, NULL);
	put(path, "machine", 0600);
	netrc(&w, "", NULL, NULL);
	free(path);
	world_release(&w);
}

static void folder(struct world *w, const char *store, const char *name, const char *want)
{
	char *out = NULL;
	free(w->a.mailbox);
	w->a.mailbox = store ? str_dup(store) : NULL;
	int r = account_mailbox_expand(&w->a, name, &out, &w->e);
	is_str(out, want, name);
	is_int(r, want ? 0 : -1, "good or not");
	free(out);
}

static void test_mailboxes(void)
{
	struct world w;
	world_init(&w, NULL);
	setenv("HOME", "/h", 1);
	folder(&w, "maildir:~/M", "+INBOX", "maildir:/h/M");
	folder(&w, "maildir:/M", "+Entw\xc3\xbcrfe/a&b", "maildir:/M/.Entw&APw-rfe.a&-b");
	folder(&w, "/h/M/", "+Archive", "/h/M//.Archive");
	folder(&w, "mbox:~/mail/inbox", "+Archive", "mbox:/h/mail/Archive");
	folder(&w, "/h/mail/inbox", "+Archive", "mbox:/h/mail/Archive");
	folder(&w, "mbox:/var/mail/ana", "+Archive", "mbox:/h/mail/Archive");
	folder(&w, NULL, "maildir:~/x", "maildir:/h/x");
	folder(&w, NULL, "~/x", "/h/x");
	folder(&w, NULL, "~x", "~x");
	folder(&w, NULL, "a/b", "a/b");
	folder(&w, "maildir:/M", "+../x", NULL);
	folder(&w, "maildir:/M", "+/x", NULL);
	folder(&w, "maildir:/M", "+", NULL);
	folder(&w, "maildir:/M", "+a\001b", NULL);
	is_int(w.e.code, EX_USAGE, "a name that is none is EX_USAGE");
	free(w.a.mailbox);
	w.a.mailbox = NULL;
	setenv("MAIL", "/somewhere/box", 1);
	folder(&w, NULL, "+x", "mbox:/somewhere/x");
	unsetenv("MAIL");
	unsetenv("HOME");
	char *out;
	ok(account_state_path("queue", &out, &w.e) == -1 && w.e.code == EX_CONFIG,
	    "no HOME is EX_CONFIG");
	setenv("HOME", w.dir, 1);
	struct stat st;
	ok(account_state_path("queue", &out, &w.e) == 0, "the state's path");
	char *want = str_printf("%s/.local/state/surat/queue", w.dir);
	is_str(out, want, "below HOME");
	*strrchr(out, '/') = '\0';
	ok(stat(out, &st) == 0 && (st.st_mode & 07777) == 0700, "made 0700");
	free(out);
	free(want);
	world_release(&w);
}

static void test_sender(void)
{
	struct world w;
	char *s;
	world_init(&w, usual);
	is_int(load(&w, NULL), 0, "loads");
	ok(account_sender(&w.a, "x@y", &s, &w.e) == 0 && !strcmp(s, "x@y"), "what is said");
	free(s);
	ok(account_sender(&w.a, NULL, &s, &w.e) == 0 && !strcmp(s, "Ana <ana@example.org>"),
	    "the account's");
	free(s);
	account_release(&w.a);
	setenv("EMAIL", "me@env.example", 1);
	ok(account_sender(&w.a, NULL, &s, &w.e) == 0 && !strcmp(s, "me@env.example"), "$EMAIL");
	free(s);
	unsetenv("EMAIL");
	ok(account_sender(&w.a, NULL, &s, &w.e) == -1 && w.e.code == EX_CONFIG, "else EX_CONFIG");
	world_release(&w);
}

int main(void)
{
	static const char *const unset[] = {
	    "XDG_CONFIG_HOME", "XDG_STATE_HOME", "EMAIL", "MAIL", "CREDENTIALS_DIRECTORY"};
	for (size_t i = 0; i < ARRAY_LEN(unset); i++)
		unsetenv(unset[i]);
	setsid(); /* no terminal to ask on */
	test_applies();
	test_command_line_wins();
	test_no_account();
	chooses(NULL, NULL, "work");
	chooses(NULL, "Somebody <A@HOME.example>", "home");
	chooses(NULL, "a@elsewhere.example", "work");
	chooses("home", "ana@example.org", "home");
	test_refuses();
	test_files();
	test_preset();
	test_secret();
	test_netrc();
	test_mailboxes();
	test_sender();
	return tap_done();
}
