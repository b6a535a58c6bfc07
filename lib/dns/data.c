#include "dns/data.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "dns/name.h"
#include "dns/record.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES_MAX = 64 << 20, CHAIN_MAX = 16, KEY_MAX = 1024 };
enum played { PLAYED_FAIL, PLAYED_BOGUS, PLAYED_INSECURE, PLAYED_SECURE };

struct entry {
	char *
	    key; /* the owner's labels from the right, each behind a \1: names sort behind what they are below */
	char *owner;
	unsigned type;
	uint32_t ttl;
	enum played security;
	size_t order; /* as in the file */
	struct dns_record record;
};
struct dns_data {
	struct entry *v;
	size_t n, cap;
};

/* --- reading --- */

static void make_key(struct buf *key, struct span name)
{
	buf_reset(key);
	while (name.len && !span_is(name, ".")) {
		size_t at = name.len;
		while (at && (name.ptr[at - 1] != '.' || (at > 1 && name.ptr[at - 2] == '\\')))
			at--;
		buf_addc(key, '\1');
		buf_add(key, span_skip(name, at));
		name.len = at ? at - 1 : 0;
	}
}

static void add_record(struct dns_data *d, const ldns_rr *rr, enum played security)
{
	struct dns_record record;
	char *owner = dns_name_from_rdf(ldns_rr_owner(rr));
	struct buf key = BUF_INIT(KEY_MAX * 4);
	if (!owner || !dns_record_from_rr(rr, &record)) {
		free(owner);
		return;
	}
	if (d->n == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 64;
		d->v = mem_resize(d->v, d->cap, sizeof(*d->v));
	}
	make_key(&key, span_of(owner));
	d->v[d->n] = (struct entry){.key = str_dup(buf_cstr(&key)),
	    .owner = owner,
	    .type = (unsigned)ldns_rr_get_type(rr),
	    .ttl = ldns_rr_ttl(rr),
	    .security = security,
	    .order = d->n,
	    .record = record};
	d->n++;
	buf_release(&key);
}

static int by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int r = strcmp(x->key, y->key);
	if (r)
		return r;
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* A comment on a line of its own: what it says, when it speaks to us. -1: it does and cannot be understood. */
static int read_mark(struct span line, enum played *security)
{
	static const char *const words[] = {"fail", "bogus", "insecure", "secure"};
	line = span_trim(span_skip(line, 1));
	if (!span_starts_nocase(line, "security:"))
		return 0;
	line = span_trim(span_skip(line, strlen("security:")));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (span_is_nocase(line, words[i])) {
			*security = (enum played)i;
			return 0;
		}
	return -1;
}

struct reading {
	FILE *f;
	struct span text; /* what f reads */
	uint32_t ttl;
	ldns_rdf *origin, *prev;
	enum played security;
	const char *path;
};

static int bad_line(const struct reading *r, size_t at, const char *why, struct err *e)
{
	size_t line = 1;
	for (size_t i = 0; i < at; i++)
		line += r->text.ptr[i] == '\n';
	return err_set(e, EX_DATAERR, "%s:%zu: %s", r->path, line, why);
}

/* Passes over comment lines and empty ones, which ldns would only drop. */
static int read_comments(struct reading *r, struct err *e)
{
	size_t at = (size_t)ftell(r->f);
	struct span rest = span_skip(r->text, at), line;
	while (span_line(&rest, &line)) {
		if (span_trim(line).len && line.ptr[0] != ';')
			break;
		if (line.len && read_mark(line, &r->security) < 0)
			return bad_line(
			    r, at, _("security is one of secure, insecure, bogus, fail"), e);
		at = rest.len ? (size_t)(rest.ptr - r->text.ptr) : r->text.len;
	}
	fseek(r->f, (long)at, SEEK_SET);
	return 0;
}

