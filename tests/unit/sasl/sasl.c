#include "sasl/sasl.h"
#include "../tap.h"
#include "sasl/mechanism.h"
#include "sasl/scram.h"

/* --- SCRAM: the examples of RFC 5802 5 and RFC 7677 3 --- */

struct example {
	enum digest_kind kind;
	const char *nonce, *first, *server_first, *final, *server_final;
};
static const struct example examples[] = {
    {DIGEST_SHA1, "fyko+d2lbbFgONRv9qkxdawL", "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
	"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
	"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
	"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    {DIGEST_SHA256, "rOprNGfwEbeRWgbNEkqO", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
	"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
	"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
	"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
};

static void begin(struct scram *sc, const struct example *x, struct buf *out)
{
	struct err e = ERR_INIT;
	scram_init(sc, x->kind, "user", "pencil");
	snprintf(sc->nonce, sizeof(sc->nonce), "%s", x->nonce);
	buf_reset(out);
	is_int(scram_first(sc, out, &e), 0, "the first message");
}

static void test_examples(void)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *x = &examples[i];
		struct err e = ERR_INIT;
		struct scram sc;
		struct buf out = BUF_INIT(4096);
		begin(&sc, x, &out);
		is_str(buf_cstr(&out), x->first, "as in the RFC");
		buf_reset(&out);
		is_int(scram_final(&sc, span_of(x->server_first), &out, &e), 0, "the last message");
		is_str(buf_cstr(&out), x->final, "as in the RFC");
		is_int(scram_verify(&sc, span_of(x->server_final), &e), 0, "the server's proof");
		scram_release(&sc);
		buf_release(&out);
	}
}

static void refuses(const char *server_first, const char *what)
{
	struct err e = ERR_INIT;
	struct scram sc;
	struct buf out = BUF_INIT(4096);
	begin(&sc, &examples[0], &out);
	sc.min_iterations = SASL_ITERATIONS_MIN;
	is_int(
	    scram_final(&sc, span_of(server_first), &out, &e) < 0 ? e.code : 0, EX_PROTOCOL, what);
	scram_release(&sc);
	buf_release(&out);
}

static void test_server_first(void)
{
	refuses("", "nothing");
	refuses("m=x,r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXC,i=4096", "an extension it needs");
	refuses("r=fyko+d2lbbFgONRv9qkxdawL,s=QSXC,i=4096", "our nonce only");
	refuses("r=Fyko+d2lbbFgONRv9qkxdawLx,s=QSXC,i=4096", "another nonce");
	refuses("r=fyko+d2lbbFgONRv9qkxdawLx,s=,i=4096", "no salt");
	refuses("r=fyko+d2lbbFgONRv9qkxdawLx,s=Q!XC,i=4096", "salt that is no base64");
	refuses("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXC,i=0", "0 iterations");
	refuses("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXC,i=-1", "less");
	refuses("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXC,i=4095", "too few without TLS");
	refuses("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXC,i=4000001", "too many");
	refuses("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXC,i=99999999999999999999", "far too many");
	refuses("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXC", "no count");
	refuses("s=QSXC,r=fyko+d2lbbFgONRv9qkxdawLx,i=4096", "another order");
}

static void verdict(const char *server_final, int code, const char *what)
{
	struct err e = ERR_INIT;
	struct scram sc;
	struct buf out = BUF_INIT(4096);
	begin(&sc, &examples[0], &out);
	buf_reset(&out);
	scram_final(&sc, span_of(examples[0].server_first), &out, &e);
	is_int(scram_verify(&sc, span_of(server_final), &e) < 0 ? e.code : 0, code, what);
	scram_release(&sc);
	buf_release(&out);
}

static void test_server_final(void)
{
	verdict("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,x=more", 0, "extensions behind it");
	verdict("v=rmF9pqV8S7suAoZWja4dJRkFsKA=", EX_PROTOCOL, "a wrong proof");
	verdict("v=rmF9", EX_PROTOCOL, "a short one");
	verdict("v=", EX_PROTOCOL, "an empty one");
	verdict("", EX_PROTOCOL, "none");
	verdict("e=invalid-proof", EX_NOPERM, "a refusal");
}

/* --- the choice --- */

static const struct sasl_credentials ana = {.user = "ana", .password = "rahasia"};
static const struct sasl_credentials token = {.user = "ana", .password = "t0ken", .is_token = true};
static const struct sasl_credentials bound = {
    .user = "ana", .password = "rahasia", .end_point = {"0123", 4}};
static const struct sasl_credentials nobody = {0};
static const struct sasl_credentials carded = {.has_certificate = true};

