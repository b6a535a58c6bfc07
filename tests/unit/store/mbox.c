#include "store/mbox.h"

#include "../tap.h"
#include "folder.h"

#include <sys/wait.h>
#include <time.h>

/* --- streams --- */

static void write_one(struct buf *b, struct span text, const char *sender, size_t chunk)
{
	struct mbox_writer w;
	struct sink_buf to;
	struct err e = ERR_INIT;
	sink_buf_init(&to, b);
	mbox_writer_init(&w, &to.sink, sender, 1700000000);
	for (size_t at = 0; at < text.len; at += chunk)
		sink_put(&w.sink, span_take(span_skip(text, at), chunk), &e);
	sink_end(&w.sink, &e);
}

#define FROM "From ana@example.org Tue Nov 14 22:13:20 2023\n"

static void test_writer(size_t chunk)
{
	static const struct {
		const char *text, *want, *what;
	} cases[] = {
	    {"A: b\n\nhi\n", FROM "A: b\n\nhi\n\n", "plain"},
	    {"A: b\n\nhi", FROM "A: b\n\nhi\n\n", "a missing line end"},
	    {"", FROM "\n", "nothing at all"},
	    {"A: b\n\nFrom me\n>From me\n>>From me\n",
		FROM "A: b\n\n>From me\n>>From me\n>>>From me\n\n", "quoting"},
	    {"A: b\n\nFrom\nFro\n>>Fr\n From me\nxFrom me\n>\n",
		FROM "A: b\n\nFrom\nFro\n>>Fr\n From me\nxFrom me\n>\n\n",
		"what only looks like it"},
	    {"A: b\n\nFrom", FROM "A: b\n\nFrom\n\n", "an end in the middle"},
	    {"From x\n", FROM ">From x\n\n", "at the very start"},
	    {"FFrom x\n>FFrom x\n", FROM "FFrom x\n>FFrom x\n\n", "doubled letter"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(4096);
		write_one(&b, span_of(cases[i].text), "ana@example.org", chunk);
		is_str(buf_cstr(&b), cases[i].want, cases[i].what);
		buf_release(&b);
	}
}

static void test_from_line(void)
{
	static const char *const cases[][2] = {
	    {"", "From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n\n"},
	    {"a b\r\nFrom c", "From a_b__From_c Tue Nov 14 22:13:20 2023\n\n"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(4096);
		write_one(&b, SPAN(""), cases[i][0], 1);
		is_str(buf_cstr(&b), cases[i][1], "the sender is one word");
		buf_release(&b);
	}
}

/* All messages with "|" between them, "!" and the error at the end. */
static void read_all(const char *text, size_t chunk, unsigned how, struct buf *out)
{
	struct source_mem in;
	struct source *m;
	struct err e = ERR_INIT;
	struct sink_buf to;
	int r;
	source_mem_init(&in, span_of(text));
	in.chunk = chunk;
	sink_buf_init(&to, out);
	struct mbox_reader *reader = mbox_reader_new_how(&in.source, how);
	while ((r = mbox_reader_next(reader, &m, &e)) > 0) {
		if ((r = sink_pump(&to.sink, m, &e)) < 0)
			break;
		buf_addc(out, '|');
	}
	if (r < 0)
		buf_addf(out, "!%d", e.code);
	mbox_reader_free(reader);
}

static void test_reader(size_t chunk)
{
	static const struct {
		const char *text, *want, *what;
		unsigned how;
	} cases[] = {
	    {"", "", "an empty stream", 0},
	    {FROM "A: b\n\nhi\n\n" FROM "C: d\n\nho\n\n", "A: b\n\nhi\n|C: d\n\nho\n|", "two", 0},
	    {"\n\n" FROM "A: b\n\nhi\n\n\n\n" FROM "C: d\n\n", "A: b\n\nhi\n\n\n|C: d\n|",
		"empty lines around", 0},
	    {FROM "A: b\n\n>From me\n>>From me\n>Fro\n>\n>>\n\n",
		"A: b\n\nFrom me\n>From me\n>Fro\n>\n>>\n|", "unquoted", 0},
	    {FROM "A: b\n\n>From me\n\n", "A: b\n\n>From me\n|", "raw", MBOX_RAW},
	    {FROM "A: b\n\nx\nFrom me\nhi\n\n", "A: b\n\nx\nFrom me\nhi\n|", "no empty line before",
		0},
	    {FROM "A: b\n\nhi\n\nFrom my point of view\n\n",
		"A: b\n\nhi\n\nFrom my point of view\n|", "prose", 0},
	    {FROM "A: b\n\nhi\n\nFrom x\nC: d\n\n", "A: b\n\nhi\n|C: d\n|", "a bare From_ line", 0},
	    {FROM "\n", "|", "an empty message", 0},
	    {FROM "A: b\n\nhi\n", "A: b\n\nhi\n!65", "cut in the body", 0},
	    {FROM "A: b\n\nhi", "A: b\n\nhi!65", "cut in a line", 0},
	    {FROM "A: b\n", "A: b\n!65", "cut in the header", 0},
	    {FROM "A: b\n\nhi\n\n" FROM, "A: b\n\nhi\n|!65", "cut behind a From_ line", 0},
	    {FROM "A: b\n\nhi\n\nFrom an", "A: b\n\nhi\n|!65", "cut in a From_ line", 0},
	    {FROM "A: b\n\nhi", "A: b\n\nhi|", "leniently", MBOX_LENIENT},
	    {"A: b\n\nhi\n", "!65", "no mbox", 0},
	    {"From ana@x Tue Nov 14 22:13:20 2023\r\nA: b\r\n\r\nhi\r\n\r\n"
	     "From x\r\nC: d\r\n\r\n",
		"A: b\r\n\r\nhi\r\n|C: d\r\n|", "CRLF", 0},
	    {FROM "Status: RO\nA: b\nX-Status: AF\n fold\nStatusX: y\n\nStatus: R\n\n",
		"A: b\nStatusX: y\n\nStatus: R\n|", "flags hidden", MBOX_HIDE_STATUS},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(4096);
		read_all(cases[i].text, chunk, cases[i].how, &b);
		is_str(buf_cstr(&b), cases[i].want, cases[i].what);
		buf_release(&b);
	}
}

static void test_nul(void)
{
	struct buf b = BUF_INIT(4096);
	write_one(&b, SPAN("A: b\n\nx\0"), "ana@example.org", 1);
	is_mem(b.ptr, b.len, FROM "A: b\n\nx\0\n\n", sizeof(FROM "A: b\n\nx\0\n\n") - 1,
	    "a NUL at the end is no line end");
	buf_release(&b);
}

/* What is written is read back, whatever it is. */
static void test_round_trip(void)
{
	struct buf all = BUF_INIT(1 << 20), back = BUF_INIT(1 << 20), want = BUF_INIT(1 << 20);
	static const char *const parts[] = {
	    "From ", ">", "\n", "F", "\n\n", "x", "From x\n", "\r", "Status: R\n", "A: b"};
	unsigned seed = 7;
	for (int i = 0; i < 300; i++) {
		struct buf text = BUF_INIT(4096);
		for (int k = 0; k < 12; k++) {
			seed = seed * 1103515245 + 12345;
			buf_adds(&text, parts[(seed >> 16) % ARRAY_LEN(parts)]);
		}
		buf_addc(&text, '\n');
		write_one(&all, buf_span(&text), "ana@example.org", 1 + (size_t)i % 7);
		buf_add(&want, buf_span(&text));
		buf_addc(&want, '|');
		buf_release(&text);
	}
	read_all(buf_cstr(&all), 13, 0, &back);
	is_mem(back.ptr, back.len, want.ptr, want.len, "300 random messages there and back");
	buf_release(&all);
	buf_release(&back);
	buf_release(&want);
}

static void test_unread(void)
{
	struct source_mem in;
	struct source *m;
	struct err e = ERR_INIT;
	source_mem_init(&in, SPAN(FROM "A: b\n\nhi\n\nFrom - Sat Jan  3 01:05:34 1996\nC: d\n\n"));
	struct mbox_reader *r = mbox_reader_new(&in.source);
	is_int(mbox_reader_next(r, &m, &e), 1, "the first");
	is_span(mbox_reader_sender(r), "ana@example.org", "its sender");
	is_int(mbox_reader_time(r), 1700000000, "its time");
	is_int(mbox_reader_next(r, &m, &e), 1, "the second, the first unread");
	is_span(mbox_reader_sender(r), "", "no sender");
	is_int(mbox_reader_time(r), 820631134, "its time");
	is_int((long long)mbox_reader_offset(r), 56, "its place");
	is_int(mbox_reader_next(r, &m, &e), 0, "no third");
	mbox_reader_free(r);
}

/* --- a file --- */

static struct store *open_mbox(const char *name)
{
	struct store *st = NULL;
	struct err e = ERR_INIT;
	if (store_open(&st, span_of(name), STORE_CREATE, &e) < 0)
		printf("# %s\n", e.text);
	return st;
}

static void test_append(void)
{
	struct err e = ERR_INIT;
	struct store *st = open_mbox("mbox:box");
	struct store_delivery d = {.sender = "ana@example.org", .received_s = 1700000000};
	char *a =
	    deliver_text(st, SPAN("From x\r\nA: b\r\nStatus: RO\r\n\r\nFrom me\r\nhi\r\n"), d, &e);
	is_str(a, "mbox:box#0", "the first one's name");
	d.flags = STORE_SEEN | STORE_FLAGGED;
	d.prepend = SPAN("Return-Path: <ana@example.org>\n");
	char *b = deliver_text(st, SPAN("C: d\n\nho"), d, &e);
	char *all = get_file("box");
	is_str(all,
	    FROM "A: b\n\n>From me\nhi\n\n" FROM
		 "Status: RO\nX-Status: F\nReturn-Path: <ana@example.org>\nC: d\n\nho\n\n",
	    "the file");
	char *text = message_text(a);
	is_str(text, "A: b\n\nFrom me\nhi\n", "the first one's text");
	free(text);
	text = message_text(b);
	is_str(text, "Return-Path: <ana@example.org>\nC: d\n\nho\n", "the second one's");
	ok(access("box.lock", F_OK) < 0, "no lock is left");
	free(text);
	free(all);
	free(a);
	free(b);
	store_free(st);
}

static void test_scan(void)
{
	struct store_scan *sc;
	struct store_entry entry;
	struct err e = ERR_INIT;
	struct store *st = open_mbox("box");
	is_int(store_scan_open(st, &sc, &e), 0, "scan");
	ok(store_scan_next(sc, &entry, &e) == 1 && entry.flags == STORE_RECENT,
	    "the first is recent");
	is_int((long long)entry.size, 17, "its size as it is read");
	is_int(entry.time_s, 1700000000, "its time");
	ok(store_scan_next(sc, &entry, &e) == 1 && entry.flags == (STORE_SEEN | STORE_FLAGGED),
	    "the second's flags");
	is_int(store_scan_next(sc, &entry, &e), 0, "no more");
	store_scan_free(sc);
	store_free(st);
}

static void test_edit(void)
{
	struct err e = ERR_INIT;
	put_file("ed", SPAN(FROM "A: 1\n\none\n\n" FROM "A: 2\nStatus: O\n\n>From two\n\n" FROM
				 "A: 3\n\nthree"));
	struct store_edit v[] = {
	    {.name = SPAN("mbox:ed#101"), .add = STORE_SEEN | STORE_REPLIED},
	    {.name = SPAN("mbox:ed#0"), .erase = true},
	    {.name = SPAN("mbox:ed#7"), .erase = true},
	};
	struct store_scan *sc;
	struct store_entry entry = {0};
	struct store *st = open_mbox("ed");
	char *third = NULL;
	if (store_scan_open(st, &sc, &e) == 0) {
		while (store_scan_next(sc, &entry, &e) > 0)
			free(third), third = str_dup(entry.name);
		store_scan_free(sc);
	}
	store_free(st);
	v[0].name = span_of(third);
	is_int(store_edit(v, 3), -1, "one of three has no message");
	is_int(v[2].err.code, EX_NOINPUT, "that one");
	ok(v[0].err.code == 0 && v[1].err.code == 0, "the others are done");
	char *all = get_file("ed");
	is_str(all,
	    FROM "A: 2\nStatus: O\n\n>From two\n\n" FROM
		 "Status: RO\nX-Status: A\nA: 3\n\nthree\n\n",
	    "the file");
	char *text = message_text(v[0].name_out);
	is_str(text, "A: 3\n\nthree\n", "its new name");
	char *now = NULL;
	is_int(store_flag(span_of(v[0].name_out), STORE_FLAGGED, STORE_SEEN, &now, &e), 0, "flags");
	struct store_message m;
	ok(store_message_open(&m, span_of(now), &e) == 0 &&
		m.entry.flags == (STORE_REPLIED | STORE_FLAGGED),
	    "added and removed");
	store_message_free(&m);
	free(text);
	free(all);
	free(now);
	free(v[0].name_out);
	free(third);
}

static void test_ends(void)
{
	struct err e = ERR_INIT;
	struct store_delivery d = {.sender = "ana@example.org", .received_s = 1700000000};
	static const char *const tails[][2] = {{FROM "A: b\n\nhi", FROM "A: b\n\nhi\n\n"},
	    {FROM "A: b\n\nhi\n", FROM "A: b\n\nhi\n\n"},
	    {FROM "A: b\n\nhi\n\n", FROM "A: b\n\nhi\n\n"}};
	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		put_file("tail", span_of(tails[i][0]));
		struct store *st = open_mbox("tail");
		char *name = deliver_text(st, SPAN("C: d\n\n"), d, &e);
		char *text = message_text(name), *all = get_file("tail");
		is_str(text, "C: d\n\n", "behind somebody's unfinished end");
		ok(strncmp(all, tails[i][1], strlen(tails[i][1])) == 0, "which is finished first");
		free(all);
		free(text);
		free(name);
		store_free(st);
	}
	put_file("notes", SPAN("remember the milk\n"));
	struct store *st = open_mbox("notes");
	ok(!deliver_text(st, SPAN("C: d\n\n"), d, &e) && strstr(e.text, "not an mbox"),
	    "somebody's notes are no mbox");
	char *all = get_file("notes");
	is_str(all, "remember the milk\n", "and stay as they are");
	free(all);
	store_free(st);
}

/* A dotlock of a dead program is broken when it is old, and waited for when it is not. */
static void test_lock(void)
{
	struct err e = ERR_INIT;
	struct mbox_lock l;
	struct timespec old[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) - 301}};
	put_file("box.lock", SPAN("1\n"));
	utimensat(AT_FDCWD, "box.lock", old, 0);
	is_int(mbox_lock(&l, "box", false, &e), 0, "an old lock is broken");
	ok(access("box.lock", F_OK) == 0, "and is ours now");
	pid_t pid = fork();
	if (pid == 0) {
		/* an inherited descriptor would keep the lock of its file */
		close(l.fd);
		struct mbox_lock other;
		_exit(mbox_lock(&other, "box", false, &e) < 0 ? 1 : 0);
	}
	usleep(200000);
	mbox_unlock(&l);
	int status;
	waitpid(pid, &status, 0);
	is_int(status, 0, "another program waits, then has it");
	unlink("box.lock"); /* the child's */
}

