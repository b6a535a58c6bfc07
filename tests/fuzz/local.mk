# Each target is built twice in a lifetime: here with replay.c, so that every check replays the corpus; with --enable-fuzz (clang) as a
# libFuzzer program:  ../configure --enable-fuzz --enable-sanitize CC=clang && make fuzz && tests/fuzz/fuzz_mime ../tests/fuzz/corpus/mime
if FUZZ
FUZZ_MAIN =
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LINK = $(AM_LDFLAGS)
UNIT += $(FUZZ_TARGETS)
endif
FUZZ_TARGETS =

# S/MIME and OpenPGP
FUZZ_TARGETS += tests/fuzz/fuzz_cms
tests_fuzz_fuzz_cms_SOURCES = tests/fuzz/fuzz_cms.c tests/unit/secure/fixed.h $(FUZZ_MAIN)
tests_fuzz_fuzz_cms_LDADD = lib/secure/libsecure.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_cms_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/cms

FUZZ_TARGETS += tests/fuzz/fuzz_secure
tests_fuzz_fuzz_secure_SOURCES = tests/fuzz/fuzz_secure.c tests/unit/secure/fixed.h $(FUZZ_MAIN)
tests_fuzz_fuzz_secure_LDADD = lib/secure/libsecure.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_secure_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/secure

FUZZ_TARGETS += tests/fuzz/fuzz_pgp_answer
tests_fuzz_fuzz_pgp_answer_SOURCES = tests/fuzz/fuzz_pgp_answer.c $(FUZZ_MAIN)
tests_fuzz_fuzz_pgp_answer_LDADD = lib/secure/libsecure.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_pgp_answer_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/pgp_answer


FUZZ_TARGETS += tests/fuzz/fuzz_smtp_reply
tests_fuzz_fuzz_smtp_reply_SOURCES = tests/fuzz/fuzz_smtp_reply.c tests/unit/script.h $(FUZZ_MAIN)
tests_fuzz_fuzz_smtp_reply_LDADD = lib/smtp/libsmtp.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_smtp_reply_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/smtp_reply

FUZZ_TARGETS += tests/fuzz/fuzz_smtp_client
tests_fuzz_fuzz_smtp_client_SOURCES = tests/fuzz/fuzz_smtp_client.c tests/unit/script.h $(FUZZ_MAIN)
tests_fuzz_fuzz_smtp_client_LDADD = lib/smtp/libsmtp.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_smtp_client_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/smtp_client

FUZZ_TARGETS += tests/fuzz/fuzz_imap
tests_fuzz_fuzz_imap_SOURCES = tests/fuzz/fuzz_imap.c tests/unit/script.h $(FUZZ_MAIN)
tests_fuzz_fuzz_imap_LDADD = lib/imap/libimap.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_imap_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/imap

FUZZ_TARGETS += tests/fuzz/fuzz_pop3
tests_fuzz_fuzz_pop3_SOURCES = tests/fuzz/fuzz_pop3.c tests/unit/script.h $(FUZZ_MAIN)
tests_fuzz_fuzz_pop3_LDADD = lib/pop3/libpop3.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_pop3_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/pop3

FUZZ_TARGETS += tests/fuzz/fuzz_dns
tests_fuzz_fuzz_dns_SOURCES = tests/fuzz/fuzz_dns.c $(FUZZ_MAIN)
tests_fuzz_fuzz_dns_LDADD = lib/route/libroute.a $(FLOOR_4) $(LIBS_ALL)
tests_fuzz_fuzz_dns_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/dns

FUZZ_TARGETS += tests/fuzz/fuzz_mbox
tests_fuzz_fuzz_mbox_SOURCES = tests/fuzz/fuzz_mbox.c $(FUZZ_MAIN)
tests_fuzz_fuzz_mbox_LDADD = lib/store/libstore.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_mbox_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/mbox

FUZZ_TARGETS += tests/fuzz/fuzz_smtp_server
tests_fuzz_fuzz_smtp_server_SOURCES = tests/fuzz/fuzz_smtp_server.c tests/unit/script.h $(FUZZ_MAIN)
tests_fuzz_fuzz_smtp_server_LDADD = lib/smtp/libsmtp.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_smtp_server_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/smtp_server
FUZZ_TARGETS += tests/fuzz/fuzz_address
tests_fuzz_fuzz_address_SOURCES = tests/fuzz/fuzz_address.c $(FUZZ_MAIN)
tests_fuzz_fuzz_address_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)
tests_fuzz_fuzz_address_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/address

FUZZ_TARGETS += tests/fuzz/fuzz_build
tests_fuzz_fuzz_build_SOURCES = tests/fuzz/fuzz_build.c $(FUZZ_MAIN)
tests_fuzz_fuzz_build_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)
tests_fuzz_fuzz_build_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/build

FUZZ_TARGETS += tests/fuzz/fuzz_date
tests_fuzz_fuzz_date_SOURCES = tests/fuzz/fuzz_date.c $(FUZZ_MAIN)
tests_fuzz_fuzz_date_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)
tests_fuzz_fuzz_date_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/date

