# lib/login: totp and otpauth, the flows of OAuth, and where sign-ins are kept
ROOMS_4 += lib/login/liblogin.a
noinst_LIBRARIES += lib/login/liblogin.a
lib_login_liblogin_a_SOURCES = lib/login/answer.c lib/login/answer.h lib/login/flow.c lib/login/flow.h lib/login/form.c lib/login/form.h \
	lib/login/pkce.c lib/login/pkce.h lib/login/provider.c lib/login/provider.h lib/login/record.c lib/login/redirect.c lib/login/redirect.h \
	lib/login/secrets.c lib/login/secrets.h lib/login/store.c lib/login/store.h lib/login/token.c lib/login/token.h lib/login/totp.c lib/login/totp.h \
	lib/login/web.c lib/login/web.h

UNIT += tests/unit/login/totp
tests_unit_login_totp_SOURCES = tests/unit/login/totp.c tests/unit/tap.h
tests_unit_login_totp_LDADD = lib/login/liblogin.a $(FLOOR_3) $(LIBS_ALL)

UNIT += tests/unit/login/oauth
tests_unit_login_oauth_SOURCES = tests/unit/login/oauth.c tests/unit/tap.h
tests_unit_login_oauth_LDADD = lib/login/liblogin.a $(FLOOR_3) $(LIBS_ALL)
