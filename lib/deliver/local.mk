# lib/deliver
ROOMS_6 += lib/deliver/libdeliver.a
noinst_LIBRARIES += lib/deliver/libdeliver.a
lib_deliver_libdeliver_a_SOURCES = lib/deliver/check.c lib/deliver/command.c lib/deliver/deliver.c lib/deliver/deliver.h lib/deliver/fields.c \
	lib/deliver/listen.c lib/deliver/listen.h lib/deliver/local.c lib/deliver/local.h lib/deliver/room.h lib/deliver/scan.c lib/deliver/scan.h lib/deliver/session.c \
	lib/deliver/session.h lib/deliver/verify.c lib/deliver/verify.h

UNIT += tests/unit/deliver/deliver
tests_unit_deliver_deliver_SOURCES = tests/unit/deliver/deliver.c tests/unit/store/folder.h tests/unit/tap.h
tests_unit_deliver_deliver_LDADD = lib/deliver/libdeliver.a $(FLOOR_5) $(LIBS_ALL)
