#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/late.h"
#include "base/random.h"
#include "base/span.h"
#include "base/strv.h"

#include "../tap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static void test_err(void)
{
	struct err e = ERR_INIT;
	is_int(err_set(&e, EX_DATAERR, "line %d", 3), -1, "err_set returns -1");
	err_prefix(&e, "%s: ", "file");
	is_str(e.text, "file: line 3", "a prefix goes in front");
	is_int(e.code, EX_DATAERR, "and keeps the code");
	errno = ENOENT;
	err_sys(&e, EX_NOINPUT, "/x");
	is_str(e.text, "/x: No such file or directory", "err_sys says why");
	is_int(e.sys, ENOENT, "and keeps errno");
	char big[2000];
	memset(big, 'a', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	err_set(&e, 1, "%s", big);
	is_int((int)strlen(e.text), sizeof(e.text) - 1, "a long text is cut");
	is_str(e.text + sizeof(e.text) - 4, "...", "and says so");
	err_prefix(&e, "%s", big);
	is_str(e.text + sizeof(e.text) - 4, "...", "so is a long prefix");
	err_set(&e, 1, "x");
	err_set(&e, 2, "%s y", e.text);
	is_str(e.text, "x y", "the old text may be an argument");
	is_int(err_set(NULL, 1, "x"), -1, "no err is fine");
}

static void test_span(void)
{
	struct span s = SPAN("Subject: hi there\r\n"), head, w;
	ok(span_cut(&s, ':', &head), "cut finds the colon");
	is_span(head, "Subject", "what is before it");
	is_span(span_trim(s), "hi there", "trim");
	is_span(span_chomp(s), " hi there", "chomp takes CRLF");
	ok(span_word(&s, &w), "a word");
	is_span(w, "hi", "is hi");
	ok(!span_cut(&s, '@', &head) && s.len == 0, "no @: all is head");
	uint64_t v = 7;
	ok(span_to_u64(SPAN("18446744073709551615"), UINT64_MAX, &v) && v == UINT64_MAX,
	    "largest number");
	ok(!span_to_u64(SPAN("18446744073709551616"), UINT64_MAX, &v), "one more is none");
	ok(!span_to_u64(SPAN("12x"), 100, &v) && !span_to_u64(SPAN(""), 100, &v), "nor are these");
	ok(!span_to_u64(SPAN("101"), 100, &v), "nor past the maximum");
	ok(span_eq_nocase(SPAN("ABC"), SPAN("abc")) && !span_eq(SPAN("ABC"), SPAN("abc")), "case");
	is_int(span_find_nocase(SPAN("xxABy"), SPAN("ab")), 2, "find without case");
	is_int(span_find(SPAN("abc"), SPAN("d")), -1, "find nothing");
	s = SPAN("a\r\nb\n\nc");
	int n = 0;
	while (span_line(&s, &w))
		n++;
	is_int(n, 4, "four lines");
	is_span(w, "c", "the last has no end");
	ok(span_cmp(SPAN("a"), SPAN("ab")) < 0 && span_cmp(SPAN("b"), SPAN("ab")) > 0, "cmp");
	is_int(hex_value('F') + hex_value('0') + hex_value('g'), 14, "hex");
}

static void test_buf(void)
{
	struct buf b = BUF_INIT(10);
	is_str(buf_cstr(&b), "", "empty");
	buf_adds(&b, "12345");
	buf_addf(&b, "%d", 678);
	is_str(buf_cstr(&b), "12345678", "added");
	buf_adds(&b, "9ab");
	ok(b.over && b.len == 8, "past the maximum: over, the rest kept");
	buf_addc(&b, 'x');
	is_int((int)b.len, 8, "over is sticky");
	buf_reset(&b);
	buf_adds(&b, "0123456789");
	ok(!b.over && b.len == 10, "exactly the maximum fits");
	buf_drop(&b, 3);
	buf_cut(&b, 2);
	is_str(buf_cstr(&b), "34", "drop and cut");
	char *p = buf_detach(&b);
	is_str(p, "34", "detach");
	free(p);
	buf_release(&b);
}

static void test_arena(void)
{
	struct arena a = ARENA_INIT(100000);
	char *p = arena_new(&a, 3, 7);
	ok(p && !p[0] && !p[20], "zeroed");
	is_str(arena_str(&a, SPAN("abc")), "abc", "a string");
	ok(arena_new(&a, 1, 50000) != NULL, "a large one");
	ok(arena_new(&a, 1, 50000) == NULL && a.over, "past the maximum");
	ok(arena_new(&a, SIZE_MAX, 2) == NULL, "overflow");
	arena_release(&a);
}

static void test_seams(void)
{
	clock_fix_s(1000);
	is_int(clock_real_ms(), 1000000, "the clock can be fixed");
	clock_fix_s(-1);
	ok(clock_real_s() > 1700000000, "and let go");
	char one[9], two[9];
	random_fix(5);
	random_name(one, 8);
	random_fix(5);
	random_name(two, 8);
	is_str(one, two, "the same seed, the same name");
	random_name(two, 8);
	ok(strcmp(one, two) != 0, "then another");
	bool below = true;
	for (int i = 0; i < 1000; i++)
		below = below && random_below(7) < 7;
	ok(below, "below");
}

static void test_strv(void)
{
	struct strv l = {0};
	for (int i = 0; i < 100; i++)
		strv_take(&l, str_printf("%d", i));
	is_int((int)l.n, 100, "a hundred");
	is_str(l.v[99], "99", "the last");
	ok(l.v[100] == NULL && strv_has(&l, "42") && !strv_has(&l, "x"), "ends, has");
	strv_release(&l);
}

/* What is missing ends the process: how, and with what on stderr? */
static int late_ends(const char *soname, const char *symbol, char *said, size_t size)
{
	int ends[2], status = -1;
	if (pipe(ends) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		void *kept = NULL;
		dup2(ends[1], STDERR_FILENO);
		late_symbol(&kept, soname, symbol);
		_exit(0);
	}
	close(ends[1]);
	ssize_t n = read(ends[0], said, size - 1);
	said[n > 0 ? n : 0] = 0;
	close(ends[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_late(void)
{
	char said[500];
	is_int(LATE("libc.so.6", abs)(-7), 7, "a function found late");
	is_int(late_ends("libc.so.6", "abs", said, sizeof(said)), 0, "it is there");
	is_int(late_ends("libnosuch.so.9", "abs", said, sizeof(said)), EX_OSERR, "no library");
	ok(strncmp(said, "libnosuch.so.9 cannot be loaded: ", 33) == 0 &&
		strchr(said, '\n') == said + strlen(said) - 1,
	    "is said in one line");
	is_int(late_ends("libc.so.6", "no_such_function", said, sizeof(said)), EX_OSERR,
	    "no function");
	ok(strstr(said, "no_such_function") != NULL, "and which");
}

int main(void)
{
	test_err();
	test_span();
	test_buf();
	test_arena();
	test_seams();
	test_strv();
	test_late();
	return tap_done();
}
