#include "base/alloc.h"
#include "base/intl.h"
#include "crypto/digest.h"
#include "deliver.h"

enum { PATH, BYTES, SHA256, ACTION, MAILBOX, RECIPIENT, RULE };
static const struct report_column done[] = {
    [PATH] = {"path", N_("PATH"), 0},
    [BYTES] = {"bytes", N_("BYTES"), REPORT_RIGHT},
    [SHA256] = {"sha256", N_("SHA-256"), 0},
    [ACTION] = {"action", N_("ACTION"), 0},
    [MAILBOX] = {"mailbox", NULL, 0},
    [RECIPIENT] = {"recipient", NULL, 0},
    [RULE] = {"rule", NULL, 0},
};
enum { WOULD_ACTION, WOULD_MAILBOX, WOULD_RULE, WOULD_RECIPIENT, WOULD_BYTES };
static const struct report_column would[] = {
    [WOULD_ACTION] = {"action", N_("ACTION"), 0},
    [WOULD_MAILBOX] = {"mailbox", N_("MAILBOX"), 0},
    [WOULD_RULE] = {"rule", N_("RULE"), 0},
    [WOULD_RECIPIENT] = {"recipient", NULL, 0},
    [WOULD_BYTES] = {"bytes", NULL, 0},
};

struct report *show_new(const struct deliver_program *p)
{
	enum report_mode mode = p->common.json ? REPORT_JSON : REPORT_AUTO;
	if (p->dry_run)
		return report_new(would, ARRAY_LEN(would), mode, p->common.color);
	if (!p->receipt && !p->common.json)
		return NULL;
	return report_new(done, ARRAY_LEN(done), mode, p->common.color);
}

static struct span action(const struct deliver_to *to)
{
	if (to->action)
		return span_of(to->action);
	return deliver_is_command(to->mailbox) ? SPAN("pipe") : SPAN("keep");
}

int show_receipt(struct report *r, const struct deliver_to *to,
    const struct deliver_receipt *receipt, struct err *e)
{
	struct buf hex = BUF_INIT(100);
	if (!r)
		return 0;
	digest_hex(&hex, receipt->sha256, sizeof(receipt->sha256));
	report_text(r, PATH, span_of(receipt->path));
	report_bytes(r, BYTES, receipt->bytes);
	report_text(r, SHA256, buf_span(&hex));
	report_text(r, ACTION, action(to));
	report_text(r, MAILBOX, span_of(to->mailbox));
	if (to->recipient)
		report_text(r, RECIPIENT, span_of(to->recipient));
	report_text(r, RULE, span_of(to->rule));
	buf_release(&hex);
	return report_row(r, e);
}

int show_decision(struct report *r, const struct deliver_to *to, uint64_t bytes, struct err *e)
{
	report_text(r, WOULD_ACTION, action(to));
	report_text(r, WOULD_MAILBOX, span_of(to->mailbox));
	report_text(r, WOULD_RULE, span_of(to->rule));
	if (to->recipient)
		report_text(r, WOULD_RECIPIENT, span_of(to->recipient));
	report_bytes(r, WOULD_BYTES, bytes);
	return report_row(r, e);
}
