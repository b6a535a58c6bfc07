# lib/queue
ROOMS_5 += lib/queue/libqueue.a
noinst_LIBRARIES += lib/queue/libqueue.a
lib_queue_libqueue_a_SOURCES = lib/queue/add.c lib/queue/bounce.c lib/queue/change.c lib/queue/change.h \
	lib/queue/check.c lib/queue/check.h lib/queue/claim.c lib/queue/claim.h lib/queue/clean.c lib/queue/dispatch.h \
	lib/queue/envelope.c lib/queue/envelope.h lib/queue/export.c lib/queue/import.c lib/queue/journal.c lib/queue/journal.h lib/queue/journal_write.c \
	lib/queue/message.c lib/queue/memory.c lib/queue/memory.h lib/queue/message.h lib/queue/moved.c lib/queue/moved.h lib/queue/moving.h lib/queue/name.c lib/queue/name.h lib/queue/open.c lib/queue/plan.c \
	lib/queue/quarantine.c lib/queue/queue.h lib/queue/recover.c lib/queue/run.c lib/queue/run.h lib/queue/scan.c \
	lib/queue/scan.h lib/queue/schedule.c lib/queue/schedule.h lib/queue/transport.c lib/queue/transport.h \
	lib/queue/watch.c lib/queue/watch.h lib/queue/work.c lib/queue/worker.c

UNIT += tests/unit/queue/add
tests_unit_queue_add_SOURCES = tests/unit/queue/add.c tests/unit/queue/spool.h tests/unit/tap.h
tests_unit_queue_add_LDADD = lib/queue/libqueue.a $(FLOOR_4) $(LIBS_ALL)

UNIT += tests/unit/queue/journal
tests_unit_queue_journal_SOURCES = tests/unit/queue/journal.c tests/unit/queue/spool.h tests/unit/tap.h
tests_unit_queue_journal_LDADD = lib/queue/libqueue.a $(FLOOR_4) $(LIBS_ALL)
