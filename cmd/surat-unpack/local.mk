# cmd/surat-unpack
pkglibexec_PROGRAMS += surat-unpack
surat_unpack_SOURCES = cmd/surat-unpack/archive.c cmd/surat-unpack/content.c cmd/surat-unpack/documents.c cmd/surat-unpack/main.c \
	cmd/surat-unpack/say.c cmd/surat-unpack/unpack.h
surat_unpack_LDADD = lib/inspect/libinspect.a $(FLOOR_3) $(ARCHIVE_LIBS) $(ZLIB_LIBS) $(LIBS_3)
