/*
 * talk.h - an IMAP conversation with a script: $ in what the server says is the tag of the next command, which the seed makes known.
 */
#ifndef SURAT_TESTS_IMAP_TALK_H
#define SURAT_TESTS_IMAP_TALK_H

#include "../script.h"
#include "base/random.h"
#include "imap/client.h"

#include <stdio.h>

struct talk {
	struct script sc;
	struct stream s;
	struct imap_client c;
	struct err e;
	char said[8192];
};

__attribute__((unused)) static void talk_open(struct talk *t, const char *says, size_t chunk)
{
	*t = (struct talk){0};
	random_fix(7);
	imap_client_init(&t->c, &t->s, 0);
	unsigned n = 0;
	char *to = t->said;
	for (; *says; says++)
		if (*says == '$')
			to += sprintf(to, "%s%u", t->c.prefix, ++n);
		else
			*to++ = *says;
	t->sc = (struct script){.says = t->said, .chunk = chunk};
	script_open(&t->sc, &t->s);
}

__attribute__((unused)) static void talk_close(struct talk *t)
{
	imap_client_release(&t->c);
	stream_release(&t->s);
	buf_release(&t->sc.heard);
}

#endif
