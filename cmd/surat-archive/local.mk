# cmd/surat-archive
pkglibexec_PROGRAMS += surat-archive
surat_archive_SOURCES = cmd/surat-archive/main.c cmd/surat-archive/create.c cmd/surat-archive/create.h \
	cmd/surat-archive/input.c cmd/surat-archive/input.h cmd/surat-archive/list.c \
	cmd/surat-archive/list.h cmd/surat-archive/walk.c cmd/surat-archive/walk.h
surat_archive_LDADD = $(FLOOR_3) $(ARCHIVE_LIBS) $(LIBS_3)
