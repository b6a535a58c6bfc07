ROOMS_0 += lib/base/libbase.a
noinst_LIBRARIES += lib/base/libbase.a
lib_base_libbase_a_SOURCES = lib/base/alloc.c lib/base/alloc.h lib/base/arena.c lib/base/arena.h lib/base/buf.c lib/base/buf.h \
	lib/base/clock.c lib/base/clock.h lib/base/err.c lib/base/err.h lib/base/intl.h lib/base/late.c lib/base/late.h lib/base/random.c lib/base/random.h \
	lib/base/span.c lib/base/span.h lib/base/strv.c lib/base/strv.h

UNIT += tests/unit/base/base
tests_unit_base_base_SOURCES = tests/unit/base/base.c tests/unit/tap.h
tests_unit_base_base_LDADD = $(FLOOR_0)
