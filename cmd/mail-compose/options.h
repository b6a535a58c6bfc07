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
	bool check_address, edit, lint;
	char *lint_message; /* --lint=MESSAGE; "": what is composed */
	char *merge, *spec, *unsubscribe;
	char *text, *html_text; /* at hand, instead of body and html */
	const char *html_path;  /* the file html_text is of, or NULL */
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
/* --spec: into the options. */
int full_read_spec(struct options *o, struct err *e);
/* --edit. */
int full_edit(struct draft *d, const struct options *o, struct err *e);
/* --merge: all messages. */
int full_merge(
    struct options *o, const struct account *a, bool free_stdin, struct sink *out, struct err *e);
/* --lint of a message that is there already: the exit code. */
int full_lint_message(const struct options *o, const struct account *a, struct err *e);
/* And of one that was written into a spool: -1 where it has errors. */
struct spool;
int full_lint(const struct options *o, const struct spool *message, struct err *e);
/* --check-address: the exit code. */
int full_check_addresses(const struct strv *addresses, struct err *e);

#endif
