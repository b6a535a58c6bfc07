ROOMS_3 += lib/mime/libmime.a
noinst_LIBRARIES += lib/mime/libmime.a
lib_mime_libmime_a_SOURCES = lib/mime/address.c lib/mime/address.h lib/mime/address_check.c lib/mime/address_spec.h \
	lib/mime/address_write.c lib/mime/body.c lib/mime/date.c lib/mime/date.h lib/mime/date_write.c \
	lib/mime/decode.c lib/mime/decode.h lib/mime/field.c lib/mime/field.h lib/mime/fold.h lib/mime/header.c lib/mime/header.h \
	lib/mime/lex.c lib/mime/lex.h lib/mime/param.c lib/mime/param.h lib/mime/param_write.c lib/mime/parse.c lib/mime/parse.h \
	lib/mime/part.c lib/mime/part.h lib/mime/shape.c lib/mime/shape.h lib/mime/state.h lib/mime/unfold.c lib/mime/window.c lib/mime/window.h lib/mime/word.c \
	lib/mime/word.h lib/mime/word_encode.c
