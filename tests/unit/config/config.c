#include "config/config.h"

#include "../tap.h"

#include <stdlib.h>
#include <unistd.h>

static void test_reads(void)
{
	struct config c = {0};
	struct err e = ERR_INIT;
	static const char text[] = "\xef\xbb\xbf# a comment\r\n"
				   "default-account = work\n"
				   "\n"
				   "  [account work]  \n"
				   "from=Ana = # <ana@example.org> ; not a comment\n"
				   "\tserver =\tsmtp://ana@mail.example.org  \n"
				   "empty =\n"
				   "[queue]\n"
				   "expire = 3d\n"
				   "expire = 5d";
	is_int(config_parse(&c, "f", span_of(text), &e), 0, "parses");
	const struct config_entry *at = config_get(&c, "", "", "default-account");
	ok(at && at->line == 2, "a key before any section, its line");
	is_str(at ? at->value : NULL, "work", "its value");
	at = config_get(&c, "account", "work", "from");
	is_str(at ? at->value : NULL, "Ana = # <ana@example.org> ; not a comment",
	    "a value runs to the end of its line");
	at = config_get(&c, "account", "work", "server");
	is_str(at ? at->value : NULL, "smtp://ana@mail.example.org", "blanks at both ends go");
	at = config_get(&c, "account", "work", "empty");
	is_str(at ? at->value : NULL, "", "a value may be empty");
	at = config_get(&c, "queue", "", "expire");
	is_str(at ? at->value : NULL, "5d", "the last one wins");
	is_int(at ? at->line : 0, 10, "a last line without its end");
	ok(!config_get(&c, "account", "home", "from"), "no such section");
	ok(!config_get(&c, "queue", "work", "expire"), "a section's label counts");
	config_release(&c);
}

static void refuses(const char *text, size_t len, const char *why)
{
	char kept[] = "untouched";
	struct config c = {.path = kept};
	struct err e = ERR_INIT;
	int r = config_parse(&c, "/etc/c", span_make(text, len), &e);
	ok(r == -1 && e.code == EX_CONFIG, "refused: %s", why);
	is_str(e.text, why, "with file, line and reason");
	ok(c.path == kept, "the result is untouched");
}
#define REFUSES(text, why) refuses(text, sizeof(text) - 1, why)

static void test_refuses(void)
{
	REFUSES("a = 1\nnonsense\n",
	    "/etc/c:2: neither a [section], a \"key = value\", nor a # comment");
	REFUSES("[queue\n", "/etc/c:1: a section ends with \"]\"");
	REFUSES("\n\n[]\n", "/etc/c:3: a section is written [name] or [account NAME]");
	REFUSES("[Queue]\n", "/etc/c:1: a section is written [name] or [account NAME]");
	REFUSES("Key = 1\n", "/etc/c:1: a key has lower case letters, digits and \"-\" only");
	REFUSES(" = 1\n", "/etc/c:1: a key has lower case letters, digits and \"-\" only");
	REFUSES("a b = 1\n", "/etc/c:1: a key has lower case letters, digits and \"-\" only");
	REFUSES("a = 1\nb = \0\n", "/etc/c:2: a NUL byte: this is no text file");
	REFUSES("[\n", "/etc/c:1: a section ends with \"]\"");
}

static void test_file(void)
{
	struct config c = {0};
	struct err e = ERR_INIT;
	ok(config_read(&c, "/nonexistent/config", &e) == -1 && e.code == EX_NOINPUT,
	    "no such file: EX_NOINPUT");
	char path[] = "/tmp/surat-config.XXXXXX";
	int fd = mkstemp(path);
	ok(fd >= 0 && write(fd, "a = 1\n", 6) == 6, "a file");
	is_int(config_read(&c, path, &e), 0, "is read");
	const struct config_entry *at = config_get(&c, "", "", "a");
	config_error(&c, at, &e, "\"%s\" is wrong", at->value);
	char want[100];
	snprintf(want, sizeof(want), "%s:1: \"1\" is wrong", path);
	is_str(e.text, want, "config_error names file and line");
	is_int(e.code, EX_CONFIG, "and is EX_CONFIG");
	config_release(&c);
	is_int(ftruncate(fd, 2 * 1024 * 1024), 0, "2 MiB");
	ok(config_read(&c, path, &e) == -1 && e.code == EX_DATAERR, "too large: EX_DATAERR");
	close(fd);
	unlink(path);
}

int main(void)
{
	test_reads();
	test_refuses();
	test_file();
	return tap_done();
}
