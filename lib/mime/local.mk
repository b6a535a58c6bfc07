ROOMS_3 += lib/mime/libmime.a
noinst_LIBRARIES += lib/mime/libmime.a
lib_mime_libmime_a_SOURCES = lib/mime/address.c lib/mime/address.h lib/mime/address_check.c lib/mime/address_spec.h \
	lib/mime/address_write.c lib/mime/body.c lib/mime/boundary.c lib/mime/boundary.h lib/mime/build.c lib/mime/build.h lib/mime/date.c lib/mime/date.h lib/mime/date_write.c \
	lib/mime/decode.c lib/mime/decode.h lib/mime/embedded.c lib/mime/embedded.h lib/mime/html_charset.c lib/mime/html_charset.h lib/mime/legacy.c lib/mime/legacy.h lib/mime/field.c lib/mime/field.h lib/mime/fold.h lib/mime/header.c lib/mime/header.h \
	lib/mime/lex.c lib/mime/lex.h lib/mime/measure.c lib/mime/measure.h lib/mime/param.c lib/mime/param.h lib/mime/param_write.c lib/mime/parse.c lib/mime/parse.h \
	lib/mime/part.c lib/mime/part.h lib/mime/shape.c lib/mime/shape.h lib/mime/state.h lib/mime/subject.c lib/mime/subject.h lib/mime/thread.c lib/mime/thread.h lib/mime/tnef.c lib/mime/tnef.h lib/mime/unfold.c lib/mime/window.c lib/mime/window.h lib/mime/word.c \
	lib/mime/word.h lib/mime/word_encode.c lib/mime/write.c lib/mime/write.h

UNIT += tests/unit/mime/address
tests_unit_mime_address_SOURCES = tests/unit/mime/address.c tests/unit/tap.h
tests_unit_mime_address_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)

UNIT += tests/unit/mime/build
tests_unit_mime_build_SOURCES = tests/unit/mime/build.c tests/unit/mime/events.h tests/unit/tap.h
tests_unit_mime_build_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)

UNIT += tests/unit/mime/date
tests_unit_mime_date_SOURCES = tests/unit/mime/date.c tests/unit/tap.h
tests_unit_mime_date_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)

UNIT += tests/unit/mime/param
tests_unit_mime_param_SOURCES = tests/unit/mime/param.c tests/unit/tap.h
tests_unit_mime_param_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)

UNIT += tests/unit/mime/parse
tests_unit_mime_parse_SOURCES = tests/unit/mime/parse.c tests/unit/mime/events.h tests/unit/tap.h
tests_unit_mime_parse_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)

UNIT += tests/unit/mime/thread
tests_unit_mime_thread_SOURCES = tests/unit/mime/thread.c tests/unit/tap.h
tests_unit_mime_thread_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)

UNIT += tests/unit/mime/word
tests_unit_mime_word_SOURCES = tests/unit/mime/word.c tests/unit/tap.h
tests_unit_mime_word_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)

UNIT += tests/unit/mime/decode
tests_unit_mime_decode_SOURCES = tests/unit/mime/decode.c tests/unit/mime/events.h tests/unit/tap.h
tests_unit_mime_decode_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)

UNIT += tests/unit/mime/header
tests_unit_mime_header_SOURCES = tests/unit/mime/header.c tests/unit/tap.h
tests_unit_mime_header_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)

UNIT += tests/unit/mime/corpora
tests_unit_mime_corpora_SOURCES = tests/unit/mime/corpora.c tests/unit/mime/events.h tests/unit/tap.h
tests_unit_mime_corpora_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)
EXTRA_DIST += tests/data/mime

UNIT += tests/unit/mime/boundary
tests_unit_mime_boundary_SOURCES = tests/unit/mime/boundary.c tests/unit/tap.h
tests_unit_mime_boundary_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)

UNIT += tests/unit/mime/embedded
tests_unit_mime_embedded_SOURCES = tests/unit/mime/embedded.c tests/unit/mime/events.h tests/unit/tap.h
tests_unit_mime_embedded_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)
