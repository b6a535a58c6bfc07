#include "inspect/helper.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/strv.h"
#include "io/sys.h"

#include <signal.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 64 << 10, LINES_MAX = 200000, GRACE_MS = 2000 };

const struct inspect_limits inspect_limits_default = {.bytes = 256 << 20,
    .entry_bytes = 100 << 20,
    .entries = 9000,
    .depth = 12,
    .ratio = 200,
    .memory = 56 << 20,
    .cpu_s = 4,
    .time_s = 60};

/* --- limits ---------------------------------------------------------------------------- */

static const struct limit {
	const char *name, *option;
	size_t offset;
	uint64_t max;
} limits[] = {
    {"bytes", "--max-bytes", offsetof(struct inspect_limits, bytes), UINT64_C(1) << 50},
    {"entry", "--max-entry", offsetof(struct inspect_limits, entry_bytes), UINT64_C(1) << 50},
    {"entries", "--max-entries", offsetof(struct inspect_limits, entries), 100000000},
    {"depth", "--max-depth", offsetof(struct inspect_limits, depth), 100},
    {"ratio", "--max-ratio", offsetof(struct inspect_limits, ratio), 1000000},
    {"memory", "--max-memory", offsetof(struct inspect_limits, memory), UINT64_C(1) << 40},
    {"cpu", "--cpu", offsetof(struct inspect_limits, cpu_s), 100000},
    {"time", NULL, offsetof(struct inspect_limits, time_s), 100000},
};

static int64_t *limit_of(const struct inspect_limits *l, const struct limit *which)
{
	return (int64_t *)(void *)((char *)(uintptr_t)l + which->offset);
}

/* "256M" */
static bool read_number(struct span s, uint64_t max, int64_t *out)
{
	static const char units[] = "kmg";
	uint64_t n, unit = 1;
	const char *u = s.len ? strchr(units, to_lower(s.ptr[s.len - 1])) : NULL;
	if (u && *u) {
		unit = UINT64_C(1) << 10 * (u - units + 1);
		s.len--;
	}
	if (!span_to_u64(s, max / unit, &n) || n == 0)
		return false;
	*out = (int64_t)(n * unit);
	return true;
}

static int set_limit(struct inspect_limits *l, struct span item, struct err *e)
{
	struct span value = item, name;
	span_cut(&value, '=', &name);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (span_is(span_trim(name), limits[i].name))
			return read_number(span_trim(value), limits[i].max, limit_of(l, &limits[i]))
				   ? 0
				   : err_set(e, EX_USAGE, _("\"%.*s\" is no limit for %s"),
					 SPAN_ARG(value), limits[i].name);
	return err_set(e, EX_USAGE,
	    _("\"%.*s\" is no limit: bytes, entry, entries, depth, ratio, memory, cpu or time"),
	    SPAN_ARG(name));
}

int inspect_limits_set(struct inspect_limits *l, const char *text, struct err *e)
{
	struct span rest = span_of(text), item;
	while (rest.len) {
		span_cut(&rest, ',', &item);
		item = span_trim(item);
		if (item.len && set_limit(l, item, e) < 0)
			return -1;
	}
	return 0;
}

/* --- what it says ---------------------------------------------------------------------------- */

static struct span text_of(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	return json_is_string(v) ? span_make(json_string_value(v), json_string_length(v))
				 : SPAN("");
}

static void on_finding(struct inspect_helper *h, json_t *o, enum inspect_rule rule)
{
	struct buf name = BUF_INIT(2 * INSPECT_TEXT_MAX + 8);
	struct span outer = h->place->name, inner = span_take(text_of(o, "path"), INSPECT_TEXT_MAX);
	buf_add(&name, outer);
	if (outer.len && inner.len)
		buf_adds(&name, " > ");
	buf_add(&name, inner);
	inspect_add(h->place->result, rule, h->place->part, buf_span(&name), text_of(o, "detail"));
	buf_release(&name);
}

static uint64_t number_of(json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));
	return n > 0 ? (uint64_t)n : 0;
}

static int on_object(struct inspect_helper *h, json_t *o)
{
	if (json_is_true(json_object_get(o, "done"))) {
		h->place->result->files += number_of(o, "entries");
		h->place->result->bytes += number_of(o, "bytes");
		return 1;
	}
	if (json_is_string(json_object_get(o, "entry"))) {
		if (h->entry)
			h->entry(h->ctx, o);
		return 0;
	}
	const char *name = json_string_value(json_object_get(o, "rule"));
	enum inspect_rule rule = name ? inspect_rule_find(name) : INSPECT_RULES;
	if (rule == INSPECT_RULES)
		return -1;
	on_finding(h, o, rule);
	return 0;
}

