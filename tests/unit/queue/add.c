/* Accepting: names, the text of a spool file, and what is left when a system call fails. */
#include "queue/envelope.h"
#include "queue/name.h"
#include "spool.h"

static void names(void)
{
	static const struct {
		const char *file;
		enum queue_file kind;
	} cases[] = {{"7Q2XK3M.1795508040", QUEUE_FILE_MESSAGE}, {"7Q2XK3M.0", QUEUE_FILE_MESSAGE},
	    {"7Q2XK3M.held", QUEUE_FILE_MESSAGE},
	    {"7Q2XK3M.1795508040.claimed-a1b2c3d4", QUEUE_FILE_MESSAGE},
	    {"7Q2XK3M.held.out-a1b2c3d4", QUEUE_FILE_MESSAGE}, {"7Q2XK3M.log", QUEUE_FILE_JOURNAL},
	    {"run-a1b2c3d4.lock", QUEUE_FILE_LOCK}, {".surat-x.tmp", QUEUE_FILE_TEMPORARY},
	    {"quarantine", QUEUE_FILE_FOLDER}, {"..", QUEUE_FILE_FOLDER},
	    {"7Q2XK3M", QUEUE_FILE_STRANGE}, {"7Q2XK3M.", QUEUE_FILE_STRANGE},
	    {"7Q2XK3M.01", QUEUE_FILE_STRANGE}, {"7Q2XK3M.-1", QUEUE_FILE_STRANGE},
	    {"7Q2XK3M.1.", QUEUE_FILE_STRANGE}, {"7Q2XK3M.1.out-a1b2c3d", QUEUE_FILE_STRANGE},
	    {"7Q2XK3M.1.out-A1b2c3d4", QUEUE_FILE_STRANGE},
	    {"7Q2XK3M.1.out-a1b2c3d4.x", QUEUE_FILE_STRANGE}, {"7q2xk3m.1", QUEUE_FILE_STRANGE},
	    {"7Q2XU3M.1", QUEUE_FILE_STRANGE}, {"7Q2XK.1", QUEUE_FILE_STRANGE},
	    {"7Q2XK3M7Q2XK3M7.1", QUEUE_FILE_MESSAGE}, {"7Q2XK3M7Q2XK3M77.1", QUEUE_FILE_STRANGE},
	    {"7Q2XK3M.1000000000000", QUEUE_FILE_STRANGE}, {"run-.lock", QUEUE_FILE_STRANGE},
	    {"run-a1b2c3d4.lock~", QUEUE_FILE_STRANGE}, {"", QUEUE_FILE_STRANGE},
	    {"core", QUEUE_FILE_STRANGE}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct queue_name n = {0};
		char again[QUEUE_NAME_SIZE];
		enum queue_file kind = queue_name_parse(cases[i].file, &n);
		is_int(kind, cases[i].kind, cases[i].file);
		if (kind != QUEUE_FILE_MESSAGE)
			continue;
		queue_name_write(again, &n);
		is_str(again, cases[i].file, "and written again");
	}
	char id[QUEUE_ID_SIZE];
	queue_id_make(id, 1);
	is_int((long long)strlen(id), 6, "the shortest ID");
	queue_id_make(id, UINT64_MAX);
	is_int((long long)strlen(id), 15, "the longest ID");
	ok(queue_id_read("7q2xoil", id) && strcmp(id, "7Q2X011") == 0, "typed by a person");
	ok(!queue_id_read("7Q2-", id) && !queue_id_read("", id) &&
		!queue_id_read("7Q2XK3M7Q2XK3M77", id),
	    "what can be no ID");
}

static struct queue_envelope full(struct queue_recipient *r)
{
	static char sender[] = "a b@example.org", bob[] = "bob@example.net",
		    notify[] = "failure,delay", orcpt[] = "rfc822;bob@example.net",
		    carol[] = "\"c>d\"@example.net", v[] = "QQ314159",
		    server[] = "smtp://relay.example.org:25",
		    options[] = "{\"ca-file\":\"/etc/x y\"}", none[] = "";
	r[0] = (struct queue_recipient){bob, notify, orcpt};
	r[1] = (struct queue_recipient){carol, NULL, NULL};
	return (struct queue_envelope){.sender = sender,
	    .recipients = r,
	    .recipient_count = 2,
	    .envid = v,
	    .hold_until_s = 1795508040,
	    .route = {.server = server, .mx = none, .options = options, .use_mx = true},
	    .last_answer = "mx.example.net: 451 4.7.1\ngreylisted"};
}

