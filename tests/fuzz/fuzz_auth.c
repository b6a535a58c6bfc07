/* A message and, behind a line "%%", the DNS it is judged by: SPF, DKIM, DMARC and ARC come to results, and what is written of them is one field of ours. */
#include "auth/auth.h"
#include "auth/field.h"
#include "base/alloc.h"
#include "io/file.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dns *open_zone(struct span text)
{
	struct dns *dns = NULL;
	char path[64];
	int fd = memfd_create("zone", 0);
	ENSURE(fd >= 0 && fd_write_all(fd, text, NULL) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct dns_options o = {.data_file = path};
	dns_open(&dns, &o, NULL);
	close(fd);
	return dns;
}

static void check_field(const struct auth_results *all)
{
	struct buf out = BUF_INIT(1 << 20);
	struct span line, rest;
	auth_field_write(&out, "mx.example.net", all);
	rest = buf_span(&out);
	ENSURE(!out.over && span_line(&rest, &line));
	ENSURE(
	    auth_field_is_of(span_skip(line, strlen("Authentication-Results:")), "mx.example.net"));
	while (span_line(&rest, &line))
		ENSURE(line.len > 1 && is_wsp(line.ptr[0]));
	buf_release(&out);
}

static void check(struct dns *dns, struct span message)
{
	struct auth_ask *ask = auth_ask_new(dns, 1000, 0);
	struct auth_options o = {.spf = true,
	    .dkim = true,
	    .dmarc = true,
	    .arc = true,
	    .explain = true,
	    .key = {.now_s = 1800000000, .min_bits = 512, .allow_sha1 = true},
	    .client = {.client_ip = "192.0.2.1",
		.helo = "mx.example.org",
		.sender = "ana@example.org",
		.now_s = 1800000000}};
	struct auth_check c;
	struct err e = ERR_INIT;
	auth_check_init(&c, ask, &o);
	/* in two pieces: the cut must not matter, and here it must not crash */
	size_t half = message.len / 2;
	int r = sink_put(&c.message.sink, span_take(message, half), &e);
	if (r == 0)
		r = sink_put(&c.message.sink, span_skip(message, half), &e);
	if (r == 0)
		r = auth_check_end(&c, &e);
	if (r == 0)
		r = auth_check_judge(&c, &e);
	ENSURE(r == 0 || e.code == EX_DATAERR);
	if (r == 0) {
		ENSURE(c.results.n >= 4);
		check_field(&c.results);
	}
	auth_check_release(&c);
	auth_ask_free(ask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_make((const char *)data, size);
	ptrdiff_t at = span_find(all, SPAN("\n%%\n"));
	if (at < 0)
		return 0;
	struct dns *dns = open_zone(span_skip(all, (size_t)at + 4));
	if (dns) /* else it is no zone */
		check(dns, span_take(all, (size_t)at + 1));
	dns_free(dns);
	return 0;
}
