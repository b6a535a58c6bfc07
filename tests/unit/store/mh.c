#include "store/mh_sequences.h"

#include "../tap.h"
#include "folder.h"

/* --- sequences --- */

static void is_text(const struct mh_sequences *s, const char *want, const char *what)
{
	struct buf b = BUF_INIT(4096);
	mh_sequences_write(s, &b);
	is_str(buf_cstr(&b), want, what);
	buf_release(&b);
}

static void test_sequences(void)
{
	struct mh_sequences s = {0};
	mh_sequences_parse(&s, SPAN("unseen: 3 7-9 1 2\nmine: 5\n: 4\nnonsense\nflagged: x 0 9-8 "
				    "-3 4- 2 99999999999\nempty:\n"));
	is_text(&s, "unseen: 1-3 7-9\nmine: 5\nflagged: 2\n", "read and written");
	ok(mh_sequences_has(&s, "unseen", 8) && !mh_sequences_has(&s, "unseen", 4) &&
		!mh_sequences_has(&s, "none", 1),
	    "members");
	mh_sequences_set(&s, "unseen", 8, false);
	mh_sequences_set(&s, "unseen", 1, false);
	mh_sequences_set(&s, "unseen", 4, true);
	mh_sequences_set(&s, "unseen", 4, true);
	is_text(&s, "unseen: 2-4 7 9\nmine: 5\nflagged: 2\n", "taken out, put in");
	is_int(mh_sequences_flags(&s, 2), STORE_RECENT | STORE_FLAGGED, "flags of one");
	is_int(mh_sequences_flags(&s, 6), STORE_SEEN, "of one that is in none");
	mh_sequences_put_flags(&s, 2, STORE_SEEN | STORE_REPLIED);
	is_text(&s, "unseen: 3-4 7 9\nmine: 5\nreplied: 2\n", "flags put");
	mh_sequences_set(&s, "mine", 7, true);
	mh_sequences_forget(&s, 7);
	is_text(&s, "unseen: 3-4 9\nmine: 5\nreplied: 2\n", "forgotten everywhere");
	mh_sequences_release(&s);
}

/* --- a folder --- */

static struct store *open_mh(const char *name)
{
	struct store *st = NULL;
	struct err e = ERR_INIT;
	if (store_open(&st, span_of(name), STORE_CREATE, &e) < 0)
		printf("# %s\n", e.text);
	return st;
}

static void is_file(const char *path, const char *want, const char *what)
{
	char *text = get_file(path);
	is_str(text, want, what);
	free(text);
}

static void test_deliver(void)
{
	struct err e = ERR_INIT;
	struct store *st = open_mh("mh:inbox");
	char *a =
	    deliver_text(st, SPAN("From x\r\nA: b\r\n\r\nhi\r\n"), (struct store_delivery){0}, &e);
	is_str(a, "inbox/1", "the first");
	is_file("inbox/1", "A: b\n\nhi\n", "its text");
	put_file("inbox/41", SPAN("A: foreign\n\n"));
	put_file("inbox/,50", SPAN("a backup\n"));
	put_file("inbox/060", SPAN("no number\n"));
	struct store_delivery d = {.flags = STORE_SEEN | STORE_FLAGGED, .received_s = 1234567890};
	char *b = deliver_text(st, SPAN("C: d\n\n"), d, &e);
	is_str(b, "inbox/42", "behind the highest");
	is_file("inbox/.mh_sequences", "unseen: 1\nflagged: 42\n", "sequences");
	struct stat s;
	ok(stat("inbox/42", &s) == 0 && s.st_mtime == 1234567890 && (s.st_mode & 07777) == 0600,
	    "its time and mode");
	store_group(st);
	for (int i = 0; i < 3; i++)
		free(deliver_text(st, SPAN("A: b\n\n"), (struct store_delivery){0}, &e));
	ok(access("inbox/43", F_OK) < 0, "a group is not seen");
	is_int(store_group_commit(st, &e), 0, "until it is committed");
	is_file("inbox/.mh_sequences", "unseen: 1 43-45\nflagged: 42\n", "three more");
	is_int(count_messages("inbox"), 6, "known by .mh_sequences");
	free(a);
	free(b);
	store_free(st);
}