static void choice(const char *offered, const char *wanted, const struct sasl_credentials *cred,
    bool allow_plain, const char *want, const char *what)
{
	struct err e = ERR_INIT;
	struct sasl s;
	struct buf initial = BUF_INIT(4096);
	bool has_initial = false;
	char code[8];
	int r =
	    sasl_start(&s, span_of(offered), wanted, cred, allow_plain, &initial, &has_initial, &e);
	snprintf(code, sizeof(code), "%d", e.code);
	is_str(r < 0 ? code : s.name, want, what);
	ok((r == 0) == sasl_fits(span_of(offered), wanted, cred, allow_plain), "the same asked");
	if (r == 0)
		sasl_release(&s);
	buf_release(&initial);
}

static void test_choice(void)
{
	const char *all = "LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 "
			  "SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER EXTERNAL ANONYMOUS";
	choice(all, "auto", &ana, true, "SCRAM-SHA-256", "the strongest");
	choice(all, "auto", &bound, true, "SCRAM-SHA-256-PLUS", "with channel binding");
	choice(all, "auto", &token, true, "OAUTHBEARER", "a token");
	choice(all, "auto", &carded, true, "EXTERNAL", "a certificate");
	choice(all, "AUTO", &nobody, true, "77", "nothing in hand");
	choice(all, "plain", &ana, true, "PLAIN", "by name");
	choice(all, "anonymous", &nobody, true, "ANONYMOUS", "only by name");
	choice(all, "scram-sha-256-plus", &ana, true, "77", "binding without TLS");
	choice("LOGIN PLAIN", "auto", &ana, true, "PLAIN", "PLAIN before LOGIN");
	choice("LOGIN CRAM-MD5", "auto", &ana, false, "CRAM-MD5", "no TLS: what shows nothing");
	choice("LOGIN PLAIN", "auto", &ana, false, "77", "no TLS: not PLAIN");
	choice("PLAIN", "plain", &ana, false, "77", "not even by name");
	choice("OAUTHBEARER XOAUTH2", "auto", &token, false, "77", "no TLS: no token");
	choice("PLAIN", "auto", &token, true, "77", "a token is no password");
	choice("XOAUTH2", "xoauth2", &ana, true, "XOAUTH2", "by name it is taken for one");
	choice("", "auto", &ana, true, "77", "nothing offered");
	choice("GSSAPI PLAINER", "auto", &ana, true, "77", "nothing we know");
	choice("PLAIN", "cram-md5", &ana, true, "77", "named, not offered");
	choice("PLAIN", "ROT13", &ana, true, "64", "unknown");
	ok(sasl_takes_token("xoauth2") && !sasl_takes_token("PLAIN") && !sasl_takes_token("auto"),
	    "who takes a token");
}

/* --- exchanges: challenges and the responses to them --- */

struct turn {
	const char *challenge, *response; /* response NULL: refused */
};

static void exchange(const char *mechanism, const struct sasl_credentials *cred,
    struct span initial, const struct turn *turns, size_t n, const char *what)
{
	struct err e = ERR_INIT;
	struct sasl s;
	struct buf out = BUF_INIT(4096);
	bool has_initial = false;
	is_int(sasl_start(&s, span_of(mechanism), mechanism, cred, true, &out, &has_initial, &e), 0,
	    what);
	ok(has_initial == (initial.ptr != NULL), "who speaks first");
	is_mem(out.ptr, out.len, initial.ptr, initial.len, "the first response");
	for (size_t i = 0; i < n; i++) {
		buf_reset(&out);
		int r = sasl_step(&s, span_of(turns[i].challenge), &out, &e);
		if (turns[i].response)
			is_str(buf_cstr(&out), turns[i].response, "a response");
		else
			is_int(r < 0 ? e.code : 0, EX_PROTOCOL, "a challenge too many");
	}
	is_int(sasl_finish(&s, &e), 0, "success is believed");
	sasl_release(&s);
	buf_wipe(&out);
}

static void test_exchanges(void)
{
	static const struct sasl_credentials tim = {.user = "tim", .password = "tanstaaftanstaaf"};
	static const struct sasl_credentials user = {.user = "u,=@example.com",
	    .password = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
	    .is_token = true,
	    .host = "server.example.com",
	    .port = 143};
	const struct span none = {NULL, 0};
	exchange("PLAIN", &ana, SPAN("\0ana\0rahasia"), (struct turn[]){{"", NULL}}, 1, "PLAIN");
	exchange("LOGIN", &ana, none,
	    (struct turn[]){{"User Name", "ana"}, {"Password:", "rahasia"}, {"Again", NULL}}, 3,
	    "LOGIN");
	/* RFC 2195 2 */
	exchange("CRAM-MD5", &tim, none,
	    (struct turn[]){{"<1896.697170952@postoffice.reston.mci.net>",
				"tim b913a602c7eda7a495b4e6e7334d3890"},
		{"again", NULL}},
	    2, "CRAM-MD5");
	/* RFC 7628 4.1, with a name that needs escaping */
	exchange("OAUTHBEARER", &user,
	    SPAN("n,a=u=2C=3D@example.com,\1host=server.example.com\1port=143\1auth=Bearer "
		 "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1"),
	    (struct turn[]){{"{\"status\":\"invalid_token\"}", "\1"}, {"", NULL}}, 2,
	    "OAUTHBEARER");
	exchange("XOAUTH2", &token, SPAN("user=ana\1auth=Bearer t0ken\1\1"),
	    (struct turn[]){{"{}", ""}, {"", NULL}}, 2, "XOAUTH2");
	exchange("EXTERNAL", &carded, SPAN(""), (struct turn[]){{"", NULL}}, 1, "EXTERNAL");
	exchange("ANONYMOUS", &nobody, SPAN(""), NULL, 0, "ANONYMOUS");
}

