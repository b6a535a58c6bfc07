#include "net/tls_session.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "io/file.h"
#include "io/sys.h"
#include "net/tls_session_room.h"

#include <dirent.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LIFE_S = 3600, KNOWN_MAX = 64, SESSION_MAX = 64 << 10, SWEEP_EVERY = 32 };

struct known {
	char key[TLS_SESSION_KEY];
	SSL_SESSION *session;
};
struct tls_sessions {
	char *folder;
	struct known v[KNOWN_MAX];
	size_t n;
};

struct tls_sessions *tls_sessions_new(const char *folder)
{
	struct tls_sessions *s = mem_new(1, sizeof(*s));
	s->folder = folder ? str_dup(folder) : NULL;
	return s;
}

/* --- under which name --- */

static void add_text(struct digest *d, const char *s)
{
	digest_add(d, span_of(s ? s : ""));
	digest_add(d, span_make("", 1));
}

static void add_number(struct digest *d, long long n)
{
	char text[32];
	snprintf(text, sizeof(text), "%lld", n);
	add_text(d, text);
}

/* Another file, or another state of it, is another demand. */
static void add_file(struct digest *d, const char *path)
{
	struct stat st;
	add_text(d, path);
	if (path && sys_fstatat(AT_FDCWD, path, &st, 0) == 0) {
		add_number(d, (long long)st.st_ino);
		add_number(d, (long long)st.st_size);
		add_number(d, (long long)st.st_mtim.tv_sec);
		add_number(d, (long long)st.st_mtim.tv_nsec);
	}
}

static void make_key(const struct tls_options *o, char out[TLS_SESSION_KEY])
{
	unsigned char sum[DIGEST_MAX];
	struct buf hex = BUF_INIT(TLS_SESSION_KEY);
	struct digest d;
	digest_init(&d, DIGEST_SHA256);
	add_text(&d, "1");
	add_text(&d, o->host);
	add_number(&d, (long long)o->port);
	add_number(&d, o->verify);
	for (size_t i = 0; i < ARRAY_LEN(o->names) && o->names[i]; i++)
		add_text(&d, o->names[i]);
	add_text(&d, "fingerprints");
	for (size_t i = 0; o->fingerprints && o->fingerprints[i]; i++)
		add_text(&d, o->fingerprints[i]);
	add_text(&d, o->alpn);
	add_file(&d, o->ca_file);
	add_file(&d, o->cert_file);
	add_file(&d, o->key_file);
	digest_hex(&hex, sum, digest_final(&d, sum));
	snprintf(out, TLS_SESSION_KEY, "%s", buf_cstr(&hex));
	buf_release(&hex);
}

/* --- is it still good? --- */

static bool is_good(const SSL_SESSION *s, const struct tls_options *o)
{
	int64_t age = clock_real_s() - (int64_t)SSL_SESSION_get_time(s);
	X509 *peer = SSL_SESSION_get0_peer((SSL_SESSION *)(uintptr_t)s);
	if (age < 0 || age > LIFE_S || !SSL_SESSION_is_resumable(s))
		return false;
	if (o->verify == TLS_VERIFY_NONE)
		return true;
	/* a session of which nothing is known proves nothing; one that outlives its certificate neither */
	return peer && X509_cmp_current_time(X509_get0_notAfter(peer)) > 0 &&
	       X509_cmp_current_time(X509_get0_notBefore(peer)) < 0;
}

/* --- in memory --- */

static SSL_SESSION *from_memory(struct tls_sessions *store, const char *key)
{
	for (size_t i = store->n; i-- > 0;) {
		if (strcmp(store->v[i].key, key) != 0)
			continue;
		SSL_SESSION *found = store->v[i].session;
		store->v[i] = store->v[--store->n];
		return found;
	}
	return NULL;
}

static void to_memory(struct tls_sessions *store, const char *key, SSL_SESSION *s)
{
	SSL_SESSION_free(from_memory(store, key));
	if (store->n == KNOWN_MAX) {
		SSL_SESSION_free(store->v[0].session);
		store->v[0] = store->v[--store->n];
	}
	memcpy(store->v[store->n].key, key, TLS_SESSION_KEY);
	store->v[store->n++].session = s;
}

/* --- in the folder --- */

