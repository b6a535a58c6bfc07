# cmd/surat-https: the only program that loads libcurl
pkglibexec_PROGRAMS += surat-https
surat_https_SOURCES = cmd/surat-https/answer.c cmd/surat-https/answer.h cmd/surat-https/cache.c cmd/surat-https/cache.h \
	cmd/surat-https/fetch.c cmd/surat-https/fetch.h cmd/surat-https/main.c cmd/surat-https/request.c cmd/surat-https/request.h
surat_https_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
surat_https_LDADD = $(FLOOR_5) $(CURL_LIBS) $(LIBS_ALL)