static void token_case(const char *user, const char *secret, int code, const char *what)
{
	struct sasl_credentials c = {.user = user, .password = secret, .is_token = true};
	struct err e = ERR_INIT;
	struct sasl s;
	struct buf out = BUF_INIT(4096);
	bool has_initial;
	is_int(sasl_start(&s, SPAN("XOAUTH2"), "auto", &c, true, &out, &has_initial, &e), -1, what);
	is_int(e.code, code, "its code");
	buf_wipe(&out);
}

static void test_token_checks(void)
{
	static const char *const bad[] = {"a b", "a\1auth=x", "a\r\n", "\xc3\xa9"};
	for (size_t i = 0; i < 4; i++)
		token_case("ana", bad[i], EX_NOPERM, "a token that cannot be one");
	token_case("a\1b", "t", EX_USAGE, "a name with a control character");
}

static void test_explain(void)
{
	struct err e = ERR_INIT;
	struct sasl s;
	struct buf out = BUF_INIT(4096);
	bool has_initial;
	sasl_start(&s, SPAN("XOAUTH2"), "auto", &token, true, &out, &has_initial, &e);
	sasl_step(&s, SPAN("{\"status\":\"401\"}"), &out, &e);
	err_set(&e, EX_NOPERM, "no");
	sasl_explain(&s, &e);
	is_str(e.text, "no ({\"status\":\"401\"})", "why a token was refused");
	sasl_release(&s);
	buf_wipe(&out);
}

/* --- channel binding in the first message --- */

static void header(const char *offered, const char *mechanism, const struct sasl_credentials *cred,
    const char *want, const char *what)
{
	struct err e = ERR_INIT;
	struct sasl s;
	struct buf out = BUF_INIT(4096);
	bool has_initial;
	is_int(sasl_start(&s, span_of(offered), mechanism, cred, true, &out, &has_initial, &e), 0,
	    what);
	ok(span_starts(buf_span(&out), want), "%s", buf_cstr(&out));
	is_int(sasl_finish(&s, &e), -1, "success without the server's proof is not believed");
	is_int(e.code, EX_PROTOCOL, "that is a broken protocol");
	sasl_release(&s);
	buf_wipe(&out);
}

static void test_binding(void)
{
	struct sasl_credentials both = bound;
	both.exporter = SPAN("exported");
	header("SCRAM-SHA-1", "auto", &ana, "n,,n=ana,r=", "no TLS");
	header("SCRAM-SHA-1", "auto", &bound, "y,,n=ana,r=", "we could, the server cannot");
	header("SCRAM-SHA-1-PLUS SCRAM-SHA-1", "scram-sha-1", &bound,
	    "n,,n=ana,r=", "we do not want to");
	header("SCRAM-SHA-1-PLUS", "auto", &bound, "p=tls-server-end-point,,n=ana,r=", "TLS 1.2");
	header("SCRAM-SHA-1-PLUS", "auto", &both, "p=tls-exporter,,n=ana,r=", "TLS 1.3");
}

/* --- SASLprep: RFC 4013 3 --- */

static void prep(const char *text, const char *want, const char *what)
{
	struct buf b = BUF_INIT(1000);
	sasl_prep(&b, span_of(text));
	is_str(buf_cstr(&b), want, what);
	buf_release(&b);
}

static void test_prep(void)
{
	prep("I\xc2\xadX", "IX", "a soft hyphen goes");
	prep("user", "user", "ASCII");
	prep("USER", "USER", "case stays");
	prep("\xc2\xaa", "a", "NFKC");
	prep("\xe2\x85\xa8", "IX", "a roman numeral");
	prep("a\xc2\xa0"
	     "b",
	    "a b", "a blank is a blank");
	prep("\xc2\xaa\xc2\x80", "\xc2\xaa\xc2\x80", "what is refused stays as it is");
	prep("\xaa\xff", "\xaa\xff", "so does what is not UTF-8");
	prep("", "", "nothing");
}

int main(void)
{
	test_examples();
	test_server_first();
	test_server_final();
	test_choice();
	test_exchanges();
	test_token_checks();
	test_explain();
	test_binding();
	test_prep();
	return tap_done();
}
