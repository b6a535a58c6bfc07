/*
 * clamd.h - ClamAV's daemon asked about bytes: INSTREAM, over a Unix socket or TCP, one connection for as many pieces as there are (IDSESSION).
 *
 *	struct clamd c;
 *	clamd_init(&c, "/run/clamav/clamd.ctl", e);		// or "127.0.0.1:3310", "[::1]:3310"
 *	clamd_begin(&c, e); clamd_put(&c, bytes) ...; clamd_end(&c, &answer, e);	// as often as wanted
 *	clamd_release(&c);
 *
 * Only CLAMD_OK means that it looked and found nothing, and even then only at what lies within its own limits: who hands it archives keeps below them (inspect/helper.h).
 * Whatever else it says, or a connection that closes, is an answer too: not inspected. Answers are data: one line, bounded, printable.
 */
#ifndef SURAT_CLAMD_CLAMD_H
#define SURAT_CLAMD_CLAMD_H

#include "base/err.h"
#include "io/stream.h"
#include "net/addr.h"

#include <stdint.h>

enum clamd_verdict {
	CLAMD_OK,
	CLAMD_FOUND,     /* text: the malware's name */
	CLAMD_TOO_LARGE, /* over its StreamMaxLength */
	CLAMD_ERROR      /* text: what it said, or how it failed */
};
struct clamd_answer {
	enum clamd_verdict verdict;
	char text[256];
};
struct clamd {
	char *socket, *host; /* one of them */
	unsigned port;
	int64_t timeout_ms; /* for an answer, and for bytes to get through: 120 s */
	struct stream stream;
	bool open;
	bool early;     /* it has answered, or gone, before all was there */
	uint64_t asked; /* on this connection */
};
/* EX_USAGE: neither a path with a slash nor HOST:PORT. Connects to nothing yet. */
int clamd_init(struct clamd *c, const char *address, struct err *e);
void clamd_release(struct clamd *c);
/* A piece begins; connects where it must. EX_TEMPFAIL: it cannot be reached. */
int clamd_begin(struct clamd *c, struct err *e);
/* Never fails: how it went is the answer's matter. */
void clamd_put(struct clamd *c, struct span bytes);
/* The piece is complete. */
void clamd_end(struct clamd *c, struct clamd_answer *answer);
/* The connection is kept no longer. */
void clamd_close(struct clamd *c);
/* One line of its own: public for the tests, which feed it what no daemon says. */
void clamd_parse(struct span line, struct clamd_answer *answer);

#endif
