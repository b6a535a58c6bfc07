# lib/pop3
ROOMS_4 += lib/pop3/libpop3.a
noinst_LIBRARIES += lib/pop3/libpop3.a
lib_pop3_libpop3_a_SOURCES = lib/pop3/auth.c lib/pop3/client.c lib/pop3/client.h lib/pop3/listing.c

UNIT += tests/unit/pop3/client
tests_unit_pop3_client_SOURCES = tests/unit/pop3/client.c tests/unit/script.h tests/unit/tap.h
tests_unit_pop3_client_LDADD = lib/pop3/libpop3.a $(FLOOR_3) $(LIBS_3)
