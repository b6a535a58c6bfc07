# lib/pop3
ROOMS_4 += lib/pop3/libpop3.a
noinst_LIBRARIES += lib/pop3/libpop3.a
lib_pop3_libpop3_a_SOURCES = lib/pop3/auth.c lib/pop3/client.c lib/pop3/client.h lib/pop3/listing.c

