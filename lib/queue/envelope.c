#include "queue/envelope.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/time.h"

#include <stdlib.h>

static const char version_line[] = "surat-queue 1\n";

/* The lines that may stand at most once: their word and where their value goes. */
static const struct {
	const char *word;
	size_t offset;
} lines[] = {
#define LINE(word, field)                                                                          \
	{                                                                                          \
		word, offsetof(struct queue_envelope, field)                                       \
	}
    LINE("envid", envid),
    LINE("ret", ret),
    LINE("account", route.account),
    LINE("server", route.server),
    LINE("mx", route.mx),
    LINE("tls", route.tls),
    LINE("auth", route.auth),
    LINE("user", route.user),
    LINE("helo", route.helo),
    LINE("smtputf8", route.smtputf8),
    LINE("priority", route.priority),
    LINE("deliver-by", route.deliver_by),
    LINE("options", route.options),
#undef LINE
};

static char **text_at(struct queue_envelope *env, size_t offset)
{
	return (char **)(void *)((char *)env + offset);
}

void queue_envelope_release(struct queue_envelope *env)
{
	for (size_t i = 0; i < env->recipient_count; i++) {
		free(env->recipients[i].address);
		free(env->recipients[i].notify);
		free(env->recipients[i].orcpt);
	}
	free(env->recipients);
	free(env->sender);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		free(*text_at(env, lines[i].offset));
	/* the one field that callers point at text of theirs */
	union {
		const char *in;
		char *out;
	} answer = {env->last_answer};
	free(answer.out);
	*env = (struct queue_envelope){0};
}

/* --- writing --- */

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

/* Nothing may begin a line of its own. Leading and trailing blanks would not come back. */
static int put(struct buf *b, const char *word, const char *value, struct err *e)
{
	if (!value)
		return 0;
	if (has_control(value))
		return err_set(e, EX_DATAERR, _("%s: a control character in it"), word);
	buf_addf(b, "%s ", word);
	buf_adds(b, value);
	buf_addc(b, '\n');
	return 0;
}

static void put_time(struct buf *b, const char *word, int64_t s)
{
	buf_addf(b, "%s ", word);
	date_write_rfc3339(b, s);
	buf_addc(b, '\n');
}

static int put_recipients(struct buf *b, const struct queue_envelope *env, struct err *e)
{
	if (env->recipient_count == 0)
		return err_set(e, EX_DATAERR, _("no recipient"));
	if (env->recipient_count > ENVELOPE_RECIPIENTS_MAX)
		return err_set(
		    e, EX_DATAERR, _("more than %d recipients"), ENVELOPE_RECIPIENTS_MAX);
	for (size_t i = 0; i < env->recipient_count; i++) {
		const struct queue_recipient *r = &env->recipients[i];
		if (!*r->address)
			return err_set(e, EX_DATAERR, _("an empty recipient"));
		if (put(b, "recipient", r->address, e) < 0 || put(b, "notify", r->notify, e) < 0 ||
		    put(b, "orcpt", r->orcpt, e) < 0)
			return -1;
	}
	return 0;
}

/* An answer is foreign text: what would end its line becomes a blank. */
static void put_answer(struct buf *b, const char *answer)
{
	if (!answer || !*answer)
		return;
	buf_adds(b, "answer ");
	for (; *answer; answer++)
		buf_addc(b, (unsigned char)*answer < 0x20 || *answer == 0x7f ? ' ' : *answer);
	buf_addc(b, '\n');
}

