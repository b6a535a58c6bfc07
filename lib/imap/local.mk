# lib/imap
ROOMS_4 += lib/imap/libimap.a
noinst_LIBRARIES += lib/imap/libimap.a
lib_imap_libimap_a_SOURCES = lib/imap/auth.c lib/imap/change.c lib/imap/client.c lib/imap/client.h lib/imap/fetch.c lib/imap/idle.c lib/imap/lex.c lib/imap/lex.h \
	lib/imap/mailbox.c lib/imap/untagged.c lib/imap/untagged.h lib/imap/utf7.c

UNIT += tests/unit/imap/lex
tests_unit_imap_lex_SOURCES = tests/unit/imap/lex.c tests/unit/imap/talk.h tests/unit/script.h tests/unit/tap.h
tests_unit_imap_lex_LDADD = lib/imap/libimap.a $(FLOOR_3) $(LIBS_3)
UNIT += tests/unit/imap/change
tests_unit_imap_change_SOURCES = tests/unit/imap/change.c tests/unit/imap/talk.h tests/unit/script.h tests/unit/tap.h
tests_unit_imap_change_LDADD = lib/imap/libimap.a $(FLOOR_3) $(LIBS_3)
