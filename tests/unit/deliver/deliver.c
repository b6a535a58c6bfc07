#include "../store/folder.h"
#include "../tap.h"
#include "deliver/local.h"
#include "deliver/room.h"

/* --- who is local --- */

static const char map_text[] = "# people\n"
			       "\n"
			       "Ana@Example.org\tmaildir:ana\n"
			       "ana+lists@example.org  mbox:lists with blanks \n"
			       "@example.net   |cat >/dev/null\n"
			       "postmaster@example.net mbox:pm\r\n"
			       "budi@b\xc3\xbc"
			       "cher.example  mbox:idn\n"
			       "@[192.0.2.1] mbox:literal\n";

static void is_at(const struct deliver_local *l, const char *address, const char *want)
{
	struct deliver_place place = {0};
	struct err e = ERR_INIT;
	char got[600];
	if (deliver_local_find(l, address, &place, &e) == 0)
		snprintf(got, sizeof(got), "%s %s", place.mailbox, place.rule);
	else
		snprintf(got, sizeof(got), "%d %d %s", e.code, e.smtp, e.enhanced);
	is_str(got, want, address);
}

static void test_map(void)
{
	struct deliver_local l;
	struct account account = {0};
	struct err e = ERR_INIT;
	put_file("map", span_of(map_text));
	is_int(deliver_local_read(&l, &account, NULL, "map", NULL, &e), 0, "a map");
	is_at(&l, "ana@example.org", "maildir:ana map:3");
	is_at(&l, "ANA@EXAMPLE.ORG", "maildir:ana map:3");
	is_at(&l, "ana+x@example.org", "maildir:ana map:3");
	is_at(&l, "ana+lists@example.org", "mbox:lists with blanks map:4");
	is_at(&l, "ana+lists+x@example.org", "maildir:ana map:3");
	is_at(&l, "+ana@example.org", "67 550 5.1.1");
	is_at(&l, "an@example.org", "67 550 5.1.1");
	is_at(&l, "who@example.net", "|cat >/dev/null map:5");
	is_at(&l, "\"a b@c\"@example.net", "|cat >/dev/null map:5");
	is_at(&l, "postmaster@example.net", "mbox:pm map:6");
	is_at(&l, "budi@xn--bcher-kva.example", "mbox:idn map:7");
	is_at(&l,
	    "budi@B\xc3\x9c"
	    "CHER.example",
	    "mbox:idn map:7");
	is_at(&l, "x@[192.0.2.1]", "mbox:literal map:8");
	is_at(&l, "ana@example.com", "77 550 5.7.1");
	is_at(&l, "ana@example.org@example.com", "77 550 5.7.1");
	is_at(&l, "ana%example.com@example.org", "67 550 5.1.1");
	is_at(&l, "postmaster", "67 550 5.1.1");
	deliver_local_release(&l);
	is_int(deliver_local_read(&l, &account, "example.net, Example.ORG", "map", NULL, &e), 0,
	    "and domains");
	is_at(&l, "postmaster", "mbox:pm map:6");
	is_at(&l, "budi@xn--bcher-kva.example", "77 550 5.7.1");
	deliver_local_release(&l);
	is_int(deliver_local_read(&l, &account, "example.org", NULL, "mbox:all", &e), 0,
	    "domains alone");
	is_at(&l, "who@example.org", "mbox:all the only mailbox");
	is_at(&l, "who@sub.example.org", "77 550 5.7.1");
	deliver_local_release(&l);
	is_int(deliver_local_read(&l, &account, NULL, NULL, "mbox:all", &e), 0, "nothing");
	is_at(&l, "who@wherever.example", "mbox:all the only mailbox");
	deliver_local_release(&l);
	is_int(deliver_local_read(&l, &account, " , ", NULL, "x", &e), -1, "no domain in the list");
}

static void test_bad_maps(void)
{
	static const char *const bad[][2] = {{"a@b.c\n", "map:1: an address without a mailbox"},
	    {"a@b.c x\n\nA@B.C y\n", "map:3: an address that had its mailbox already"}};
	struct account account = {0};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct deliver_local l;
		struct err e = ERR_INIT;
		put_file("map", span_of(bad[i][0]));
		is_int(deliver_local_read(&l, &account, NULL, "map", NULL, &e), -1, bad[i][1]);
		is_str(e.text, bad[i][1], "said so");
		is_int(e.code, EX_CONFIG, "78");
	}
}

/* --- loops and sizes --- */

static int read_through(
    struct span text, size_t chunk, const char *recipient, uint64_t max, struct err *e)
{
	struct source_mem in;
	struct deliver_check c;
	struct buf b = BUF_INIT(1 << 20);
	struct sink_buf to;
	source_mem_init(&in, text);
	in.chunk = chunk;
	deliver_check_init(&c, &in.source);
	c.recipient = recipient;
	c.max = max;
	sink_buf_init(&to, &b);
	int r = sink_pump(&to.sink, &c.source, e);
	if (r == 0 && !span_eq(buf_span(&b), text))
		r = -2;
	deliver_check_release(&c);
	buf_release(&b);
	return r;
}