FUZZ_TARGETS += tests/fuzz/fuzz_html
tests_fuzz_fuzz_html_SOURCES = tests/fuzz/fuzz_html.c cmd/surat-html/text.c cmd/surat-html/lines.c $(FUZZ_MAIN)
tests_fuzz_fuzz_html_CPPFLAGS = $(AM_CPPFLAGS) $(XML2_CFLAGS)
tests_fuzz_fuzz_html_LDADD = $(FLOOR_3) $(XML2_LIBS) $(LIBS_3)
tests_fuzz_fuzz_html_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/html

FUZZ_TARGETS += tests/fuzz/fuzz_mime
tests_fuzz_fuzz_mime_SOURCES = tests/fuzz/fuzz_mime.c tests/unit/mime/events.h $(FUZZ_MAIN)
tests_fuzz_fuzz_mime_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)
tests_fuzz_fuzz_mime_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/mime

FUZZ_TARGETS += tests/fuzz/fuzz_rows
tests_fuzz_fuzz_rows_SOURCES = tests/fuzz/fuzz_rows.c $(FUZZ_MAIN)
tests_fuzz_fuzz_rows_LDADD = lib/compose/libcompose.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_rows_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/rows

FUZZ_TARGETS += tests/fuzz/fuzz_spec
tests_fuzz_fuzz_spec_SOURCES = tests/fuzz/fuzz_spec.c cmd/mail-compose/options.c cmd/mail-compose/spec.c $(FUZZ_MAIN)
tests_fuzz_fuzz_spec_LDADD = $(FLOOR_6) $(LIBS_ALL)
tests_fuzz_fuzz_spec_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/spec

FUZZ_TARGETS += tests/fuzz/fuzz_embedded
tests_fuzz_fuzz_embedded_SOURCES = tests/fuzz/fuzz_embedded.c tests/unit/mime/events.h $(FUZZ_MAIN)
tests_fuzz_fuzz_embedded_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)
tests_fuzz_fuzz_embedded_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/embedded

FUZZ_TARGETS += tests/fuzz/fuzz_param
tests_fuzz_fuzz_param_SOURCES = tests/fuzz/fuzz_param.c $(FUZZ_MAIN)
tests_fuzz_fuzz_param_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)
tests_fuzz_fuzz_param_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/param

FUZZ_TARGETS += tests/fuzz/fuzz_query
tests_fuzz_fuzz_query_SOURCES = tests/fuzz/fuzz_query.c $(FUZZ_MAIN)
tests_fuzz_fuzz_query_LDADD = lib/query/libquery.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_query_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/query

FUZZ_TARGETS += tests/fuzz/fuzz_thread
tests_fuzz_fuzz_thread_SOURCES = tests/fuzz/fuzz_thread.c $(FUZZ_MAIN)
tests_fuzz_fuzz_thread_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)
tests_fuzz_fuzz_thread_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/thread

FUZZ_TARGETS += tests/fuzz/fuzz_word
tests_fuzz_fuzz_word_SOURCES = tests/fuzz/fuzz_word.c $(FUZZ_MAIN)
tests_fuzz_fuzz_word_LDADD = lib/mime/libmime.a $(FLOOR_2) $(LIBS_2)
tests_fuzz_fuzz_word_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/word

FUZZ_TARGETS += tests/fuzz/fuzz_submit
tests_fuzz_fuzz_submit_SOURCES = tests/fuzz/fuzz_submit.c tests/unit/script.h $(FUZZ_MAIN)
tests_fuzz_fuzz_submit_LDADD = lib/submit/libsubmit.a $(FLOOR_5) $(LIBS_ALL)
tests_fuzz_fuzz_submit_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/submit

FUZZ_TARGETS += tests/fuzz/fuzz_sasl
tests_fuzz_fuzz_sasl_SOURCES = tests/fuzz/fuzz_sasl.c $(FUZZ_MAIN)
tests_fuzz_fuzz_sasl_LDADD = lib/sasl/libsasl.a $(FLOOR_2) $(LIBS_3)
tests_fuzz_fuzz_sasl_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/sasl

FUZZ_TARGETS += tests/fuzz/fuzz_dsn
tests_fuzz_fuzz_dsn_SOURCES = tests/fuzz/fuzz_dsn.c $(FUZZ_MAIN)
tests_fuzz_fuzz_dsn_LDADD = lib/dsn/libdsn.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_dsn_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/dsn

FUZZ_TARGETS += tests/fuzz/fuzz_report
tests_fuzz_fuzz_report_SOURCES = tests/fuzz/fuzz_report.c $(FUZZ_MAIN)
tests_fuzz_fuzz_report_LDADD = lib/queue/libqueue.a $(FLOOR_4) $(LIBS_ALL)
tests_fuzz_fuzz_report_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/report

FUZZ_TARGETS += tests/fuzz/fuzz_spool
tests_fuzz_fuzz_spool_SOURCES = tests/fuzz/fuzz_spool.c $(FUZZ_MAIN)
tests_fuzz_fuzz_spool_LDADD = lib/queue/libqueue.a $(FLOOR_4) $(LIBS_ALL)
tests_fuzz_fuzz_spool_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/spool

