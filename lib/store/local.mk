# lib/store
ROOMS_4 += lib/store/libstore.a
noinst_LIBRARIES += lib/store/libstore.a
lib_store_libstore_a_SOURCES = lib/store/edit.c lib/store/flags.c lib/store/maildir.c lib/store/maildir.h lib/store/maildir_name.c \
	lib/store/maildir_scan.c lib/store/mbox.c lib/store/mbox.h lib/store/mbox_edit.c lib/store/mbox_lock.c lib/store/mbox_reader.c \
	lib/store/mbox_writer.c lib/store/message.c lib/store/mh.c lib/store/mh_sequences.c lib/store/mh_sequences.h lib/store/room.h lib/store/scan.c lib/store/store.c lib/store/store.h

UNIT += tests/unit/store/mbox tests/unit/store/maildir tests/unit/store/mh tests/unit/store/fault
tests_unit_store_mh_SOURCES = tests/unit/store/mh.c tests/unit/store/folder.h tests/unit/tap.h
tests_unit_store_mh_LDADD = lib/store/libstore.a $(FLOOR_3) $(LIBS_3)
tests_unit_store_mbox_SOURCES = tests/unit/store/mbox.c tests/unit/store/folder.h tests/unit/tap.h
tests_unit_store_mbox_LDADD = lib/store/libstore.a $(FLOOR_3) $(LIBS_3)
tests_unit_store_maildir_SOURCES = tests/unit/store/maildir.c tests/unit/store/folder.h tests/unit/tap.h
tests_unit_store_maildir_LDADD = lib/store/libstore.a $(FLOOR_3) $(LIBS_3)
tests_unit_store_fault_SOURCES = tests/unit/store/fault.c tests/unit/store/folder.h tests/unit/tap.h
tests_unit_store_fault_LDADD = lib/store/libstore.a $(FLOOR_3) $(LIBS_3)
