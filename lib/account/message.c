#include "account/message.h"

#include "account/folders.h"
#include "account/numbers.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "mime/header.h"
#include "query/query.h"

#include <stdlib.h>

/* --- numbers --- */

bool account_message_is_number(const char *name)
{
	uint64_t n;
	return span_to_u64(span_of(name), 999999999, &n);
}

static int number_name(const char *number, char **out, struct err *e)
{
	struct strv names = {0};
	uint64_t n = 0;
	span_to_u64(span_of(number), 999999999, &n);
	int r = account_numbers_get(&names, e);
	if (r == 0 && (n < 1 || n > names.n))
		r = err_set(e, EX_NOINPUT, _("%s: the last list has the numbers 1 to %zu"), number,
		    names.n);
	if (r == 0)
		*out = str_dup(names.v[n - 1]);
	strv_release(&names);
	return r;
}

/* --- Message-ID: the header of each message is read, until it is found --- */

static bool has_id(struct span name, struct query_run *run)
{
	struct store_message m;
	struct query_message known = {0};
	struct err ignored = ERR_INIT; /* what cannot be read, or went meanwhile, is not it */
	if (store_message_open(&m, name, &ignored) < 0)
		return false;
	int r = query_read(run, &known, m.source, &ignored);
	store_message_free(&m);
	return r > 0;
}

/* 1 found, 0 not, -1. */
static int search_mailbox(const char *mailbox, struct query_run *run, char **out, struct err *e)
{
	struct store *s;
	struct store_scan *scan;
	struct store_entry entry;
	if (store_open(&s, span_of(mailbox), STORE_READ_ONLY, e) < 0)
		return -1;
	int r = store_scan_open(s, &scan, e), found = 0;
	if (r == 0) {
		while (!found && (r = store_scan_next(scan, &entry, e)) > 0)
			found = has_id(span_of(entry.name), run);
		if (found)
			*out = str_dup(entry.name);
		store_scan_free(scan);
	}
	store_free(s);
	return r < 0 ? -1 : found;
}

static int search_folders(const struct account *a, struct query_run *run, char **out, struct err *e)
{
	struct strv folders = {0};
	int r = account_folders(a, &folders, e);
	for (size_t i = 0; r == 0 && i < folders.n; i++) {
		char *mailbox;
		if ((r = account_mailbox_expand(a, folders.v[i], &mailbox, e)) < 0)
			break;
		r = search_mailbox(mailbox, run, out, e);
		free(mailbox);
	}
	strv_release(&folders);
	return r;
}

static int id_query(const char *id, struct query **q, struct err *e)
{
	struct buf text = BUF_INIT(4096);
	buf_adds(&text, "id:\"");
	for (; *id; id++) {
		if (*id == '"' || *id == '\\')
			buf_addc(&text, '\\');
		buf_addc(&text, *id);
	}
	buf_addc(&text, '"');
	int r = text.over ? err_set(e, EX_USAGE, _("a Message-ID is not so long"))
			  : query_parse(q, buf_span(&text), store_flag_by_name, e);
	buf_release(&text);
	return r;
}

static int id_name(const struct account *a, const char *name, char **out, struct err *e)
{
	struct query *q;
	if (id_query(name + strlen("id:"), &q, e) < 0)
		return -1;
	struct query_run *run = query_run_new(q);
	int r = search_folders(a, run, out, e);
	query_run_free(run);
	query_free(q);
	return r == 0 ? err_set(e, EX_NOINPUT, _("%s: no such message"), name) : r < 0 ? -1 : 0;
}

/* --- all ways --- */

int account_message_name(const struct account *a, const char *name, char **out, struct err *e)
{
	if (span_starts_nocase(span_of(name), "id:"))
		return id_name(a, name, out, e);
	if (account_message_is_number(name))
		return number_name(name, out, e);
	*out = str_dup(name);
	return 0;
}

int account_message_open(
    const struct account *a, const char *name, struct store_message *m, struct err *e)
{
	char *known;
	if (account_message_name(a, name, &known, e) < 0)
		return -1;
	int r = store_message_open(m, span_of(known), e);
	free(known);
	return r;
}
