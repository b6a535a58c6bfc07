#include "deliver/local.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/idna.h"
#include "deliver/deliver.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>

enum { MAP_MAX = 64 << 20, KEY_MAX = 1024 };

/* --- names made comparable --- */

static void add_lower(struct buf *b, struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_addc(b, to_lower(s.ptr[i]));
}

/* A domain that is none (a literal, a joke) is compared as it stands. */
static void add_domain(struct buf *b, struct span domain)
{
	struct err ignored = ERR_INIT;
	size_t start = b->len;
	if (idna_to_ascii(b, domain, &ignored) == 0)
		return;
	buf_cut(b, start);
	add_lower(b, domain);
}

/* Index of the "@" that separates, or -1. */
static ptrdiff_t at_sign(struct span address)
{
	size_t n = address.len;
	while (n > 0 && address.ptr[n - 1] != '@')
		n--;
	return (ptrdiff_t)n - 1;
}

static void make_key(struct buf *b, struct span address)
{
	ptrdiff_t at = at_sign(address);
	buf_reset(b);
	if (at < 0) {
		add_lower(b, address);
		return;
	}
	add_lower(b, span_take(address, (size_t)at + 1));
	add_domain(b, span_skip(address, (size_t)at + 1));
}

/* --- reading --- */

static void read_domains(struct deliver_local *l, const char *text)
{
	struct span rest = span_of(text);
	while (rest.len) {
		size_t n = 0;
		while (n < rest.len && rest.ptr[n] != ',' && !is_space(rest.ptr[n]))
			n++;
		if (n) {
			struct buf b = BUF_INIT(KEY_MAX);
			add_domain(&b, span_take(rest, n));
			strv_add(&l->domains, buf_cstr(&b));
			buf_release(&b);
		}
		rest = span_skip(rest, n + 1);
	}
}

static int map_error(const struct deliver_local *l, unsigned line, const char *why, struct err *e)
{
	return err_set(e, EX_CONFIG, "%s:%u: %s", l->map, line, why);
}

int deliver_mailbox_expand(
    const struct account *account, const char *name, char **path, struct err *e)
{
	if (!deliver_is_command(name))
		return account_mailbox_expand(account, name, path, e);
	/* sh(1) would do nothing, successfully, and the message were gone */
	if (!span_trim(span_of(name + 1)).len)
		return err_set(e, EX_USAGE, _("\"|\" without a command"));
	*path = str_dup(name);
	return 0;
}

static int read_line(struct deliver_local *l, const struct account *account, struct span line,
    unsigned number, struct err *e)
{
	struct span key, mailbox = span_trim(line);
	struct buf b = BUF_INIT(KEY_MAX);
	if (!mailbox.len || mailbox.ptr[0] == '#')
		return 0;
	span_word(&mailbox, &key);
	mailbox = span_trim(mailbox);
	if (!mailbox.len)
		return map_error(l, number, _("an address without a mailbox"), e);
	if (memchr(mailbox.ptr, '\0', mailbox.len))
		return map_error(l, number, _("a NUL"), e);
	make_key(&b, key);
	if (b.over) {
		buf_release(&b);
		return map_error(l, number, _("an address that is too long"), e);
	}
	char *path, *name = span_dup(mailbox);
	struct err why = ERR_INIT;
	int r = deliver_mailbox_expand(account, name, &path, &why);
	free(name);
	if (r < 0) {
		buf_release(&b);
		return map_error(l, number, why.text, e);
	}
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 32;
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] =
	    (struct deliver_entry){.key = buf_detach(&b), .mailbox = path, .line = number};
	return 0;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(
	    ((const struct deliver_entry *)a)->key, ((const struct deliver_entry *)b)->key);
}

static int read_map(struct deliver_local *l, const struct account *account, struct err *e)
{
	struct buf text = BUF_INIT(MAP_MAX);
	unsigned number = 0;
	int r = file_read(l->map, &text, e);
	struct span rest = buf_span(&text), line;
	while (r == 0 && span_line(&rest, &line))
		r = read_line(l, account, line, ++number, e);
	buf_release(&text);
	if (r < 0 || !l->n)
		return r;
	qsort(l->v, l->n, sizeof(*l->v), by_key);
	for (size_t i = 1; i < l->n; i++)
		if (strcmp(l->v[i].key, l->v[i - 1].key) == 0)
			return map_error(l,
			    l->v[i].line > l->v[i - 1].line ? l->v[i].line : l->v[i - 1].line,
			    _("an address that had its mailbox already"), e);
	return 0;
}

