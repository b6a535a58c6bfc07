#include "store/room.h"

#include "../tap.h"
#include "base/clock.h"
#include "folder.h"

#include <sys/wait.h>

static struct store *open_maildir(const char *name)
{
	struct store *st = NULL;
	struct err e = ERR_INIT;
	if (store_open(&st, span_of(name), STORE_CREATE, &e) < 0)
		printf("# %s\n", e.text);
	return st;
}

static bool in(const char *text, const char *what)
{
	return text && strstr(text, what);
}

static void test_deliver(void)
{
	static const struct {
		struct span text;
		const char *stored, *sizes, *what;
	} cases[] = {
	    {SPAN("A: b\n\nhi\n"), "A: b\n\nhi\n", ",S=9,W=12", "LF"},
	    {SPAN("A: b\r\n\r\nhi\r\n"), "A: b\n\nhi\n", ",S=9,W=12", "CRLF"},
	    {SPAN("A: b\n\nhi"), "A: b\n\nhi", ",S=8,W=10", "no line end"},
	    {SPAN(""), "", ",S=0,W=0", "nothing"},
	    {SPAN("From x Mon\nA: b\n\nhi\n"), "A: b\n\nhi\n", ",S=9,W=12", "a From_ line"},
	    {SPAN("Fro"), "Fro", ",S=3,W=3", "the beginning of one"},
	    {SPAN("From "), "", ",S=0,W=0", "nothing but one"},
	    {SPAN("A: b\n\n\rhi\r\r\nx\r"), "A: b\n\n\rhi\r\nx\r", ",S=13,W=15", "stray CRs"},
	};
	struct err e = ERR_INIT;
	struct store *st = open_maildir("maildir:md");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *name = deliver_text(st, cases[i].text, (struct store_delivery){0}, &e);
		char *text = get_file(name);
		is_str(text, cases[i].stored, cases[i].what);
		ok(in(name, cases[i].sizes) && in(name, "md/new/"), "%s: sizes (%s)", cases[i].what,
		    name);
		free(name);
		free(text);
	}
	is_int((long long)count_files("md/tmp"), 0, "tmp is empty");
	is_int(count_messages("md"), ARRAY_LEN(cases), "all are there");
	store_free(st);
}

static void test_metadata(void)
{
	struct err e = ERR_INIT;
	struct stat s;
	struct store *st = open_maildir("md2/");
	struct store_delivery d = {.flags = STORE_SEEN | STORE_FLAGGED,
	    .received_s = 1234567890,
	    .prepend = SPAN("X: y\n")};
	char *name = deliver_text(st, SPAN("A: b\n\n"), d, &e), *text = get_file(name);
	ok(in(name, "md2/cur/") && in(name, ",S=11,W=14:2,FS"), "flags: %s", name);
	is_str(text, "X: y\nA: b\n\n", "what was put in front");
	ok(stat(name, &s) == 0 && s.st_mtime == 1234567890, "its time");
	ok((s.st_mode & 07777) == 0600, "for its owner only");
	ok(stat("md2/cur", &s) == 0 && (s.st_mode & 07777) == 0700, "the folder as well");
	free(text);
	free(name);
	d = (struct store_delivery){.in_cur = true};
	name = deliver_text(st, SPAN("A: b\n\n"), d, &e);
	ok(in(name, "md2/cur/") && in(name, ":2,") && name[strlen(name) - 1] == ',',
	    "seen but without flags");
	free(name);
	store_free(st);
}

