# cmd/mail-send
bin_PROGRAMS += mail-send
mail_send_SOURCES = cmd/mail-send/ask.c cmd/mail-send/batch.c cmd/mail-send/main.c cmd/mail-send/message.c cmd/mail-send/send.h \
	cmd/mail-send/sendmail.c cmd/mail-send/tell.c
mail_send_LDADD = $(FLOOR_6) $(LIBS_ALL)
TESTS += tests/cmd/send.t
