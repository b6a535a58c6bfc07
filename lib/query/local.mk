# lib/query
ROOMS_4 += lib/query/libquery.a
noinst_LIBRARIES += lib/query/libquery.a
lib_query_libquery_a_SOURCES = lib/query/answer.c lib/query/imap.c lib/query/imap.h lib/query/match.c lib/query/parse.c lib/query/query.h lib/query/read.c \
	lib/query/room.h lib/query/run.h lib/query/term.c lib/query/text.c

UNIT += tests/unit/query/query
tests_unit_query_query_SOURCES = tests/unit/query/query.c tests/unit/tap.h
tests_unit_query_query_LDADD = lib/query/libquery.a $(FLOOR_3) $(LIBS_3)

UNIT += tests/unit/query/imap
tests_unit_query_imap_SOURCES = tests/unit/query/imap.c tests/unit/tap.h
tests_unit_query_imap_LDADD = lib/query/libquery.a $(FLOOR_3) $(LIBS_3)
