/*
 * options.h - what mail-compose was asked for.
 */
#ifndef SURAT_MAIL_COMPOSE_OPTIONS_H
#define SURAT_MAIL_COMPOSE_OPTIONS_H

#include "account/account.h"
#include "cli/cli.h"

struct options {
	struct cli_common common;
	struct strv from, to, cc, bcc, reply_to, headers;
	char *subject, *message_id, *boundary_seed, *charset;
	char *body, *html;
	struct strv inlines, attach, archives;
	char *reply, *resend;
	struct strv forward;
	bool all, quote, inline_forward, mbox;
	bool has_date;
	int64_t date_s;
	int date_offset_min;
	bool flowed, utf8_headers, crlf, eight_bit;
	bool check_address;
};
extern const struct cli_program program;
extern const struct options options_default;

/*
 * The program is built twice. mail-compose is what most runs need, and loads no library but the C library; what other runs need (messages by name, JSON, domains in
 * other scripts) is in surat-compose, which mail-compose becomes before anything was read. full.c and originals.c are in the one, light.c in the
 * other.
 */
struct draft;
struct sink;
bool full_is_here(void);
void full_prepare(struct draft *d);
/* --reply and --forward. */
int full_add_originals(
    struct draft *d, const struct options *o, const struct account *a, struct err *e);
int full_resend(struct draft *d, const struct options *o, const struct account *a, struct sink *out,
    struct err *e);
/* --check-address: the exit code. */
int full_check_addresses(const struct strv *addresses, struct err *e);

#endif
