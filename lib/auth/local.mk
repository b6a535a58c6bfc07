# lib/auth: who a message is from, SPF, DKIM and DMARC: their records so far
ROOMS_4 += lib/auth/libauth.a
noinst_LIBRARIES += lib/auth/libauth.a
lib_auth_libauth_a_SOURCES = lib/auth/dkim_key.c lib/auth/dkim_key.h lib/auth/dmarc_record.c lib/auth/dmarc_record.h \
	lib/auth/spf_macro.c lib/auth/spf_macro.h lib/auth/spf_record.c lib/auth/spf_record.h lib/auth/tags.c lib/auth/tags.h

UNIT += tests/unit/auth/records
tests_unit_auth_records_SOURCES = tests/unit/auth/records.c tests/unit/tap.h
tests_unit_auth_records_LDADD = lib/auth/libauth.a $(FLOOR_3) $(LIBS_3)