static void test_strange_files(void)
{
	struct err e = ERR_INIT;
	struct store *st;
	mkfifo("fifo", 0600);
	is_int(store_open(&st, SPAN("mbox:fifo"), STORE_CREATE, &e), -1, "a FIFO is no mbox");
	is_int(store_open(&st, SPAN("mbox:none"), 0, &e), -1, "a missing one is not made unasked");
	is_int(e.code, EX_NOINPUT, "66");
	is_int(store_open(&st, SPAN("mbox:"), 0, &e), -1, "no path");
	is_int(e.code, EX_USAGE, "64");
	struct store_message m;
	is_int(store_message_open(&m, SPAN("mbox:box#3"), &e), -1, "no message in the middle");
	is_int(e.code, EX_NOINPUT, "66");
	is_int(store_message_open(&m, SPAN("mbox:box#99999999"), &e), -1, "nor behind the end");
	is_int(store_message_open(&m, SPAN("mbox:box#x"), &e), -1, "no such name");
}

static void test_group(void)
{
	struct err e = ERR_INIT;
	struct store_delivery d = {.sender = "ana@example.org", .received_s = 1700000000};
	struct store *st = open_mbox("group");
	store_group(st);
	for (int i = 0; i < 5; i++)
		free(deliver_text(st, SPAN("A: b\n\nhi\n"), d, &e));
	is_int(store_group_commit(st, &e), 0, "committed");
	is_int(count_messages("group"), 5, "five together");
	store_group(st);
	free(deliver_text(st, SPAN("A: b\n\nhi\n"), d, &e));
	store_group_abort(st);
	is_int(count_messages("group"), 5, "an abandoned group leaves nothing");
	store_free(st);
}