int inspect_helper_line(struct inspect_helper *h, struct span line)
{
	json_t *o = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
	int r = json_is_object(o) ? on_object(h, o) : -1;
	json_decref(o);
	return r;
}

static void set_deadline(struct inspect_helper *h)
{
	int64_t left = h->deadline_ms - clock_mono_ms();
	stream_timeout(&h->stream, left > 1 ? left : 1);
}

static void read_answer(struct inspect_helper *h)
{
	struct span line;
	struct err e = ERR_INIT;
	int r = 0;
	set_deadline(h);
	for (unsigned n = 0;
	     n < LINES_MAX && stream_line(&h->stream, &line, LINE_MAX_BYTES, &e) > 0; n++)
		if ((r = inspect_helper_line(h, line)) != 0)
			break;
	h->done = r > 0;
	h->no_time = !h->done && clock_mono_ms() >= h->deadline_ms;
}

/* --- how it ended ---------------------------------------------------------------------------- */

static void found_end(struct inspect_helper *h, int status)
{
	char text[60];
	if (h->done)
		return;
	if (h->no_time || status == 128 + SIGXCPU || status == 128 + SIGKILL ||
	    status == 128 + SIGALRM) {
		inspect_found(h->place, INSPECT_LIMIT_TIME, SPAN(""));
		return;
	}
	if (status == EX_OSERR) {
		inspect_found(h->place, INSPECT_LIMIT_MEMORY, SPAN(""));
		return;
	}
	snprintf(text, sizeof(text), status > 128 ? "signal %d" : "exit code %d",
	    status > 128 ? status - 128 : status);
	inspect_found(h->place, INSPECT_HELPER, span_of(text));
}

static int helper_put(struct sink *sink, struct span bytes, struct err *e)
{
	struct inspect_helper *h = (struct inspect_helper *)sink;
	(void)e;
	/* one that has gone says at its end why */
	if (!h->stream.err.code)
		stream_write(&h->stream, bytes);
	return 0;
}

/* All it shall have: its input ends. What it said meanwhile is kept, whether or not it took all. */
static void end_input(struct inspect_helper *h)
{
	set_deadline(h);
	stream_flush(&h->stream, NULL);
	/* it may have gone away in the middle, and have said why before */
	if (h->stream.err.code) {
		stream_release(&h->stream);
		stream_init_fd(&h->stream, h->child.out, -1);
	}
	h->stream.wfd = -1;
	sys_close(h->child.in);
	h->child.in = -1;
}

static int helper_end(struct sink *sink, struct err *e)
{
	struct inspect_helper *h = (struct inspect_helper *)sink;
	struct err ignored = ERR_INIT;
	int status = 0;
	(void)e;
	end_input(h);
	read_answer(h);
	stream_release(&h->stream);
	child_wait(&h->child, h->no_time ? 0 : GRACE_MS, &status, &ignored);
	found_end(h, status);
	return 0;
}

static void add_limits(struct strv *argv, const struct inspect_limits *l, int64_t wall_s)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (limits[i].option)
			strv_take(argv, str_printf("%s=%lld", limits[i].option,
					    (long long)*limit_of(l, &limits[i])));
	strv_take(argv, str_printf("--wall=%lld", (long long)wall_s));
}

struct sink *inspect_helper_open(struct inspect_helper *h, const struct inspect_place *place,
    const struct inspect_limits *l, int64_t deadline_ms, struct err *e)
{
	struct strv argv = {0};
	int64_t left_s = (deadline_ms - clock_mono_ms()) / 1000;
	void (*entry)(void *, json_t *) = h->entry;
	void *ctx = h->ctx;
	*h = (struct inspect_helper){.sink = {helper_put, helper_end},
	    .place = place,
	    .deadline_ms = deadline_ms,
	    .entry = entry,
	    .ctx = ctx};
	strv_add(&argv, "surat-unpack");
	if (entry)
		strv_add(&argv, "--list");
	add_limits(&argv, l, left_s > 1 ? left_s : 1);
	int r =
	    child_start(&h->child, argv.v, NULL, CHILD_STDIN | CHILD_STDOUT | CHILD_STDERR_NULL, e);
	strv_release(&argv);
	if (r < 0)
		return NULL;
	stream_init_fd(&h->stream, h->child.out, h->child.in);
	set_deadline(h);
	return &h->sink;
}