/* 1 a record, 0 a line without one, -1. */
static int read_record(struct reading *r, ldns_rr **rr, struct err *e)
{
	size_t at = (size_t)ftell(r->f);
	int line = 0;
	ldns_status s = ldns_rr_new_frm_fp_l(rr, r->f, &r->ttl, &r->origin, &r->prev, &line);
	switch (s) {
	case LDNS_STATUS_OK: return 1;
	case LDNS_STATUS_SYNTAX_EMPTY:
	case LDNS_STATUS_SYNTAX_TTL:
	case LDNS_STATUS_SYNTAX_ORIGIN: return 0;
	default: return bad_line(r, at, ldns_get_errorstr_by_id(s), e);
	}
}

static int read_all(struct dns_data *d, struct reading *r, struct err *e)
{
	while (read_comments(r, e) == 0) {
		ldns_rr *rr = NULL;
		if ((size_t)ftell(r->f) >= r->text.len)
			return 0;
		int got = read_record(r, &rr, e);
		if (got > 0)
			add_record(d, rr, r->security);
		ldns_rr_free(rr);
		if (got < 0)
			return -1;
	}
	return -1;
}

int dns_data_parse(struct dns_data **out, const char *path, struct span text, struct err *e)
{
	struct dns_data *d = mem_new(1, sizeof(*d));
	/* the last line may lack its end, and fmemopen wants a byte to open */
	char *copy = mem_new(text.len + 2, 1);
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\n';
	struct reading r = {
	    .text = {copy, text.len + 1}, .ttl = 3600, .security = PLAYED_INSECURE, .path = path};
	r.f = fmemopen(copy, r.text.len, "r");
	int got = -1;
	if (memchr(copy, '\0', r.text.len))
		err_set(e, EX_DATAERR, _("%s: is not text"), path);
	else if (!r.f)
		err_sys(e, EX_OSERR, "%s", path);
	else
		got = read_all(d, &r, e);
	if (r.f)
		fclose(r.f);
	ldns_rdf_deep_free(r.origin);
	ldns_rdf_deep_free(r.prev);
	free(copy);
	if (got < 0) {
		dns_data_free(d);
		return -1;
	}
	if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), by_key);
	*out = d;
	return 0;
}

int dns_data_read(struct dns_data **out, const char *path, struct err *e)
{
	struct buf text = BUF_INIT(FILE_BYTES_MAX);
	int r = file_read(path, &text, e);
	if (r == 0)
		r = dns_data_parse(out, path, buf_span(&text), e);
	buf_release(&text);
	return r;
}

void dns_data_free(struct dns_data *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].key);
		free(d->v[i].owner);
		dns_record_release(&d->v[i].record);
	}
	free(d->v);
	free(d);
}

/* --- answering --- */

