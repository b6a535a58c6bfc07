# lib/sasl
ROOMS_3 += lib/sasl/libsasl.a
noinst_LIBRARIES += lib/sasl/libsasl.a
lib_sasl_libsasl_a_SOURCES = lib/sasl/bearer.c lib/sasl/mechanism.h lib/sasl/prep.c lib/sasl/sasl.c lib/sasl/sasl.h \
	lib/sasl/scram.c lib/sasl/scram.h lib/sasl/simple.c

UNIT += tests/unit/sasl/sasl
tests_unit_sasl_sasl_SOURCES = tests/unit/sasl/sasl.c tests/unit/tap.h
tests_unit_sasl_sasl_LDADD = lib/sasl/libsasl.a $(FLOOR_2) $(LIBS_3)
