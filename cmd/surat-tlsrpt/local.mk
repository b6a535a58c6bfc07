# cmd/surat-tlsrpt: the database of TLS reports, which so no other program loads
pkglibexec_PROGRAMS += surat-tlsrpt
surat_tlsrpt_SOURCES = cmd/surat-tlsrpt/main.c
surat_tlsrpt_LDADD = $(FLOOR_4) $(ZLIB_LIBS) $(LIBS_ALL)
