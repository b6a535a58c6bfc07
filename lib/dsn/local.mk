# lib/dsn
ROOMS_4 += lib/dsn/libdsn.a
noinst_LIBRARIES += lib/dsn/libdsn.a
lib_dsn_libdsn_a_SOURCES = lib/dsn/dsn.c lib/dsn/dsn.h lib/dsn/human.c lib/dsn/internal.h lib/dsn/status.c
