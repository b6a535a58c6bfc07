# lib/queue
ROOMS_5 += lib/queue/libqueue.a
noinst_LIBRARIES += lib/queue/libqueue.a
lib_queue_libqueue_a_SOURCES = lib/queue/add.c lib/queue/envelope.c lib/queue/envelope.h lib/queue/name.c lib/queue/name.h \
	lib/queue/open.c lib/queue/queue.h

UNIT += tests/unit/queue/add
tests_unit_queue_add_SOURCES = tests/unit/queue/add.c tests/unit/queue/spool.h tests/unit/tap.h
tests_unit_queue_add_LDADD = lib/queue/libqueue.a $(FLOOR_4) $(LIBS_ALL)
