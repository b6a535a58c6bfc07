# lib/crypto
ROOMS_2 += lib/crypto/libcrypto.a
noinst_LIBRARIES += lib/crypto/libcrypto.a
lib_crypto_libcrypto_a_SOURCES = lib/crypto/digest.c lib/crypto/digest.h lib/crypto/sign.c lib/crypto/sign.h

UNIT += tests/unit/crypto/digest
tests_unit_crypto_digest_SOURCES = tests/unit/crypto/digest.c tests/unit/tap.h
tests_unit_crypto_digest_LDADD = lib/crypto/libcrypto.a $(FLOOR_1) $(LIBS_2)
