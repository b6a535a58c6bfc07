# lib/queue
ROOMS_5 += lib/queue/libqueue.a
noinst_LIBRARIES += lib/queue/libqueue.a
lib_queue_libqueue_a_SOURCES = lib/queue/add.c lib/queue/envelope.c lib/queue/envelope.h lib/queue/name.c lib/queue/name.h \
	lib/queue/open.c lib/queue/queue.h
