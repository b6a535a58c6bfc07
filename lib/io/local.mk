ROOMS_1 += lib/io/libio.a
noinst_LIBRARIES += lib/io/libio.a
lib_io_libio_a_SOURCES = lib/io/child.c lib/io/child.h lib/io/child_fork.c lib/io/confine.c lib/io/confine.h lib/io/crlf.c lib/io/dot.c lib/io/file.c \
	lib/io/file.h lib/io/file_dir.c lib/io/file_lock.c lib/io/file_many.c lib/io/file_new.c lib/io/signals.c lib/io/sink.c lib/io/sink.h lib/io/sink_stream.c \
	lib/io/source.c lib/io/spool.c lib/io/spool.h lib/io/stream.c lib/io/stream.h lib/io/sys.c lib/io/sys.h lib/io/user.c lib/io/user.h

UNIT += tests/unit/io/child tests/unit/io/file tests/unit/io/filter tests/unit/io/spool tests/unit/io/stream
tests_unit_io_child_SOURCES = tests/unit/io/child.c tests/unit/tap.h
tests_unit_io_child_LDADD = lib/io/libio.a $(FLOOR_0) $(LIBS_1)
tests_unit_io_file_SOURCES = tests/unit/io/file.c tests/unit/tap.h
tests_unit_io_file_LDADD = lib/io/libio.a $(FLOOR_0) $(LIBS_1)
tests_unit_io_filter_SOURCES = tests/unit/io/filter.c tests/unit/tap.h
tests_unit_io_filter_LDADD = lib/io/libio.a $(FLOOR_0) $(LIBS_1)
tests_unit_io_spool_SOURCES = tests/unit/io/spool.c tests/unit/tap.h
tests_unit_io_spool_LDADD = lib/io/libio.a $(FLOOR_0) $(LIBS_1)
tests_unit_io_stream_SOURCES = tests/unit/io/stream.c tests/unit/tap.h tests/unit/script.h
tests_unit_io_stream_LDADD = lib/io/libio.a $(FLOOR_0) $(LIBS_1)
