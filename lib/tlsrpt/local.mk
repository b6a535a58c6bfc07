# lib/tlsrpt
ROOMS_4 += lib/tlsrpt/libtlsrpt.a
noinst_LIBRARIES += lib/tlsrpt/libtlsrpt.a
lib_tlsrpt_libtlsrpt_a_SOURCES = lib/tlsrpt/addresses.c lib/tlsrpt/json.c lib/tlsrpt/message.c lib/tlsrpt/store.c lib/tlsrpt/tlsrpt.h

UNIT += tests/unit/tlsrpt/tlsrpt
tests_unit_tlsrpt_tlsrpt_SOURCES = tests/unit/tlsrpt/tlsrpt.c tests/unit/tap.h
tests_unit_tlsrpt_tlsrpt_LDADD = lib/tlsrpt/libtlsrpt.a $(FLOOR_3) $(ZLIB_LIBS) $(LIBS_3)