/* -1 where it is not ours alone. */
static int open_folder(const struct tls_sessions *store)
{
	struct stat st;
	int dir = store->folder
		      ? sys_openat(AT_FDCWD, store->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
		      : -1;
	if (dir < 0)
		return -1;
	if (sys_fstat(dir, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 077))
		return dir;
	sys_close(dir);
	return -1;
}

static SSL_SESSION *read_session(int dir, const char *name)
{
	unsigned char bytes[SESSION_MAX];
	const unsigned char *p = bytes;
	int fd = file_open_strict(dir, name, NULL);
	ssize_t n = fd < 0 ? -1 : sys_read(fd, bytes, sizeof(bytes));
	if (fd >= 0)
		sys_close(fd);
	SSL_SESSION *s = n > 0 ? d2i_SSL_SESSION(NULL, &p, n) : NULL;
	mem_wipe(bytes, sizeof(bytes));
	ERR_clear_error();
	return s;
}

/* Renaming makes it ours: no other process uses it too. */
static SSL_SESSION *from_folder(struct tls_sessions *store, const char *key)
{
	char mine[TLS_SESSION_KEY + 24];
	int dir = open_folder(store);
	SSL_SESSION *s = NULL;
	if (dir < 0)
		return NULL;
	snprintf(mine, sizeof(mine), ".%s.%ld", key, (long)getpid());
	if (sys_renameat(dir, key, dir, mine) == 0) {
		s = read_session(dir, mine);
		sys_unlinkat(dir, mine, 0);
	}
	sys_close(dir);
	return s;
}

/* What nobody came back for. */
static void sweep(int dir)
{
	struct stat st;
	int fd = dup(dir);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	for (struct dirent *e; d && (e = readdir(d)) != NULL;)
		if (sys_fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && (int64_t)st.st_mtim.tv_sec + LIFE_S < clock_real_s())
			sys_unlinkat(dir, e->d_name, 0);
	if (d)
		closedir(d);
}

static void write_session(int dir, const char *key, SSL_SESSION *s)
{
	unsigned char *der = NULL;
	struct file_new f;
	int len = i2d_SSL_SESSION(s, &der);
	if (len > 0 && len < SESSION_MAX && file_new_open(&f, dir, 0600, NULL) == 0) {
		if (sink_put(&f.out.sink, span_make((const char *)der, (size_t)len), NULL) < 0 ||
		    file_new_commit(&f, key, FILE_REPLACE | FILE_NO_SYNC, NULL) < 0)
			file_new_abort(&f);
		mem_wipe(f.out.bytes, sizeof(f.out.bytes));
	}
	if (der)
		mem_wipe(der, (size_t)len);
	OPENSSL_free(der);
}

static void to_folder(struct tls_sessions *store, const char *key, SSL_SESSION *s)
{
	int dir = open_folder(store);
	if (dir < 0 && store->folder && dir_make(store->folder, 0700, NULL) == 0)
		dir = open_folder(store);
	if (dir < 0)
		return;
	write_session(dir, key, s);
	if (key[0] % SWEEP_EVERY == getpid() % SWEEP_EVERY)
		sweep(dir);
	sys_close(dir);
}

/* --- one connection --- */

/* OpenSSL's callback: a ticket came. 1: the reference is ours now. */
static int on_session(SSL *ssl, SSL_SESSION *s)
{
	struct tls_resume *r = SSL_get_app_data(ssl);
	if (!r || !r->store || !r->trusted || !SSL_SESSION_is_resumable(s))
		return 0;
	to_memory(r->store, r->key, s);
	return 1;
}

void tls_resume_prepare(struct tls_resume *r, SSL *ssl, const struct tls_options *o)
{
	if (!o->sessions || !o->host || o->verify == TLS_VERIFY_DANE || o->look)
		return;
	r->store = o->sessions;
	make_key(o, r->key);
	SSL_set_app_data(ssl, r);
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	SSL_CTX_set_session_cache_mode(
	    ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
	SSL_CTX_sess_set_new_cb(ctx, on_session);
	SSL_SESSION *s = from_memory(r->store, r->key);
	if (!s)
		s = from_folder(r->store, r->key);
	if (s && is_good(s, o))
		SSL_set_session(ssl, s);
	SSL_SESSION_free(s);
}

/* With TLS 1.2 the session was there before we knew whom we talk to; it may serve many times. */
void tls_resume_trusted(struct tls_resume *r, SSL *ssl)
{
	r->trusted = true;
	if (!r->store || SSL_version(ssl) >= TLS1_3_VERSION)
		return;
	SSL_SESSION *s = SSL_get1_session(ssl);
	if (s && SSL_SESSION_is_resumable(s))
		to_memory(r->store, r->key, s);
	else
		SSL_SESSION_free(s);
}

/* What is left may serve the next run. */
void tls_sessions_free(struct tls_sessions *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		if (s->folder &&
		    SSL_SESSION_get_protocol_version(s->v[i].session) >= TLS1_3_VERSION)
			to_folder(s, s->v[i].key, s->v[i].session);
		SSL_SESSION_free(s->v[i].session);
	}
	free(s->folder);
	free(s);
}