static void envelopes(void)
{
	struct queue_recipient r[2];
	struct queue_envelope env = full(r), back;
	struct envelope_facts facts;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(1 << 16);
	is_int(envelope_write(&b, &env, 1795508000, &e), 0, "written");
	is_str(buf_cstr(&b),
	    "surat-queue 1\nsize 0000000000000000\narrived 2026-11-24T08:13:20Z\n"
	    "sender a b@example.org\nrecipient bob@example.net\nnotify failure,delay\n"
	    "orcpt rfc822;bob@example.net\nrecipient \"c>d\"@example.net\nenvid QQ314159\n"
	    "server smtp://relay.example.org:25\nmx \noptions {\"ca-file\":\"/etc/x y\"}\nuse-mx\n"
	    "hold-until 2026-11-24T08:14:00Z\nanswer mx.example.net: 451 4.7.1 greylisted\n\n",
	    "as the manual says");
	is_int(strncmp(b.ptr + ENVELOPE_SIZE_AT, "0000000000000000\n", 17), 0, "the size's place");
	ok(envelope_parse(span_take(buf_span(&b), b.len - 1), &back, &facts, &e) < 0 &&
		strcmp(e.text, "it was never finished") == 0,
	    "no size yet: never finished");
	b.ptr[ENVELOPE_SIZE_AT + 15] = '7';
	ok(envelope_parse(span_take(buf_span(&b), b.len - 1), &back, &facts, &e) == 0, "read back");
	is_int(facts.arrived_s, 1795508000, "arrived");
	is_int((long long)facts.size, 7, "size");
	is_str(back.sender, env.sender, "sender");
	is_int((long long)back.recipient_count, 2, "two recipients");
	is_str(back.recipients[0].orcpt, r[0].orcpt, "orcpt");
	is_str(back.recipients[1].address, r[1].address, "a strange address");
	is_str(back.recipients[1].notify, NULL, "no notify there");
	is_str(back.route.mx, "", "mx without a host");
	ok(back.route.use_mx && !back.route.require_tls, "flags");
	struct buf again = BUF_INIT(1 << 16);
	envelope_write(&again, &back, facts.arrived_s, &e);
	again.ptr[ENVELOPE_SIZE_AT + 15] = '7';
	is_span(buf_span(&again), buf_cstr(&b), "and written again: the same");
	for (size_t cut = 0; cut < b.len - 1; cut++) {
		struct queue_envelope half;
		if (envelope_parse(span_take(buf_span(&b), cut), &half, &facts, &e) == 0)
			queue_envelope_release(&half);
	}
	queue_envelope_release(&back);
	buf_release(&again);
	buf_release(&b);
}

