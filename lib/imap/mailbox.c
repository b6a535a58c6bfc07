/* mailbox.c - LIST, SELECT and EXAMINE, STATUS, UID SEARCH. */
#include "base/alloc.h"
#include "base/intl.h"
#include "imap/untagged.h"

#include <stdio.h>
#include <stdlib.h>

enum { NAME_MAX_BYTES = 4096, UIDS_MAX = 5000000, LIST_MAX = 100000 };

/* --- sets of UIDs --- */

void imap_uids_add(struct imap_uids *l, uint32_t uid)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 256;
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = uid;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

void imap_uids_sort(struct imap_uids *l)
{
	size_t n = 0;
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
	for (size_t i = 0; i < l->n; i++)
		if (n == 0 || l->v[n - 1] != l->v[i])
			l->v[n++] = l->v[i];
	l->n = n;
}

bool imap_uids_has(const struct imap_uids *sorted, uint32_t uid)
{
	return sorted->n && bsearch(&uid, sorted->v, sorted->n, sizeof(uid), compare);
}

void imap_uids_release(struct imap_uids *l)
{
	free(l->v);
	*l = (struct imap_uids){0};
}

bool imap_uid_set_parse(struct span text, size_t max, struct imap_uids *out)
{
	while (text.len) {
		struct span one, whole = text;
		uint64_t from, to;
		if (!span_cut(&text, ',', &one))
			one = whole, text = SPAN("");
		struct span last = one, first;
		if (!span_cut(&last, ':', &first))
			first = last = one;
		if (!span_to_u64(first, UINT32_MAX, &from) || !span_to_u64(last, UINT32_MAX, &to) ||
		    from == 0 || to < from || to - from >= max - out->n)
			return false;
		for (; from <= to; from++)
			imap_uids_add(out, (uint32_t)from);
	}
	return true;
}

bool imap_uid_set(const struct imap_uids *sorted, size_t *at, size_t max_uids, struct buf *out)
{
	size_t i = *at, end = i + max_uids < sorted->n ? i + max_uids : sorted->n;
	const char *comma = "";
	for (; i < end && out->len < 4000; comma = ",") {
		size_t from = i++;
		while (i < end && sorted->v[i] == sorted->v[i - 1] + 1)
			i++;
		buf_addf(out, "%s%u", comma, sorted->v[from]);
		if (i - from > 1)
			buf_addf(out, ":%u", sorted->v[i - 1]);
	}
	bool any = i > *at;
	*at = i;
	return any;
}

/* --- untagged --- */

int imap_on_exists(struct imap_client *c, uint64_t number, struct err *e)
{
	c->mailbox.exists = (uint32_t)number;
	return imap_lex_skip(&c->lex, e);
}

int imap_on_expunge(struct imap_client *c, uint64_t number, struct err *e)
{
	c->mailbox.exists -= number > 0 && c->mailbox.exists > 0;
	return imap_lex_skip(&c->lex, e);
}

int imap_on_search(struct imap_client *c, uint64_t number, struct err *e)
{
	struct imap_token t;
	(void)number;
	for (;;) {
		uint64_t uid;
		if (imap_lex_next(&c->lex, &t, e) < 0)
			return -1;
		if (t.kind == IMAP_END)
			return 0;
		if (imap_lex_skip_value(&c->lex, &t, e) < 0) /* (MODSEQ 12) of CONDSTORE */
			return -1;
		if (!c->search || !imap_token_number(&t, UINT32_MAX, &uid))
			continue;
		if (c->search->n >= UIDS_MAX)
			return err_set(e, EX_PROTOCOL, _("more than %d search results"), UIDS_MAX);
		imap_uids_add(c->search, (uint32_t)uid);
		if (c->search->n % 8192 == 0)
			imap_client_progress(c);
	}
}

static int read_name(struct imap_client *c, char **out, struct err *e)
{
	struct imap_token t;
	struct buf raw = BUF_INIT(NAME_MAX_BYTES), name = BUF_INIT(NAME_MAX_BYTES * 2);
	int r = imap_lex_next(&c->lex, &t, e);
	if (r == 0)
		r = imap_lex_string(&c->lex, &t, &raw, NAME_MAX_BYTES, e);
	if (r == 0) {
		imap_utf7_decode(&name, buf_span(&raw));
		*out = str_dup(buf_cstr(&name));
	}
	buf_release(&raw);
	buf_release(&name);
	return r;
}

