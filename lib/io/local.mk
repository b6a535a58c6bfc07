ROOMS_1 += lib/io/libio.a
noinst_LIBRARIES += lib/io/libio.a
lib_io_libio_a_SOURCES = lib/io/child.c lib/io/child.h lib/io/confine.c lib/io/confine.h lib/io/file.h lib/io/signals.c lib/io/sink.h \
	lib/io/spool.h lib/io/stream.c lib/io/stream.h lib/io/sys.h
