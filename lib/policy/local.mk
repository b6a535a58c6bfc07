# lib/policy: asks through dns/, reads with auth/'s record parsers, compares with route/'s plan
ROOMS_6 += lib/policy/libpolicy.a
noinst_LIBRARIES += lib/policy/libpolicy.a
lib_policy_libpolicy_a_SOURCES = lib/policy/dkim.c lib/policy/dmarc.c lib/policy/other.c lib/policy/policy.c lib/policy/policy.h \
	lib/policy/room.h lib/policy/spf.c
