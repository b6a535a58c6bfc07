# lib/compose
ROOMS_4 += lib/compose/libcompose.a
noinst_LIBRARIES += lib/compose/libcompose.a
lib_compose_libcompose_a_SOURCES = lib/compose/draft.c lib/compose/draft.h lib/compose/draft_address.c \
	lib/compose/draft_field.c lib/compose/draft_parts.h lib/compose/file.c lib/compose/file.h lib/compose/lint.c lib/compose/lint.h lib/compose/html.c lib/compose/html.h lib/compose/lint_html.c lib/compose/pictures.c lib/compose/pictures.h \
	lib/compose/original.c lib/compose/original.h lib/compose/quote.c lib/compose/quote.h lib/compose/reply.c \
	lib/compose/reply.h lib/compose/rows.c lib/compose/rows.h lib/compose/rows_csv.c lib/compose/rows_json.c lib/compose/template.c \
	lib/compose/template.h lib/compose/text.c lib/compose/text.h lib/compose/type.c

UNIT += tests/unit/compose/roundtrip
tests_unit_compose_roundtrip_SOURCES = tests/unit/compose/roundtrip.c tests/unit/tap.h
tests_unit_compose_roundtrip_LDADD = lib/compose/libcompose.a $(FLOOR_3) $(LIBS_3)