static void test_list(void)
{
	struct err e = ERR_INIT;
	struct store *st = open_mh("mh:inbox");
	struct store_scan *sc;
	struct store_entry entry;
	is_int(store_scan_open(st, &sc, &e), 0, "scan");
	ok(store_scan_next(sc, &entry, &e) == 1 && strcmp(entry.name, "inbox/1") == 0 &&
		entry.size == 9 && entry.flags == STORE_RECENT,
	    "the first: %s", entry.name);
	ok(store_scan_next(sc, &entry, &e) == 1 && strcmp(entry.name, "inbox/41") == 0 &&
		entry.flags == STORE_SEEN,
	    "by number: %s", entry.name);
	ok(store_scan_next(sc, &entry, &e) == 1 && entry.flags == (STORE_SEEN | STORE_FLAGGED) &&
		entry.time_s == 1234567890,
	    "flags and time");
	store_scan_free(sc);
	store_free(st);
}

static void test_edit(void)
{
	struct err e = ERR_INIT;
	char *now = NULL;
	is_int(store_flag(SPAN("inbox/1"), STORE_SEEN | STORE_REPLIED, 0, &now, &e), 0, "flagged");
	is_str(now, "inbox/1", "the same name");
	is_file(
	    "inbox/.mh_sequences", "unseen: 43-45\nflagged: 42\nreplied: 1\n", "in the sequences");
	is_int(store_delete(SPAN("inbox/44"), &e), 0, "deleted");
	is_file("inbox/.mh_sequences", "unseen: 43 45\nflagged: 42\nreplied: 1\n",
	    "out of the sequences");
	is_int(store_delete(SPAN("inbox/44"), &e), -1, "but once");
	is_int(e.code, EX_NOINPUT, "66");
	is_int(
	    store_flag(SPAN("inbox/44"), STORE_SEEN, 0, NULL, &e), -1, "what is gone has no flags");
	is_int(e.code, EX_NOINPUT, "66");
	struct store *md = open_mh("maildir:md"), *box = open_mh("mbox:box"),
		     *mh = open_mh("mh:other");
	free(now);
	is_int(store_move(SPAN("inbox/42"), md, &now, &e), 0, "moved to a Maildir");
	ok(now && strstr(now, ":2,FS") && access("inbox/42", F_OK) < 0, "with its flags: %s", now);
	char *there = NULL;
	is_int(store_move(span_of(now), mh, &there, &e), 0, "and to another MH folder");
	is_str(there, "other/1", "its number there");
	is_file("other/.mh_sequences", "flagged: 1\n", "with its flags");
	is_int(store_move(span_of(there), box, NULL, &e), 0, "and into an mbox");
	is_int(store_copy(SPAN("mbox:box#0"), mh, NULL, &e), 0, "and back");
	is_file("other/1", "C: d\n\n", "the same text");
	is_file("other/.mh_sequences", "flagged: 1\n", "the same flags");
	put_file("17", SPAN("A: b\n\n"));
	is_int(store_flag(SPAN("17"), STORE_SEEN, 0, NULL, &e), -1,
	    "a number elsewhere is no MH message");
	free(now);
	free(there);
	store_free(md);
	store_free(box);
	store_free(mh);
}

/* A program of somebody else's took the number in between: it keeps it. */
static void test_number_taken(void)
{
	struct err e = ERR_INIT;
	struct store *st = open_mh("mh:race");
	store_group(st);
	free(deliver_text(st, SPAN("A: ours\n\n"), (struct store_delivery){0}, &e));
	put_file("race/1", SPAN("A: theirs\n\n"));
	is_int(store_group_commit(st, &e), -1, "the number is taken");
	is_int(e.code, EX_TEMPFAIL, "75");
	is_file("race/1", "A: theirs\n\n", "theirs stays");
	char *name = deliver_text(st, SPAN("A: ours\n\n"), (struct store_delivery){0}, &e);
	is_str(name, "race/2", "the next attempt takes the next");
	free(name);
	store_free(st);
}

int main(void)
{
	char *folder = folder_enter();
	test_sequences();
	test_deliver();
	test_list();
	test_edit();
	test_number_taken();
	folder_leave(folder);
	return tap_done();
}
