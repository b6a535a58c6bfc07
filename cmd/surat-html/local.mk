# cmd/surat-html
pkglibexec_PROGRAMS += surat-html
surat_html_SOURCES = cmd/surat-html/main.c cmd/surat-html/text.c cmd/surat-html/text.h cmd/surat-html/lines.c cmd/surat-html/lines.h
surat_html_CPPFLAGS = $(AM_CPPFLAGS) $(XML2_CFLAGS)
surat_html_LDADD = $(FLOOR_3) $(XML2_LIBS) $(LIBS_3)

TESTS += tests/cmd/helpers.t
