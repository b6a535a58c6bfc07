#include "tlsrpt/tlsrpt.h"

#include "../tap.h"
#include "base/alloc.h"
#include "mime/header.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

static void addresses(const char *record, const char *want)
{
	struct strv out = {0};
	struct err e = ERR_INIT;
	struct buf got = BUF_INIT(4096);
	if (tlsrpt_addresses(span_of(record), &out, &e) < 0)
		buf_addf(&got, "%d", e.code);
	for (size_t i = 0; i < out.n; i++)
		buf_addf(&got, "%s%s", i ? " " : "", out.v[i]);
	is_str(buf_cstr(&got), want, record);
	strv_release(&out);
	buf_release(&got);
}

static void test_addresses(void)
{
	addresses("v=TLSRPTv1; rua=mailto:a@x.example,mailto:a@x.example", "a@x.example");
	addresses("v=TLSRPTv1; rua=mailto:0@x.example,mailto:1@x.example,mailto:2@x.example,"
		  "mailto:3@x.example,mailto:4@x.example,mailto:5@x.example,mailto:6@x.example,"
		  "mailto:7@x.example,mailto:8@x.example,mailto:9@x.example,mailto:b@x.example",
	    "0@x.example 1@x.example 2@x.example 3@x.example 4@x.example 5@x.example 6@x.example "
	    "7@x.example 8@x.example 9@x.example");
	addresses("v=TLSRPTv1; rua=mailto:a@x.example", "a@x.example");
	addresses("v=TLSRPTv1;rua=mailto:a@x.example,https://x.example/r , mailto:b@x.example?s=1;",
	    "a@x.example b@x.example");
	addresses("v=TLSRPTv1; rua=mailto:a%2Bb@x.example", "a+b@x.example");
	addresses("v=TLSRPTv1; rua=mailto:a%0d%0aBcc:%20c@x.example", "69");
	addresses("v=TLSRPTv1; rua=https://x.example/r", "69");
	addresses("v=TLSRPTv2; rua=mailto:a@x.example", "65");
	addresses("v=TLSRPTv1", "65");
	addresses("", "65");
}

static char *folder;

static struct state *open_state(void)
{
	char *path = str_printf("%s/state.db", folder);
	struct state *st = NULL;
	struct err e = ERR_INIT;
	ENSURE(state_open(&st, path, &e) == 0 && tlsrpt_open(st, &e) == 0);
	free(path);
	return st;
}

#define DAY 1795564800 /* 2026-11-25T00:00:00Z */
static void record(struct state *st, int time, const char *domain, const char *rest)
{
	struct err e = ERR_INIT;
	char *line =
	    str_printf("{\"v\":1,\"time\":%d,\"domain\":\"%s\",%s}", DAY + time, domain, rest);
	is_int(tlsrpt_record(st, span_of(line), &e), 0, line);
	free(line);
}

static void refused(struct state *st, const char *line)
{
	struct err e = ERR_INIT;
	is_int(tlsrpt_record(st, span_of(line), &e), -1, line);
	is_int(e.code, EX_DATAERR, "is bad data");
}

static void fill(struct state *st)
{
	static const char tlsa[] =
	    "\"policy_type\":\"tlsa\",\"policy\":[\"3 1 1 "
	    "ab\"],\"mx_patterns\":[\"mx.x.example\"],\"mx\":\"mx.x.example\","
	    "\"ip\":\"192.0.2.1\",\"sending_ip\":\"192.0.2.9\",\"result\":\"\"";
	record(st, 0, "x.example", tlsa);
	record(st, 100, "X.example", tlsa);
	record(st, 86399, "x.example",
	    "\"policy_type\":\"tlsa\",\"policy\":[\"3 1 1 "
	    "ab\"],\"mx_patterns\":[\"mx.x.example\"],\"mx\":\"mx.x.example\","
	    "\"ip\":\"192.0.2.1\",\"sending_ip\":\"192.0.2.9\",\"result\":\"validation-failure\","
	    "\"reason\":\"no match\"");
	record(st, 7, "x.example",
	    "\"policy_type\":\"no-policy-found\",\"mx\":\"mx2.x.example\",\"result\":\"starttls-"
	    "not-supported\"");
	record(st, -1, "x.example",
	    "\"policy_type\":\"no-policy-found\",\"mx\":\"early\",\"result\":\"\"");
	record(st, 86400, "x.example",
	    "\"policy_type\":\"no-policy-found\",\"mx\":\"late\",\"result\":\"\"");
	record(st, 5, "y.example",
	    "\"policy_type\":\"no-policy-found\",\"mx\":\"other\",\"result\":\"\"");
	refused(st, "nonsense");
	refused(st, "{}");
	refused(
	    st, "{\"v\":1,\"time\":1,\"domain\":\"x\",\"policy_type\":\"what\",\"result\":\"\"}");
	refused(st, "{\"v\":1,\"time\":1,\"domain\":\"x\",\"policy_type\":\"sts\",\"policy\":[1],"
		    "\"result\":\"\"}");
	refused(st,
	    "{\"v\":1,\"time\":1,\"domain\":\"x\",\"policy_type\":\"sts\",\"result\":\"fine\"}");
}

