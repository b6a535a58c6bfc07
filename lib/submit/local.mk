ROOMS_6 += lib/submit/libsubmit.a
noinst_LIBRARIES += lib/submit/libsubmit.a
lib_submit_libsubmit_a_SOURCES = lib/submit/batch.c lib/submit/batch.h lib/submit/downgrade.c lib/submit/downgrade.h lib/submit/downgrade_header.c lib/submit/downgrade_header.h \
	lib/submit/host.c lib/submit/host.h lib/submit/look.c lib/submit/look.h lib/submit/keep.c lib/submit/keep.h lib/submit/message.c lib/submit/message.h lib/submit/mx.c \
	lib/submit/options.c lib/submit/options.h lib/submit/planner.c lib/submit/planner.h lib/submit/recipients.c lib/submit/recipients.h \
	lib/submit/ride.c lib/submit/report.c lib/submit/report.h lib/submit/server.c lib/submit/server.h lib/submit/session.c lib/submit/session.h lib/submit/session_trace.c lib/submit/settle.c \
	lib/submit/tlsrpt.c lib/submit/tlsrpt.h lib/submit/submit.c lib/submit/submit.h

UNIT += tests/unit/submit/message
tests_unit_submit_message_SOURCES = tests/unit/submit/message.c tests/unit/tap.h
tests_unit_submit_message_LDADD = lib/submit/libsubmit.a $(FLOOR_5) $(LIBS_ALL)

UNIT += tests/unit/submit/batch
tests_unit_submit_batch_SOURCES = tests/unit/submit/batch.c tests/unit/tap.h tests/unit/script.h
tests_unit_submit_batch_LDADD = lib/submit/libsubmit.a $(FLOOR_5) $(LIBS_ALL)