static void test_check(size_t chunk)
{
	static const struct {
		const char *text;
		int want;
		const char *what;
	} cases[] = {
	    {"A: b\n\nDelivered-To: bob@x.org\n", 0, "not in the body"},
	    {"A: b\nDelivered-To: bob@x.org\n\n", -1, "a loop"},
	    {"delivered-to:BOB@X.org \r\n\r\n", -1, "in any case, with CRLF"},
	    {"Delivered-To: bob@x.org.uk\nX-Delivered-To: bob@x.org\n Delivered-To: bob@x.org\n\n",
		0, "somebody else"},
	    {"\r\nDelivered-To: bob@x.org\r\n", 0, "an empty header"},
	    {"Delivered-To: bob@x.org", 0, "no line end, no field"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = ERR_INIT;
		is_int(read_through(span_of(cases[i].text), chunk, "bob@x.org", 0, &e),
		    cases[i].want, cases[i].what);
		is_str(e.enhanced, cases[i].want ? "5.4.6" : "", "its status");
	}
	struct buf b = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	for (int i = 0; i < DELIVER_HOPS; i++)
		buf_adds(&b, "Received: from a\n\tby b\n");
	buf_adds(&b, "X: ");
	for (int i = 0; i < 1000; i++)
		buf_adds(&b, "Received: from a");
	buf_addc(&b, '\n');
	is_int(read_through(buf_span(&b), chunk, NULL, 0, &e), 0, "a hundred hops");
	buf_adds(&b, "received: x\n");
	is_int(read_through(buf_span(&b), chunk, NULL, 0, &e), -1, "one more");
	is_int(read_through(SPAN("12345"), chunk, NULL, 5, &e), 0, "just so large");
	is_int(read_through(SPAN("123456"), chunk, NULL, 5, &e), -1, "larger");
	ok(e.code == EX_UNAVAILABLE && e.smtp == 552, "552");
	buf_release(&b);
}

/* --- several mailboxes: all or none --- */

static int to_both(struct err *e)
{
	static const struct deliver_options none = {0};
	struct deliver d = {.options = &none};
	int r = 0;
	for (int i = 0; r == 0 && i < 2; i++) {
		struct source_mem in;
		struct deliver_to to = {.mailbox = i ? "mbox:both" : "maildir:one"};
		source_mem_init(&in, SPAN("A: b\n\nhi\n"));
		r = deliver_message(&d, &in.source, &to, NULL, e);
	}
	if (r == 0)
		r = deliver_commit(&d, e);
	deliver_release(&d);
	return r;
}

static void test_all_or_none(void)
{
	struct err e = ERR_INIT;
	int k, r = -1, wrong = 0;
	bool done = false;
	for (k = 1; !done && k < 200; k++) {
		char *spec = str_printf("any:%d:EIO", k);
		folder_empty("one");
		unlink("both");
		unlink("both.lock");
		sys_fault_set(spec);
		r = to_both(&e);
		done = sys_fault_count() < (unsigned long)k;
		sys_fault_set(NULL);
		int one = count_messages("one"), two = count_messages("both");
		int want = r == 0;
		/* a mailbox that could not even be made has none either */
		if ((one < 0 ? 0 : one) != want || (two < 0 ? 0 : two) != want) {
			printf("# %s: %d, Maildir %d, mbox %d\n", spec, r, one, two);
			wrong++;
		}
		free(spec);
	}
	ok(wrong == 0 && r == 0 && k > 20, "each of %d calls fails: in both or in none", k - 2);
}

static void test_same_twice(void)
{
	static const struct deliver_options none = {0};
	struct deliver d = {.options = &none};
	struct deliver_to to = {.mailbox = "mbox:twice"};
	struct err e = ERR_INIT;
	for (int i = 0; i < 2; i++) {
		struct source_mem in;
		source_mem_init(&in, SPAN("A: b\n\nhi\n"));
		is_int(deliver_message(&d, &in.source, &to, NULL, &e), 0,
		    "an mbox that is open already");
	}
	is_int(deliver_commit(&d, &e), 0, "is locked once");
	is_int(count_messages("twice"), 2, "both are there");
	deliver_release(&d);
}

int main(void)
{
	static const size_t chunks[] = {1, 7, 4096};
	char *folder = folder_enter();
	test_map();
	test_bad_maps();
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++)
		test_check(chunks[i]);
	test_all_or_none();
	test_same_twice();
	folder_leave(folder);
	return tap_done();
}
