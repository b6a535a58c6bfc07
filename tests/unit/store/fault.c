/*
 * Every system call of an operation fails once, and the process is killed at every one: a message is whole or absent, what was there stays.
 */
#include "../tap.h"
#include "folder.h"

#include <sys/wait.h>

static const char old_text[] = "Subject: old\n\nwas here before\n";
static const char new_text[] = "Subject: new\n\nFrom a friend\nwith two lines\n";

static void fixture(void)
{
	folder_empty("md");
	folder_empty("other");
	folder_empty("mh");
	static const char *const folders[] = {"md", "md/cur", "md/new", "md/tmp", "other",
	    "other/cur", "other/new", "other/tmp", "mh"};
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		mkdir(folders[i], 0700);
	unlink("box.lock");
	put_file("md/cur/1000.old:2,S", SPAN("Subject: old\n\nwas here before\n"));
	put_file("mh/3", SPAN("Subject: old\n\nwas here before\n"));
	put_file("mh/.mh_sequences", SPAN("flagged: 3\n"));
	put_file("box",
	    SPAN("From ana@x Tue Nov 14 22:13:20 2023\nSubject: old\n\nwas here before\n\n"));
}

/* --- what is done --- */

static int deliver(const char *mailbox, int n, struct err *e)
{
	struct store *st;
	if (store_open(&st, span_of(mailbox), STORE_CREATE, e) < 0)
		return -1;
	int r = 0;
	if (n > 1)
		store_group(st);
	for (int i = 0; i < n && r == 0; i++) {
		char *name = deliver_text(st, span_of(new_text), (struct store_delivery){0}, e);
		r = name ? 0 : -1;
		free(name);
	}
	if (n > 1 && r == 0)
		r = store_group_commit(st, e);
	store_free(st);
	return r;
}

static int to_maildir(struct err *e)
{
	return deliver("maildir:md", 1, e);
}

static int to_mbox(struct err *e)
{
	return deliver("mbox:box", 1, e);
}

static int to_mh(struct err *e)
{
	return deliver("mh:mh", 1, e);
}

static int group_to_mh(struct err *e)
{
	return deliver("mh:mh", 3, e);
}

static int flag_mh(struct err *e)
{
	return store_flag(SPAN("mh/3"), STORE_SEEN, 0, NULL, e);
}

static int group_to_maildir(struct err *e)
{
	return deliver("maildir:md", 3, e);
}

static int group_to_mbox(struct err *e)
{
	return deliver("mbox:box", 3, e);
}

static int to_new_mbox(struct err *e)
{
	unlink("newbox");
	unlink("newbox.lock");
	return deliver("mbox:newbox", 1, e);
}

static int flag_maildir(struct err *e)
{
	return store_flag(SPAN("md/cur/1000.old:2,S"), STORE_FLAGGED, 0, NULL, e);
}

static int flag_mbox(struct err *e)
{
	return store_flag(SPAN("mbox:box#0"), STORE_FLAGGED, 0, NULL, e);
}

static int move_to(const char *name, const char *mailbox, struct err *e)
{
	struct store *st;
	if (store_open(&st, span_of(mailbox), STORE_CREATE, e) < 0)
		return -1;
	int r = store_move(span_of(name), st, NULL, e);
	store_free(st);
	return r;
}

static int move_maildir(struct err *e)
{
	return move_to("md/cur/1000.old:2,S", "other/", e);
}

static int move_mbox(struct err *e)
{
	return move_to("mbox:box#0", "other/", e);
}

static int move_into_mbox(struct err *e)
{
	return move_to("md/cur/1000.old:2,S", "box", e);
}

static int move_mh(struct err *e)
{
	return move_to("mh/3", "other/", e);
}

static int move_into_mh(struct err *e)
{
	return move_to("md/cur/1000.old:2,S", "mh", e);
}

static const struct {
	const char *name;
	int (*run)(struct err *e);
	const char *home, *away; /* mailboxes */
	int adds;                /* new messages in home */
	bool moves;              /* the old one from home to away */
} operations[] = {
    {"deliver to a Maildir", to_maildir, "md", NULL, 1, false},
    {"deliver to an mbox", to_mbox, "box", NULL, 1, false},
    {"deliver to a new mbox", to_new_mbox, "box", NULL, 0, false},
    {"deliver three to a Maildir", group_to_maildir, "md", NULL, 3, false},
    {"deliver three to an mbox", group_to_mbox, "box", NULL, 3, false},
    {"flag in a Maildir", flag_maildir, "md", NULL, 0, false},
    {"flag in an mbox", flag_mbox, "box", NULL, 0, false},
    {"deliver to MH", to_mh, "mh", NULL, 1, false},
    {"deliver three to MH", group_to_mh, "mh", NULL, 3, false},
    {"flag in MH", flag_mh, "mh", NULL, 0, false},
    {"move from MH", move_mh, "mh", "other", 0, true},
    {"move to MH", move_into_mh, "md", "mh", 0, true},
    {"move between Maildirs", move_maildir, "md", "other", 0, true},
    {"move from an mbox", move_mbox, "box", "other", 0, true},
    {"move to an mbox", move_into_mbox, "md", "box", 0, true},
};

/* --- what is there afterwards --- */

struct seen {
	int old, new, other;
};

