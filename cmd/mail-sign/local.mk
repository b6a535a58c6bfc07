# cmd/mail-sign
bin_PROGRAMS += mail-sign
mail_sign_SOURCES = cmd/mail-sign/check.c cmd/mail-sign/keygen.c cmd/mail-sign/main.c cmd/mail-sign/secure.c \
	cmd/mail-sign/sign.c cmd/mail-sign/sign.h
mail_sign_LDADD = $(FLOOR_6) $(LIBS_ALL)
TESTS += tests/cmd/sign.t tests/cmd/smime.t tests/cmd/pgp.t tests/cmd/efail.t
