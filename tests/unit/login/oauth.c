#include "../tap.h"
#include "base/alloc.h"
#include "login/flow.h"
#include "login/form.h"
#include "login/pkce.h"
#include "login/redirect.h"
#include "login/token.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* RFC 7636 appendix B */
static void test_pkce(void)
{
	struct buf b = BUF_INIT(100);
	pkce_challenge(&b, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
	is_str(buf_cstr(&b), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
	    "the challenge of RFC 7636");
	buf_release(&b);
	char *one = pkce_secret(), *two = pkce_secret();
	is_int((long long)strlen(one), 43, "a verifier of 43 characters");
	ok(strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == 43,
	    "of the alphabet for URLs");
	ok(strcmp(one, two) != 0, "never the same twice");
	str_wipe_free(one);
	str_wipe_free(two);
}

static void test_form(void)
{
	struct buf b = BUF_INIT(1000);
	form_add(&b, "a", "x y&z=%+ü");
	form_add(&b, "none", NULL);
	form_add(&b, "b", "");
	is_str(buf_cstr(&b), "a=x%20y%26z%3D%25%2B%C3%BC&b=", "names and values");
	struct form_reader r;
	struct err e = ERR_INIT;
	form_reader_init(&r, buf_span(&b), 1000);
	ok(form_next(&r, &e) == 1 && span_is(buf_span(&r.name), "a") &&
		span_is(buf_span(&r.value), "x y&z=%+ü"),
	    "are read again");
	ok(form_next(&r, &e) == 1 && span_is(buf_span(&r.name), "b") && !r.value.len,
	    "empty ones too");
	is_int(form_next(&r, &e), 0, "to their end");
	form_reader_release(&r);
	static const char *const bad[] = {"a=%", "a=%4", "a=%zz", "a=%00", "%00=b"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		form_reader_init(&r, span_of(bad[i]), 100);
		is_int(form_next(&r, &e), -1, bad[i]);
		form_reader_release(&r);
	}
	form_reader_init(&r, SPAN("a=0123456789"), 5);
	is_int(form_next(&r, &e), -1, "a value that is too long");
	form_reader_release(&r);
	buf_release(&b);
}

static void test_urls(void)
{
	static const char *const good[] = {
	    "https://id.example.org", "https://id.example.org:8443/a?b=c", "https://[::1]/"};
	static const char *const bad[] = {"", "http://id.example.org", "https://", "https:///x",
	    "https://a b", "https://a@b/", "https://a/#f", "https://a/\"", "https://a/\n",
	    "https://a/\x1b", "https://ä/", "https://:8/", "HTTPS://a/", "-https://a/"};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(login_is_url(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!login_is_url(bad[i]), "not number %zu", i);
	ok(!login_is_url(NULL), "nor nothing");
	char *u = login_metadata_url("https://id.example.org/realms/mail/");
	is_str(u, "https://id.example.org/.well-known/oauth-authorization-server/realms/mail",
	    "RFC 8414's place");
	free(u);
	u = login_metadata_url("https://id.example.org");
	is_str(
	    u, "https://id.example.org/.well-known/oauth-authorization-server", "without a path");
	free(u);
	u = login_openid_url("https://id.example.org/realms/mail/");
	is_str(
	    u, "https://id.example.org/realms/mail/.well-known/openid-configuration", "OpenID's");
	free(u);
}

#define ISSUER "\"issuer\":\"https://id.test\""
#define TOKEN_URL "\"token_endpoint\":\"https://id.test/token\""
static void test_metadata(void)
{
	struct login_provider p;
	struct err e = ERR_INIT;
	is_int(login_provider_metadata(&p,
		   SPAN("{" ISSUER "," TOKEN_URL
			",\"authorization_endpoint\":\"https://id.test/a\",\"revocation_endpoint\":"
			"\"https://id.test/"
			"r\",\"code_challenge_methods_supported\":[\"plain\",\"S256\"],"
			"\"scopes_supported\":[\"openid\",\"offline_access\"]}"),
		   "https://id.test/", &e),
	    0, "metadata");
	ok(!p.tells_issuer, "which does not say that the issuer is told");
	is_str(p.authorize, "https://id.test/a", "its page");
	is_str(p.revoke, "https://id.test/r", "its end");
	is_str(p.scope, "offline_access", "what a refresh token needs");
	ok(p.basic && !p.device, "client_secret_basic without a word; no device flow");
	json_t *kept = login_provider_json(&p);
	struct login_provider again;
	is_int(login_provider_read(&again, kept, &e), 0, "kept, and read again");
	is_str(again.token, "https://id.test/token", "the same");
	login_provider_release(&again);
	json_decref(kept);
	login_provider_release(&p);
	is_int(login_provider_metadata(&p,
		   SPAN("{" ISSUER "," TOKEN_URL
			",\"authorization_response_iss_parameter_supported\":true}"),
		   "https://id.test", &e),
	    0, "metadata that says");
	ok(p.tells_issuer, "that it is told in each answer (RFC 9207 3)");
	json_t *said = login_provider_json(&p);
	login_provider_release(&p);
	is_int(login_provider_read(&p, said, &e), 0, "kept");
	ok(p.tells_issuer, "with that");
	json_decref(said);
	login_provider_release(&p);
	static const char *const bad[] = {"", "[]", "nonsense", "{}", "{" ISSUER "}",
	    "{" TOKEN_URL "}", "{\"issuer\":\"https://evil.test\"," TOKEN_URL "}",
	    "{\"issuer\":\"https://id.test/x\"," TOKEN_URL "}",
	    "{" ISSUER ",\"token_endpoint\":\"http://id.test/token\"}",
	    "{" ISSUER ",\"token_endpoint\":7}",
	    "{" ISSUER "," TOKEN_URL ",\"authorization_endpoint\":\"javascript:x\"}",
	    "{" ISSUER "," TOKEN_URL ",\"code_challenge_methods_supported\":[\"plain\"]}",
	    "{" ISSUER "," ISSUER "," TOKEN_URL "}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(login_provider_metadata(&p, span_of(bad[i]), "https://id.test", &e), -1,
		    bad[i]);
		is_int(e.code, EX_PROTOCOL, "is refused");
	}
	for (const char *const *n =
		 (const char *const[]){"fastmail", "google", "microsoft", "yahoo", NULL};
	     *n; n++) {
		ok(login_provider_preset(&p, *n), "%s", *n);
		ok(login_is_url(p.authorize) && login_is_url(p.token) && p.scope,
		    "has what it needs");
		ok(strstr(login_provider_names(), *n) != NULL, "and is named");
		login_provider_release(&p);
	}
	ok(!login_provider_preset(&p, "nobody"), "nobody is no preset");
}

static void test_tokens(void)
{
	struct login_token t;
	struct err e = ERR_INIT;
	is_int(login_token_parse(&t,
		   SPAN("{\"access_token\":\"abc.d-_~+/"
			"=\",\"token_type\":\"bearer\",\"expires_in\":\"3600\","
			"\"refresh_token\":\"r\",\"id_token\":\"x\"}"),
		   1000, &e),
	    0, "a token");
	is_str(t.access, "abc.d-_~+/=", "as it is");
	is_int(t.expires_s, 4600, "its end, from a string too");
	login_token_release(&t);
	is_int(login_token_parse(&t,
		   SPAN("{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":1e300}"),
		   0, &e),
	    0, "one that lives for ever");
	ok(t.expires_s > 0 && t.expires_s < INT64_C(1) << 40 && !t.refresh, "does not");
	login_token_release(&t);
	static const char *const bad[] = {"", "[]", "{}",
	    "{\"access_token\":\"\",\"token_type\":\"Bearer\"}",
	    "{\"access_token\":\"a b\",\"token_type\":\"Bearer\"}",
	    "{\"access_token\":\"a\\u0001b\",\"token_type\":\"Bearer\"}",
	    "{\"access_token\":\"a\\u0000b\",\"token_type\":\"Bearer\"}",
	    "{\"access_token\":[],\"token_type\":\"Bearer\"}",
	    "{\"access_token\":\"a\",\"token_type\":\"mac\"}",
	    "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"refresh_token\":\"r\\nx\"}",
	    "{\"access_token\":\"a\",\"access_token\":\"b\",\"token_type\":\"Bearer\"}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(login_token_parse(&t, span_of(bad[i]), 0, &e), -1, bad[i]);
		is_int(e.code, EX_PROTOCOL, "is refused");
	}
}

static void test_device(void)
{
	struct login_device d;
	struct err e = ERR_INIT;
	is_int(login_device_parse(&d,
		   SPAN("{\"device_code\":\"d\",\"user_code\":\"WDJB-MJHT\",\"verification_uri\":"
			"\"https://id.test/device\",\"expires_in\":1800}"),
		   100, &e),
	    0, "a device's code");
	is_int(d.interval_s, 5, "RFC 8628 3.2: every five seconds");
	is_int(d.expires_s, 1900, "until then");
	login_device_release(&d);
	static const char *const bad[] = {"{}",
	    "{\"device_code\":\"d\",\"user_code\":\"u\",\"verification_uri\":\"http://id.test\"}",
	    ("{\"device_code\":\"d\",\"user_code\":\"u\\u001b[31m\","
	     "\"verification_uri\":\"https://id.test\"}"),
	    "{\"device_code\":\"\",\"user_code\":\"u\",\"verification_uri\":\"https://id.test\"}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_int(login_device_parse(&d, span_of(bad[i]), 0, &e), -1, bad[i]);
}

static void test_refusals(void)
{
	static const struct {
		long status;
		const char *body;
		enum login_refusal refusal;
		int code;
	} all[] = {
	    {400, "{\"error\":\"authorization_pending\"}", LOGIN_PENDING, EX_TEMPFAIL},
	    {400, "{\"error\":\"slow_down\"}", LOGIN_SLOW_DOWN, EX_TEMPFAIL},
	    {400, "{\"error\":\"access_denied\"}", LOGIN_REFUSED, EX_NOPERM},
	    {400, "{\"error\":\"expired_token\"}", LOGIN_REFUSED, EX_NOPERM},
	    {400, "{\"error\":\"invalid_grant\",\"error_description\":\"gone\"}", LOGIN_REFUSED,
		EX_NOPERM},
	    {401, "{\"error\":\"invalid_client\"}", LOGIN_REFUSED, EX_CONFIG},
	    {400, "{\"error\":\"something_new\"}", LOGIN_REFUSED, EX_PROTOCOL},
	    {503, "<html>", LOGIN_REFUSED, EX_TEMPFAIL},
	    {429, "", LOGIN_REFUSED, EX_TEMPFAIL},
	    {404, "", LOGIN_REFUSED, EX_PROTOCOL},
	    {400, "{\"error\":7}", LOGIN_REFUSED, EX_PROTOCOL},
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct err e = ERR_INIT;
		is_int(login_refusal_parse(all[i].status, span_of(all[i].body), &e), all[i].refusal,
		    all[i].body);
		is_int(e.code, all[i].code, e.text);
	}
}

static void test_authorize(void)
{
	struct login_provider p = {
	    .authorize = str_dup("https://id.test/a?tenant=x"), .extra = str_dup("prompt=consent")};
	struct login_client c = {.provider = &p, .id = "my id", .scope = "a b"};
	struct buf b = BUF_INIT(4096);
	login_authorize_url(&c, "http://127.0.0.1:1/", "st",
	    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "ana@x.test", &b);
	is_str(buf_cstr(&b),
	    "https://id.test/"
	    "a?tenant=x&response_type=code&client_id=my%20id&redirect_uri=http%3A%2F%2F"
	    "127.0.0.1%3A1%2F&scope=a%20b&state=st&code_challenge="
	    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJ"
	    "Sstw-cM&code_challenge_method=S256&login_hint=ana%40x.test&prompt=consent",
	    "where the browser is sent");
	buf_release(&b);
	login_provider_release(&p);
}

static void test_redirect(void)
{
	char *code = NULL;
	struct err e = ERR_INIT;
	is_int(login_redirect_parse(SPAN("GET /?code=a&state=S HTTP/1.1"), "S",
		   (struct login_issuer){"https://id.test", true}, &code, &e),
	    -1, "without the issuer, of one who always tells it (RFC 9207 2.4)");
	e = (struct err)ERR_INIT;
	is_int(login_redirect_parse(SPAN("GET /?code=a%2Bb&state=S HTTP/1.1"), "S",
		   (struct login_issuer){NULL, false}, &code, &e),
	    1, "the browser comes back");
	is_str(code, "a+b", "with the code");
	str_wipe_free(code);
	code = NULL;
	static const char *const nothing[] = {"", "GET", "GET /favicon.ico HTTP/1.1",
	    "GET / HTTP/1.1", "POST /?code=a&state=S HTTP/1.1", "GET /x?code=a&state=S HTTP/1.1",
	    "GET /?a=b HTTP/1.1"};
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		is_int(login_redirect_parse(
			   span_of(nothing[i]), "S", (struct login_issuer){NULL, false}, &code, &e),
		    0, nothing[i]);
	static const struct {
		const char *line;
		int code;
	} bad[] = {{"GET /?code=a HTTP/1.1", EX_PROTOCOL},
	    {"GET /?code=a&state= HTTP/1.1", EX_PROTOCOL},
	    {"GET /?code=a&state=T HTTP/1.1", EX_PROTOCOL},
	    {"GET /?code=a&state=T&state=S HTTP/1.1", EX_PROTOCOL},
	    {"GET /?code=a&state=S&iss=https%3A%2F%2Fevil.test HTTP/1.1", EX_PROTOCOL},
	    {"GET /?error=access_denied&state=S HTTP/1.1", EX_NOPERM},
	    {"GET /?error=access_denied&state=T HTTP/1.1", EX_PROTOCOL},
	    {"GET /?error=server_error&state=S HTTP/1.1", EX_PROTOCOL}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		is_int(login_redirect_parse(span_of(bad[i].line), "S",
			   (struct login_issuer){"https://id.test", false}, &code, &e),
		    -1, bad[i].line);
		is_int(e.code, bad[i].code, e.text);
	}
}

static void test_records(void)
{
	struct login_record r = {.client_id = str_dup("me"), .obtained_s = 1000};
	struct login_store s;
	struct err e = ERR_INIT;
	char dir[] = "/tmp/surat-login.XXXXXX", path[200];
	ok(mkdtemp(dir) && login_provider_preset(&r.provider, "google"), "(a folder)");
	r.token = (struct login_token){
	    .access = str_dup("acc"), .refresh = str_dup("ref"), .expires_s = 4600};
	is_int(login_store_open(&s, dir, NULL, "../ana@x.test", &e), 0, "a name that is no file's");
	is_str(s.base, "..%2Fana%40x.test", "is made one");
	is_int(login_record_get(&s, &r, &e), 0, "nothing is kept yet");
	is_int(login_record_put(&s, &r, &e), 0, "kept");
	struct login_record again;
	is_int(login_record_get(&s, &again, &e), 1, "and found");
	is_str(again.token.refresh, "ref", "the same");
	ok(login_record_is_fresh(&again, 4539) && !login_record_is_fresh(&again, 4540),
	    "fresh until a minute before its end");
	again.obtained_s = 4590;
	ok(login_record_is_fresh(&again, 4598) && !login_record_is_fresh(&again, 4599),
	    "or a tenth of a short life");
	login_record_release(&again);
	snprintf(path, sizeof(path), "%s/%s.token", dir, s.base);
	ok(chmod(path, 0644) == 0, "(others may read it)");
	is_int(login_record_get(&s, &again, &e), -1, "what others may read");
	is_int(e.code, EX_NOPERM, "is not believed");
	is_int(login_store_erase(&s, "token", &e), 0, "erased");
	is_int(login_store_erase(&s, "token", &e), 0, "twice is fine");
	is_int(login_record_get(&s, &again, &e), 0, "and gone");
	login_record_release(&r);
	login_store_close(&s);
	ok(rmdir(dir) == 0, "nothing is left");
	static const char *const bad[] = {"", "x", "{}", "{\"v\":2}",
	    ("{\"v\":1,\"provider\":{\"token_endpoint\":\"http://x\"},"
	     "\"client_id\":\"a\",\"access_token\":\"b\"}"),
	    "{\"v\":1,\"provider\":{\"token_endpoint\":\"https://x\"},\"client_id\":\"a\"}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_int(login_record_parse(&again, span_of(bad[i]), &e), -1, bad[i]);
}

int main(void)
{
	test_pkce();
	test_form();
	test_urls();
	test_metadata();
	test_tokens();
	test_device();
	test_refusals();
	test_authorize();
	test_redirect();
	test_records();
	return tap_done();
}
