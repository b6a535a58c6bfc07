#include "auth/dmarc_record.h"

#include "auth/tags.h"
#include "base/alloc.h"
#include "base/intl.h"

/* The index of the tag's value among the words; absent: what is there stays. Values are case-insensitive (RFC 5234 2.3). */
static int read_choice(const struct auth_tags *t, const char *name, const char *const *words,
    size_t n, size_t *out, struct err *e)
{
	const struct auth_tag *tag = auth_tags_get(t, name);
	for (size_t i = 0; tag && i < n; i++)
		if (span_is_nocase(tag->value, words[i])) {
			*out = i;
			return 0;
		}
	return tag ? err_set(e, EX_DATAERR, _("%s=: \"%.*s\" is none of its values"), name,
			 SPAN_ARG(span_take(tag->value, 40)))
		   : 0;
}

static int read_policy(
    const struct auth_tags *t, const char *name, enum dmarc_policy *out, struct err *e)
{
	static const char *const words[] = {"none", "quarantine", "reject"};
	size_t which = *out;
	if (read_choice(t, name, words, ARRAY_LEN(words), &which, e) < 0)
		return -1;
	*out = (enum dmarc_policy)which;
	return 0;
}

static int read_bool(const struct auth_tags *t, const char *name, const char *const words[2],
    bool *out, struct err *e)
{
	size_t which = *out;
	if (read_choice(t, name, words, 2, &which, e) < 0)
		return -1;
	*out = which == 1;
	return 0;
}

/* "!10m", a size that RFC 7489 had: it may stand there and means nothing any more. */
static struct span without_size(struct span uri)
{
	size_t n = uri.len;
	if (n && memchr("kmgtKMGT", uri.ptr[n - 1], 8))
		n--;
	size_t digits = n;
	while (n && is_digit(uri.ptr[n - 1]))
		n--;
	return n && n < digits && uri.ptr[n - 1] == '!' ? span_take(uri, n - 1) : uri;
}

/* RFC 3986: a scheme, a colon, and only characters that a URI may have. "," and "!" must be encoded here. */
static bool is_uri(struct span uri)
{
	struct span scheme;
	if (!span_cut(&uri, ':', &scheme) || !scheme.len || !is_alpha(scheme.ptr[0]) || !uri.len)
		return false;
	for (size_t i = 0; i < scheme.len; i++)
		if (!is_alpha(scheme.ptr[i]) && !is_digit(scheme.ptr[i]) &&
		    !memchr("+-.", scheme.ptr[i], 3))
			return false;
	for (size_t i = 0; i < uri.len; i++) {
		char c = uri.ptr[i];
		if (c == '%' && (i + 2 >= uri.len || hex_value(uri.ptr[i + 1]) < 0 ||
				    hex_value(uri.ptr[i + 2]) < 0))
			return false;
		if (!is_alpha(c) && !is_digit(c) &&
		    (c == '\0' || !strchr("%-._~:/?#[]@$&'()*+;=", c)))
			return false;
	}
	/* nobody can be written to without an "@" */
	return !span_is_nocase(scheme, "mailto") ||
	       (span_index(uri, '@') > 0 && uri.ptr[uri.len - 1] != '@');
}

static int read_uris(const struct auth_tags *t, const char *name, struct span *out, struct err *e)
{
	const struct auth_tag *tag = auth_tags_get(t, name);
	struct span rest, uri;
	if (!tag)
		return 0;
	rest = tag->value;
	while (auth_list_next(&rest, ',', &uri))
		if (!is_uri(without_size(uri)))
			return err_set(e, EX_DATAERR, _("%s=: \"%.*s\" is no URI"), name,
			    SPAN_ARG(span_take(uri, 100)));
	*out = tag->value;
	return 0;
}

/* fo: one of 0 and 1, and d and s, each at most once, in any order. */
static int read_fo(const struct auth_tags *t, struct dmarc_record *r, struct err *e)
{
	const struct auth_tag *tag = auth_tags_get(t, "fo");
	struct span rest, word;
	int numbers = 0, d = 0, s = 0;
	if (!tag)
		return 0;
	rest = tag->value;
	while (auth_list_next(&rest, ':', &word)) {
		numbers += span_is(word, "0") || span_is(word, "1");
		r->fail_any |= span_is(word, "1");
		d += span_is_nocase(word, "d");
		s += span_is_nocase(word, "s");
		if (numbers > 1 || d > 1 || s > 1 || word.len != 1 ||
		    !memchr("01dsDS", word.ptr[0], 6))
			return err_set(
			    e, EX_DATAERR, _("fo=: at most one of 0 and 1, one d and one s"));
	}
	r->fail_dkim = d;
	r->fail_spf = s;
	return 0;
}

