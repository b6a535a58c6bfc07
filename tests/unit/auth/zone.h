/* zone.h - a DNS out of a text, for tests of what asks it. */
#ifndef SURAT_TEST_ZONE_H
#define SURAT_TEST_ZONE_H

#include "auth/ask.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct zone {
	struct dns *dns;
	struct auth_ask *ask;
};

static void zone_open(struct zone *z, const char *text)
{
	char path[] = "/tmp/surat-zone.XXXXXX";
	struct err e = ERR_INIT;
	int fd = mkstemp(path);
	struct dns_options o = {.data_file = path};
	if (fd < 0 || fd_write_all(fd, span_of(text), &e) < 0 || dns_open(&z->dns, &o, &e) < 0) {
		printf("Bail out! %s\n", e.text);
		exit(99);
	}
	close(fd);
	unlink(path);
	z->ask = auth_ask_new(z->dns, 5000, 0);
}

static void zone_close(struct zone *z)
{
	auth_ask_free(z->ask);
	dns_free(z->dns);
}

#endif
