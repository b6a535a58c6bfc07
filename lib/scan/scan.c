#include "scan/scan.h"

#include "base/alloc.h"
#include "base/intl.h"

#include <stdlib.h>

/* --- options ------------------------------------------------------------------------- */

static const struct cli_option options[] = {
    CLI_STRING(0, "scan", N_("CHECKS"), struct scan_settings, scan,
	N_("look for malware: archives, clamd:SOCKET, clamd:HOST:PORT, or off")),
    CLI_STRING(0, "scan-policy", N_("RULE=ACTION,..."), struct scan_settings, policy,
	N_("what to pass, tag, quarantine, defer, reject")),
    CLI_STRING(0, "scan-limits", N_("LIMIT=N,..."), struct scan_settings, limits,
	N_("how much to unpack: bytes, entry, entries, depth, ratio, memory, cpu, time")),
};

struct cli_group scan_group(size_t offset)
{
	return (struct cli_group){.heading = N_("Malware"),
	    .options = options,
	    .count = ARRAY_LEN(options),
	    .offset = offset};
}

/* --- clamd as a scanner of inspect's ------------------------------------------------------ */

static struct scan_clamd *of_sink(struct sink *s)
{
	return (struct scan_clamd *)(void *)((char *)s - offsetof(struct scan_clamd, sink));
}

static int clamd_sink_put(struct sink *s, struct span bytes, struct err *e)
{
	(void)e;
	clamd_put(&of_sink(s)->clamd, bytes);
	return 0;
}

static struct sink *begin(struct inspect_scanner *s, const struct inspect_place *place)
{
	struct scan_clamd *c = (struct scan_clamd *)s;
	struct err why = ERR_INIT;
	if (clamd_begin(&c->clamd, &why) == 0)
		return &c->sink;
	inspect_add(place->result, INSPECT_SCANNER_ABSENT, SPAN(""), SPAN(""), span_of(why.text));
	return NULL;
}

static void end(struct inspect_scanner *s, const struct inspect_place *place)
{
	static const enum inspect_rule rules[] = {[CLAMD_FOUND] = INSPECT_SIGNATURE,
	    [CLAMD_TOO_LARGE] = INSPECT_SCANNER_LIMIT,
	    [CLAMD_ERROR] = INSPECT_SCANNER_ERROR};
	struct clamd_answer answer;
	clamd_end(&((struct scan_clamd *)s)->clamd, &answer);
	if (answer.verdict != CLAMD_OK)
		inspect_found(place, rules[answer.verdict], span_of(answer.text));
}

/* --- what is asked for --------------------------------------------------------------------- */

static int add_clamd(struct scan *s, struct span address, struct err *e)
{
	if (s->has_clamd)
		return err_set(e, EX_USAGE, _("one clamd, please"));
	char *text = span_dup(address);
	int r = clamd_init(&s->clamd.clamd, text, e);
	free(text);
	s->has_clamd = r == 0;
	return r;
}

static int add_check(struct scan *s, struct span item, struct err *e)
{
	if (span_is(item, "archives")) {
		s->own = true;
		return 0;
	}
	if (span_starts(item, "clamd:"))
		return add_clamd(s, span_skip(item, 6), e);
	return err_set(e, EX_USAGE,
	    _("\"%.*s\" is no check: archives, clamd:SOCKET or clamd:HOST:PORT"), SPAN_ARG(item));
}

static int read_checks(struct scan *s, const char *text, struct err *e)
{
	struct span rest = span_of(text), item;
	while (rest.len) {
		span_cut(&rest, ',', &item);
		item = span_trim(item);
		if (item.len && add_check(s, item, e) < 0)
			return -1;
	}
	return s->own || s->has_clamd ? 0 : err_set(e, EX_USAGE, _("no check is named"));
}

static int read_settings(
    struct scan *s, const struct scan_settings *o, bool has_quarantine, struct err *e)
{
	if (o->scan && read_checks(s, o->scan, e) < 0)
		return err_prefix(e, "--scan: ");
	if (o->limits && inspect_limits_set(&s->limits, o->limits, e) < 0)
		return err_prefix(e, "--scan-limits: ");
	if (o->policy && inspect_policy_set(&s->policy, o->policy, e) < 0)
		return err_prefix(e, "--scan-policy: ");
	if (!has_quarantine && inspect_policy_uses(&s->policy, INSPECT_QUARANTINE))
		return err_set(
		    e, EX_USAGE, _("--scan-policy: quarantine, and no --quarantine says where"));
	return 0;
}

int scan_init(
    struct scan *s, const struct scan_settings *settings, bool has_quarantine, struct err *e)
{
	*s = (struct scan){.limits = inspect_limits_default,
	    .clamd = {.scanner = {begin, end}, .sink = {.put = clamd_sink_put}}};
	inspect_policy_init(&s->policy, has_quarantine);
	if (read_settings(s, settings, has_quarantine, e) == 0)
		return 0;
	scan_release(s);
	return -1;
}

void scan_release(struct scan *s)
{
	if (s->has_clamd)
		clamd_release(&s->clamd.clamd);
	s->has_clamd = false;
}

const char *scan_names(const struct scan *s)
{
	return s->own && s->has_clamd ? "archives, clamd" : s->has_clamd ? "clamd" : "archives";
}

int scan_message(
    struct scan *s, struct inspect_input *in, struct inspect_result *result, struct err *e)
{
	struct inspect_options o = {.limits = &s->limits,
	    .own = s->own,
	    .scanner = s->has_clamd ? &s->clamd.scanner : NULL};
	return inspect_message(result, &o, in, e);
}

/* --- messages --------------------------------------------------------------------------------- */

static struct source *rewind_spool(struct inspect_input *input)
{
	struct scan_input *in = (struct scan_input *)input;
	source_spool_init(&in->from_spool, in->spool);
	return &in->from_spool.source;
}

static struct source *rewind_file(struct inspect_input *input)
{
	struct scan_input *in = (struct scan_input *)input;
	source_range_init(&in->from_file, in->fd, in->offset, in->len);
	return &in->from_file.source;
}

void scan_input_spool(struct scan_input *in, const struct spool *spool)
{
	*in = (struct scan_input){.input = {rewind_spool}, .spool = spool};
}

void scan_input_file(struct scan_input *in, int fd, int64_t offset, int64_t len)
{
	*in = (struct scan_input){.input = {rewind_file}, .fd = fd, .offset = offset, .len = len};
}
