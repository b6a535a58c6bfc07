ROOMS_5 += lib/account/libaccount.a
noinst_LIBRARIES += lib/account/libaccount.a
lib_account_libaccount_a_SOURCES = lib/account/account.c lib/account/account.h lib/account/choose.c lib/account/file.c \
	lib/account/folders.c lib/account/folders.h lib/account/internal.h lib/account/keys.c lib/account/login.c lib/account/message.c lib/account/message.h lib/account/netrc.c lib/account/numbers.c lib/account/numbers.h lib/account/paths.c lib/account/prompt.c lib/account/secret.c lib/account/secret_options.c \
	lib/account/show.c

UNIT += tests/unit/account/account
tests_unit_account_account_SOURCES = tests/unit/account/account.c tests/unit/tap.h
tests_unit_account_account_LDADD = lib/account/libaccount.a $(FLOOR_4) $(LIBS_ALL)
