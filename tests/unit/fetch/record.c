#include "fetch/record.h"
#include "../tap.h"
#include "base/alloc.h"
#include "fetch/fetch.h"
#include "fetch/take.h"

#include <stdlib.h>

static enum record_status status_of(struct records *r, const char *uid)
{
	struct err e = ERR_INIT;
	enum record_status s = RECORD_NONE;
	int64_t when, mark;
	is_int(records_find(r, uid, &s, &when, &mark, &e), 0, "find");
	return s;
}

static void test_records(struct state *st)
{
	struct err e = ERR_INIT;
	struct records r;
	struct record m = {
	    .uid = "7", .size = 100, .date_s = 5, .msgid = "<a@b>", .digest = {1}, .mark = 9};
	is_int(records_open(&r, st, "imap://a@b", "INBOX", 1, &e), 0, "open");
	is_int(status_of(&r, "7"), RECORD_NONE, "unknown");
	is_int(records_intents(&r, &m, 1, &e), 0, "intent");
	is_int(status_of(&r, "7"), RECORD_INTENT, "intended");
	records_done(&r, "7", "/m/cur/123.x.host,S=1:2,S");
	is_int(status_of(&r, "7"), RECORD_INTENT, "done is not written yet");
	strcpy(m.uid, "8");
	m.digest[0] = 2;
	m.msgid[0] = 0;
	is_int(records_intents(&r, &m, 1, &e), 0, "the next intent");
	is_int(status_of(&r, "7"), RECORD_DONE, "carries it");
	is_int(records_has_name(&r, "/m/new/123.x.host,S=1", &e), 1,
	    "its name, flags and folder aside");
	is_int(records_has_name(&r, "/m/new/124.x.host,S=1", &e), 0, "not another");
	records_done(&r, "8", NULL);
	is_int(records_finish(&r, &e), 0, "finish");
	is_int(status_of(&r, "8"), RECORD_DONE, "both are done");
	records_release(&r);
}

static void test_validity(struct state *st)
{
	struct err e = ERR_INIT;
	struct records r;
	struct record m = {.uid = "1", .size = 100, .date_s = 5, .msgid = "<a@b>"};
	is_int(records_open(&r, st, "imap://a@b", "INBOX", 2, &e), 0, "a new UIDVALIDITY");
	ok(r.other_validity, "there are older records");
	is_int(status_of(&r, "7"), RECORD_NONE, "an old uid means nothing now");
	m.size = 101;
	is_int(records_adopt(&r, &m, false, &e), 0, "another size");
	m.size = 100;
	is_int(records_adopt(&r, &m, false, &e), 1, "recognised by Message-ID, size and date");
	is_int(status_of(&r, "1"), RECORD_DONE, "and done under its new uid");
	is_int(records_adopt(&r, &m, false, &e), 0, "once");
	struct record bare = {.uid = "2", .size = 100, .date_s = 5, .digest = {2}};
	is_int(records_adopt(&r, &bare, false, &e), 0, "without a Message-ID not by its looks");
	is_int(records_adopt(&r, &bare, true, &e), 1, "but by its digest");
	is_int(status_of(&r, "2"), RECORD_DONE, "done too");
	records_release(&r);
	is_int(records_open(&r, st, "imap://a@b", "Other", 2, &e), 0, "another folder");
	ok(!r.other_validity, "is on its own");
	records_release(&r);
}

static void test_server(void)
{
	static const struct {
		const char *url, *key;
		unsigned port;
		bool pop3, tls;
	} good[] = {
	    {"imaps://ana@mail.example.org/INBOX", "imap://ana@mail.example.org", 993, false, true},
	    {"imap://ana@mail.example.org", "imap://ana@mail.example.org", 143, false, false},
	    {"pop3s://ana@example.org@mail.example.org/", "pop3://ana@example.org@mail.example.org",
		995, true, true},
	    {"pop3://ana@localhost:1100", "pop3://ana@localhost:1100", 1100, true, false},
	};
	struct err e = ERR_INIT;
	struct fetch_server sv;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		is_int(fetch_server_parse(&sv, span_of(good[i].url), NULL, &e), 0, "a URL");
		is_str(sv.key, good[i].key, "its key");
		ok(sv.port == good[i].port && sv.pop3 == good[i].pop3 &&
			sv.implicit_tls == good[i].tls,
		    "its parts");
		fetch_server_release(&sv);
	}
	is_int(fetch_server_parse(&sv, SPAN("smtp://mail.example.org"), NULL, &e), -1,
	    "another protocol");
	is_int(e.code, EX_USAGE, "is a mistake");
}

static void test_message_id(void)
{
	char id[20];
	take_message_id(SPAN("Subject: x\r\nMESSAGE-id: <1@x>\r\n\r\n"), id, sizeof(id));
	is_str(id, "<1@x>", "Message-ID");
	take_message_id(SPAN("Message-ID:\n <2@x>\n\n"), id, sizeof(id));
	is_str(id, "<2@x>", "folded");
	take_message_id(SPAN("A: b\n\nMessage-ID: <3@x>\n"), id, sizeof(id));
	is_str(id, "", "not in the body");
	take_message_id(SPAN("Message-ID: <0123456789012345678901234567890@x>\n"), id, sizeof(id));
	is_int((int)strlen(id), 19, "cut");
}

int main(void)
{
	char dir[] = "/tmp/fetch-unit-XXXXXX";
	struct err e = ERR_INIT;
	struct state *st;
	if (!mkdtemp(dir))
		return 1;
	char *path = str_printf("%s/state.db", dir), *rm = str_printf("rm -rf %s", dir);
	if (is_int(state_open(&st, path, &e), 0, "state")) {
		test_records(st);
		test_validity(st);
		state_free(st);
	}
	test_server();
	test_message_id();
	int r = system(rm);
	free(path);
	free(rm);
	return r ? 1 : tap_done();
}