static void test_scan(void)
{
	static const char *const names[] = {"cur/20.b:2,S", "new/10.M7.a,S=5,W=6",
	    "cur/20.a,S=3:2,FRSab", "cur/10.M5.a,S=77:2,", "new/20.b", "cur/nonsense"};
	static const struct {
		const char *name;
		uint64_t size;
		unsigned flags;
		int64_t time;
	} want[] = {{"sc/cur/10.M5.a,S=77:2,", 77, 0, 10},
	    {"sc/new/10.M7.a,S=5,W=6", 5, STORE_RECENT, 10},
	    {"sc/cur/20.a,S=3:2,FRSab", 3, STORE_FLAGGED | STORE_REPLIED | STORE_SEEN, 20},
	    {"sc/cur/20.b:2,S", 2, STORE_SEEN, 20}, {"sc/cur/nonsense", 2, 0, 1000000000}};
	struct err e = ERR_INIT;
	struct store_scan *sc;
	struct store_entry entry;
	struct store *st = open_maildir("maildir:sc");
	struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = str_printf("sc/%s", names[i]);
		put_file(path, SPAN("ab"));
		utimensat(AT_FDCWD, path, old, 0);
		free(path);
	}
	mkdir("sc/cur/folder", 0700);
	put_file("sc/cur/.hidden", SPAN("ab"));
	is_int(store_scan_open(st, &sc, &e), 0, "scan");
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		int r = store_scan_next(sc, &entry, &e);
		is_str(r > 0 ? entry.name : "", want[i].name, "in order of arrival, each once");
		ok(r > 0 && entry.size == want[i].size && entry.flags == want[i].flags &&
			entry.time_s == want[i].time,
		    "its size, flags, time");
	}
	is_int(store_scan_next(sc, &entry, &e), 0, "no more");
	store_scan_free(sc);
	uint64_t total = 0;
	ok(store_total(st, &total, &e) == 0 && total == 77 + 5 + 3 + 2 + 2, "their sum");
	store_free(st);
}

static void test_find_again(void)
{
	struct err e = ERR_INIT;
	struct store_message m;
	struct store *st = open_maildir("maildir:fa");
	char *name = deliver_text(st, SPAN("A: b\n\nhi\n"), (struct store_delivery){0}, &e),
	     *now = NULL;
	is_int(store_flag(span_of(name), STORE_SEEN, 0, &now, &e), 0, "flagged");
	ok(in(now, "fa/cur/") && in(now, ":2,S"), "its new name: %s", now);
	char *text = message_text(name);
	is_str(text, "A: b\n\nhi\n", "the old name still finds it");
	free(text);
	free(now);
	is_int(store_flag(span_of(name), STORE_FLAGGED, STORE_SEEN, &now, &e), 0,
	    "flagged by its old name");
	ok(in(now, ":2,F") && !in(now, "S:"), "only F now: %s", now);
	ok(store_message_open(&m, span_of(name), &e) == 0 && m.entry.flags == STORE_FLAGGED &&
		m.kind == STORE_MAILDIR,
	    "opened by its old name");
	is_str(m.entry.name, now, "which it tells");
	store_message_free(&m);
	/* letters of others are theirs */
	char *foreign = str_printf("%sabZ", now);
	rename(now, foreign);
	free(now);
	is_int(store_flag(span_of(name), STORE_SEEN, STORE_FLAGGED, &now, &e), 0, "with keywords");
	ok(in(now, ":2,SZab"), "keywords stay: %s", now);
	/* a copy with other letters is a message too */
	char *copy = str_printf("%.*s:2,RSZab", (int)strcspn(now, ":"), now), *seen;
	put_file(copy, SPAN("B: c\n\nho\n"));
	is_int(store_flag(span_of(now), STORE_REPLIED, 0, &seen, &e), -1, "not over another file");
	seen = get_file(copy);
	is_str(seen, "B: c\n\nho\n", "which keeps its text");
	err_clear(&e);
	unlink(copy);
	free(copy);
	free(seen);
	is_int(store_delete(span_of(name), &e), 0, "deleted by its first name");
	is_int(store_delete(span_of(name), &e), -1, "but once");
	is_int(e.code, EX_NOINPUT, "66");
	is_int(store_message_open(&m, span_of(name), &e), -1, "gone");
	is_int(e.code, EX_NOINPUT, "66");
	free(foreign);
	free(now);
	free(name);
	store_free(st);
}

