#include "auth/dkim_key.h"

#include "auth/tags.h"
#include "base/intl.h"
#include "codec/base64.h"

enum { KEY_BYTES_MAX = 16384, ED25519_BYTES = 32 };

/* hyphenated-word, RFC 6376 3.6.1 */
static bool is_word(struct span s)
{
	if (!s.len || !is_alpha(s.ptr[0]) || s.ptr[s.len - 1] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_alpha(s.ptr[i]) && !is_digit(s.ptr[i]) && s.ptr[i] != '-')
			return false;
	return true;
}

/* h=, s=, t=: words with colons between; star: "*" is one too. */
static int read_words(const struct auth_tag *tag, bool star, struct span *out, struct err *e)
{
	struct span rest, word;
	if (!tag)
		return 0;
	rest = tag->value;
	while (auth_list_next(&rest, ':', &word))
		if (!is_word(word) && !(star && span_is(word, "*")))
			return err_set(e, EX_DATAERR, _("%.*s=: \"%.*s\" is no word"),
			    SPAN_ARG(tag->name), SPAN_ARG(span_take(word, 40)));
	*out = tag->value;
	return 0;
}

static bool has_word(struct span list, const char *wanted)
{
	struct span word;
	while (list.len && auth_list_next(&list, ':', &word))
		if (span_is(word, wanted))
			return true;
	return false;
}

static int read_type(const struct auth_tag *tag, enum dkim_key_type *out, struct err *e)
{
	if (!tag || span_is(tag->value, "rsa"))
		*out = DKIM_KEY_RSA;
	else if (span_is(tag->value, "ed25519"))
		*out = DKIM_KEY_ED25519;
	else if (is_word(tag->value))
		*out = DKIM_KEY_OTHER;
	else
		return err_set(e, EX_DATAERR, _("k=: no key type"));
	return 0;
}

/* A DER SEQUENCE that is as long as it says: whether there is a key inside is found out where it is used. */
static bool is_sequence(struct span der)
{
	const unsigned char *p = (const unsigned char *)der.ptr;
	size_t len = 0, octets;
	if (der.len < 2 || p[0] != 0x30)
		return false;
	if (p[1] < 0x80)
		return der.len == (size_t)p[1] + 2;
	octets = p[1] & 0x7f;
	if (octets > 3 || der.len < 2 + octets)
		return false;
	for (size_t i = 0; i < octets; i++)
		len = len << 8 | p[2 + i];
	return der.len == len + 2 + octets;
}

/* base64string: blanks may stand anywhere in it. */
static int read_key(const struct auth_tag *tag, struct dkim_key *k, struct err *e)
{
	struct buf text = BUF_INIT(KEY_BYTES_MAX * 2);
	if (!tag)
		return err_set(e, EX_DATAERR, _("no p= with the key"));
	for (size_t i = 0; i < tag->value.len; i++)
		if (!is_space(tag->value.ptr[i]))
			buf_addc(&text, tag->value.ptr[i]);
	int r = text.over ? -1 : base64_decode(&k->key, buf_span(&text), NULL);
	buf_release(&text);
	if (r < 0 || k->key.over)
		return err_set(e, EX_DATAERR, _("p=: not base64"));
	if (!k->key.len || k->type == DKIM_KEY_OTHER)
		return 0;
	if (k->type == DKIM_KEY_ED25519 && k->key.len != ED25519_BYTES)
		return err_set(e, EX_DATAERR, _("p=: an Ed25519 key has %d octets, this one %zu"),
		    (int)ED25519_BYTES, k->key.len);
	if (k->type == DKIM_KEY_RSA && !is_sequence(buf_span(&k->key)))
		return err_set(e, EX_DATAERR, _("p=: not an RSA key in DER"));
	return 0;
}

static int read_tags(struct dkim_key *k, const struct auth_tags *t, struct err *e)
{
	const struct auth_tag *version = auth_tags_get(t, "v");
	struct span flags = {0};
	if (version && (version != t->v || !span_is(version->value, "DKIM1")))
		return err_set(e, EX_DATAERR,
		    version != t->v ? _("v= must be the first tag") : _("v=: not DKIM1"));
	if (read_words(auth_tags_get(t, "h"), false, &k->hashes, e) < 0 ||
	    read_type(auth_tags_get(t, "k"), &k->type, e) < 0 ||
	    read_key(auth_tags_get(t, "p"), k, e) < 0 ||
	    read_words(auth_tags_get(t, "s"), true, &k->services, e) < 0 ||
	    read_words(auth_tags_get(t, "t"), false, &flags, e) < 0)
		return -1;
	if (has_word(k->services, "*"))
		k->services = (struct span){0};
	k->testing = has_word(flags, "y");
	k->strict_domain = has_word(flags, "s");
	return 0;
}

int dkim_key_parse(struct dkim_key *k, struct span text, struct err *e)
{
	struct auth_tags t;
	struct dkim_key key = {.key = BUF_INIT(KEY_BYTES_MAX)};
	if (auth_tags_parse(&t, text, e) < 0)
		return -1;
	if (read_tags(&key, &t, e) < 0) {
		dkim_key_release(&key);
		return -1;
	}
	*k = key;
	return 0;
}

void dkim_key_release(struct dkim_key *k)
{
	buf_release(&k->key);
}