FUZZ_TARGETS += tests/fuzz/fuzz_oauth
tests_fuzz_fuzz_oauth_SOURCES = tests/fuzz/fuzz_oauth.c $(FUZZ_MAIN)
tests_fuzz_fuzz_oauth_LDADD = lib/login/liblogin.a $(FLOOR_3) $(LIBS_ALL)
tests_fuzz_fuzz_oauth_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/oauth

FUZZ_TARGETS += tests/fuzz/fuzz_otpauth
tests_fuzz_fuzz_otpauth_SOURCES = tests/fuzz/fuzz_otpauth.c $(FUZZ_MAIN)
tests_fuzz_fuzz_otpauth_LDADD = lib/login/liblogin.a $(FLOOR_3) $(LIBS_ALL)
tests_fuzz_fuzz_otpauth_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/otpauth

FUZZ_TARGETS += tests/fuzz/fuzz_netrc
tests_fuzz_fuzz_netrc_SOURCES = tests/fuzz/fuzz_netrc.c $(FUZZ_MAIN)
tests_fuzz_fuzz_netrc_LDADD = lib/account/libaccount.a $(FLOOR_4) $(LIBS_ALL)
tests_fuzz_fuzz_netrc_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/netrc

FUZZ_TARGETS += tests/fuzz/fuzz_auth
tests_fuzz_fuzz_auth_SOURCES = tests/fuzz/fuzz_auth.c $(FUZZ_MAIN)
tests_fuzz_fuzz_auth_LDADD = lib/auth/libauth.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_auth_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/auth

FUZZ_TARGETS += tests/fuzz/fuzz_auth_field
tests_fuzz_fuzz_auth_field_SOURCES = tests/fuzz/fuzz_auth_field.c $(FUZZ_MAIN)
tests_fuzz_fuzz_auth_field_LDADD = lib/auth/libauth.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_auth_field_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/auth_field

FUZZ_TARGETS += tests/fuzz/fuzz_helpers
tests_fuzz_fuzz_helpers_SOURCES = tests/fuzz/fuzz_helpers.c tests/unit/script.h cmd/mail-mx/probe_show.c cmd/surat-https/answer.c \
	cmd/surat-probe/question.c $(FUZZ_MAIN)
tests_fuzz_fuzz_helpers_LDADD = lib/policy/libpolicy.a $(FLOOR_5) $(LIBS_ALL)
tests_fuzz_fuzz_helpers_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/helpers

FUZZ_TARGETS += tests/fuzz/fuzz_ole
tests_fuzz_fuzz_ole_SOURCES = tests/fuzz/fuzz_ole.c $(FUZZ_MAIN)
tests_fuzz_fuzz_ole_LDADD = lib/inspect/libinspect.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_ole_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/ole

FUZZ_TARGETS += tests/fuzz/fuzz_zip
tests_fuzz_fuzz_zip_SOURCES = tests/fuzz/fuzz_zip.c $(FUZZ_MAIN)
tests_fuzz_fuzz_zip_LDADD = lib/inspect/libinspect.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_zip_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/zip

FUZZ_TARGETS += tests/fuzz/fuzz_pdf
tests_fuzz_fuzz_pdf_SOURCES = tests/fuzz/fuzz_pdf.c $(FUZZ_MAIN)
tests_fuzz_fuzz_pdf_LDADD = lib/inspect/libinspect.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_pdf_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/pdf

FUZZ_TARGETS += tests/fuzz/fuzz_look
tests_fuzz_fuzz_look_SOURCES = tests/fuzz/fuzz_look.c $(FUZZ_MAIN)
tests_fuzz_fuzz_look_LDADD = lib/inspect/libinspect.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_look_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/look

FUZZ_TARGETS += tests/fuzz/fuzz_helper
tests_fuzz_fuzz_helper_SOURCES = tests/fuzz/fuzz_helper.c $(FUZZ_MAIN)
tests_fuzz_fuzz_helper_LDADD = lib/inspect/libinspect.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_helper_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/helper

FUZZ_TARGETS += tests/fuzz/fuzz_inspect
tests_fuzz_fuzz_inspect_SOURCES = tests/fuzz/fuzz_inspect.c $(FUZZ_MAIN)
tests_fuzz_fuzz_inspect_LDADD = lib/inspect/libinspect.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_inspect_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/inspect

FUZZ_TARGETS += tests/fuzz/fuzz_clamd
tests_fuzz_fuzz_clamd_SOURCES = tests/fuzz/fuzz_clamd.c $(FUZZ_MAIN)
tests_fuzz_fuzz_clamd_LDADD = lib/clamd/libclamd.a $(FLOOR_3) $(LIBS_3)
tests_fuzz_fuzz_clamd_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/corpus/clamd

EXTRA_PROGRAMS += $(FUZZ_TARGETS)
fuzz: $(FUZZ_TARGETS)
.PHONY: fuzz