static void test_move(void)
{
	struct err e = ERR_INIT;
	struct stat s;
	struct store *from = open_maildir("maildir:mv1"), *to = open_maildir("maildir:mv2"),
		     *box = open_maildir("mbox:mvbox");
	struct store_delivery d = {
	    .flags = STORE_SEEN, .received_s = 1234567890, .sender = "ana@x"};
	char *name = deliver_text(from, SPAN("A: b\n\nFrom me\n"), d, &e), *now = NULL, *text;
	is_int(store_copy(span_of(name), to, &now, &e), 0, "copied");
	ok(in(now, "mv2/cur/") && in(now, ",S=14,W=17:2,S"), "name: %s", now);
	ok(stat(now, &s) == 0 && s.st_mtime == 1234567890, "with its time");
	ok(access(name, F_OK) == 0, "still at the old place");
	is_int((long long)count_files("mv2/tmp"), 0, "nothing in tmp");
	free(now);
	is_int(store_move(span_of(name), box, &now, &e), 0, "moved to an mbox");
	ok(access(name, F_OK) < 0, "gone from the old place");
	text = get_file("mvbox");
	is_str(text,
	    "From MAILER-DAEMON Fri Feb 13 23:31:30 2009\nStatus: RO\nA: b\n\n>From me\n\n",
	    "there");
	free(text);
	free(name);
	is_int(store_move(span_of(now), to, &name, &e), 0, "and back");
	text = message_text(name);
	is_str(text, "A: b\n\nFrom me\n", "the same bytes");
	ok(in(name, ":2,S") && stat(name, &s) == 0 && s.st_mtime == 1234567890, "flags and time");
	text = (free(text), get_file("mvbox"));
	is_str(text, "", "the mbox is empty");
	is_int(store_move(SPAN("mv1/cur/none"), to, NULL, &e), -1, "what is not there cannot move");
	is_int(e.code, EX_NOINPUT, "66");
	/* a name that lies about the size is copied and counted */
	put_file("mv1/cur/1.x,S=99,W=99:2,", SPAN("A: b\n\nhi\n"));
	free(now);
	is_int(store_move(SPAN("mv1/cur/1.x,S=99,W=99:2,"), to, &now, &e), 0, "a lying name");
	ok(in(now, ",S=9,W=12:2,"), "is put right: %s", now);
	free(text);
	free(now);
	free(name);
	store_free(from);
	store_free(to);
	store_free(box);
}

/* In pieces of any size: a parser's window may have room for one byte more. */
static void test_crlf_pieces(void)
{
	const char *want = "A: b\n\nh\ri\nx\n\r";
	put_file("file", SPAN("A: b\r\n\r\nh\ri\r\nx\r\n\r"));
	for (size_t size = 1; size < 20; size++) {
		struct err e = ERR_INIT;
		struct store_message m;
		struct buf got = BUF_INIT(1000);
		char piece[20];
		ssize_t n = 0;
		is_int(store_message_open(&m, SPAN("file"), &e), 0, "open");
		while ((n = m.source->read(m.source, piece, size, &e)) > 0)
			buf_addn(&got, piece, (size_t)n);
		is_int((int)n, 0, "its end");
		is_str(buf_cstr(&got), want, "a file with CRLF, read in pieces of any size");
		buf_release(&got);
		store_message_free(&m);
	}
}

static void test_crlf_file(void)
{
	struct err e = ERR_INIT;
	put_file("file", SPAN("A: b\r\n\r\nh\ri\r\nx\r\n\r"));
	char *text = message_text("file");
	is_str(text, "A: b\n\nh\ri\nx\n\r", "a file with CRLF is read with LF");
	free(text);
	is_int(store_flag(SPAN("file"), STORE_SEEN, 0, NULL, &e), -1, "it has no flags");
	is_int(store_delete(SPAN("file"), &e), 0, "but can be deleted");
	struct buf big = BUF_INIT(1 << 20), want = BUF_INIT(1 << 20);
	for (int i = 0; i < 30000; i++) {
		buf_addf(&big, "%d\r\n", i);
		buf_addf(&want, "%d\n", i);
	}
	put_file("big", buf_span(&big));
	text = message_text("big");
	is_str(text, buf_cstr(&want), "a large one");
	free(text);
	buf_release(&big);
	buf_release(&want);
}

