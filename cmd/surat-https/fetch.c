#include "fetch.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <curl/curl.h>
#include <stdlib.h>

_Static_assert(sizeof(((struct fetch *)0)->why) >= CURL_ERROR_SIZE, "room for curl's reason");

struct fetch_all {
	const struct fetch_options *o;
	CURLM *multi;
	struct fetch *waiting, **last, *done;
	size_t running, count;
};

struct fetch_all *fetch_all_new(const struct fetch_options *o)
{
	struct fetch_all *all = mem_new(1, sizeof(*all));
	ENSURE(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	all->o = o;
	all->last = &all->waiting;
	all->multi = curl_multi_init();
	ENSURE(all->multi);
	return all;
}

void fetch_all_free(struct fetch_all *all)
{
	curl_multi_cleanup(all->multi);
	curl_global_cleanup();
	free(all);
}

void fetch_release(struct fetch *f)
{
	free(f->host);
	free(f->path);
	free(f->url);
	str_wipe_free(f->form);
	str_wipe_free(f->basic);
	strv_release(&f->addresses);
	buf_release(&f->body);
}

size_t fetch_count(const struct fetch_all *all)
{
	return all->count;
}

static size_t take_body(char *p, size_t one, size_t n, void *ctx)
{
	struct fetch *f = ctx;
	buf_addn(&f->body, p, n * one);
	return f->body.over ? 0 : n * one; /* less than it gave: curl ends the transfer */
}

/* "HOST:PORT:ADDR,[ADDR]": as if the name had been looked up. */
static struct curl_slist *known_addresses(const struct fetch *f, unsigned port)
{
	struct buf b = BUF_INIT(64 * 1024);
	buf_addf(&b, "%s:%u:", f->host, port);
	for (size_t i = 0; i < f->addresses.n; i++)
		buf_addf(&b, strchr(f->addresses.v[i], ':') ? "%s[%s]" : "%s%s", i ? "," : "",
		    f->addresses.v[i]);
	struct curl_slist *l =
	    f->addresses.n && f->host ? curl_slist_append(NULL, buf_cstr(&b)) : NULL;
	buf_release(&b);
	return l;
}

/* A URL of any port: libcurl compares the names. */
static struct curl_slist *all_overrides(const struct fetch_options *o)
{
	struct curl_slist *l = NULL;
	for (size_t i = 0; o->connects && i < o->connects->n; i++) {
		struct span rest = span_of(o->connects->v[i]), host;
		if (!span_cut(&rest, '=', &host))
			continue;
		char *line = str_printf("%.*s::%.*s", SPAN_ARG(host), SPAN_ARG(rest));
		l = curl_slist_append(l, line);
		free(line);
	}
	return l;
}

/* --connect: only where the name says so; the certificate is checked for the name all the same. */
static struct curl_slist *overridden(const struct fetch *f, const struct fetch_options *o)
{
	if (f->url)
		return all_overrides(o);
	for (size_t i = 0; o->connects && i < o->connects->n; i++) {
		struct span rest = span_of(o->connects->v[i]), host;
		if (!span_cut(&rest, '=', &host) || !span_is_nocase(host, f->host))
			continue;
		char *line = str_printf("%s:%u:%.*s", f->host, o->port, SPAN_ARG(rest));
		struct curl_slist *l = curl_slist_append(NULL, line);
		free(line);
		return l;
	}
	return NULL;
}

static void set_url(CURL *h, const struct fetch *f, unsigned port)
{
	char *url = f->url        ? str_dup(f->url)
		    : port == 443 ? str_printf("https://%s%s", f->host, f->path)
				  : str_printf("https://%s:%u%s", f->host, port, f->path);
	curl_easy_setopt(h, CURLOPT_URL, url);
	free(url);
}

static void set_safety(CURL *h, const struct fetch *f, const struct fetch_options *o)
{
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (o->ca_file) {
		curl_easy_setopt(h, CURLOPT_CAINFO, o->ca_file);
		curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)f->timeout_ms);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)f->timeout_ms);
	curl_easy_setopt(h, CURLOPT_MAXFILESIZE, (long)f->body.max);
	curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
	if (o->only4 != o->only6)
		curl_easy_setopt(
		    h, CURLOPT_IPRESOLVE, o->only4 ? CURL_IPRESOLVE_V4 : CURL_IPRESOLVE_V6);
}

static void set_request(CURL *h, const struct fetch *f)
{
	if (f->form) {
		curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE, (long)strlen(f->form));
		curl_easy_setopt(h, CURLOPT_POSTFIELDS, f->form);
	}
	if (f->basic) {
		curl_easy_setopt(h, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(h, CURLOPT_USERPWD, f->basic);
	}
}

