# cmd/mail-send
bin_PROGRAMS += mail-send
mail_send_SOURCES = cmd/mail-send/aliases.c cmd/mail-send/ask.c cmd/mail-send/batch.c cmd/mail-send/main.c cmd/mail-send/message.c cmd/mail-send/send.h \
	cmd/mail-send/sendmail.c cmd/mail-send/sign.c cmd/mail-send/smtp.c cmd/mail-send/tell.c
# libcrypto first: the loader looks its four thousand names up in the order of the libraries, and each run pays for that
mail_send_LDADD = $(FLOOR_6) $(CRYPTO_LIBS) $(LIBS_ALL)
dist_schema_DATA += cmd/mail-send/mail-send.json
TESTS += tests/cmd/send.t tests/cmd/send-tls.t tests/cmd/sendmail.t

# the names under which other programs look for a mailer
if SENDMAIL
install-exec-hook:
	$(MKDIR_P) '$(DESTDIR)$(sbindir)' '$(DESTDIR)$(bindir)'
	cd '$(DESTDIR)$(sbindir)' && rm -f sendmail && $(LN_S) '$(bindir)/mail-send' sendmail
	cd '$(DESTDIR)$(bindir)' && rm -f mailq newaliases && $(LN_S) mail-send mailq && $(LN_S) mail-send newaliases
uninstall-hook:
	rm -f '$(DESTDIR)$(sbindir)/sendmail' '$(DESTDIR)$(bindir)/mailq' '$(DESTDIR)$(bindir)/newaliases'
endif