static int read_all(struct dmarc_record *r, const struct auth_tags *t, struct err *e)
{
	static const char *const relaxed_strict[] = {"r", "s"}, *const no_yes[] = {"n", "y"},
				 *const psd[] = {"u", "n", "y"};
	size_t which = 0;
	if (read_policy(t, "p", &r->policy, e) < 0)
		return -1;
	r->subdomains = r->policy;
	if (read_policy(t, "sp", &r->subdomains, e) < 0)
		return -1;
	r->unknown = r->subdomains;
	if (read_policy(t, "np", &r->unknown, e) < 0 ||
	    read_bool(t, "adkim", relaxed_strict, &r->strict_dkim, e) < 0 ||
	    read_bool(t, "aspf", relaxed_strict, &r->strict_spf, e) < 0 ||
	    read_bool(t, "t", no_yes, &r->testing, e) < 0 ||
	    read_choice(t, "psd", psd, ARRAY_LEN(psd), &which, e) < 0 || read_fo(t, r, e) < 0 ||
	    read_uris(t, "rua", &r->rua, e) < 0 || read_uris(t, "ruf", &r->ruf, e) < 0)
		return -1;
	r->psd = psd[which][0];
	/* RFC 9989 4.10.1: without a policy a record is only good for those who ask for reports */
	if (!auth_tags_get(t, "p") && !r->rua.len)
		return err_set(e, EX_DATAERR, _("neither p= nor rua="));
	return 0;
}

int dmarc_record_parse(struct dmarc_record *out, struct span text, struct err *e)
{
	struct auth_tags t;
	struct dmarc_record r = {0};
	if (auth_tags_parse(&t, text, e) < 0)
		return -1;
	if (!span_is(t.v[0].name, "v") || !span_is(t.v[0].value, "DMARC1"))
		return err_set(e, EX_DATAERR, _("it must begin with v=DMARC1"));
	if (read_all(&r, &t, e) < 0)
		return -1;
	*out = r;
	return 0;
}

/* --- as a receiver reads it --- */

/* What can be read, the first of each name; a value cannot hold ";", so one bad tag spoils no other. */
static void receive_tags(struct auth_tags *t, struct span text)
{
	struct span spec, name;
	t->n = 0;
	for (bool more = true; more && t->n < AUTH_TAGS_MAX;) {
		more = span_cut(&text, ';', &spec);
		if (!span_cut(&spec, '=', &name))
			continue;
		name = span_trim(name);
		char c[8] = "";
		if (name.len < sizeof(c))
			memcpy(c, name.ptr, name.len);
		if (*c && !auth_tags_get(t, c))
			t->v[t->n++] = (struct auth_tag){name, span_trim(spec)};
	}
}

/* At least one that reports could go to. */
static bool has_uri(const struct auth_tags *t)
{
	const struct auth_tag *tag = auth_tags_get(t, "rua");
	struct span rest, uri;
	if (!tag)
		return false;
	rest = tag->value;
	while (auth_list_next(&rest, ',', &uri))
		if (is_uri(without_size(uri)))
			return true;
	return false;
}

static bool receive_policies(struct dmarc_record *r, const struct auth_tags *t)
{
	bool good = auth_tags_get(t, "p") && read_policy(t, "p", &r->policy, NULL) == 0;
	r->subdomains = r->policy;
	good &= read_policy(t, "sp", &r->subdomains, NULL) == 0;
	r->unknown = r->subdomains;
	return (read_policy(t, "np", &r->unknown, NULL) == 0) & good;
}

int dmarc_record_receive(struct dmarc_received *out, struct span text)
{
	static const char *const relaxed_strict[] = {"r", "s"}, *const no_yes[] = {"n", "y"},
				 *const psd[] = {"u", "n", "y"};
	struct dmarc_received got = {0};
	struct dmarc_record *r = &got.record;
	struct auth_tags t;
	size_t which = 0;
	receive_tags(&t, text);
	if (!t.n || !span_is(t.v[0].name, "v") || !span_is(t.v[0].value, "DMARC1"))
		return 0;
	got.no_policy = !receive_policies(r, &t);
	if (got.no_policy && !has_uri(&t))
		return 0;
	if (got.no_policy)
		r->policy = r->subdomains = r->unknown = DMARC_NONE;
	read_bool(&t, "adkim", relaxed_strict, &r->strict_dkim, NULL);
	read_bool(&t, "aspf", relaxed_strict, &r->strict_spf, NULL);
	read_bool(&t, "t", no_yes, &r->testing, NULL);
	read_choice(&t, "psd", psd, ARRAY_LEN(psd), &which, NULL);
	r->psd = psd[which][0];
	const struct auth_tag *pct = auth_tags_get(&t, "pct");
	got.pct = pct && !span_is(pct->value, "100");
	*out = got;
	return 1;
}