static void list_add(struct imap_list *l, struct imap_list_entry entry)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 32;
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = entry;
}

static void learn_attribute(struct imap_list_entry *entry, const struct imap_token *t)
{
	static const char *const uses[] = {
	    "All", "Archive", "Drafts", "Flagged", "Important", "Junk", "Sent", "Trash"};
	if (imap_token_is(t, "\\Noselect") || imap_token_is(t, "\\NonExistent"))
		entry->noselect = true;
	for (size_t i = 0; i < ARRAY_LEN(uses); i++)
		if (t->kind == IMAP_ATOM && span_is_nocase(span_skip(t->text, 1), uses[i]))
			snprintf(entry->use, sizeof(entry->use), "%s", uses[i]);
}

/* LIST (flags) "separator" name */
int imap_on_list(struct imap_client *c, uint64_t number, struct err *e)
{
	struct imap_list_entry entry = {0};
	struct imap_token t;
	(void)number;
	if (imap_lex_expect(&c->lex, IMAP_OPEN, &t, e) < 0)
		return -1;
	while (t.kind != IMAP_CLOSE) {
		if (imap_lex_next(&c->lex, &t, e) < 0)
			return -1;
		learn_attribute(&entry, &t);
	}
	if (imap_lex_next(&c->lex, &t, e) < 0)
		return -1;
	if (t.kind == IMAP_QUOTED && t.text.len == 1)
		entry.separator = t.text.ptr[0];
	if (read_name(c, &entry.name, e) < 0)
		return -1;
	if (c->list && c->list->n < LIST_MAX) {
		list_add(c->list, entry);
		imap_client_progress(c);
	} else {
		free(entry.name);
	}
	return imap_lex_skip(&c->lex, e);
}

static void set_count(struct imap_counts *to, const char *what, uint64_t n)
{
	if (strcasecmp(what, "MESSAGES") == 0)
		to->messages = n;
	else if (strcasecmp(what, "UNSEEN") == 0)
		to->unseen = n;
	else if (strcasecmp(what, "UIDNEXT") == 0)
		to->uidnext = (uint32_t)n;
	else if (strcasecmp(what, "UIDVALIDITY") == 0)
		to->uidvalidity = (uint32_t)n;
}

/* STATUS name (MESSAGES 3 ...) */
int imap_on_status(struct imap_client *c, uint64_t number, struct err *e)
{
	struct imap_token t;
	char *name = NULL, what[20];
	(void)number;
	if (read_name(c, &name, e) < 0)
		return -1;
	free(name);
	if (imap_lex_expect(&c->lex, IMAP_OPEN, &t, e) < 0)
		return -1;
	for (;;) {
		uint64_t n;
		if (imap_lex_next(&c->lex, &t, e) < 0)
			return -1;
		if (t.kind != IMAP_ATOM)
			break;
		size_t len = t.text.len < sizeof(what) - 1 ? t.text.len : sizeof(what) - 1;
		memcpy(what, t.text.ptr, len);
		what[len] = 0;
		if (imap_lex_expect(&c->lex, IMAP_ATOM, &t, e) < 0)
			return -1;
		if (c->counts && imap_token_number(&t, UINT32_MAX, &n))
			set_count(c->counts, what, n);
	}
	return imap_lex_skip_value(&c->lex, &t, e) < 0 ? -1 : imap_lex_skip(&c->lex, e);
}

/* --- verbs --- */

void imap_list_release(struct imap_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].name);
	free(l->v);
	*l = (struct imap_list){0};
}

int imap_client_quote_name(
    const struct imap_client *c, struct buf *out, const char *utf8, struct err *e)
{
	struct buf name = BUF_INIT(NAME_MAX_BYTES);
	if (imap_client_can(c, "IMAP4rev2") && !imap_client_can(c, "IMAP4rev1"))
		buf_adds(&name, utf8);
	else
		imap_utf7_encode(&name, span_of(utf8));
	int r = imap_quote(out, buf_span(&name), e);
	if (name.over || out->over)
		r = err_set(e, EX_USAGE, _("a folder's name that is too long"));
	buf_release(&name);
	return r;
}

