# lib/clamd: ClamAV's daemon asked over its socket
ROOMS_4 += lib/clamd/libclamd.a
noinst_LIBRARIES += lib/clamd/libclamd.a
lib_clamd_libclamd_a_SOURCES = lib/clamd/clamd.c lib/clamd/clamd.h
