# cmd/mail-compose: built twice, see options.h
COMPOSE_SOURCES = cmd/mail-compose/main.c cmd/mail-compose/make.c cmd/mail-compose/make.h cmd/mail-compose/options.c \
	cmd/mail-compose/options.h
bin_PROGRAMS += mail-compose
mail_compose_SOURCES = $(COMPOSE_SOURCES) cmd/mail-compose/light.c
mail_compose_LDADD = $(FLOOR_6) $(LIBS_ALL)
pkglibexec_PROGRAMS += surat-compose
surat_compose_SOURCES = $(COMPOSE_SOURCES) cmd/mail-compose/edit.c cmd/mail-compose/full.c cmd/mail-compose/lint.c \
	cmd/mail-compose/merge.c cmd/mail-compose/originals.c cmd/mail-compose/spec.c
surat_compose_LDADD = $(FLOOR_6) $(LIBS_ALL)

dist_schema_DATA += cmd/mail-compose/mail-compose.json

TESTS += tests/cmd/compose.t tests/cmd/compose_merge.t tests/cmd/compose_pictures.t tests/cmd/compose_replies.t tests/cmd/compose_reply.t
EXTRA_DIST += tests/tools/compose_chance.py