static const char want[] = "{\"organization-name\":\"z.example\",\"date-range\":{\"start-"
			   "datetime\":\"2026-11-25T00:00:00Z\","
			   "\"end-datetime\":\"2026-11-25T23:59:59Z\"},\"contact-info\":\"tls@z."
			   "example\",\"report-id\":\"2026-11-25T00:00:00Z_x.example\","
			   "\"policies\":[{\"policy\":{\"policy-type\":\"no-policy-found\","
			   "\"policy-domain\":\"x.example\"},"
			   "\"summary\":{\"total-successful-session-count\":0,\"total-failure-"
			   "session-count\":1},\"failure-details\":["
			   "{\"result-type\":\"starttls-not-supported\",\"receiving-mx-hostname\":"
			   "\"mx2.x.example\",\"failed-session-count\":1}]},"
			   "{\"policy\":{\"policy-type\":\"tlsa\",\"policy-string\":[\"3 1 1 "
			   "ab\"],\"policy-domain\":\"x.example\",\"mx-host\":[\"mx.x.example\"]},"
			   "\"summary\":{\"total-successful-session-count\":2,\"total-failure-"
			   "session-count\":1},\"failure-details\":["
			   "{\"result-type\":\"validation-failure\",\"sending-mta-ip\":\"192.0.2."
			   "9\",\"receiving-mx-hostname\":\"mx.x.example\","
			   "\"receiving-ip\":\"192.0.2.1\",\"failed-session-count\":1,\"failure-"
			   "reason-code\":\"no match\"}]}]}";

static void check_message(const struct tlsrpt_report *r, const json_t *json)
{
	struct buf b = BUF_INIT(1 << 20);
	struct sink_buf to;
	struct err e = ERR_INIT;
	sink_buf_init(&to, &b);
	is_int(tlsrpt_message(r, json, &to.sink, &e), 0, "a message");
	ok(span_find(buf_span(&b), SPAN("\nTo: a@x.example, b@x.example, c@x.example\n")) > 0,
	    "to all who want it, in one field");
	struct buf flat = BUF_INIT(1 << 20);
	header_unfold(&flat, buf_span(&b));
	ok(span_find(
	       buf_span(&flat), SPAN("Report-ID: <2026-11-25T00.00.00Z_x.example@z.example>")) > 0,
	    "the subject has the id as a Message-ID may be");
	buf_release(&flat);
	ok(span_find(buf_span(&b), SPAN("\nTLS-Report-Domain: x.example\n")) > 0,
	    "about the domain");
	ok(span_find(buf_span(&b), SPAN("\nTLS-Report-Submitter: z.example\n")) > 0, "by us");
	ok(span_find(buf_span(&b), SPAN("report-type=tlsrpt")) > 0, "of that kind");
	ok(span_find(buf_span(&b), SPAN("z.example!x.example!1795564800!1795651199.json.gz")) > 0,
	    "the file has its name");
	buf_release(&b);
}

static void test_report(void)
{
	struct state *st = open_state();
	struct strv rua = {0};
	struct err e = ERR_INIT;
	json_t *json = NULL;
	fill(st);
	strv_add(&rua, "a@x.example");
	strv_add(&rua, "b@x.example");
	strv_add(&rua, "c@x.example");
	struct tlsrpt_report r = {.domain = "x.example",
	    .from = "tls@z.example",
	    .rua = &rua,
	    .day_s = DAY,
	    .now_s = DAY + 90000};
	is_int(tlsrpt_json(st, &r, &json, &e), 1, "a report");
	char *text = json_dumps(json, JSON_COMPACT);
	is_str(text, want, "has the shape of RFC 8460");
	free(text);
	check_message(&r, json);
	json_decref(json);
	r.domain = "nobody.example";
	is_int(tlsrpt_json(st, &r, &json, &e), 0, "of nothing there is none");
	is_int(tlsrpt_forget(st, DAY + 40 * 86400, &e), 0, "what is old is forgotten");
	r.domain = "x.example";
	is_int(tlsrpt_json(st, &r, &json, &e), 0, "and no more there");
	strv_release(&rua);
	state_free(st);
}

int main(void)
{
	char name[] = "/tmp/surat-t.XXXXXX";
	folder = mkdtemp(name);
	ENSURE(folder);
	test_addresses();
	test_report();
	char *rm = str_printf("rm -r '%s'", folder);
	ENSURE(system(rm) == 0);
	free(rm);
	return tap_done();
}