int envelope_write(
    struct buf *b, const struct queue_envelope *env, int64_t arrived_s, struct err *e)
{
	buf_adds(b, version_line);
	buf_adds(b, "size 0000000000000000\n");
	put_time(b, "arrived", arrived_s);
	if (put(b, "sender", env->sender && *env->sender ? env->sender : "<>", e) < 0 ||
	    put_recipients(b, env, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		union {
			const struct queue_envelope *in;
			struct queue_envelope *out;
		} same = {env};
		if (put(b, lines[i].word, *text_at(same.out, lines[i].offset), e) < 0)
			return -1;
	}
	if (env->route.use_mx)
		buf_adds(b, "use-mx\n");
	if (env->route.require_tls)
		buf_adds(b, "require-tls\n");
	if (env->hold_until_s)
		put_time(b, "hold-until", env->hold_until_s);
	put_answer(b, env->last_answer);
	buf_addc(b, '\n');
	return b->over ? err_set(e, EX_DATAERR, _("the envelope is larger than %zu bytes"), b->max)
		       : 0;
}

/* --- reading --- */

struct reader {
	struct queue_envelope *env;
	struct envelope_facts *facts;
	size_t cap; /* of env->recipients */
	bool have_size, have_arrived;
};

static bool set_once(char **field, struct span value)
{
	if (*field)
		return false;
	*field = span_dup(value);
	return true;
}

static bool take_recipient(struct reader *r, struct span value)
{
	struct queue_envelope *env = r->env;
	if (!value.len || env->recipient_count == ENVELOPE_RECIPIENTS_MAX)
		return false;
	if (env->recipient_count == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 4;
		env->recipients = mem_resize(env->recipients, r->cap, sizeof(*env->recipients));
	}
	env->recipients[env->recipient_count++] =
	    (struct queue_recipient){.address = span_dup(value)};
	return true;
}

/* notify and orcpt belong to the recipient above them. */
static bool take_of_recipient(struct reader *r, struct span word, struct span value)
{
	size_t n = r->env->recipient_count;
	if (n == 0)
		return false;
	struct queue_recipient *last = &r->env->recipients[n - 1];
	return set_once(span_is(word, "notify") ? &last->notify : &last->orcpt, value);
}

static bool take_flag(bool *flag, bool valueless)
{
	bool first = valueless && !*flag;
	*flag = true;
	return first;
}

static bool take_text(struct reader *r, struct span word, struct span value)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (span_is(word, lines[i].word))
			return set_once(text_at(r->env, lines[i].offset), value);
	return false;
}

static bool take_answer(struct reader *r, struct span value)
{
	if (r->env->last_answer)
		return false;
	r->env->last_answer = span_dup(value);
	return true;
}

static bool take_line(struct reader *r, struct span line)
{
	struct queue_envelope *env = r->env;
	struct span word;
	bool valueless = !span_cut(&line, ' ', &word);
	if (span_is(word, "use-mx"))
		return take_flag(&env->route.use_mx, valueless);
	if (span_is(word, "require-tls"))
		return take_flag(&env->route.require_tls, valueless);
	if (valueless)
		return false;
	if (span_is(word, "recipient"))
		return take_recipient(r, line);
	if (span_is(word, "notify") || span_is(word, "orcpt"))
		return take_of_recipient(r, word, line);
	if (span_is(word, "sender"))
		return line.len && set_once(&env->sender, span_is(line, "<>") ? SPAN("") : line);
	if (span_is(word, "size"))
		return !r->have_size && (r->have_size = line.len == ENVELOPE_SIZE_DIGITS) &&
		       span_to_u64(line, INT64_MAX / 2, &r->facts->size);
	if (span_is(word, "arrived"))
		return !r->have_arrived &&
		       (r->have_arrived = date_parse_rfc3339(line, &r->facts->arrived_s));
	if (span_is(word, "hold-until"))
		return !env->hold_until_s && date_parse_rfc3339(line, &env->hold_until_s);
	if (span_is(word, "answer"))
		return take_answer(r, line);
	return take_text(r, word, line);
}

static int check_version(struct span *text, struct err *e)
{
	struct span line;
	uint64_t version;
	if (!span_line(text, &line) || !span_starts(line, "surat-queue ") ||
	    !span_to_u64(span_skip(line, 12), UINT32_MAX, &version))
		return err_set(e, EX_DATAERR, _("it does not begin as a spool file does"));
	if (version != 1)
		return err_set(e, EX_UNAVAILABLE,
		    _("it is of version %u, which this program does not know"), (unsigned)version);
	return 0;
}

static int parse(struct reader *r, struct span text, struct err *e)
{
	struct span line;
	if (check_version(&text, e) < 0)
		return -1;
	for (unsigned n = 2; text.len; n++) {
		span_cut(&text, '\n', &line);
		for (size_t i = 0; i < line.len; i++)
			if ((unsigned char)line.ptr[i] < 0x20 || line.ptr[i] == 0x7f)
				return err_set(
				    e, EX_DATAERR, _("a control character in line %u"), n);
		if (!take_line(r, line))
			return err_set(e, EX_DATAERR, _("line %u is not one of an envelope"), n);
	}
	if (!r->have_size || !r->have_arrived || !r->env->sender || r->env->recipient_count == 0)
		return err_set(e, EX_DATAERR, _("the envelope is not complete"));
	return r->facts->size ? 0 : err_set(e, EX_DATAERR, _("it was never finished"));
}

int envelope_parse(
    struct span text, struct queue_envelope *env, struct envelope_facts *facts, struct err *e)
{
	struct queue_envelope found = {0};
	struct envelope_facts said = {0};
	struct reader r = {.env = &found, .facts = &said};
	if (parse(&r, text, e) < 0) {
		queue_envelope_release(&found);
		return -1;
	}
	*env = found;
	*facts = said;
	return 0;
}
