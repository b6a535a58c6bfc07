#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "cli/internal.h"
#include "codec/time.h"

#include <stdlib.h>

/* What stands on the command line, before any of it is done: --now must count for the times that come before it too. */
struct given {
	struct cli_slot slot;
	const char *value; /* NULL: none */
	char *spelled;     /* "--to", "-t" */
	bool done;
};
struct line {
	const struct cli_program *program;
	struct given *v;
	size_t n, cap;
	struct cli_args *args;
};

bool cli_each(const struct cli_program *p, size_t *at, struct cli_slot *slot)
{
	size_t i = *at;
	for (size_t g = 0; g <= p->group_count; g++) {
		struct cli_group common = cli_common_group(p->common_offset);
		const struct cli_group *group = g < p->group_count ? &p->groups[g] : &common;
		if (i < group->count) {
			slot->option = &group->options[i];
			slot->group = g < p->group_count ? group : NULL;
			slot->offset = group->offset + slot->option->offset;
			++*at;
			return true;
		}
		i -= group->count;
	}
	return false;
}

bool cli_slot_find(const struct cli_program *p, struct span name, struct cli_slot *slot)
{
	for (size_t at = 0; cli_each(p, &at, slot);)
		if (slot->option->name && span_is(name, slot->option->name))
			return true;
	return false;
}

const struct cli_option *cli_find(const struct cli_program *p, struct span name)
{
	struct cli_slot slot;
	return cli_slot_find(p, name, &slot) ? slot.option : NULL;
}

bool cli_group_fits(const struct cli_group *g, int command)
{
	return !g || !g->commands || command < 0 || (g->commands & CLI_FOR(command));
}

const struct cli_command *cli_command_find(const struct cli_program *p, const char *word)
{
	for (size_t i = 0; i < p->command_count; i++) {
		const struct cli_command *c = &p->commands[i];
		if (strcmp(c->name, word) == 0 || (c->alias && strcmp(c->alias, word) == 0))
			return c;
	}
	return NULL;
}

const struct cli_command *cli_command_by_id(const struct cli_program *p, int id)
{
	for (size_t i = 0; i < p->command_count; i++)
		if (p->commands[i].id == id)
			return &p->commands[i];
	return NULL;
}

static void add(struct line *l, const struct cli_slot *slot, const char *value, char *spelled)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 16;
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = (struct given){*slot, value, spelled, false};
}

static void line_release(struct line *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].spelled);
	free(l->v);
}

/* How many single changes make a into b; at most 3 counts. Short words only. */
static int distance(struct span a, const char *b)
{
	enum { MOST = 32 };
	int row[MOST + 1];
	size_t n = strlen(b);
	if (a.len > MOST || n > MOST)
		return 3;
	for (size_t j = 0; j <= n; j++)
		row[j] = (int)j;
	for (size_t i = 1; i <= a.len; i++) {
		int corner = row[0];
		row[0] = (int)i;
		for (size_t j = 1; j <= n; j++) {
			int change = corner + (a.ptr[i - 1] != b[j - 1]);
			int insert = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			corner = row[j];
			row[j] = change < insert ? change : insert;
		}
	}
	return row[n] < 3 ? row[n] : 3;
}

static int unknown_option(const struct cli_program *p, struct span name, struct err *e)
{
	const char *best = NULL;
	int least = 3;
	struct cli_slot slot;
	for (size_t at = 0; cli_each(p, &at, &slot);) {
		int d = slot.option->name && !(slot.option->flags & CLI_HIDDEN)
			    ? distance(name, slot.option->name)
			    : 3;
		if (d < least && 2 * (size_t)d <= name.len) {
			least = d;
			best = slot.option->name;
		}
	}
	if (best)
		return err_set(
		    e, EX_USAGE, _("no option --%.*s; is --%s meant?"), SPAN_ARG(name), best);
	return err_set(e, EX_USAGE, _("no option --%.*s; see --help"), SPAN_ARG(name));
}

/* --name, --name=value, --name value. Returns how many of the next arguments it took, or -1. */
static int take_long(struct line *l, char *word, char *next, struct err *e)
{
	struct span rest = span_of(word + 2), name;
	bool joined = span_cut(&rest, '=', &name);
	struct cli_slot slot;
	if (!cli_slot_find(l->program, name, &slot))
		return unknown_option(l->program, name, e);
	const struct cli_option *o = slot.option;
	if (!o->value && joined && o->kind != CLI_KIND_FLAG)
		return err_set(e, EX_USAGE, _("--%s takes no value"), o->name);
	char *spelled = str_printf("--%s", o->name);
	if (joined || !o->value || (o->flags & CLI_OPTIONAL)) {
		add(l, &slot, joined ? rest.ptr : o->value ? "" : NULL, spelled);
		return 0;
	}
	if (!next) {
		free(spelled);
		return err_set(e, EX_USAGE, _("--%s wants %s"), o->name, o->value);
	}
	add(l, &slot, next, spelled);
	return 1;
}

static bool find_letter(const struct cli_program *p, char letter, struct cli_slot *slot)
{
	for (size_t at = 0; cli_each(p, &at, slot);)
		if (slot->option->letter && slot->option->letter == letter)
			return true;
	return false;
}

