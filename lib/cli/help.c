#include "base/intl.h"
#include "cli/internal.h"

enum { COLUMN = 28, WIDTH = 80 };

/* Words from a column on, broken before the width. */
static void wrap(struct buf *b, const char *text, size_t column)
{
	struct span rest = span_of(text), word;
	size_t at = column;
	while (span_word(&rest, &word)) {
		if (at > column && at + 1 + word.len > WIDTH) {
			buf_addf(b, "\n%*s", (int)column, "");
			at = column;
		} else if (at > column) {
			buf_addc(b, ' ');
			at++;
		}
		buf_add(b, word);
		at += word.len;
	}
	buf_addc(b, '\n');
}

/* What is on the left, its width (of characters that are one column wide), and the text beside or below it. */
static void entry(struct buf *b, const char *left, const char *text)
{
	size_t width = strlen(left);
	buf_adds(b, left);
	if (width + 2 > COLUMN)
		buf_addf(b, "\n%*s", COLUMN, "");
	else
		buf_addf(b, "%*s", (int)(COLUMN - width), "");
	wrap(b, text, COLUMN);
}

static void option(struct buf *b, const struct cli_option *o)
{
	struct buf left = BUF_INIT(200);
	if (o->letter && o->name)
		buf_addf(&left, "  -%c, --%s", o->letter, o->name);
	else if (o->letter)
		buf_addf(&left, "  -%c", o->letter);
	else
		buf_addf(&left, "      --%s", o->name);
	if (o->value && (o->flags & CLI_OPTIONAL))
		buf_addf(&left, "[=%s]", _(o->value));
	else if (o->value)
		buf_addf(&left, " %s", _(o->value));
	entry(b, buf_cstr(&left), _(o->help));
	buf_release(&left);
}

static void group(struct buf *b, const struct cli_group *g)
{
	buf_addf(b, "\n%s:\n", g->heading ? _(g->heading) : _("Options"));
	for (size_t i = 0; i < g->count; i++)
		if (!(g->options[i].flags & CLI_HIDDEN))
			option(b, &g->options[i]);
}

static void commands(struct buf *b, const struct cli_program *p)
{
	if (!p->command_count)
		return;
	buf_addf(b, "\n%s:\n", _("Commands"));
	for (size_t i = 0; i < p->command_count; i++) {
		const struct cli_command *c = &p->commands[i];
		struct buf left = BUF_INIT(200);
		buf_addf(&left, "  %s%s%s", c->name, c->synopsis && *c->synopsis ? " " : "",
		    c->synopsis ? _(c->synopsis) : "");
		entry(b, buf_cstr(&left), _(c->help));
		buf_release(&left);
	}
}

void cli_help_text(const struct cli_program *p, int command, struct buf *b)
{
	const struct cli_command *c = cli_command_by_id(p, command);
	if (c)
		buf_addf(b, _("Usage: %s %s [options] %s\n"), p->name, c->name,
		    c->synopsis ? _(c->synopsis) : "");
	else
		buf_addf(b, _("Usage: %s %s\n"), p->name, _(p->synopsis));
	wrap(b, _(c ? c->help : p->summary), 0);
	if (!c)
		commands(b, p);
	for (size_t i = 0; i < p->group_count; i++)
		if (cli_group_fits(&p->groups[i], command))
			group(b, &p->groups[i]);
	struct cli_group common = cli_common_group(0);
	group(b, &common);
	buf_addf(b, _("\nThe manual: man %s\n"), p->name);
}

void cli_list_text(const struct cli_program *p, bool keys, struct buf *b)
{
	struct cli_slot slot;
	unsigned not_wanted = CLI_HIDDEN | (keys ? CLI_COMMAND_LINE : 0);
	for (size_t at = 0; cli_each(p, &at, &slot);)
		if (slot.option->name && !(slot.option->flags & not_wanted))
			buf_addf(b, "%s%s\n", keys ? "" : "--", slot.option->name);
}
