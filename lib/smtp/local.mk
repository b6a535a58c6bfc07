# lib/smtp
ROOMS_4 += lib/smtp/libsmtp.a
noinst_LIBRARIES += lib/smtp/libsmtp.a
lib_smtp_libsmtp_a_SOURCES = lib/smtp/answer.c lib/smtp/auth.c lib/smtp/body.c lib/smtp/client.c lib/smtp/client.h \
	lib/smtp/command.h lib/smtp/flight.h lib/smtp/judge.c lib/smtp/mail.c lib/smtp/reply.c lib/smtp/reply.h lib/smtp/send.c \
	lib/smtp/server.c lib/smtp/server.h lib/smtp/server_data.c lib/smtp/server_path.c lib/smtp/server_room.h lib/smtp/server_verbs.c

UNIT += tests/unit/smtp/reply
tests_unit_smtp_reply_SOURCES = tests/unit/smtp/reply.c tests/unit/tap.h tests/unit/script.h
tests_unit_smtp_reply_LDADD = lib/smtp/libsmtp.a $(FLOOR_3) $(LIBS_3)

UNIT += tests/unit/smtp/client
tests_unit_smtp_client_SOURCES = tests/unit/smtp/client.c tests/unit/tap.h tests/unit/script.h
tests_unit_smtp_client_LDADD = lib/smtp/libsmtp.a $(FLOOR_3) $(LIBS_3)

UNIT += tests/unit/smtp/server
tests_unit_smtp_server_SOURCES = tests/unit/smtp/server.c tests/unit/tap.h tests/unit/script.h
tests_unit_smtp_server_LDADD = lib/smtp/libsmtp.a $(FLOOR_3) $(LIBS_3)
