# cmd/mail-login
bin_PROGRAMS += mail-login
mail_login_SOURCES = cmd/mail-login/browser.c cmd/mail-login/list.c cmd/mail-login/login.h cmd/mail-login/main.c cmd/mail-login/sign_in.c \
	cmd/mail-login/token.c cmd/mail-login/totp.c
mail_login_LDADD = $(FLOOR_6) $(LIBS_ALL)

dist_schema_DATA += cmd/mail-login/mail-login.json

TESTS += tests/cmd/login.t tests/cmd/secrets.t
