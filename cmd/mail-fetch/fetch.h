/*
 * fetch.h - what the files of this program share.
 */
#ifndef SURAT_MAIL_FETCH_H
#define SURAT_MAIL_FETCH_H

#include "account/account.h"
#include "cli/cli.h"
#include "cli/trace.h"
#include "fetch/fetch.h"
#include "io/file.h"
#include "net/addr.h"

#include <pthread.h>

enum command {
	CMD_GET,
	CMD_WATCH,
	CMD_FOLDERS,
	CMD_STATUS,
	CMD_LIST,
	CMD_SEARCH,
	CMD_SHOW,
	CMD_RAW,
	CMD_FLAG,
	CMD_MOVE,
	CMD_COPY,
	CMD_DELETE,
	CMD_APPEND,
};
struct opts {
	struct cli_common common;
	struct cli_network network;
	struct cli_secrets secrets;
	int tls; /* enum fetch_tls */
	struct strv fingerprints;
	char *to, *lmtp, *state, *where, *names;
	bool keep, erase, nul;
	int64_t delete_after_days, since_s, limit, jobs;
	struct strv add, remove;
};
extern const struct cli_program program;

/* remote.c - the server that the command line and the configuration mean. */
struct remote {
	struct account account;
	struct fetch_server server;
	struct fetch_link link;
	struct net_addr bind;
	char *password;
	const struct cli_secrets *secrets;
	pthread_mutex_t renewing;
	struct strv refused; /* tokens that the server did not take */
	int64_t renewed_ms;
	char *label; /* for people: the account's name, or user@host */
	char *
	    place; /* in front of a folder in a message's name: "work:", "imaps://ana@mail.example.org/" */
	struct cli_trace *trace;
	int64_t deadline_ms;
};
/* where: an account's name, a URL, or NULL for the account of -A or the default one. Asks for the password where there is nobody else to ask. */
int remote_open(struct remote *r, struct opts *o, const char *where, struct err *e);
void remote_release(struct remote *r);
bool remote_is_url(const char *operand);
/* Takes ACCOUNT or URL off the operands and opens it; what is left are folders. */
int remote_of_operands(
    struct remote *r, struct opts *o, struct strv *operands, size_t *folders_at, struct err *e);
/* Only IMAP has folders, flags...; EX_USAGE. */
int remote_needs_imap(const struct remote *r, const char *for_what, struct err *e);

/* names.c - messages on a server: "work:INBOX#17.4711". */
struct name_set {
	char *where; /* account or URL */
	struct name_group {
		char *folder;
		uint32_t uidvalidity;
		struct imap_uids uids; /* sorted */
	} * v;
	size_t n, cap;
};
void name_write(
    struct buf *b, const struct remote *r, const char *folder, uint32_t uidvalidity, uint32_t uid);
int name_print(const struct opts *o, const struct remote *r, const char *folder,
    uint32_t uidvalidity, uint32_t uid, struct sink *out, struct err *e);
/* From the operands and --names. All of one account: EX_USAGE. EX_DATAERR: no name. */
int name_set_read(
    struct name_set *s, const struct opts *o, const struct strv *operands, struct err *e);
void name_set_release(struct name_set *s);
/* Selects the folder of a group and sees that its UIDs still mean the same: EX_NOINPUT. */
int name_group_select(
    struct fetch_session *s, const struct name_group *g, bool read_only, struct err *e);

int get_run(struct opts *o, struct cli_args *args, struct err *e);
int watch_run(struct opts *o, struct cli_args *args, struct err *e);
int folders_run(struct opts *o, struct cli_args *args, struct err *e);
int status_run(struct opts *o, struct cli_args *args, struct err *e);
int list_run(struct opts *o, struct cli_args *args, struct err *e);
int search_run(struct opts *o, struct cli_args *args, struct err *e);
int show_run(struct opts *o, struct cli_args *args, struct err *e);
int raw_run(struct opts *o, struct cli_args *args, struct err *e);
int flag_run(struct opts *o, struct cli_args *args, struct err *e);
int move_run(struct opts *o, struct cli_args *args, struct err *e);
int copy_run(struct opts *o, struct cli_args *args, struct err *e);
int delete_run(struct opts *o, struct cli_args *args, struct err *e);
int append_run(struct opts *o, struct cli_args *args, struct err *e);

/* destination.c - where messages go. */
struct destination {
	struct fetch_job job;
	struct state *state;
	struct store *store;
	char *shown; /* "~/Maildir" */
	struct fetch_lmtp *lmtp;
	struct sink_fd *out;
};
/* Only the state: what is new? */
int destination_open_state(struct destination *d, struct opts *o, struct err *e);
int destination_open(struct destination *d, struct opts *o, struct remote *r, struct err *e);
/* What was buffered is out then. */
int destination_close(struct destination *d, struct err *e);
/* get.c, for watch.c too: one folder, and its summary line. */
int get_folder(struct opts *o, struct remote *r, struct fetch_session *s, struct destination *d,
    const char *folder, struct fetch_result *result, struct err *e);

#endif
