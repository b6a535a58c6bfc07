# cmd/mail-read: built twice, see read.h
READ_SOURCES = cmd/mail-read/change.c cmd/mail-read/change.h cmd/mail-read/content.c cmd/mail-read/extract.c \
	cmd/mail-read/extract_file.c cmd/mail-read/extract_file.h cmd/mail-read/extract_name.c cmd/mail-read/extract_name.h \
	cmd/mail-read/full.h cmd/mail-read/headers.c cmd/mail-read/main.c cmd/mail-read/names.c cmd/mail-read/options.c \
	cmd/mail-read/out.c cmd/mail-read/raw.c cmd/mail-read/read.h cmd/mail-read/show.c cmd/mail-read/show.h \
	cmd/mail-read/show_text.c cmd/mail-read/transfer.c cmd/mail-read/view.c cmd/mail-read/view.h
bin_PROGRAMS += mail-read
mail_read_SOURCES = $(READ_SOURCES) cmd/mail-read/light.c
mail_read_LDADD = $(FLOOR_6) $(LIBS_ALL)
pkglibexec_PROGRAMS += surat-read
surat_read_SOURCES = $(READ_SOURCES) cmd/mail-read/count.c cmd/mail-read/expunge.c cmd/mail-read/format.c cmd/mail-read/full.c \
	cmd/mail-read/json.c cmd/mail-read/json.h cmd/mail-read/list.c cmd/mail-read/mailboxes.c cmd/mail-read/mailboxes.h \
	cmd/mail-read/parts.c cmd/mail-read/parts.h cmd/mail-read/parts_archive.c cmd/mail-read/parts_archive.h cmd/mail-read/parts_jobs.c cmd/mail-read/parts_jobs.h cmd/mail-read/parts_json.c cmd/mail-read/parts_list.c cmd/mail-read/row.c \
	cmd/mail-read/row.h cmd/mail-read/show_json.c cmd/mail-read/sort.c cmd/mail-read/sort.h cmd/mail-read/table.c \
	cmd/mail-read/table.h cmd/mail-read/thread.c
surat_read_LDADD = $(FLOOR_6) $(LIBS_ALL)

dist_schema_DATA += cmd/mail-read/mail-read.json

TESTS += tests/cmd/agree.t tests/cmd/read-change.t tests/cmd/read-list.t tests/cmd/read-show.t
EXTRA_DIST += tests/cmd/read-lib.sh
