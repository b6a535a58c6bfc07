# lib/codec: utf8 width and folding, and idna, are objects of their own, so that only who uses them loads libunistring and libidn2
ROOMS_2 += lib/codec/libcodec.a
noinst_LIBRARIES += lib/codec/libcodec.a
lib_codec_libcodec_a_SOURCES = lib/codec/base32.c lib/codec/base32.h lib/codec/base64.c lib/codec/base64.h lib/codec/base64_vector.c lib/codec/base64_vector.h lib/codec/charset.c lib/codec/charset.h lib/codec/charset_iconv.c \
	lib/codec/charset_iconv.h lib/codec/civil.h \
	lib/codec/idna.c lib/codec/idna.h lib/codec/inert.c lib/codec/inert.h lib/codec/qp.c lib/codec/qp.h \
	lib/codec/time.c lib/codec/time.h lib/codec/utf8.c lib/codec/utf8.h lib/codec/utf8_fold.c lib/codec/utf8_width.c \
	lib/codec/uu.c lib/codec/uu.h

UNIT += tests/unit/codec/charset
tests_unit_codec_charset_SOURCES = tests/unit/codec/charset.c tests/unit/tap.h
tests_unit_codec_charset_LDADD = lib/codec/libcodec.a $(FLOOR_1) $(LIBS_2)

UNIT += tests/unit/codec/base64
tests_unit_codec_base64_SOURCES = tests/unit/codec/base64.c tests/unit/tap.h
tests_unit_codec_base64_LDADD = lib/codec/libcodec.a $(FLOOR_1) $(LIBS_2)

UNIT += tests/unit/codec/qp
tests_unit_codec_qp_SOURCES = tests/unit/codec/qp.c tests/unit/tap.h
tests_unit_codec_qp_LDADD = lib/codec/libcodec.a $(FLOOR_1) $(LIBS_2)

UNIT += tests/unit/codec/text
tests_unit_codec_text_SOURCES = tests/unit/codec/text.c tests/unit/tap.h
tests_unit_codec_text_LDADD = lib/codec/libcodec.a $(FLOOR_1) $(LIBS_2)
