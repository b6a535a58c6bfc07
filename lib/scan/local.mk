# lib/scan: what --scan means, for mail-verify and mail-deliver
ROOMS_5 += lib/scan/libscan.a
noinst_LIBRARIES += lib/scan/libscan.a
lib_scan_libscan_a_SOURCES = lib/scan/scan.c lib/scan/scan.h
