/*
 * probe.h - surat-probe: one address of one mail server, and what it shows to whom. Only EHLO, STARTTLS, EHLO and QUIT are said.
 *
 * Asked on standard input, one line: {"v":1,"host","address","port","names":[...],"pins":[...],"timeout_ms"} (pins as in the plan).
 * Answered on standard output: {"address","banner","extensions":[...],"size","starttls","connect_ms","greeting_ms","ehlo_ms","cells":[...]} or
 * with "error". A cell is one conversation with one kind of client: "rsa" and "ecdsa" with TLS 1.2, "any" with 1.3 too.
 */
#ifndef SURAT_CMD_PROBE_PROBE_H
#define SURAT_CMD_PROBE_PROBE_H

#include "base/err.h"
#include "base/strv.h"
#include "net/addr.h"
#include "net/tls.h"

#include <jansson.h>

struct target {
	const char *host;
	struct net_addr address, bind;
	bool has_bind;
	struct strv names;
	struct tls_pin *pins;
	size_t pin_count;
	int64_t deadline_ms;
	const char *ca_file, *cert_file, *key_file;
};
/* Views of o, but for the pins and names: to be released in any case. EX_DATAERR. */
int target_read(struct target *t, const json_t *o, struct err *e);
void target_release(struct target *t);

struct times {
	int64_t connect, greeting, ehlo, starttls, handshake;
};
struct talk { /* one conversation */
	enum tls_look_algorithm algorithm;
	struct tls_look look;
	char helo[256];
	bool greeted, starttls, secured;
	char *banner, *extensions, *extensions_tls; /* lines with LF between */
	uint64_t size;
	struct times ms;
	struct err error;
};
void talk_run(struct talk *t, const struct target *to, enum tls_look_version version_max);
void talk_release(struct talk *t);

json_t *show_cell(const struct talk *t, const struct target *to, const char *word);
/* What the first conversation tells of the address. */
void show_address(json_t *o, const struct talk *t);

#endif