static void look(const char *mailbox, struct seen *seen)
{
	struct store *st;
	struct store_scan *sc;
	struct store_entry entry;
	struct err e = ERR_INIT;
	if (store_open(&st, span_of(mailbox), STORE_READ_ONLY, &e) < 0)
		return;
	if (store_scan_open(st, &sc, &e) == 0) {
		while (store_scan_next(sc, &entry, &e) > 0) {
			char *text = message_text(entry.name);
			bool is_old = strcmp(text, old_text) == 0,
			     is_new = strcmp(text, new_text) == 0;
			seen->old += is_old;
			seen->new += is_new;
			seen->other += !is_old && !is_new;
			free(text);
		}
		store_scan_free(sc);
	}
	store_free(st);
}

/* result: 0 done, -1 said to have failed, 1 killed. "" or what is wrong. */
static const char *judge(size_t op, int result)
{
	struct seen home = {0}, away = {0};
	look(operations[op].home, &home);
	if (operations[op].away)
		look(operations[op].away, &away);
	/* the mbox or MH folder that something is moved to has an old message of its own */
	if (operations[op].away && strcmp(operations[op].away, "other") != 0)
		away.old--;
	if (home.other || away.other)
		return "a message is not whole";
	if (!operations[op].moves && home.old != 1)
		return "what was there is not there any more";
	if (operations[op].moves && home.old + away.old < 1)
		return "the message is nowhere";
	if (operations[op].moves && result == 0 && (home.old || away.old != 1))
		return "it was not moved";
	if (result == 0 && home.new != operations[op].adds)
		return "said to be there, and is not";
	if (result < 0 && home.new)
		return "said to have failed, and is there";
	return "";
}

static void each_call_fails(size_t op, const char *error)
{
	const char *bad = "";
	int k;
	bool done = false;
	for (k = 1; !done && !*bad && k < 500; k++) {
		struct err e = ERR_INIT;
		char *spec = str_printf("any:%d:%s", k, error);
		fixture();
		sys_fault_set(spec);
		int r = operations[op].run(&e);
		done = sys_fault_count() < (unsigned long)k;
		sys_fault_set(NULL);
		bad = judge(op, r);
		if (!*bad && r < 0 && operations[op].adds && e.code != EX_TEMPFAIL &&
		    e.code != EX_NOINPUT)
			bad = "neither temporary nor missing";
		if (!*bad && r < 0 && !*e.text)
			bad = "no reason is told";
		if (*bad)
			printf("# %s: %s (%d: %s)\n", spec, bad, r, e.text);
		free(spec);
	}
	ok(!*bad && done, "%s: each of %d calls fails with %s", operations[op].name, k - 2, error);
}

static void each_call_kills(size_t op)
{
	const char *bad = "";
	int k, status = -1;
	for (k = 1; status && !*bad && k < 500; k++) {
		char *spec = str_printf("any:%d:KILL", k);
		fixture();
		pid_t pid = fork();
		if (pid == 0) {
			struct err e = ERR_INIT;
			sys_fault_set(spec);
			_exit(operations[op].run(&e) < 0 ? 2 : 0);
		}
		waitpid(pid, &status, 0);
		bad = judge(op, WIFSIGNALED(status) ? 1 : 0);
		/* the next one finds its way: a dead program's lock is old by then */
		unlink("box.lock");
		struct err e = ERR_INIT;
		if (!*bad && deliver(operations[op].home, 1, &e) < 0)
			bad = "nothing can be delivered afterwards";
		if (!*bad) {
			struct seen seen = {0};
			look(operations[op].home, &seen);
			if (seen.other || seen.new < 1)
				bad = "what is delivered afterwards is not whole";
		}
		if (*bad)
			printf("# %s: %s\n", spec, bad);
		free(spec);
	}
	ok(!*bad && !status, "%s: killed at each of %d calls", operations[op].name, k - 2);
}

/* A disk that is full from the second block on. */
static void test_full_disk(void)
{
	struct buf big = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	while (big.len < 300000)
		buf_adds(&big, "a line of a large message, and another one\n");
	for (int k = 1; k < 5; k++) {
		char *spec = str_printf("write:%d+:ENOSPC", k);
		for (int box = 0; box < 2; box++) {
			struct store *st = NULL;
			fixture();
			store_open(&st, span_of(box ? "box" : "md"), 0, &e);
			sys_fault_set(spec);
			char *name =
			    deliver_text(st, buf_span(&big), (struct store_delivery){0}, &e);
			sys_fault_set(NULL);
			ok(!name && e.code == EX_TEMPFAIL && strstr(e.text, "No space left"),
			    "%s: full at write %d: %s", box ? "mbox" : "Maildir", k, e.text);
			store_free(st);
			struct seen seen = {0};
			look(box ? "box" : "md", &seen);
			ok(seen.old == 1 && !seen.new && !seen.other, "and it is as it was");
			is_int((long long)count_files("md/tmp"), 0, "nothing in tmp");
			char *text = get_file("box");
			is_int((long long)strlen(text), 67, "the mbox has its length");
			free(text);
		}
		free(spec);
	}
	buf_release(&big);
}

int main(void)
{
	char *folder = folder_enter();
	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		each_call_fails(i, "EIO");
		each_call_kills(i);
	}
	each_call_fails(0, "ENOSPC");
	each_call_fails(0, "EACCES");
	each_call_fails(0, "ENOENT");
	test_full_disk();
	folder_leave(folder);
	return tap_done();
}
