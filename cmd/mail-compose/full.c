#include "base/intl.h"
#include "codec/idna.h"
#include "compose/draft.h"
#include "io/sink.h"
#include "options.h"
#include "report/report.h"

#include <unistd.h>

bool full_is_here(void)
{
	return true;
}

void full_prepare(struct draft *d)
{
	d->to_ascii = idna_to_ascii;
}

/* --- --check-address ------------------------------------------------------------- */

static const struct report_column columns[] = {{"input", NULL, 0}, {"valid", NULL, 0},
    {"level", NULL, 0}, {"local", NULL, 0}, {"domain", NULL, 0}, {"reason", NULL, 0}};
enum { INPUT, VALID, LEVEL, LOCAL, DOMAIN, REASON };

/* The level without its display name, and what is wrong with it. */
static enum address_level check(
    struct arena *arena, struct span text, struct address *a, const char **why)
{
	struct err e = ERR_INIT;
	enum address_level level = address_check(text, why);
	*a = (struct address){.local = SPAN(""), .domain = SPAN("")};
	if (address_parse_one(arena, text, a, &e) < 0)
		return level;
	if (level == ADDRESS_NONE)
		level = address_check(a->spec, why);
	return level;
}

static int report_one(struct report *r, struct span text, bool *all_valid, struct err *e)
{
	static const char *const levels[] = {"none", "header", "smtp"};
	struct arena arena = ARENA_INIT(1 << 20);
	struct address a;
	const char *why = NULL;
	enum address_level level = check(&arena, text, &a, &why);
	bool valid = level == ADDRESS_SMTP;
	*all_valid &= valid;
	report_text(r, INPUT, text);
	report_bool(r, VALID, valid);
	report_text(r, LEVEL, span_of(levels[level]));
	if (a.local.len)
		report_text(r, LOCAL, a.local);
	if (a.domain.len)
		report_text(r, DOMAIN, a.domain);
	if (!valid)
		report_text(r, REASON, span_of(why ? why : _("not an address")));
	int code = report_row(r, e);
	arena_release(&arena);
	return code;
}

/* "-": lines of standard input. */
static int report_stdin(struct report *r, bool *all_valid, struct err *e)
{
	struct source_fd in;
	struct buf text = BUF_INIT(64 << 20);
	struct sink_buf to;
	source_fd_init(&in, STDIN_FILENO);
	sink_buf_init(&to, &text);
	int code = sink_pump(&to.sink, &in.source, e);
	struct span rest = buf_span(&text), line;
	while (code == 0 && span_line(&rest, &line))
		code = report_one(r, line, all_valid, e);
	buf_release(&text);
	return code;
}

int full_check_addresses(const struct strv *addresses, struct err *e)
{
	bool all_valid = true;
	int code = 0;
	if (!addresses->n)
		return err_set(e, EX_USAGE, _("--check-address: no address is given"));
	struct report *r = report_new(columns, 6, REPORT_JSON, 0);
	for (size_t i = 0; code == 0 && i < addresses->n; i++) {
		struct span text = span_of(addresses->v[i]);
		code = span_is(text, "-") ? report_stdin(r, &all_valid, e)
					  : report_one(r, text, &all_valid, e);
	}
	if (report_close(r, code == 0 ? e : NULL) < 0 || code < 0)
		return -1;
	return all_valid ? 0 : EX_DATAERR;
}
