# lib/imap
ROOMS_4 += lib/imap/libimap.a
noinst_LIBRARIES += lib/imap/libimap.a
lib_imap_libimap_a_SOURCES = lib/imap/auth.c lib/imap/client.c lib/imap/client.h lib/imap/fetch.c lib/imap/lex.c lib/imap/lex.h \
	lib/imap/mailbox.c lib/imap/untagged.c lib/imap/untagged.h lib/imap/utf7.c

