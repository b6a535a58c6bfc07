#include "report/report.h"

#include "../tap.h"
#include "base/alloc.h"
#include "base/clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const struct report_column columns[] = {
    {"id", "ID", 0},
    {"when", "WHEN", 0},
    {"size", "SIZE", REPORT_RIGHT},
    {"age", "AGE", REPORT_RIGHT},
    {"hidden", NULL, 0},
    {"mark", "M", REPORT_TEXT_ONLY},
    {"subject", "SUBJECT", REPORT_BOLD},
};
enum { ID, WHEN, SIZE, AGE, HIDDEN, MARK, SUBJECT };
enum { NOON = 1795521600 }; /* 2026-11-24T12:00:00Z */

/* What `write` puts on stdout. */
static char *output_of(void (*write_rows)(struct report *), enum report_mode mode, int color)
{
	char path[] = "/tmp/surat-report.XXXXXX";
	struct err e = ERR_INIT;
	int fd = mkstemp(path), saved = dup(STDOUT_FILENO);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	struct report *r = report_new(columns, ARRAY_LEN(columns), mode, color);
	write_rows(r);
	int closed = report_close(r, &e);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	unlink(path);
	struct buf b = BUF_INIT(1 << 20);
	off_t end = lseek(fd, 0, SEEK_END);
	char *room = buf_room(&b, (size_t)end + 1);
	ok(closed == 0 && pread(fd, room, (size_t)end, 0) == end, "written");
	buf_grew(&b, (size_t)end);
	close(fd);
	return buf_detach(&b);
}

static void gives(void (*rows)(struct report *), enum report_mode mode, int color, const char *want,
    const char *what)
{
	char *got = output_of(rows, mode, color);
	is_str(got, want, what);
	free(got);
}

static void row(struct report *r, const char *id, int64_t when, uint64_t size, const char *subject)
{
	struct err e = ERR_INIT;
	report_text(r, ID, span_of(id));
	report_time(r, WHEN, when);
	report_bytes(r, SIZE, size);
	report_age(r, AGE, NOON - when, "");
	report_bool(r, HIDDEN, true);
	report_text(r, MARK, SPAN("*"));
	report_text(r, SUBJECT, span_of(subject));
	report_row(r, &e);
}

static void two_rows(struct report *r)
{
	row(r, "7Q2X", NOON - 7200, 31744,
	    "Gr\xc3\xbc\xc3\x9f"
	    "e\tand \x1b]52;c;x\x07");
	row(r, "8", NOON - 40 * 86400, 5, "short");
}

static void test_text(void)
{
	gives(two_rows, REPORT_TABS, 2,
	    "7Q2X\t2026-11-24T10:00:00Z\t31744\t7200\t*\tGr\xc3\xbc\xc3\x9f"
	    "e\\x09and \\x1b]52;c;x\\x07\n"
	    "8\t2026-10-15T12:00:00Z\t5\t3456000\t*\tshort\n",
	    "a record a line, TABs between fields, foreign text inert");
	gives(two_rows, REPORT_TABLE, 2,
	    "ID    WHEN    SIZE  AGE  M  SUBJECT\n"
	    "7Q2X  10:00    31K   2h  *  Gr\xc3\xbc\xc3\x9f"
	    "e\\x09and \\x1b]52;c;x\\x07\n"
	    "8     15 Oct     5   5w  *  short\n",
	    "a table: heading, columns aligned by what is seen");
	gives(two_rows, REPORT_TABLE, 1,
	    "\x1b[1mID\x1b[0m    \x1b[1mWHEN\x1b[0m    \x1b[1mSIZE\x1b[0m  \x1b[1mAGE\x1b[0m  "
	    "\x1b[1mM\x1b[0m  \x1b[1mSUBJECT\x1b[0m\n"
	    "7Q2X  10:00    31K   2h  *  \x1b[1mGr\xc3\xbc\xc3\x9f"
	    "e\\x09and \\x1b]52;c;x\\x07\x1b[0m\n"
	    "8     15 Oct     5   5w  *  \x1b[1mshort\x1b[0m\n",
	    "in colour");
}

static void test_json(void)
{
	gives(two_rows, REPORT_JSON, 1,
	    "{\"id\":\"7Q2X\",\"when\":\"2026-11-24T10:00:00Z\",\"size\":31744,\"age\":7200,"
	    "\"hidden\":true,"
	    "\"subject\":\"Gr\xc3\xbc\xc3\x9f"
	    "e\\tand \\u001B]52;c;x\\u0007\"}\n"
	    "{\"id\":\"8\",\"when\":\"2026-10-15T12:00:00Z\",\"size\":5,\"age\":3456000,\"hidden\":"
	    "true,\"subject\":\"short\"}\n",
	    "JSON: keys in the order of the columns, nothing that is for people only");
}

static void bad_bytes(struct report *r)
{
	struct err e = ERR_INIT;
	report_text(r, SUBJECT, SPAN("caf\xe9"));
	report_row(r, &e);
	report_number(r, SIZE, -1);
	report_json(r, ID, json_pack("[i,i]", 1, 2));
	report_shown(r, ID, SPAN("1-2"));
	report_row(r, &e);
	report_shown(r, ID, SPAN("for people"));
	report_text(r, ID, SPAN("for programs"));
	report_row(r, &e);
}

static void test_odd(void)
{
	gives(bad_bytes, REPORT_JSON, 2,
	    "{\"subject\":\"caf\xef\xbf\xbd\",\"raw\":{\"subject\":\"Y2Fm6Q==\"}}\n"
	    "{\"id\":[1,2],\"size\":-1}\n"
	    "{\"id\":\"for programs\"}\n",
	    "what is not UTF-8 is repaired and its bytes given; what is not set is left out");
	gives(bad_bytes, REPORT_TABS, 2,
	    "\t\t\t\t\tcaf\\xe9\n1-2\t\t-1\t\t\t\nfor people\t\t\t\t\t\n",
	    "as text; report_shown has the last word");
}

static void many_rows(struct report *r)
{
	for (int i = 0; i < 1000; i++)
		row(r, i < 300 ? "a" : "longer than before", NOON, 1, "x");
}

static void test_many(void)
{
	char *got = output_of(many_rows, REPORT_TABLE, 2);
	int lines = 0;
	for (const char *c = got; *c; c++)
		lines += *c == '\n';
	is_int(lines, 1001, "a thousand rows and a heading");
	ok(!strncmp(got, "ID  WHEN   SIZE  AGE  M  SUBJECT\na   12:00     1   0s  *  x\n", 60),
	    "aligned");
	free(got);
}

static void test_full_disk(void)
{
	struct err e = ERR_INIT;
	int full = open("/dev/full", O_WRONLY), saved = dup(STDOUT_FILENO);
	fflush(stdout);
	dup2(full, STDOUT_FILENO);
	struct report *r = report_new(columns, ARRAY_LEN(columns), REPORT_TABS, 2);
	row(r, "a", 0, 0, "b");
	int closed = report_close(r, &e);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(full);
	ok(closed == -1 && e.code == EX_IOERR, "a full disk is EX_IOERR");
	ok(!strncmp(e.text, "standard output: ", 17), "and says where (%s)", e.text);
}

int main(void)
{
	setenv("TZ", "UTC", 1);
	clock_fix_s(NOON);
	test_text();
	test_json();
	test_odd();
	test_many();
	test_full_disk();
	is_int(report_terminal_width() > 0, isatty(STDOUT_FILENO), "the width of a terminal only");
	return tap_done();
}