/* VERB name rest, and its completion */
static int with_name(
    struct imap_client *c, const char *verb, const char *name, const char *rest, struct err *e)
{
	struct buf b = BUF_INIT(NAME_MAX_BYTES * 2);
	int r = imap_client_quote_name(c, &b, name, e);
	if (r == 0)
		r = imap_client_command(c, e, "%s %s%s", verb, buf_cstr(&b), rest);
	buf_release(&b);
	if (r == 0)
		r = imap_client_finish(c, e);
	return r < 0 ? err_prefix(e, "%s %s: ", verb, name) : 0;
}

int imap_client_list(
    struct imap_client *c, const char *pattern, struct imap_list *out, struct err *e)
{
	c->list = out;
	int r = with_name(c, "LIST \"\"", pattern, "", e);
	c->list = NULL;
	return r;
}

int imap_client_select(struct imap_client *c, const char *name, bool read_only, struct err *e)
{
	c->mailbox = (struct imap_mailbox){0};
	if (with_name(c, read_only ? "EXAMINE" : "SELECT", name, "", e) < 0)
		return -1;
	if (!c->mailbox.uidvalidity)
		return err_set(e, EX_PROTOCOL, _("%s: the server gives no UIDVALIDITY"), name);
	return 0;
}

int imap_client_status(
    struct imap_client *c, const char *name, struct imap_counts *out, struct err *e)
{
	c->counts = out;
	int r = with_name(c, "STATUS", name, " (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)", e);
	c->counts = NULL;
	return r;
}

/* Up to the next literal "{n+}" CRLF, in the form this server takes; *rest is what comes behind its line. False: there is none. */
static bool next_literal(
    const struct imap_client *c, struct span *rest, struct buf *piece, size_t *bytes)
{
	ptrdiff_t at = span_find(*rest, SPAN("+}\r\n"));
	bool at_once = imap_client_can(c, "LITERAL+") || imap_client_can(c, "LITERAL-") ||
		       imap_client_can(c, "IMAP4rev2");
	size_t open = at < 0 ? 0 : (size_t)at;
	uint64_t n;
	while (open > 0 && rest->ptr[open] != '{')
		open--;
	if (at < 0 || at_once ||
	    !span_to_u64(span_make(rest->ptr + open + 1, (size_t)at - open - 1), 1 << 20, &n)) {
		buf_add(piece, *rest);
		return false;
	}
	buf_add(piece, span_take(*rest, (size_t)at));
	buf_addc(piece, '}');
	*rest = span_skip(*rest, (size_t)at + 4);
	*bytes = (size_t)n;
	return true;
}

/* A literal waits for the server's "+", unless it takes them at once (RFC 7888). */
static int send_criteria(struct imap_client *c, struct span criteria, struct err *e)
{
	struct buf piece = BUF_INIT(60 << 10);
	size_t bytes = 0;
	int r;
	buf_adds(&piece, "UID SEARCH ");
	bool more = next_literal(c, &criteria, &piece, &bytes);
	r = imap_client_command(c, e, "%.*s", SPAN_ARG(buf_span(&piece)));
	while (r == 0 && more) {
		r = imap_client_finish_or_more(c, e);
		if (r == 0)
			r = err_set(e, EX_PROTOCOL, _("an answer before the whole question"));
		if (r < 0)
			break;
		buf_reset(&piece);
		buf_add(&piece, span_take(criteria, bytes));
		criteria = span_skip(criteria, bytes);
		more = next_literal(c, &criteria, &piece, &bytes);
		buf_adds(&piece, "\r\n");
		stream_write(c->stream, buf_span(&piece));
		r = 0;
	}
	buf_release(&piece);
	return r;
}

int imap_client_search(
    struct imap_client *c, const char *criteria, struct imap_uids *out, struct err *e)
{
	c->search = out;
	int r = send_criteria(c, span_of(criteria), e);
	if (r == 0)
		r = imap_client_finish(c, e);
	c->search = NULL;
	imap_uids_sort(out);
	return r < 0 ? err_prefix(e, "UID SEARCH: ") : 0;
}