static void damage(void)
{
#define HEAD "surat-queue 1\nsize 0000000000000007\narrived 2026-11-24T08:13:20Z\n"
	static const struct {
		const char *text;
		int code;
	} cases[] = {{HEAD "sender <>\nrecipient b@x\n", 0}, {"", EX_DATAERR},
	    {"\x7f"
	     "ELF",
		EX_DATAERR},
	    {"surat-queue 2\nwhatever\n", EX_UNAVAILABLE}, {"surat-queue one\n", EX_DATAERR},
	    {HEAD "sender <>\n", EX_DATAERR}, {HEAD "recipient b@x\n", EX_DATAERR},
	    {HEAD "sender <>\nsender <>\nrecipient b@x\n", EX_DATAERR},
	    {HEAD "sender <>\nnotify never\nrecipient b@x\n", EX_DATAERR},
	    {HEAD "sender <>\nrecipient b@x\nnotify never\nnotify never\n", EX_DATAERR},
	    {HEAD "sender <>\nrecipient b@x\r\n", EX_DATAERR},
	    {HEAD "sender <>\nrecipient b@x\nbcc c@x\n", EX_DATAERR},
	    {HEAD "sender <>\nrecipient b@x\nuse-mx yes\n", EX_DATAERR},
	    {HEAD "sender <>\nrecipient b@x\nrequire-tls\nrequire-tls\n", EX_DATAERR},
	    {HEAD "sender <>\nrecipient b@x\nhold-until soon\n", EX_DATAERR},
	    {HEAD "size 0000000000000008\nsender <>\nrecipient b@x\n", EX_DATAERR},
	    {"surat-queue 1\nsize 8\nsender <>\nrecipient b@x\n", EX_DATAERR},
	    {"surat-queue 1\nsize 9999999999999999\nsender <>\nrecipient b@x\n", EX_DATAERR},
	    {HEAD "sender <>\nrecipient \n", EX_DATAERR}};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct queue_envelope env;
		struct envelope_facts facts;
		struct err e = ERR_INIT;
		int r = envelope_parse(span_of(cases[i].text), &env, &facts, &e);
		is_int(e.code, cases[i].code, r < 0 ? e.text : "sound");
		if (r == 0)
			queue_envelope_release(&env);
	}
}

static void accepting(struct queue *q)
{
	char id[QUEUE_ID_SIZE];
	static const char *const to[] = {"bob@example.net", NULL};
	clock_fix_s(1795508000);
	is_int(spool_add(q, "ana@example.org", to, id), 0, "accepted");
	is_int(spool_count(q, ""), 1, "one file");
	char *name = str_printf("%s.1795508000", id), *text = spool_text(q, name);
	is_str(text,
	    "surat-queue 1\nsize 0000000000000044\narrived 2026-11-24T08:13:20Z\nsender "
	    "ana@example.org\n"
	    "recipient bob@example.net\n\nSubject: Salam\nFrom: ana@example.org\n\nHalo.\n",
	    "the file");
	struct stat st;
	is_int(sys_fstatat(q->dirfd, name, &st, 0), 0, "its name tells when it is due");
	is_int(st.st_mode & 07777, 0600, "nobody else may read it");
	unlinkat(q->dirfd, name, 0);
	free(text);
	free(name);
}

/* A source that breaks off. */
static ssize_t broken(struct source *s, char *p, size_t n, struct err *e)
{
	(void)s, (void)p, (void)n;
	return err_set(e, EX_IOERR, "upstream died");
}

static void refusing(struct queue *q)
{
	struct err e = ERR_INIT;
	char id[QUEUE_ID_SIZE] = "untouched", evil[] = "b@x>\nrecipient c@x", good[] = "b@x",
	     from[] = "a@x";
	struct queue_recipient r = {.address = evil};
	struct queue_envelope env = {.sender = from, .recipients = &r, .recipient_count = 1};
	struct source_mem body;
	source_mem_init(&body, SPAN("Subject: x\n\n"));
	is_int(queue_add(q, &env, &body.source, id, &e), -1, "a newline in an address");
	is_int(e.code, EX_DATAERR, e.text);
	r.address = good;
	source_mem_init(&body, SPAN(""));
	is_int(queue_add(q, &env, &body.source, id, &e), -1, "an empty message");
	is_int(e.code, EX_DATAERR, e.text);
	struct source bad = {broken};
	is_int(queue_add(q, &env, &bad, id, &e), -1, "a source that dies");
	is_str(e.text, "upstream died", "is said");
	env.recipient_count = 0;
	is_int(queue_add(q, &env, &body.source, id, &e), -1, "no recipient");
	is_int(spool_count(q, ""), 0, "nothing is in the spool");
	is_str(id, "untouched", "no ID was given");
}

