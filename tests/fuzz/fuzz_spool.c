/* A spool's files: an envelope, or a journal. What was understood is written again and must be understood the same. */
#include "base/alloc.h"
#include "queue/envelope.h"
#include "queue/journal.h"
#include "queue/moving.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void envelope(struct span text)
{
	struct queue_envelope env, again;
	struct envelope_facts facts, same;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(ENVELOPE_MAX);
	if (envelope_parse(text, &env, &facts, &e) < 0) {
		ENSURE(e.code == EX_DATAERR || e.code == EX_UNAVAILABLE);
		return;
	}
	/* what cannot be written (a year no RFC 3339 time has) is not written by us */
	if (envelope_write(&b, &env, facts.arrived_s, &e) == 0) {
		b.ptr[ENVELOPE_SIZE_AT] = '1';
		ENSURE(envelope_parse(span_take(buf_span(&b), b.len - 1), &again, &same, &e) == 0);
		ENSURE(again.recipient_count == env.recipient_count);
		ENSURE(strcmp(again.sender, env.sender) == 0);
		/* a leap second can make a year 10000 of a time that was none */
		ENSURE(same.arrived_s == facts.arrived_s || facts.arrived_s > 253402300799);
		queue_envelope_release(&again);
	}
	buf_release(&b);
	queue_envelope_release(&env);
}

static void journal(struct span text)
{
	enum { N = 9 };
	struct queue_progress p[N] = {{0}};
	struct journal_facts facts;
	struct arena answers = ARENA_INIT(1 << 20);
	struct err e = ERR_INIT;
	if (journal_parse(text, "7Q2XK3M9F4", 0, p, N, &answers, &facts, &e) == 0)
		ENSURE(facts.sound <= text.len && facts.waited_s >= 0);
	else
		ENSURE(e.code == EX_DATAERR || e.code == EX_UNAVAILABLE);
	arena_release(&answers);
}

/* A name in an archive: whatever it says, what is made of it lies in one folder. */
static void archive_name(const char *name)
{
	char run[QUEUE_RUN_SIZE], file[QUEUE_NAME_SIZE], whole[300];
	struct queue_name n;
	bool folder;
	if (!import_name(name, run, file, &folder))
		return;
	ENSURE(strlen(run) == QUEUE_RUN_SIZE - 1 && !strpbrk(run, "/."));
	if (folder)
		return;
	enum queue_file kind = queue_name_parse(file, &n);
	ENSURE(!strchr(file, '/'));
	ENSURE((kind == QUEUE_FILE_MESSAGE && n.claim == QUEUE_FREE) || kind == QUEUE_FILE_JOURNAL);
	snprintf(whole, sizeof(whole), "surat-queue-%s/%s", run, file);
	ENSURE(strcmp(whole, name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size};
	if (span_starts(text, "surat-j"))
		journal(text);
	else
		envelope(text);
	struct queue_name n;
	char name[300], again[QUEUE_NAME_SIZE];
	size_t len = size < sizeof(name) - 1 ? size : sizeof(name) - 1;
	if (len)
		memcpy(name, data, len);
	name[len] = '\0';
	archive_name(name);
	if (queue_name_parse(name, &n) == QUEUE_FILE_MESSAGE) {
		queue_name_write(again, &n);
		ENSURE(strcmp(name, again) == 0);
	}
	return 0;
}