static ssize_t broken_read(struct source *s, char *p, size_t n, struct err *e)
{
	(void)s;
	(void)p;
	(void)n;
	return err_set(e, EX_IOERR, "broken");
}

/* A message that fails takes nothing else with it, and leaves no hole. */
static void test_group_drop(void)
{
	struct err e = ERR_INIT;
	struct store_delivery d = {.sender = "ana@example.org", .received_s = 1700000000};
	struct source broken = {broken_read};
	put_file("drop", SPAN(FROM "A: 1\n\none"));
	struct store *st = open_mbox("drop");
	store_group(st);
	is_int(store_deliver(st, &broken, &d, NULL, &e), -1, "the first of a group fails");
	is_int(e.code, EX_IOERR, "with its own reason");
	free(deliver_text(st, SPAN("A: 2\n\ntwo\n"), d, &e));
	is_int(store_deliver(st, &broken, &d, NULL, &e), -1, "the third as well");
	free(deliver_text(st, SPAN("A: 4\n\nfour\n"), d, &e));
	is_int(store_group_commit(st, &e), 0, "the group is committed");
	char *all = get_file("drop");
	is_str(all, FROM "A: 1\n\none\n\n" FROM "A: 2\n\ntwo\n\n" FROM "A: 4\n\nfour\n\n",
	    "the others are there");
	free(all);
	store_free(st);
}

int main(void)
{
	static const size_t chunks[] = {1, 3, 7, 4096};
	char *folder = folder_enter();
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++) {
		test_writer(chunks[i]);
		test_reader(chunks[i]);
	}
	test_from_line();
	test_nul();
	test_round_trip();
	test_unread();
	test_append();
	test_scan();
	test_edit();
	test_ends();
	test_lock();
	test_strange_files();
	test_group();
	test_group_drop();
	folder_leave(folder);
	return tap_done();
}