/* Every system call of queue_add fails once: either it says so and nothing is there, or it succeeds and the message is there. */
static void faults(struct queue *q)
{
	static const char *const to[] = {"bob@example.net", NULL};
	static const char *const errors[] = {"EIO", "ENOSPC", "EROFS"};
	char id[QUEUE_ID_SIZE], spec[32];
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		unsigned long calls = 1000;
		for (unsigned long k = 1; k <= calls; k++) {
			snprintf(spec, sizeof(spec), "any:%lu:%s", k, errors[i]);
			sys_fault_set(spec);
			int r = spool_add(q, "ana@example.org", to, id);
			if (sys_fault_count() < k)
				calls = k;
			sys_fault_set(NULL);
			int files = spool_count(q, "");
			/* a leftover without its name is not accepted, and cleaned later */
			int leftover = spool_count(q, ".tmp");
			ok(files - leftover == (r == 0), "%s: %s, %d files", spec,
			    r == 0 ? "accepted" : "refused", files);
			char *left;
			while ((left = spool_find(q, ""))) {
				unlinkat(q->dirfd, left, 0);
				free(left);
			}
		}
		ok(calls > 6 && calls < 1000, "%lu calls failed in turn", calls);
	}
}

static int group_add(struct queue_group *g, const char *to)
{
	char *sender = str_dup("ana@example.org"), *address = str_dup(to);
	struct queue_recipient r = {.address = address};
	struct queue_envelope env = {.sender = sender, .recipients = &r, .recipient_count = 1};
	struct source_mem body;
	source_mem_init(&body, SPAN("Subject: Salam\n\nHalo.\n"));
	int result = queue_group_add(g, &env, &body.source, NULL);
	free(sender);
	free(address);
	return result;
}

static void group(struct queue *q)
{
	struct err e = ERR_INIT;
	struct queue_group *g = queue_group_new(q);
	is_int(queue_group_accept(g, &e), 0, "a group of nobody");
	is_int(group_add(g, ""), -1, "an empty recipient is refused");
	for (int i = 0; i < QUEUE_GROUP_MAX; i++)
		group_add(g, "bob@example.net");
	is_int(spool_count(q, "") - spool_count(q, ".tmp"), 0, "none is accepted yet");
	is_int(queue_group_accept(g, &e), 0, "accepted together");
	is_int((int)queue_group_count(g), QUEUE_GROUP_MAX, "all");
	is_int(spool_count(q, ""), QUEUE_GROUP_MAX, "are there, and nothing else");
	ok(spool_count(q, queue_group_id(g, 77)) == 1, "by their IDs");
	queue_group_take_back(g, 1);
	is_int(spool_count(q, ""), 1, "taken back but for the first");
	queue_group_clear(g);
	char *left = spool_find(q, "");
	unlinkat(q->dirfd, left, 0);
	free(left);
	group_add(g, "bob@example.net");
	group_add(g, "eve@example.net");
	sys_fault_set("fsync:2:EIO");
	is_int(queue_group_accept(g, &e), -1, "one cannot be made durable");
	sys_fault_set(NULL);
	is_int(e.code, EX_IOERR, e.text);
	is_int(spool_count(q, ""), 0, "then none is");
	group_add(g, "bob@example.net");
	queue_group_free(g);
	is_int(spool_count(q, ""), 0, "what was not accepted is gone with the group");
}

static void folders(void)
{
	struct queue q = {.dirfd = -1};
	struct err e = ERR_INIT;
	char *path = str_printf("%s/other", spool_path);
	is_int(queue_open(&q, path, 0, &e), -1, "not made unless asked");
	is_int(e.code, EX_NOINPUT, e.text);
	mkdir(path, 0700);
	chmod(path, 0750);
	is_int(queue_open(&q, path, QUEUE_CREATE, &e), -1, "others may enter");
	is_int(e.code, EX_CONFIG, e.text);
	if (geteuid() == 0 && chmod(path, 0700) == 0 && chown(path, 65534, 65534) == 0) {
		is_int(queue_open(&q, path, QUEUE_CREATE, &e), -1, "another user's");
		is_int(e.code, EX_NOPERM, e.text);
	}
	rmdir(path);
	free(path);
}

int main(void)
{
	struct queue q;
	umask(0);
	names();
	envelopes();
	damage();
	spool_make(&q);
	folders();
	accepting(&q);
	refusing(&q);
	faults(&q);
	group(&q);
	spool_gone(&q);
	return tap_done();
}
