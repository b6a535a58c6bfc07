# lib/fetch
ROOMS_6 += lib/fetch/libfetch.a
noinst_LIBRARIES += lib/fetch/libfetch.a
lib_fetch_libfetch_a_SOURCES = lib/fetch/fetch.h lib/fetch/get.c lib/fetch/imap.c lib/fetch/lmtp.c lib/fetch/lmtp.h lib/fetch/lookup.c lib/fetch/lookup.h lib/fetch/pop3.c lib/fetch/read.c lib/fetch/record.c lib/fetch/record.h \
	lib/fetch/server.c lib/fetch/session.c lib/fetch/take.c lib/fetch/take.h \
	lib/fetch/trace.c lib/fetch/trace.h

UNIT += tests/unit/fetch/trace
tests_unit_fetch_trace_SOURCES = tests/unit/fetch/trace.c tests/unit/tap.h
tests_unit_fetch_trace_LDADD = lib/fetch/libfetch.a $(FLOOR_5) $(LIBS_ALL)
UNIT += tests/unit/fetch/record
tests_unit_fetch_record_SOURCES = tests/unit/fetch/record.c tests/unit/tap.h
tests_unit_fetch_record_LDADD = lib/fetch/libfetch.a $(FLOOR_5) $(LIBS_ALL)
