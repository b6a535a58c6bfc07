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
