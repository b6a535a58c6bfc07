# lib/secure: S/MIME and OpenPGP: who signed what, and what was encrypted
ROOMS_4 += lib/secure/libsecure.a
noinst_LIBRARIES += lib/secure/libsecure.a
lib_secure_libsecure_a_SOURCES = lib/secure/bio.c lib/secure/bio.h lib/secure/canon.c lib/secure/canon.h lib/secure/cert.c lib/secure/cert.h \
	lib/secure/cert_address.c lib/secure/cert_file.c lib/secure/cms_slice.c lib/secure/cms_slice.h lib/secure/fields.c lib/secure/fields.h \
	lib/secure/folder.c lib/secure/folder.h lib/secure/keep_open.h lib/secure/look.c lib/secure/look.h lib/secure/look_fields.c \
	lib/secure/look_internal.h lib/secure/look_pgp.c lib/secure/look_record.c lib/secure/look_tree.c lib/secure/look_write.c lib/secure/names.c lib/secure/names.h lib/secure/pgp.c \
	lib/secure/pgp.h lib/secure/pgp_answer.c lib/secure/protect.c lib/secure/protect.h lib/secure/secure.c lib/secure/secure.h \
	lib/secure/seven.c lib/secure/seven.h lib/secure/smime.h lib/secure/smime_decrypt.c lib/secure/smime_encrypt.c lib/secure/smime_sign.c \
	lib/secure/smime_verify.c lib/secure/trust.c lib/secure/trust.h

UNIT += tests/unit/secure/secure
tests_unit_secure_secure_SOURCES = tests/unit/secure/secure.c tests/unit/secure/fixed.h tests/unit/tap.h
tests_unit_secure_secure_LDADD = lib/secure/libsecure.a $(FLOOR_3) $(LIBS_3)