static void begin(struct fetch_all *all, struct fetch *f)
{
	CURL *h = curl_easy_init();
	ENSURE(h);
	f->handle = h;
	f->connect = overridden(f, all->o);
	f->resolve = known_addresses(f, all->o->port);
	set_url(h, f, all->o->port);
	set_safety(h, f, all->o);
	set_request(h, f);
	curl_easy_setopt(h, CURLOPT_RESOLVE, f->resolve);
	curl_easy_setopt(h, CURLOPT_CONNECT_TO, f->connect);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, f->why);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(h, CURLOPT_PRIVATE, f);
	curl_easy_setopt(h, CURLOPT_USERAGENT, "surat");
	ENSURE(curl_multi_add_handle(all->multi, h) == CURLM_OK);
	all->running++;
}

static void begin_waiting(struct fetch_all *all)
{
	while (all->waiting && all->running < FETCH_AT_ONCE) {
		struct fetch *f = all->waiting;
		if (!(all->waiting = f->next))
			all->last = &all->waiting;
		begin(all, f);
	}
}

static void give_back(struct fetch_all *all, struct fetch *f)
{
	f->next = all->done;
	all->done = f;
}

static bool has_override(const struct fetch *f, const struct fetch_options *o)
{
	struct curl_slist *l = overridden(f, o);
	curl_slist_free_all(l);
	return l != NULL;
}

void fetch_start(struct fetch_all *all, struct fetch *f)
{
	all->count++;
	/* without an address curl would ask the machine's resolver, which nobody told it to */
	if (!f->url && !f->addresses.n && !has_override(f, all->o)) {
		err_set(&f->error, EX_NOHOST, _("%s: no address"), f->host);
		give_back(all, f);
		return;
	}
	f->next = NULL;
	*all->last = f;
	all->last = &f->next;
}

/* "https://host/path", without a query, which may say more than an error should. */
static void name_it(struct fetch *f)
{
	if (f->url)
		err_prefix(&f->error, "%.*s: ", (int)strcspn(f->url, "?"), f->url);
	else
		err_prefix(&f->error, "https://%s%s: ", f->host, f->path);
}

static void judge(struct fetch *f, CURLcode code)
{
	long status = 0;
	const char *type = NULL;
	struct span word;
	curl_easy_getinfo(f->handle, CURLINFO_RESPONSE_CODE, &status);
	f->status = status;
	curl_easy_getinfo(f->handle, CURLINFO_CONTENT_TYPE, &type);
	struct span rest = span_of(type);
	span_cut(&rest, ';', &word);
	if (f->body.over || code == CURLE_FILESIZE_EXCEEDED)
		err_set(&f->error, EX_PROTOCOL, _("larger than %zu bytes"), f->body.max);
	else if (code != CURLE_OK)
		err_set(&f->error,
		    code == CURLE_PEER_FAILED_VERIFICATION ? EX_PROTOCOL : EX_TEMPFAIL, "%s",
		    *f->why ? f->why : curl_easy_strerror(code));
	else if (status / 100 == 3)
		err_set(
		    &f->error, EX_PROTOCOL, _("a redirect (%ld), which is not followed"), status);
	else if (!f->media_type)
		return;
	else if (status != 200)
		err_set(&f->error, EX_PROTOCOL, _("the server answers %ld"), status);
	else if (!span_is_nocase(span_trim(word), f->media_type))
		err_set(&f->error, EX_PROTOCOL, _("not %s but %s"), f->media_type,
		    type ? type : _("nothing said"));
	else
		return;
	name_it(f);
}

static void end(struct fetch_all *all, struct fetch *f, CURLcode code)
{
	judge(f, code);
	curl_multi_remove_handle(all->multi, f->handle);
	curl_easy_cleanup(f->handle);
	curl_slist_free_all(f->resolve);
	curl_slist_free_all(f->connect);
	all->running--;
	give_back(all, f);
}

int fetch_wait(struct fetch_all *all, int fd, struct err *e)
{
	struct curl_waitfd extra = {.fd = fd, .events = CURL_WAIT_POLLIN};
	int still = 0, left;
	begin_waiting(all);
	CURLMcode r = curl_multi_perform(all->multi, &still);
	if (r == CURLM_OK && !all->done && (size_t)still == all->running)
		r = curl_multi_poll(all->multi, &extra, fd >= 0, 60000, NULL);
	if (r != CURLM_OK)
		return err_set(e, EX_SOFTWARE, "libcurl: %s", curl_multi_strerror(r));
	for (CURLMsg *m; (m = curl_multi_info_read(all->multi, &left));) {
		struct fetch *f = NULL;
		CURLcode code = m->data.result;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
		end(all, f, code);
	}
	return 0;
}

struct fetch *fetch_next(struct fetch_all *all)
{
	struct fetch *f = all->done;
	if (f) {
		all->done = f->next;
		all->count--;
	}
	return f;
}
