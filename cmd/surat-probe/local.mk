# cmd/surat-probe: speaks to mail servers for mail-mx, which so loads no TLS
pkglibexec_PROGRAMS += surat-probe
surat_probe_SOURCES = cmd/surat-probe/main.c cmd/surat-probe/probe.h cmd/surat-probe/question.c cmd/surat-probe/show.c cmd/surat-probe/talk.c
surat_probe_LDADD = $(FLOOR_5) $(LIBS_ALL)
