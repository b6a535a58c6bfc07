# cmd/mail-deliver
bin_PROGRAMS += mail-deliver
mail_deliver_SOURCES = cmd/mail-deliver/deliver.h cmd/mail-deliver/main.c cmd/mail-deliver/serve.c cmd/mail-deliver/show.c \
	cmd/mail-deliver/stdin.c
mail_deliver_LDADD = $(FLOOR_6) $(LIBS_ALL)

dist_schema_DATA += cmd/mail-deliver/mail-deliver.json

TESTS += tests/cmd/deliver-scan.t tests/cmd/deliver.t tests/fault/deliver.t
