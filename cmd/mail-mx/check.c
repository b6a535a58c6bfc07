#include "auth/dkim_key.h"
#include "auth/dmarc_record.h"
#include "auth/spf_record.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "mx.h"
#include "route/sts.h"

#include <stdio.h>

static int check_spf(struct span text, struct err *e)
{
	struct spf_record r;
	if (spf_record_parse(&r, text, e) < 0)
		return -1;
	spf_record_release(&r);
	return 0;
}

static int check_dkim(struct span text, struct err *e)
{
	struct dkim_key k;
	if (dkim_key_parse(&k, text, e) < 0)
		return -1;
	dkim_key_release(&k);
	return 0;
}

static int check_dmarc(struct span text, struct err *e)
{
	struct dmarc_record r;
	return dmarc_record_parse(&r, text, e);
}

static int check_sts_record(struct span text, struct err *e)
{
	struct span id;
	return sts_record_parse(text, &id, e);
}

static int check_sts_policy(struct span path, struct err *e)
{
	struct sts_policy p;
	struct buf text = BUF_INIT(STS_POLICY_MAX);
	int r = file_read(path.ptr, &text, e);
	if (r == 0 && (r = sts_policy_parse(&p, buf_span(&text), e)) == 0)
		sts_policy_release(&p);
	buf_release(&text);
	return r;
}

static void say_json(const char *what, const char *input, const struct err *e)
{
	json_t *o = json_object();
	json_object_set_new(o, "check", json_string(what));
	json_object_set_new(o, "input", report_json_text(span_of(input)));
	json_object_set_new(o, "valid", json_boolean(!e->code));
	if (e->code)
		json_object_set_new(o, "reason", report_json_text(span_of(e->text)));
	json_dumpf(o, stdout, report_json_flags());
	putchar('\n');
	json_decref(o);
}

static int check_all(const struct mx_options *o, const char *what, const struct strv *inputs,
    int (*check)(struct span, struct err *))
{
	int worst = 0;
	for (size_t i = 0; i < inputs->n; i++) {
		struct err e = ERR_INIT;
		check(span_of(inputs->v[i]), &e);
		if (o->common.json) {
			say_json(what, inputs->v[i], &e);
		} else if (e.code) {
			err_prefix(&e, "%s: ", what);
			cli_fail(o->program, &e);
		}
		worst = e.code > worst ? e.code : worst;
	}
	return worst;
}

bool mx_has_checks(const struct mx_options *o)
{
	return o->check_spf.n || o->check_dkim.n || o->check_dmarc.n || o->check_sts_record.n ||
	       o->check_sts_policy.n;
}

int mx_check(const struct mx_options *o)
{
	const struct {
		const char *what;
		const struct strv *inputs;
		int (*check)(struct span, struct err *);
	} all[] = {
	    {"SPF", &o->check_spf, check_spf},
	    {"DKIM", &o->check_dkim, check_dkim},
	    {"DMARC", &o->check_dmarc, check_dmarc},
	    {"MTA-STS record", &o->check_sts_record, check_sts_record},
	    {"MTA-STS policy", &o->check_sts_policy, check_sts_policy},
	};
	int worst = 0;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		int code = check_all(o, all[i].what, all[i].inputs, all[i].check);
		worst = code > worst ? code : worst;
	}
	return worst;
}
