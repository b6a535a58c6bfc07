/* smtpsink: an SMTP/LMTP sink that is never the bottleneck (memchr/memmem scanning), for loopback only.
 *   smtpsink [-L] [-p PORT] [-s STATSFILE] [-P] [-C] [-t|-T CERT_AND_KEY.pem]
 *  -L LMTP   -P do not offer PIPELINING   -C do not offer CHUNKING   -t offer STARTTLS   -T TLS from the start
 * Plain: one thread and epoll.  With -t or -T: a thread for each connection (built with -DTLS -lssl -lcrypto).
 * Offers PIPELINING 8BITMIME SMTPUTF8 CHUNKING SIZE DSN; takes MAIL RCPT DATA BDAT RSET NOOP QUIT; keeps nothing.
 * On TERM writes "connections messages bytes recipients" to STATSFILE and ends. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef TLS
#include <openssl/ssl.h>
#include <pthread.h>
static SSL_CTX *ctx;
#else
typedef void SSL;
#endif
#define BUF (1 << 18)
struct conn {
	SSL *ssl;
	int fd, data, rcpts, tail;
	unsigned long long bdat;
	int last;
	char *b;
	size_t n;
	char out[8192];
	size_t on;
	char t[5];
};
static int lmtp, nopipe, nochunk, tls;
static _Atomic unsigned long long nconn, nmsg, nbytes, nrcpt;
static volatile sig_atomic_t stop;
static void term(int s)
{
	(void)s;
	stop = 1;
}
static void flush(struct conn *c)
{
	size_t o = 0;
#ifdef TLS
	if (c->ssl) {
		if (c->on)
			SSL_write(c->ssl, c->out, (int)c->on);
		c->on = 0;
		return;
	}
#endif
	while (o < c->on) {
		ssize_t w = send(c->fd, c->out + o, c->on - o, MSG_NOSIGNAL);
		if (w <= 0)
			break;
		o += (size_t)w;
	}
	c->on = 0;
}
static void say(struct conn *c, const char *s)
{
	size_t l = strlen(s);
	if (c->on + l > sizeof c->out)
		flush(c);
	memcpy(c->out + c->on, s, l);
	c->on += l;
}
static void done(struct conn *c)
{
	nmsg++;
	int k = lmtp ? c->rcpts : 1;
	while (k-- > 0)
		say(c, "250 2.0.0 Ok: queued as 0123456789\r\n");
	c->rcpts = 0;
}
/* returns 0 when the connection is to be closed */
static int eat(struct conn *c)
{
	size_t i = 0;
	while (i < c->n) {
		if (c->bdat) {
			size_t k = c->n - i;
			if (k > c->bdat)
				k = c->bdat;
			i += k;
			c->bdat -= k;
			nbytes += k;
			if (!c->bdat) {
				if (c->last)
					done(c);
				else
					say(c, "250 2.0.0 Ok\r\n");
			}
		} else if (c->data) {
			/* look for CRLF.CRLF over the block's border: keep up to 4 bytes back */
			char *p = memmem(c->b + i, c->n - i, "\r\n.\r\n", 5);
			if (p) {
				nbytes += (size_t)(p - (c->b + i));
				i = (size_t)(p - c->b) + 5;
				c->data = 0;
				done(c);
				continue;
			}
			size_t keep = c->n - i < 4 ? c->n - i : 4;
			nbytes += c->n - i - keep;
			memmove(c->b, c->b + c->n - keep, keep);
			c->n = keep;
			return 1;
		} else {
			char *e = memchr(c->b + i, '\n', c->n - i);
			if (!e)
				break;
			char *l = c->b + i;
			size_t len = (size_t)(e - l);
			*e = 0;
			i = (size_t)(e - c->b) + 1;
			(void)len;
			if (!strncasecmp(l, "EHLO", 4) || !strncasecmp(l, "LHLO", 4)) {
				say(c, "250-sink.example\r\n");
				if (!nopipe)
					say(c, "250-PIPELINING\r\n");
				if (!nochunk)
					say(c, "250-CHUNKING\r\n");
				if (tls == 't' && !c->ssl)
					say(c, "250-STARTTLS\r\n");
				say(c, "250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-"
				       "ENHANCEDSTATUSCODES\r\n250 SIZE 4294967296\r\n");
			} else if (!strncasecmp(l, "HELO", 4))
				say(c, "250 sink.example\r\n");
			else if (!strncasecmp(l, "MAIL", 4)) {
				c->rcpts = 0;
				say(c, "250 2.1.0 Ok\r\n");
			} else if (!strncasecmp(l, "RCPT", 4)) {
				c->rcpts++;
				nrcpt++;
				say(c, "250 2.1.5 Ok\r\n");
			} else if (!strncasecmp(l, "DATA", 4)) {
				say(c, "354 go\r\n");
				c->data = 1;
				flush(c);
				if (c->n - i >= 3 && !memcmp(c->b + i, ".\r\n", 3)) {
					i += 3;
					c->data = 0;
					done(c);
				}
			} else if (!strncasecmp(l, "BDAT", 4)) {
				c->bdat = strtoull(l + 4, NULL, 10);
				c->last = strcasestr(l, "LAST") != NULL;
				if (!c->bdat) {
					if (c->last)
						done(c);
					else
						say(c, "250 2.0.0 Ok\r\n");
				}
			} else if (!strncasecmp(l, "QUIT", 4)) {
				say(c, "221 2.0.0 Bye\r\n");
				flush(c);
				return 0;
			}
#ifdef TLS
			else if (!strncasecmp(l, "STARTTLS", 8) && tls == 't' && !c->ssl) {
				say(c, "220 2.0.0 Ready\r\n");
				flush(c);
				c->n = 0;
				c->ssl = SSL_new(ctx);
				SSL_set_fd(c->ssl, c->fd);
				return SSL_accept(c->ssl) == 1;
			}
#endif
			else if (!strncasecmp(l, "RSET", 4) || !strncasecmp(l, "NOOP", 4))
				say(c, "250 2.0.0 Ok\r\n");
			else
				say(c, "502 5.5.2 what\r\n");
		}
	}
	if (i) {
		memmove(c->b, c->b + i, c->n - i);
		c->n -= i;
	}
	if (c->n == BUF)
		c->n = 0; /* absurd command line */
	return 1;
}
#ifdef TLS
static void *serve(void *v)
{
	struct conn *c = v;
	if (tls == 'T') {
		c->ssl = SSL_new(ctx);
		SSL_set_fd(c->ssl, c->fd);
		if (SSL_accept(c->ssl) != 1)
			goto end;
	}
	say(c, lmtp ? "220 sink.example LMTP\r\n" : "220 sink.example ESMTP\r\n");
	flush(c);
	for (;;) {
		ssize_t r = c->ssl ? SSL_read(c->ssl, c->b + c->n, (int)(BUF - c->n))
				   : read(c->fd, c->b + c->n, BUF - c->n);
		if (r <= 0)
			break;
		c->n += (size_t)r;
		if (!eat(c))
			break;
		flush(c);
	}
end:
	if (c->ssl) {
		SSL_shutdown(c->ssl);
		SSL_free(c->ssl);
	}
	close(c->fd);
	free(c->b);
	free(c);
	return NULL;
}
#endif
int main(int argc, char **argv)
{
	const char *pem = NULL;
	(void)pem;
	int o, port = 2525, one = 1;
	const char *stats = NULL;
	while ((o = getopt(argc, argv, "Lp:s:PCt:T:")) != -1) {
		if (o == 'L')
			lmtp = 1;
		else if (o == 'p')
			port = atoi(optarg);
		else if (o == 's')
			stats = optarg;
		else if (o == 'P')
			nopipe = 1;
		else if (o == 'C')
			nochunk = 1;
		else if (o == 't' || o == 'T') {
			tls = o;
			pem = optarg;
		} else
			return 2;
	}
	struct sigaction sa = {.sa_handler = term};
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	int ls = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons((unsigned short)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (bind(ls, (void *)&a, sizeof a) || listen(ls, 1024)) {
		perror("smtpsink");
		return 1;
	}
#ifdef TLS
	if (tls) {
		signal(SIGPIPE, SIG_IGN);
		ctx = SSL_CTX_new(TLS_server_method());
		SSL_CTX_set_read_ahead(ctx, 1);
		if (SSL_CTX_use_certificate_file(ctx, pem, SSL_FILETYPE_PEM) != 1 ||
		    SSL_CTX_use_PrivateKey_file(ctx, pem, SSL_FILETYPE_PEM) != 1) {
			fprintf(stderr, "smtpsink: bad %s\n", pem);
			return 1;
		}
		while (!stop) {
			int fd = accept(ls, NULL, NULL);
			if (fd < 0)
				continue;
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
			struct conn *c = calloc(1, sizeof *c);
			c->fd = fd;
			c->b = malloc(BUF);
			nconn++;
			pthread_t th;
			if (pthread_create(&th, NULL, serve, c)) {
				close(fd);
				continue;
			}
			pthread_detach(th);
		}
	}
#else
	if (tls) {
		fprintf(stderr, "smtpsink: built without TLS\n");
		return 1;
	}
#endif
	int ep = epoll_create1(0);
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL}, evs[64];
	epoll_ctl(ep, EPOLL_CTL_ADD, ls, &ev);
	while (!stop) {
		int n = epoll_wait(ep, evs, 64, 1000);
		for (int i = 0; i < n; i++) {
			struct conn *c = evs[i].data.ptr;
			if (!c) {
				int fd = accept(ls, NULL, NULL);
				if (fd < 0)
					continue;
				setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
				c = calloc(1, sizeof *c);
				c->fd = fd;
				c->b = malloc(BUF);
				nconn++;
				say(c, lmtp ? "220 sink.example LMTP\r\n"
					    : "220 sink.example ESMTP\r\n");
				flush(c);
				ev.data.ptr = c;
				epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
				continue;
			}
			ssize_t r = read(c->fd, c->b + c->n, BUF - c->n);
			if (r > 0) {
				c->n += (size_t)r;
				int live = eat(c);
				if (live) {
					flush(c);
					continue;
				}
			} else if (r < 0 && (errno == EAGAIN || errno == EINTR))
				continue;
			close(c->fd);
			free(c->b);
			free(c);
		}
	}
	if (stats) {
		FILE *f = fopen(stats, "w");
		if (f) {
			fprintf(f, "%llu %llu %llu %llu\n", nconn, nmsg, nbytes, nrcpt);
			fclose(f);
		}
	}
	return 0;
}