/* -abc, -tADDRESS, -t ADDRESS */
static int take_letters(struct line *l, char *word, char *next, struct err *e)
{
	for (char *c = word + 1; *c; c++) {
		struct cli_slot slot;
		if (!find_letter(l->program, *c, &slot))
			return err_set(e, EX_USAGE, _("no option -%c; see --help"), *c);
		const struct cli_option *o = slot.option;
		char *spelled = str_printf("-%c", *c);
		if (!o->value) {
			add(l, &slot, NULL, spelled);
			continue;
		}
		bool separate = !c[1] && !(o->flags & CLI_OPTIONAL);
		if (separate && !next) {
			free(spelled);
			return err_set(e, EX_USAGE, _("-%c wants %s"), *c, o->value);
		}
		add(l, &slot, separate ? next : c + 1, spelled);
		return separate;
	}
	return 0;
}

/* The first operand is the command, unless "--" stood before it. */
static void take_operand(struct line *l, const char *word, bool after_dashes)
{
	struct cli_args *args = l->args;
	const struct cli_command *c = NULL;
	if (!args->operands.n && args->command < 0 && !after_dashes)
		c = cli_command_find(l->program, word);
	if (c)
		args->command = c->id;
	else
		strv_add(&args->operands, word);
}

static int read_line(struct line *l, int argc, char **argv, struct err *e)
{
	bool dashes = false;
	for (int i = 1; i < argc; i++) {
		char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
		int took = 0;
		if (dashes || word[0] != '-' || !word[1])
			take_operand(l, word, dashes);
		else if (word[1] != '-')
			took = take_letters(l, word, next, e);
		else if (word[2])
			took = take_long(l, word, next, e);
		else
			dashes = true;
		if (took < 0)
			return -1;
		i += took;
	}
	return 0;
}

/* One word may mean one thing for one command and another for another: two groups have it then. */
static bool find_fitting(const struct cli_program *p, struct given *g, int command)
{
	struct cli_slot slot;
	if (cli_group_fits(g->slot.group, command))
		return true;
	for (size_t at = 0; cli_each(p, &at, &slot);)
		if (slot.option->name && g->slot.option->name &&
		    strcmp(slot.option->name, g->slot.option->name) == 0 &&
		    !slot.option->value == !g->slot.option->value &&
		    cli_group_fits(slot.group, command)) {
			g->slot = slot;
			return true;
		}
	return false;
}

static int apply(struct line *l, void *opts, struct given *g, struct err *e)
{
	if (g->done)
		return 0;
	g->done = true;
	const struct cli_command *c = cli_command_by_id(l->program, l->args->command);
	if (c && !find_fitting(l->program, g, c->id))
		return err_set(e, EX_USAGE, _("%s is not for %s"), g->spelled, c->name);
	if (cli_value_set(&g->slot, opts, g->value, e) < 0)
		return err_prefix(e, "%s: ", g->spelled);
	const char *name = g->slot.option->name;
	char letter[2] = {g->slot.option->letter, '\0'};
	strv_add(&cli_common_of(l->program, opts)->given, name ? name : letter);
	return 0;
}

static int fix_clock(const struct cli_program *p, struct line *l, void *opts, struct err *e)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t s;
	if (epoch && *epoch) {
		if (!span_to_u64(span_of(epoch), 253402300799, &s))
			return err_set(
			    e, EX_USAGE, _("SOURCE_DATE_EPOCH: \"%s\" is not seconds"), epoch);
		clock_fix_s((int64_t)s);
	}
	struct cli_common *c = cli_common_of(p, opts);
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].slot.option->name && strcmp(l->v[i].slot.option->name, "now") == 0) {
			if (apply(l, opts, &l->v[i], e) < 0)
				return -1;
			clock_fix_s(c->now_s);
		}
	}
	return 0;
}

static int check_command(const struct cli_program *p, const struct cli_args *args,
    const struct cli_common *c, struct err *e)
{
	bool ends_here = c->help || c->version || c->list_options || c->list_keys ||
			 c->completion || c->show_config;
	if (!p->command_required || args->command >= 0 || ends_here)
		return 0;
	struct buf words = BUF_INIT(400);
	for (size_t i = 0; i < p->command_count; i++)
		buf_addf(&words, "%s%s", i ? " " : "", p->commands[i].name);
	if (args->operands.n)
		err_set(e, EX_USAGE, _("no command \"%.60s\"; there are %s"), args->operands.v[0],
		    buf_cstr(&words));
	else
		err_set(e, EX_USAGE, _("which command? There are %s"), buf_cstr(&words));
	buf_release(&words);
	return -1;
}

int cli_parse(const struct cli_program *p, int argc, char **argv, void *opts, struct cli_args *args,
    struct err *e)
{
	args->command = -1;
	struct line l = {.program = p, .args = args};
	int r = read_line(&l, argc, argv, e);
	if (r == 0)
		r = fix_clock(p, &l, opts, e);
	for (size_t i = 0; r == 0 && i < l.n; i++)
		r = apply(&l, opts, &l.v[i], e);
	line_release(&l);
	return r < 0 ? -1 : check_command(p, args, cli_common_of(p, opts), e);
}

int cli_set(
    const struct cli_program *p, void *opts, struct span name, struct span value, struct err *e)
{
	struct cli_slot slot;
	if (!cli_slot_find(p, name, &slot) || (slot.option->flags & CLI_COMMAND_LINE))
		return err_set(e, EX_UNAVAILABLE, _("no option %.*s"), SPAN_ARG(name));
	char *text = span_dup(value);
	int r = cli_value_set(&slot, opts, text, e);
	free(text);
	return r < 0 ? err_prefix(e, "%s: ", slot.option->name) : 0;
}
