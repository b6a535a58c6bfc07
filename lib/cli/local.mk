ROOMS_3 += lib/cli/libcli.a
noinst_LIBRARIES += lib/cli/libcli.a
lib_cli_libcli_a_SOURCES = lib/cli/cli.h lib/cli/common.c lib/cli/completion.c lib/cli/help.c lib/cli/internal.h lib/cli/main.c \
	lib/cli/parse.c lib/cli/trace.c lib/cli/trace.h lib/cli/value.c

UNIT += tests/unit/cli/cli
tests_unit_cli_cli_SOURCES = tests/unit/cli/cli.c tests/unit/tap.h
tests_unit_cli_cli_LDADD = lib/cli/libcli.a $(FLOOR_2) $(LIBS_3)