static void test_kinds(void)
{
	struct err e = ERR_INIT;
	struct store *st;
	mkdir("plain", 0700);
	is_int(store_open(&st, SPAN("plain"), STORE_CREATE, &e), -1,
	    "a folder without cur/ is no Maildir");
	is_int(store_open(&st, SPAN("missing/"), 0, &e), -1, "a missing one is not made unasked");
	is_int(e.code, EX_NOINPUT, "66");
	is_int(store_open(&st, SPAN("a\nb"), STORE_CREATE, &e), -1, "no control characters");
	if (is_int(store_open(&st, SPAN("maildir:deep/er/md/"), STORE_CREATE, &e), 0,
		"made with its parents")) {
		is_str(store_path(st), "deep/er/md", "without the slash");
		store_free(st);
	}
	if (is_int(store_open(&st, SPAN("md"), STORE_READ_ONLY, &e), 0, "known by cur/")) {
		is_int(store_kind_of(st), STORE_MAILDIR, "a Maildir");
		store_free(st);
	}
}

static void test_group(void)
{
	struct err e = ERR_INIT;
	struct store *st = open_maildir("maildir:grp");
	char *name;
	store_group(st);
	for (int i = 0; i < 50; i++) {
		name = deliver_text(st, SPAN("A: b\n\nhi\n"), (struct store_delivery){0}, &e);
		free(name);
	}
	is_int(count_messages("grp"), 0, "nothing is seen before the commit");
	is_int(store_group_commit(st, &e), 0, "commit");
	is_int(count_messages("grp"), 50, "all at once");
	store_group(st);
	free(deliver_text(st, SPAN("A: b\n\nhi\n"), (struct store_delivery){0}, &e));
	store_group_abort(st);
	ok(count_messages("grp") == 50 && count_files("grp/tmp") == 0,
	    "an abandoned group leaves nothing");
	store_free(st);
}

/* Somebody changes flags all the time: no message is ever missed or seen twice. */
static void test_racing_scan(void)
{
	enum { MESSAGES = 300, SCANS = 30 };
	struct err e = ERR_INIT;
	struct store *st = open_maildir("maildir:race");
	char *names[MESSAGES];
	store_group(st);
	for (int i = 0; i < MESSAGES; i++) {
		names[i] = deliver_text(st, SPAN("A: b\n\nhi\n"), (struct store_delivery){0}, &e);
		if (store_group_full(st))
			store_group_commit(st, &e), store_group(st);
	}
	store_group_commit(st, &e);
	pid_t pid = fork();
	if (pid == 0) {
		for (unsigned i = 0;; i++)
			store_flag(span_of(names[(i * 7) % MESSAGES]),
			    i & 1 ? STORE_SEEN : STORE_FLAGGED, i & 1 ? STORE_FLAGGED : STORE_SEEN,
			    NULL, &e);
	}
	int wrong = 0;
	for (int i = 0; i < SCANS; i++)
		wrong += count_messages("race") != MESSAGES;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	is_int(wrong, 0, "300 messages in each of 30 scans, while flags change");
	for (int i = 0; i < MESSAGES; i++)
		free(names[i]);
	store_free(st);
}

static void test_flag_words(void)
{
	struct err e = ERR_INIT;
	char out[8];
	unsigned flag = 0;
	store_flags_letters(STORE_SEEN | STORE_REPLIED | STORE_DRAFT | STORE_RECENT, out);
	is_str(out, "DRS", "letters, sorted");
	is_int(store_flags_of_letters(SPAN("SRD")), STORE_SEEN | STORE_REPLIED | STORE_DRAFT,
	    "and back");
	is_int(store_flag_by_name(SPAN("Flagged"), &flag, &e), 0, "by name");
	is_int(flag, STORE_FLAGGED, "that one");
	is_int(store_flag_by_name(SPAN("read"), &flag, &e), -1, "no such flag");
	is_int(e.code, EX_USAGE, "64");
}

int main(void)
{
	char *folder = folder_enter();
	test_deliver();
	test_metadata();
	test_scan();
	test_find_again();
	test_move();
	test_crlf_file();
	test_crlf_pieces();
	test_kinds();
	test_group();
	test_racing_scan();
	test_flag_words();
	folder_leave(folder);
	return tap_done();
}
