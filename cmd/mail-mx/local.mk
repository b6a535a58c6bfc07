# cmd/mail-mx
bin_PROGRAMS += mail-mx
mail_mx_SOURCES = cmd/mail-mx/check.c cmd/mail-mx/explain.c cmd/mail-mx/input.c cmd/mail-mx/input.h cmd/mail-mx/main.c cmd/mail-mx/mx.h \
	cmd/mail-mx/policy.c cmd/mail-mx/probe.c cmd/mail-mx/probe_show.c cmd/mail-mx/progress.c cmd/mail-mx/show.c cmd/mail-mx/work.c
mail_mx_LDADD = $(FLOOR_6) $(LIBS_ALL)

dist_schema_DATA += cmd/mail-mx/mail-mx.json

TESTS += tests/cmd/mx.t tests/cmd/sts.t tests/cmd/policy.t
