/*
 * Links that are not what they seem: a text that names one host and a target that is another, a host in front of an @, letters of two scripts in
 * one word. A text that names no host ("click here") promises nothing.
 */
#include "base/alloc.h"
#include "codec/idna.h"
#include "codec/utf8.h"
#include "inspect/markup.h"

enum { HOST_MAX = 256 };

/* Endings that make a bare word a host and not a file. */
static const char *const tops[] = {"com", "org", "net", "edu", "gov", "mil", "int", "info", "biz",
    "io", "co", "us", "uk", "de", "fr", "it", "es", "nl", "be", "ch", "at", "eu", "se", "no", "dk",
    "fi", "ie", "pt", "gr", "ru", "ua", "cn", "jp", "kr", "in", "id", "au", "nz", "ca", "br", "mx",
    "ar", "za", "tr", "app", "dev", "bank", "online", "shop", "example", "test"};

static struct span without_scheme(struct span url, bool *had)
{
	ptrdiff_t at = span_find(url, SPAN("://"));
	*had = at >= 0 && at < 10;
	return *had ? span_skip(url, (size_t)at + 3) : url;
}

static struct span until(struct span s, const char *stops)
{
	size_t n = 0;
	while (n < s.len && s.ptr[n] && !strchr(stops, s.ptr[n]) && !is_space(s.ptr[n]))
		n++;
	return span_take(s, n);
}

/* "user@host:80" -> "host" and whether there was a user */
static struct span host_of(struct span authority, bool *user)
{
	size_t at = authority.len;
	while (at && authority.ptr[at - 1] != '@')
		at--;
	*user = at > 1;
	struct span host = until(span_skip(authority, at), ":");
	while (host.len && host.ptr[host.len - 1] == '.')
		host.len--;
	return host;
}

static struct span last_label(struct span host)
{
	size_t at = host.len;
	while (at && host.ptr[at - 1] != '.')
		at--;
	return span_skip(host, at);
}

static bool is_top(struct span label)
{
	for (size_t i = 0; i < ARRAY_LEN(tops); i++)
		if (span_is_nocase(label, tops[i]))
			return true;
	return false;
}

/* The host that a text names, or "". */
static struct span host_in_text(struct span text)
{
	bool scheme, user;
	struct span rest = without_scheme(text, &scheme);
	struct span host = host_of(until(rest, "/?#"), &user);
	if (user && !scheme) /* a mail address */
		return SPAN("");
	if (scheme || span_starts_nocase(host, "www."))
		return span_index(host, '.') > 0 ? host : SPAN("");
	bool alone = host.len == text.len || rest.ptr[host.len] == '/';
	return alone && span_index(host, '.') > 0 && is_top(last_label(host)) ? host : SPAN("");
}

/* Who registered it, nearly: two labels, three below "co.uk" and its like. */
static struct span owner(struct span host)
{
	struct span labels = host;
	unsigned want = 2, n = 0;
	size_t at = host.len;
	struct span top = last_label(host);
	struct span rest = span_take(host, host.len > top.len ? host.len - top.len - 1 : 0);
	if (top.len == 2 && last_label(rest).len <= 3 && last_label(rest).len)
		want = 3;
	while (at && n < want) {
		at--;
		n += host.ptr[at] == '.';
	}
	return n == want ? span_skip(labels, at + 1) : host;
}

/* Two scripts in one label, or Cyrillic that is all of letters which look Latin. */
static bool looks_like_another(struct span label)
{
	static const char like_latin[] = "аеорсухіјѕӏԁһԛԝ";
	bool latin = false, other = false, only_like = true;
	for (int32_t c; (c = utf8_next(&label)) >= 0;) {
		char letter[5] = "";
		struct buf b = BUF_INIT(sizeof(letter));
		bool foreign = (c >= 0x370 && c < 0x590) || (c >= 0x13a0 && c < 0x1400);
		latin |= c < 0x80 && is_alpha((char)c);
		other |= foreign;
		utf8_put(&b, (uint32_t)c);
		only_like &= !foreign || strstr(like_latin, buf_cstr(&b)) != NULL;
		buf_release(&b);
	}
	return other && (latin || only_like);
}

static bool host_is_false(struct span host)
{
	struct buf shown = BUF_INIT(4 * HOST_MAX);
	bool found = false;
	idna_to_unicode(&shown, host);
	struct span rest = buf_span(&shown), label;
	while (rest.len) {
		span_cut(&rest, '.', &label);
		found |= looks_like_another(label);
	}
	buf_release(&shown);
	return found;
}

static bool is_web(struct span url)
{
	return span_starts_nocase(url, "http:") || span_starts_nocase(url, "https:") ||
	       span_starts_nocase(url, "ftp:") || span_starts(url, "//");
}

static struct span no_www(struct span host)
{
	return span_starts_nocase(host, "www.") ? span_skip(host, 4) : host;
}

bool inspect_link(struct span href, struct span text, struct buf *why)
{
	bool scheme, user;
	href = span_trim(href);
	if (!is_web(href))
		return false;
	struct span rest = without_scheme(href, &scheme);
	if (!scheme)
		rest = span_skip(href, 2);
	struct span authority = until(rest, "/?#\\"), host = host_of(authority, &user);
	struct span shown = host_in_text(text);
	if (user && span_index(until(authority, "@:"), '.') > 0)
		buf_addf(why, "%.*s is not %.*s", SPAN_ARG(span_take(authority, HOST_MAX)),
		    SPAN_ARG(span_take(until(authority, "@:"), HOST_MAX)));
	else if (host.len <= HOST_MAX && host_is_false(host))
		buf_addf(why, "%.*s looks like another name", SPAN_ARG(host));
	else if (shown.len && !span_eq_nocase(owner(no_www(shown)), owner(no_www(host))))
		buf_addf(why, "says %.*s, goes to %.*s", SPAN_ARG(span_take(shown, HOST_MAX)),
		    SPAN_ARG(span_take(host, HOST_MAX)));
	return why->len > 0;
}
