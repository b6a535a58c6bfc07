# cmd/surat-pgp: only where gpgme is
if GPGME
pkglibexec_PROGRAMS += surat-pgp
endif
surat_pgp_SOURCES = cmd/surat-pgp/main.c cmd/surat-pgp/keys.c cmd/surat-pgp/make.c cmd/surat-pgp/read.c cmd/surat-pgp/pgp.h
surat_pgp_CPPFLAGS = $(AM_CPPFLAGS) $(GPGME_CFLAGS)
surat_pgp_LDADD = $(FLOOR_3) $(GPGME_LIBS) $(LIBS_3)
