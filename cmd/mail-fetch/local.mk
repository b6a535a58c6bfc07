# cmd/mail-fetch
bin_PROGRAMS += mail-fetch
mail_fetch_SOURCES = cmd/mail-fetch/act.c cmd/mail-fetch/destination.c cmd/mail-fetch/get.c cmd/mail-fetch/list.c cmd/mail-fetch/look.c cmd/mail-fetch/fetch.h \
	cmd/mail-fetch/main.c cmd/mail-fetch/names.c cmd/mail-fetch/remote.c cmd/mail-fetch/show.c cmd/mail-fetch/watch.c
mail_fetch_LDADD = $(FLOOR_6) $(LIBS_ALL)

dist_schema_DATA += cmd/mail-fetch/mail-fetch.json

TESTS += tests/cmd/fetch.t