/* The first entry that is not before the key. */
static size_t lower_bound(const struct dns_data *d, const char *key)
{
	size_t low = 0, high = d->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(d->v[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_at(const struct dns_data *d, size_t at, const char *key)
{
	return at < d->n && strcmp(d->v[at].key, key) == 0;
}

/* The name has records, or a name below it has. */
static bool exists(const struct dns_data *d, const char *key, size_t *at)
{
	size_t len = strlen(key);
	*at = lower_bound(d, key);
	return *at < d->n && strncmp(d->v[*at].key, key, len) == 0 &&
	       (d->v[*at].key[len] == '\0' || d->v[*at].key[len] == '\1' || !len);
}

/* Where the records for a name stand, a wildcard's too: an index whose entry has *key then; -1: the name does not exist. */
static ptrdiff_t find_name(const struct dns_data *d, struct buf *key)
{
	size_t at;
	if (exists(d, buf_cstr(key), &at))
		return (ptrdiff_t)at;
	while (key->len) {
		buf_cut(key, (size_t)(strrchr(key->ptr, '\1') - key->ptr));
		if (!exists(d, buf_cstr(key), &at))
			continue;
		buf_adds(key, "\1*"); /* only below the closest name that exists, RFC 4592 3.3.1 */
		return exists(d, buf_cstr(key), &at) ? (ptrdiff_t)at : -1;
	}
	return -1;
}

/* How a name that does not exist comes out: a signed zone proves it, so secure where the closest name that exists is. */
static enum played security_above(const struct dns_data *d, const char *name)
{
	struct buf key = BUF_INIT(KEY_MAX * 4);
	enum played found = PLAYED_INSECURE;
	size_t at;
	make_key(&key, span_of(name));
	while (key.len) {
		if (exists(d, key.ptr, &at)) {
			if (is_at(d, at, key.ptr) && d->v[at].security == PLAYED_SECURE)
				found = PLAYED_SECURE;
			break;
		}
		buf_cut(&key, (size_t)(strrchr(key.ptr, '\1') - key.ptr));
	}
	buf_release(&key);
	return found;
}

/* The records of one type at entry `at`; the CNAME when there is one instead. *security: theirs, else of the name's first record. */
static size_t gather(const struct dns_data *d, size_t at, unsigned type, struct dns_answer *a,
    const char **alias, enum played *security)
{
	const char *key = d->v[at].key;
	const struct entry *link = NULL;
	size_t found = 0;
	*security = d->v[at].security;
	*alias = NULL;
	for (size_t i = at; is_at(d, i, key); i++) {
		const struct entry *en = &d->v[i];
		struct dns_record copy;
		if (en->type == DNS_CNAME)
			link = en;
		if (en->type != type)
			continue;
		if (!found++)
			*security = en->security;
		dns_record_copy(&copy, &en->record);
		dns_answer_add(a, &copy);
		a->ttl = en->ttl;
	}
	if (link && !found) {
		*alias = link->record.name;
		*security = link->security;
	}
	return found;
}

/* One step of a chain. Returns the alias to go on with, or NULL when the answer is there. */
static const char *step(const struct dns_data *d, const char *name, unsigned type,
    enum played *worst, struct dns_answer *a)
{
	struct buf key = BUF_INIT(KEY_MAX * 4);
	const char *alias = NULL;
	enum played security;
	make_key(&key, span_of(name));
	ptrdiff_t at = find_name(d, &key);
	if (at < 0) {
		a->status = DNS_NO_NAME;
		security = security_above(d, name);
	} else if (!is_at(d, (size_t)at, buf_cstr(&key))) {
		a->status = DNS_NO_DATA; /* only names below it have records */
		security = d->v[at].security == PLAYED_SECURE ? PLAYED_SECURE : PLAYED_INSECURE;
	} else if (gather(d, (size_t)at, type, a, &alias, &security)) {
		a->status = DNS_OK;
	} else {
		a->status = DNS_NO_DATA;
	}
	if (security < *worst)
		*worst = security;
	buf_release(&key);
	return alias;
}

void dns_data_ask(
    const struct dns_data *d, const char *name, unsigned type, bool checked, struct dns_answer *out)
{
	struct dns_answer a = {0};
	enum played worst = PLAYED_SECURE;
	const char *at = name, *alias;
	int links = 0;
	while ((alias = step(d, at, type, &worst, &a)) && ++links <= CHAIN_MAX)
		at = alias;
	a.canonical = dns_name_normal(span_of(at));
	if (alias)
		dns_answer_fail(
		    &a, DNS_FAILED, _("a chain of more than %d CNAMEs"), (int)CHAIN_MAX);
	else if (worst == PLAYED_FAIL)
		dns_answer_fail(&a, DNS_FAILED, _("the data file says so"));
	else if (worst == PLAYED_BOGUS && checked)
		dns_answer_fail(&a, DNS_BOGUS, _("the data file says so"));
	if (checked && a.status <= DNS_NO_NAME)
		a.security = worst == PLAYED_SECURE ? DNS_SECURE : DNS_INSECURE;
	*out = a;
}
