#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "net/connect.h"
#include "probe.h"
#include "smtp/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int64_t left_ms(const struct target *to)
{
	int64_t left = to->deadline_ms - clock_mono_ms();
	return left > 1 ? left : 1;
}

/* Since the last step. */
static int64_t lap(int64_t *from)
{
	int64_t now = clock_mono_ms(), took = now - *from;
	*from = now;
	return took;
}

static char *take_text(const struct smtp_reply *r)
{
	return span_dup(buf_span(&r->text));
}

static int handshake(struct talk *t, const struct target *to, struct stream *s, struct err *e)
{
	struct tls_info info;
	struct tls_options o = {.host = to->names.n ? to->names.v[0] : to->host,
	    .verify = TLS_VERIFY_NONE,
	    .pins = to->pins,
	    .pin_count = to->pin_count,
	    .cert_file = to->cert_file,
	    .key_file = to->key_file,
	    .look = &t->look};
	for (size_t i = 0; i < to->names.n && i < ARRAY_LEN(o.names) - 1; i++)
		o.names[i] = to->names.v[i];
	stream_timeout(s, left_ms(to));
	return tls_start_client(s, &o, &info, e);
}

static int secure(struct talk *t, const struct target *to, struct smtp_client *c, struct err *e)
{
	int64_t since = clock_mono_ms();
	t->starttls = smtp_client_can(c, SMTP_STARTTLS_OFFERED);
	if (!t->starttls)
		return 0;
	if (smtp_client_starttls(c, e) < 0)
		return -1;
	t->ms.starttls = lap(&since);
	if (handshake(t, to, c->stream, e) < 0)
		return -1;
	t->ms.handshake = lap(&since);
	smtp_client_secured(c);
	t->secured = true;
	if (smtp_client_hello(c, t->helo, e) < 0)
		return -1;
	t->extensions_tls = take_text(&c->reply);
	t->size = c->size_max;
	return 0;
}

/* RFC 5321 4.1.4: a name that is fully qualified, or the address as a literal. */
static void my_name(int fd, char *out, size_t size)
{
	struct net_addr me = {.len = sizeof(me.sa)};
	char host[256] = "", ip[64] = "127.0.0.1";
	gethostname(host, sizeof(host) - 1);
	if (strchr(host, '.') && !strpbrk(host, " \t\r\n")) {
		snprintf(out, size, "%s", host);
		return;
	}
	if (getsockname(fd, (struct sockaddr *)&me.sa, &me.len) == 0)
		net_addr_text(&me, ip, sizeof(ip));
	snprintf(out, size, strchr(ip, ':') ? "[IPv6:%s]" : "[%s]", ip);
}

static int converse(struct talk *t, const struct target *to, struct smtp_client *c, struct err *e)
{
	int64_t since = clock_mono_ms();
	int r = smtp_client_greeting(c, e);
	t->banner = take_text(&c->reply);
	if (r < 0)
		return -1;
	t->greeted = true;
	t->ms.greeting = lap(&since);
	if (smtp_client_hello(c, t->helo, e) < 0)
		return -1;
	t->ms.ehlo = lap(&since);
	t->extensions = take_text(&c->reply);
	t->size = c->size_max;
	return secure(t, to, c, e);
}

void talk_run(struct talk *t, const struct target *to, enum tls_look_version version_max)
{
	struct net_addrs one = {0};
	struct stream s;
	struct smtp_client c;
	size_t which;
	int64_t since = clock_mono_ms();
	struct net_connect_options o = {
	    .bind = to->has_bind ? &to->bind : NULL, .timeout_ms = left_ms(to)};
	t->look.algorithm = t->algorithm;
	t->look.version_max = version_max;
	t->look.ca_file = to->ca_file;
	net_addrs_add(&one, &to->address);
	int fd = net_connect(&one, &o, &which, &t->error);
	net_addrs_release(&one);
	if (fd < 0)
		return;
	t->ms.connect = lap(&since);
	my_name(fd, t->helo, sizeof(t->helo));
	stream_init_fd(&s, fd, fd);
	s.own_fds = true;
	smtp_client_init(&c, &s, SMTP, left_ms(to));
	c.deadline_ms = to->deadline_ms;
	/* who said no in so many words is told goodbye */
	if (converse(t, to, &c, &t->error) == 0 || (t->error.smtp && t->error.smtp != 421))
		smtp_client_quit(&c);
	smtp_client_release(&c);
	stream_release(&s);
}

void talk_release(struct talk *t)
{
	tls_look_release(&t->look);
	free(t->banner);
	free(t->extensions);
	free(t->extensions_tls);
}
