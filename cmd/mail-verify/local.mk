# cmd/mail-verify
bin_PROGRAMS += mail-verify
mail_verify_SOURCES = cmd/mail-verify/box.c cmd/mail-verify/main.c cmd/mail-verify/message.c cmd/mail-verify/pass.c cmd/mail-verify/person.c cmd/mail-verify/record.c \
	cmd/mail-verify/scan.c cmd/mail-verify/secure.c cmd/mail-verify/show.c cmd/mail-verify/verify.h
mail_verify_LDADD = $(FLOOR_6) $(LIBS_ALL)

dist_schema_DATA += cmd/mail-verify/mail-verify.json

TESTS += tests/cmd/clamd.t tests/cmd/opinion.t tests/cmd/scan.t tests/cmd/spf.t tests/cmd/verify.t
