# lib/inspect: what is in a message, by content: programs, macros, traps, archives; the verdict
ROOMS_4 += lib/inspect/libinspect.a
noinst_LIBRARIES += lib/inspect/libinspect.a
lib_inspect_libinspect_a_SOURCES = lib/inspect/behind.c lib/inspect/behind.h lib/inspect/bytes.c lib/inspect/bytes.h lib/inspect/cfb.c lib/inspect/helper.c lib/inspect/helper.h lib/inspect/kind.c lib/inspect/kind.h lib/inspect/leaf.c lib/inspect/leaf.h lib/inspect/link.c lib/inspect/look.c \
	lib/inspect/look.h lib/inspect/markup.c lib/inspect/markup.h lib/inspect/message.c lib/inspect/message.h lib/inspect/name.c lib/inspect/name.h lib/inspect/office.c \
	lib/inspect/ole.c lib/inspect/ole.h lib/inspect/ole_room.h lib/inspect/pdf.c lib/inspect/pdf.h lib/inspect/result.c \
	lib/inspect/result.h lib/inspect/rtf.c lib/inspect/rtf.h lib/inspect/rule.c lib/inspect/rule.h lib/inspect/script.c lib/inspect/zip.c lib/inspect/zip.h

UNIT += tests/unit/inspect/inspect
tests_unit_inspect_inspect_SOURCES = tests/unit/inspect/inspect.c tests/unit/tap.h
tests_unit_inspect_inspect_LDADD = lib/inspect/libinspect.a $(FLOOR_3) $(LIBS_3)
