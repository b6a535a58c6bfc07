# lib/auth: who a message is from: SPF, DKIM, DMARC and ARC, their records, their evaluation, their signatures. What signs calls nothing that asks the DNS
ROOMS_4 += lib/auth/libauth.a
noinst_LIBRARIES += lib/auth/libauth.a
lib_auth_libauth_a_SOURCES = lib/auth/arc.c lib/auth/arc.h lib/auth/arc_check.c lib/auth/ask.c lib/auth/ask.h lib/auth/auth.c lib/auth/auth.h lib/auth/body.c lib/auth/body.h lib/auth/canon.c lib/auth/canon.h \
	lib/auth/dkim.c lib/auth/dkim.h lib/auth/dkim_key.c lib/auth/dkim_key.h lib/auth/dmarc.c lib/auth/dmarc.h lib/auth/dmarc_record.c lib/auth/dmarc_record.h \
	lib/auth/dmarc_walk.c lib/auth/field.c lib/auth/field.h \
	lib/auth/fields.c lib/auth/fields.h lib/auth/message.c lib/auth/message.h lib/auth/result.c lib/auth/result.h \
	lib/auth/seal.c lib/auth/seal.h lib/auth/sign.c lib/auth/sign.h lib/auth/signers.c lib/auth/signers.h lib/auth/signature.c lib/auth/signature.h lib/auth/spf.c lib/auth/spf.h lib/auth/spf_expand.c \
	lib/auth/spf_macro.c lib/auth/spf_macro.h lib/auth/spf_record.c lib/auth/spf_record.h lib/auth/tags.c lib/auth/tags.h \
	lib/auth/verify.c lib/auth/verify.h lib/auth/write.c lib/auth/write.h

UNIT += tests/unit/auth/records
tests_unit_auth_records_SOURCES = tests/unit/auth/records.c tests/unit/tap.h
tests_unit_auth_records_LDADD = lib/auth/libauth.a $(FLOOR_3) $(LIBS_3)

UNIT += tests/unit/auth/dkim
tests_unit_auth_dkim_SOURCES = tests/unit/auth/dkim.c tests/unit/tap.h
tests_unit_auth_dkim_LDADD = lib/auth/libauth.a $(FLOOR_3) $(LIBS_3)

UNIT += tests/unit/auth/spf
tests_unit_auth_spf_SOURCES = tests/unit/auth/spf.c tests/unit/auth/zone.h tests/unit/tap.h
tests_unit_auth_spf_LDADD = lib/auth/libauth.a $(FLOOR_3) $(LIBS_3)

UNIT += tests/unit/auth/dmarc
tests_unit_auth_dmarc_SOURCES = tests/unit/auth/dmarc.c tests/unit/auth/zone.h tests/unit/tap.h
tests_unit_auth_dmarc_LDADD = lib/auth/libauth.a $(FLOOR_3) $(LIBS_3)
