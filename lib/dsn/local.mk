# lib/dsn
ROOMS_4 += lib/dsn/libdsn.a
noinst_LIBRARIES += lib/dsn/libdsn.a
lib_dsn_libdsn_a_SOURCES = lib/dsn/dsn.c lib/dsn/dsn.h lib/dsn/human.c lib/dsn/internal.h lib/dsn/status.c

UNIT += tests/unit/dsn/dsn
tests_unit_dsn_dsn_SOURCES = tests/unit/dsn/dsn.c tests/unit/tap.h
tests_unit_dsn_dsn_LDADD = lib/dsn/libdsn.a $(FLOOR_3) $(LIBS_3)
