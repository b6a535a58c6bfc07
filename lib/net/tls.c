#include "net/tls.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "io/child.h"
#include "io/sys.h"
#include "net/addr.h"
#include "net/tls_check.h"
#include "net/tls_look_room.h"
#include "net/tls_session_room.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLICE_MS = 1000 };

/* What lies under a stream that speaks TLS. The descriptors stay the stream's. */
struct tls {
	SSL_CTX *ctx;
	SSL *ssl;
	BIO_METHOD *method;
	int rfd, wfd;
	struct tls_resume resume;
};

/* --- a BIO over our own system call seam; SSL_set_fd would go around it --- */

static int bio_read(BIO *bio, char *p, int n)
{
	struct tls *t = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	ssize_t got = sys_read(t->rfd, p, (size_t)n);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		BIO_set_retry_read(bio);
	return (int)got;
}

static int bio_write(BIO *bio, const char *p, int n)
{
	struct tls *t = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	ssize_t put = sys_write(t->wfd, p, (size_t)n);
	if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		BIO_set_retry_write(bio);
	return (int)put;
}

static long bio_ctrl(BIO *bio, int command, long number, void *p)
{
	(void)bio, (void)number, (void)p;
	return command == BIO_CTRL_FLUSH;
}

static BIO *bio_new(struct tls *t)
{
	t->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "stream");
	ENSURE(t->method);
	BIO_meth_set_read(t->method, bio_read);
	BIO_meth_set_write(t->method, bio_write);
	BIO_meth_set_ctrl(t->method, bio_ctrl);
	BIO *bio = BIO_new(t->method);
	ENSURE(bio);
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	return bio;
}

/* --- the stream's layer --- */

/* The last reason OpenSSL gives, as a person may read it. */
static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());
	return text ? text : _("unknown reason");
}

static ssize_t tls_result(struct tls *t, int r, int saved_errno, struct err *e)
{
	switch (SSL_get_error(t->ssl, r)) {
	case SSL_ERROR_WANT_READ: return STREAM_WANT_READ;
	case SSL_ERROR_WANT_WRITE: return STREAM_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN: return STREAM_EOF;
	case SSL_ERROR_SYSCALL:
		if (saved_errno == 0)
			return STREAM_EOF;
		errno = saved_errno;
		err_sys(e, EX_TEMPFAIL, _("connection lost"));
		return STREAM_FAIL;
	default: err_set(e, EX_PROTOCOL, _("TLS: %s"), reason()); return STREAM_FAIL;
	}
}

static ssize_t tls_read(void *ctx, char *p, size_t n, struct err *e)
{
	struct tls *t = ctx;
	ERR_clear_error();
	errno = 0;
	int r = SSL_read(t->ssl, p, n < 1 << 20 ? (int)n : 1 << 20);
	return r > 0 ? r : tls_result(t, r, errno, e);
}

static ssize_t tls_write(void *ctx, const char *p, size_t n, struct err *e)
{
	struct tls *t = ctx;
	ERR_clear_error();
	errno = 0;
	int r = SSL_write(t->ssl, p, n < 1 << 20 ? (int)n : 1 << 20);
	if (r > 0)
		return r;
	ssize_t result = tls_result(t, r, errno, e);
	if (result != STREAM_EOF)
		return result;
	err_set(e, EX_TEMPFAIL, _("connection closed by the other side"));
	return STREAM_FAIL;
}

static void tls_free(struct tls *t)
{
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->method);
	free(t);
}

static void tls_close(void *ctx)
{
	struct tls *t = ctx;
	if (SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl); /* a server says goodbye if that needs no waiting */
	ERR_clear_error();
	tls_free(t);
}

static const struct stream_ops tls_ops = {tls_read, tls_write, tls_close};

/* --- handshake --- */

/* OpenSSL starts itself; told before, it does not tidy up behind a process that ends anyway (a twentieth of a short run). */
static void start_library(void)
{
	static bool started;
	if (!started)
		OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
	started = true;
}

