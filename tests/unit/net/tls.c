/* TLS handshakes over a socket pair, with certificates made here: who is trusted, and what is said of the others. */
#include "net/tls.h"

#include "../tap.h"
#include "crypto/digest.h"
#include "io/child.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct made { /* a certificate and where it lies */
	X509 *cert;
	EVP_PKEY *key;
	char pem[64], key_file[64];
	struct buf cert_sum, key_sum, der; /* sha256 of it, of its public key; hex() below */
};
static char folder[] = "/tmp/surat-tls.XXXXXX";

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	X509_add_ext(cert, x, -1);
	X509_EXTENSION_free(x);
}

static struct buf sum(unsigned char *der, int len)
{
	struct buf b = BUF_INIT(64);
	unsigned char out[DIGEST_MAX];
	size_t n = digest_of(DIGEST_SHA256, span_make((const char *)der, (size_t)len), out);
	buf_addn(&b, out, n);
	OPENSSL_free(der);
	return b;
}

/* san NULL: an authority. issuer NULL: signed by itself. */
static struct made make(
    const char *name, const char *san, const struct made *issuer, long from_s, long to_s)
{
	struct made m = {.cert = X509_new(), .key = EVP_EC_gen("P-256"), .der = BUF_INIT(4096)};
	static long serial = 1;
	unsigned char *der = NULL;
	X509_NAME *subject = X509_NAME_new();
	X509_NAME_add_entry_by_txt(
	    subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_version(m.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(m.cert), serial++);
	X509_gmtime_adj(X509_getm_notBefore(m.cert), from_s);
	X509_gmtime_adj(X509_getm_notAfter(m.cert), to_s);
	X509_set_subject_name(m.cert, subject);
	X509_set_issuer_name(m.cert, issuer ? X509_get_subject_name(issuer->cert) : subject);
	X509_set_pubkey(m.cert, m.key);
	if (san)
		add_extension(m.cert, issuer ? issuer->cert : m.cert, NID_subject_alt_name, san);
	else
		add_extension(m.cert, m.cert, NID_basic_constraints, "critical,CA:TRUE");
	X509_sign(m.cert, issuer ? issuer->key : m.key, EVP_sha256());
	X509_NAME_free(subject);
	int n = i2d_X509(m.cert, &der);
	buf_addn(&m.der, der, (size_t)n);
	m.cert_sum = sum(der, n);
	der = NULL;
	n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(m.cert), &der);
	m.key_sum = sum(der, n);
	snprintf(m.pem, sizeof(m.pem), "%s/%s.pem", folder, name);
	snprintf(m.key_file, sizeof(m.key_file), "%s/%s.key", folder, name);
	FILE *f = fopen(m.pem, "w");
	PEM_write_X509(f, m.cert);
	if (issuer)
		PEM_write_X509(f, issuer->cert);
	fclose(f);
	f = fopen(m.key_file, "w");
	PEM_write_PrivateKey(f, m.key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	return m;
}

static void unmake(struct made *m)
{
	unlink(m->pem);
	unlink(m->key_file);
	X509_free(m->cert);
	EVP_PKEY_free(m->key);
	buf_release(&m->cert_sum);
	buf_release(&m->key_sum);
	buf_release(&m->der);
}

/* The other side: a handshake, then it says hello and goes. What it says instead, when raw is given. */
static pid_t serve(int fd, int other, const struct made *m, const char *raw)
{
	pid_t pid = fork();
	if (pid)
		return pid;
	struct stream s;
	struct err e = ERR_INIT;
	char byte;
	close(other);
	stream_init_fd(&s, fd, fd);
	stream_timeout(&s, 10000);
	if (raw) {
		stream_puts(&s, raw);
		stream_flush(&s, &e);
		stream_read(&s, &byte, 1, &e); /* the hello is taken before we hang up */
	} else if (tls_start_server(&s, m->pem, m->key_file, &e) == 0) {
		stream_puts(&s, "hello\r\n");
		stream_flush(&s, &e);
		stream_read(&s, &byte, 1, &e);
	}
	stream_release(&s);
	_exit(0);
}

/* 0 or the error's code; info and e are filled. */
static int shake(const struct made *m, const struct tls_options *o, const char *raw,
    struct tls_info *info, struct err *e)
{
	int fds[2], status;
	struct stream s;
	struct span line = SPAN("");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return -1;
	fflush(stdout);
	pid_t pid = serve(fds[1], fds[0], m, raw);
	close(fds[1]);
	stream_init_fd(&s, fds[0], fds[0]);
	s.own_fds = true;
	stream_timeout(&s, 10000);
	err_clear(e);
	int r = tls_start_client(&s, o, info, e);
	if (r == 0 && (stream_line(&s, &line, 100, e) != 1 || !span_is(line, "hello")))
		r = err_set(e, EX_SOFTWARE, "no hello");
	stream_release(&s);
	waitpid(pid, &status, 0);
	return r < 0 ? e->code : 0;
}

static void expect(const struct made *m, struct tls_options o, const char *security,
    const char *why, const char *what)
{
	struct tls_info info = {.version = ""};
	struct err e = ERR_INIT;
	int code = shake(m, &o, NULL, &info, &e);
	if (security)
		ok(code == 0 && strcmp(info.security, security) == 0, "%s: %s%s", what,
		    info.security, e.text);
	else
		ok(code == EX_PROTOCOL && strstr(e.text, why), "%s: %s", what, e.text);
}

static struct tls_pin pin(
    unsigned char usage, unsigned char selector, unsigned char matching, const struct buf *data)
{
	return (struct tls_pin){usage, selector, matching, buf_span(data)};
}

static void test_verify(const struct made *ca, const struct made *good, const struct made *expired,
    const struct made *self)
{
	struct tls_options o = {
	    .host = "mx.example.org", .verify = TLS_VERIFY_CA, .ca_file = ca->pem};
	expect(good, o, "verified", NULL, "a good certificate");
	o.host = "MX.example.org";
	expect(good, o, "verified", NULL, "case does not matter");
	o.host = "127.0.0.1";
	expect(good, o, "verified", NULL, "an address in it");
	o.host = "a.wild.example.org";
	expect(good, o, "verified", NULL, "a wildcard");
	o.host = "wild.example.org";
	expect(good, o, NULL, "not for wild.example.org", "which is for one label");
	o.host = "a.b.wild.example.org";
	expect(good, o, NULL, "not for a.b.wild.example.org", "and no more");
	o.host = "mx.example.net";
	expect(good, o, NULL, "not for mx.example.net", "a wrong name");
	o.host = "192.0.2.1";
	expect(good, o, NULL, "not trusted", "a wrong address");
	o.host = "mx.example.org";
	expect(expired, o, NULL, "expired", "an expired one");
	expect(self, o, NULL, "self-signed", "a self-signed one");
	o.ca_file = self->pem;
	expect(good, o, NULL, "not trusted", "another authority");
	o.ca_file = "/nonexistent";
	struct err e = ERR_INIT;
	is_int(shake(good, &o, NULL, NULL, &e), EX_CONFIG, "a missing file of ours");
	o = (struct tls_options){.host = "mx.example.org"};
	expect(self, o, "encrypted", NULL, "nobody is asked for");
	expect(expired, o, "encrypted", NULL, "nor for when");
}

static void test_fingerprint(const struct made *good, const struct made *other)
{
	struct buf cert = BUF_INIT(100), key = BUF_INIT(200), wrong = BUF_INIT(100);
	buf_adds(&cert, "sha256:");
	digest_hex(&cert, (const unsigned char *)good->cert_sum.ptr, 32);
	for (int i = 0; i < 32; i++)
		buf_addf(&key, "%s%02X", i ? ":" : "SHA256:", (unsigned char)good->key_sum.ptr[i]);
	buf_adds(&wrong, "sha256:");
	digest_hex(&wrong, (const unsigned char *)other->cert_sum.ptr, 32);
	const char *all[] = {buf_cstr(&wrong), buf_cstr(&cert), NULL},
		   *of_key[] = {buf_cstr(&key), NULL}, *none[] = {buf_cstr(&wrong), NULL},
		   *bad[] = {"sha256:zz", NULL};
	struct tls_options o = {.host = "x", .verify = TLS_VERIFY_FINGERPRINT, .fingerprints = all};
	expect(good, o, "fingerprint", NULL, "the certificate's");
	o.fingerprints = of_key;
	expect(good, o, "fingerprint", NULL, "the key's, with colons");
	o.fingerprints = none;
	expect(good, o, NULL, "its fingerprint is sha256:", "another one's");
	o.fingerprints = bad;
	expect(good, o, NULL, "its fingerprint is", "none at all");
	buf_release(&cert);
	buf_release(&key);
	buf_release(&wrong);
}

static void test_dane(const struct made *ca, const struct made *good, const struct made *expired,
    const struct made *other)
{
	struct tls_pin ee = pin(3, 1, 1, &good->key_sum), whole = pin(3, 0, 0, &good->der),
		       ta = pin(2, 0, 1, &ca->cert_sum), wrong = pin(3, 1, 1, &other->key_sum),
		       old = pin(3, 1, 1, &expired->key_sum), pkix = pin(1, 1, 1, &good->key_sum);
	struct tls_pin two[] = {wrong, ee};
	struct tls_options o = {.host = "mx.example.org",
	    .verify = TLS_VERIFY_DANE,
	    .names = {"mx.example.org"},
	    .pin_count = 1};
	o.pins = &ee;
	expect(good, o, "dane", NULL, "3 1 1");
	o.pins = &whole;
	expect(good, o, "dane", NULL, "3 0 0");
	o.pins = &wrong;
	expect(good, o, NULL, "no TLSA record", "3 1 1 of another key");
	o.pins = two;
	o.pin_count = 2;
	expect(good, o, "dane", NULL, "one of two");
	o.pin_count = 1;
	o.pins = &old;
	expect(expired, o, "dane", NULL, "dates do not count for 3");
	o.pins = &ee;
	o.host = o.names[0] = "other.example";
	expect(good, o, "dane", NULL, "nor names");
	o.host = o.names[0] = "mx.example.org";
	o.pins = &ta;
	expect(good, o, "dane", NULL, "2 0 1");
	expect(expired, o, NULL, "expired", "dates count for 2");
	expect(other, o, NULL, "", "2 0 1, not of that authority");
	o.host = o.names[0] = "other.example";
	expect(good, o, NULL, "not for other.example", "and so do names");
	o.names[1] = "mx.example.org";
	expect(good, o, "dane", NULL, "one of the names is enough");
	o.pins = &pkix;
	expect(good, o, NULL, "no usable TLSA record", "1 1 1 is not for mail");
}

static void test_broken(const struct made *good)
{
	struct tls_options o = {.host = "mx.example.org"};
	struct tls_info info;
	struct err e = ERR_INIT;
	int code = shake(good, &o, "500 what?\r\n", &info, &e);
	ok(code == EX_PROTOCOL, "no TLS at all: %s", e.text);
	code = shake(good, &o, "", &info, &e);
	ok(code == EX_TEMPFAIL, "gone in the handshake: %s", e.text);
	struct stream s;
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return;
	stream_init_fd(&s, fds[0], fds[0]);
	ok(write(fds[1], "250 injected\r\n", 14) == 14 && stream_fill(&s, &e) == 1,
	    "something waits before the handshake");
	is_int(tls_start_client(&s, &o, &info, &e), -1, "which ends it");
	is_int(e.code, EX_PROTOCOL, "as an attack");
	stream_release(&s);
	close(fds[0]);
	close(fds[1]);
}

static void test_info(const struct made *ca, const struct made *good)
{
	struct tls_options o = {
	    .host = "mx.example.org", .verify = TLS_VERIFY_CA, .ca_file = ca->pem};
	struct tls_info info = {.version = ""};
	struct err e = ERR_INIT;
	is_int(shake(good, &o, NULL, &info, &e), 0, "a connection");
	is_str(info.version, "TLSv1.3", "its version");
	ok(strstr(info.cipher, "TLS_") == info.cipher, "its cipher: %s", info.cipher);
	is_str(info.peer, "good", "whose it is");
	ok(info.exporter_len == 32 && info.end_point_len == 32, "what a sign-in can be bound to");
}

int main(void)
{
	signals_init(); /* a peer that hangs up is an error to see, not an end */
	if (!mkdtemp(folder))
		return 99;
	const char *san = "DNS:mx.example.org,DNS:*.wild.example.org,IP:127.0.0.1";
	long day = 86400;
	struct made ca = make("ca", NULL, NULL, -day, day),
		    good = make("good", san, &ca, -day, day),
		    expired = make("expired", san, &ca, -2 * day, -day),
		    self = make("self", san, NULL, -day, day);
	test_verify(&ca, &good, &expired, &self);
	test_fingerprint(&good, &self);
	test_dane(&ca, &good, &expired, &self);
	test_broken(&good);
	test_info(&ca, &good);
	unmake(&ca);
	unmake(&good);
	unmake(&expired);
	unmake(&self);
	rmdir(folder);
	return tap_done();
}