int deliver_local_read(struct deliver_local *l, const struct account *account, const char *domains,
    const char *map, const char *otherwise, struct err *e)
{
	*l = (struct deliver_local){.otherwise = otherwise};
	if (domains) {
		read_domains(l, domains);
		if (!l->domains.n)
			return err_set(e, EX_USAGE, _("--domains names none"));
	}
	if (!map)
		return 0;
	l->map = str_dup(map);
	if (read_map(l, account, e) == 0)
		return 0;
	deliver_local_release(l);
	return -1;
}

void deliver_local_release(struct deliver_local *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].key);
		free(l->v[i].mailbox);
	}
	free(l->v);
	free(l->map);
	strv_release(&l->domains);
	*l = (struct deliver_local){0};
}

/* --- asking --- */

static const struct deliver_entry *lookup(const struct deliver_local *l, const char *key)
{
	size_t from = 0, to = l->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int r = strcmp(l->v[middle].key, key);
		if (r == 0)
			return &l->v[middle];
		if (r < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

/* "ana+list@example.org" -> "ana@example.org"; false where there is nothing to drop */
static bool without_tag(struct buf *out, struct span key)
{
	ptrdiff_t plus = span_index(key, '+'), at = at_sign(key);
	if (plus <= 0 || plus > at)
		return false;
	buf_reset(out);
	buf_add(out, span_take(key, (size_t)plus));
	buf_add(out, span_skip(key, (size_t)at));
	return true;
}

static const struct deliver_entry *find_entry(const struct deliver_local *l, struct span key)
{
	const struct deliver_entry *found = lookup(l, key.ptr);
	struct buf shorter = BUF_INIT(KEY_MAX);
	if (!found && without_tag(&shorter, key))
		found = lookup(l, buf_cstr(&shorter));
	buf_release(&shorter);
	ptrdiff_t at = at_sign(key);
	return found || at < 0 ? found : lookup(l, key.ptr + at);
}

/* Is the domain (behind "@") one of ours? Without a list those of the map are. */
static bool is_ours(const struct deliver_local *l, const char *at_domain)
{
	if (l->domains.n)
		return strv_has(&l->domains, at_domain + 1);
	for (size_t i = 0; i < l->n; i++) {
		const char *at = strrchr(l->v[i].key, '@');
		if (at && strcmp(at, at_domain) == 0)
			return true;
	}
	return !l->map;
}

/* RFC 5321 4.5.1: "postmaster" alone is whoever is postmaster here. */
static const struct deliver_entry *find_postmaster(const struct deliver_local *l)
{
	const struct deliver_entry *found = lookup(l, "postmaster");
	for (size_t i = 0; !found && i < l->domains.n; i++) {
		char *key = str_printf("postmaster@%s", l->domains.v[i]);
		found = lookup(l, key);
		free(key);
	}
	return found;
}

static int refuse(
    int code, const char *enhanced, const char *recipient, const char *why, struct err *e)
{
	err_set(e, code, "<%s>: %s", recipient, why);
	return err_reply(e, 550, enhanced);
}

int deliver_local_find(
    const struct deliver_local *l, const char *recipient, struct deliver_place *out, struct err *e)
{
	const struct deliver_entry *found = NULL;
	struct buf key = BUF_INIT(KEY_MAX);
	make_key(&key, span_of(recipient));
	ptrdiff_t at = at_sign(buf_span(&key));
	bool ours = !key.over && (at < 0 || is_ours(l, key.ptr + at));
	if (ours)
		found = strcmp(buf_cstr(&key), "postmaster") == 0 ? find_postmaster(l)
								  : find_entry(l, buf_span(&key));
	buf_release(&key);
	if (!ours)
		return refuse(EX_NOPERM, "5.7.1", recipient, _("relaying denied"), e);
	if (!found && (l->map || !l->otherwise))
		return refuse(EX_NOUSER, "5.1.1", recipient, _("no such user here"), e);
	*out = (struct deliver_place){.mailbox = found ? found->mailbox : l->otherwise};
	if (found)
		snprintf(out->rule, sizeof(out->rule), "%s:%u", l->map, found->line);
	else
		snprintf(out->rule, sizeof(out->rule), "%s", _("the only mailbox"));
	return 0;
}