static struct tls *tls_new(struct stream *s, const SSL_METHOD *method)
{
	start_library();
	struct tls *t = mem_new(1, sizeof(*t));
	t->rfd = s->rfd;
	t->wfd = s->wfd;
	t->ctx = SSL_CTX_new(method);
	ENSURE(t->ctx);
	SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_mode(
	    t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_clear_mode(t->ctx, SSL_MODE_AUTO_RETRY);
	/* Mail servers close without a goodbye; our protocols know themselves where a message ends. */
	SSL_CTX_set_options(
	    t->ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	return t;
}

static int wait_for(struct stream *s, ssize_t want, struct err *e)
{
	struct pollfd p = {.fd = want == STREAM_WANT_WRITE ? s->wfd : s->rfd,
	    .events = want == STREAM_WANT_WRITE ? POLLOUT : POLLIN};
	for (;;) {
		int64_t left = s->deadline_ms ? s->deadline_ms - clock_mono_ms() : SLICE_MS;
		if (left <= 0)
			return err_set(e, EX_TEMPFAIL, _("no answer in time"));
		if (signals_stop())
			return err_set(e, EX_TEMPFAIL, _("stopped by a signal"));
		/* a signal that comes just before the poll is seen after a slice */
		int r = sys_poll(&p, 1, (int)(left < SLICE_MS ? left : SLICE_MS));
		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return err_sys(e, EX_OSERR, "poll");
	}
}

static int handshake(struct tls *t, struct stream *s, struct err *e)
{
	for (;;) {
		ERR_clear_error();
		errno = 0;
		int r = SSL_do_handshake(t->ssl);
		if (r == 1)
			return 0;
		ssize_t result = tls_result(t, r, errno, e);
		if (result == STREAM_EOF)
			return err_set(e, EX_TEMPFAIL, _("connection lost in the TLS handshake"));
		if (result == STREAM_FAIL)
			return e && e->code == EX_PROTOCOL ? tls_check_explain(t->ssl, e) : -1;
		if (wait_for(s, result, e) < 0)
			return err_prefix(e, _("TLS handshake: "));
	}
}

/* RFC 5929 4.1: the certificate's digest, by the algorithm of its signature, by SHA-256 where that is MD5 or SHA-1. */
static void bind_end_point(X509 *cert, struct tls_info *info)
{
	int digest = NID_undef;
	unsigned len = 0;
	if (!X509_get_signature_info(cert, &digest, NULL, NULL, NULL) || digest == NID_undef)
		return; /* Ed25519: the RFC defines none */
	if (digest == NID_md5 || digest == NID_sha1 || digest == NID_md5_sha1)
		digest = NID_sha256;
	const EVP_MD *md = EVP_get_digestbynid(digest);
	if (md && (size_t)EVP_MD_get_size(md) <= sizeof(info->end_point) &&
	    X509_digest(cert, md, info->end_point, &len))
		info->end_point_len = len;
}

/* RFC 9266: with TLS 1.2 it would need the extended master secret too, so it is taken with 1.3 only. */
static void bind_exporter(SSL *ssl, struct tls_info *info)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	if (SSL_version(ssl) >= TLS1_3_VERSION &&
	    SSL_export_keying_material(ssl, info->exporter, sizeof(info->exporter), label,
		sizeof(label) - 1, NULL, 0, 0) == 1)
		info->exporter_len = sizeof(info->exporter);
}

static void describe_pin(SSL *ssl, struct tls_info *info)
{
	unsigned char usage, selector, matching;
	if (SSL_get0_dane_tlsa(ssl, &usage, &selector, &matching, NULL, NULL) >= 0)
		snprintf(info->tlsa, sizeof(info->tlsa), "%u %u %u", usage, selector, matching);
}

static void describe(SSL *ssl, const struct tls_options *o, struct tls_info *info)
{
	static const char *const words[] = {"encrypted", "verified", "dane", "fingerprint"};
	memset(info, 0, sizeof(*info));
	strncpy(info->version, SSL_get_version(ssl), sizeof(info->version) - 1);
	const char *cipher = SSL_get_cipher_name(ssl);
	strncpy(info->cipher, cipher ? cipher : "", sizeof(info->cipher) - 1);
	strncpy(info->security, words[o->verify], sizeof(info->security) - 1);
	X509 *cert = SSL_get0_peer_certificate(ssl);
	if (cert)
		X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, info->peer,
		    (int)sizeof(info->peer));
	if (cert)
		bind_end_point(cert, info);
	bind_exporter(ssl, info);
	if (o->verify == TLS_VERIFY_DANE)
		describe_pin(ssl, info);
	info->resumed = SSL_session_reused(ssl) == 1;
	info->own_certificate = SSL_get_certificate(ssl) != NULL;
}

/* Takes t whatever happens. */
static int start(struct tls *t, struct stream *s, const struct tls_options *o,
    struct tls_info *info, struct err *e)
{
	if (stream_peek(s).len > 0) {
		tls_free(t);
		return err_set(e, EX_PROTOCOL,
		    _("bytes arrived before the TLS handshake: somebody injects commands or "
		      "replies"));
	}
	BIO *bio = bio_new(t);
	SSL_set_bio(t->ssl, bio, bio);
	if (handshake(t, s, e) < 0 || (o && tls_check_peer(t->ssl, o, e) < 0)) {
		if (info)
			info->failure = tls_check_failure(t->ssl);
		tls_free(t);
		return -1;
	}
	tls_resume_trusted(&t->resume, t->ssl);
	if (o && info)
		describe(t->ssl, o, info);
	if (o && o->look)
		tls_look_take(t->ssl, o);
	if (stream_push_ops(s, &tls_ops, t, e) < 0) {
		tls_free(t);
		return -1;
	}
	return 0;
}

int tls_start_client(
    struct stream *s, const struct tls_options *o, struct tls_info *info, struct err *e)
{
	struct tls *t = tls_new(s, TLS_client_method());
	if (tls_check_context(t->ctx, o, e) < 0) {
		tls_free(t);
		return -1;
	}
	t->ssl = SSL_new(t->ctx);
	ENSURE(t->ssl);
	SSL_set_connect_state(t->ssl);
	/* the protocols above say goodbye themselves; one more after it costs a packet, and finds the door closed */
	SSL_set_quiet_shutdown(t->ssl, 1);
	if (tls_check_setup(t->ssl, o, e) < 0 || (o->look && tls_look_prepare(t->ssl, o, e) < 0)) {
		tls_free(t);
		return -1;
	}
	tls_resume_prepare(&t->resume, t->ssl, o);
	return start(t, s, o, info, e);
}

int tls_start_server(struct stream *s, const char *cert_file, const char *key_file, struct err *e)
{
	struct tls *t = tls_new(s, TLS_server_method());
	if (tls_check_own_cert(t->ctx, cert_file, key_file, e) < 0) {
		tls_free(t);
		return -1;
	}
	t->ssl = SSL_new(t->ctx);
	ENSURE(t->ssl);
	SSL_set_accept_state(t->ssl);
	return start(t, s, NULL, NULL, e);
}

int tls_check_server(const char *cert_file, const char *key_file, struct err *e)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	ENSURE(ctx);
	int r = tls_check_own_cert(ctx, cert_file, key_file, e);
	SSL_CTX_free(ctx);
	return r;
}
