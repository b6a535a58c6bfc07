/* A bash function made from the table: option names, the words of a choice, commands; file names for everything else. */
#include "base/intl.h"
#include "cli/internal.h"

/* A shell function's name: mail-send -> _mail_send. */
static void function_name(struct buf *b, const char *program)
{
	buf_addc(b, '_');
	for (const char *c = program; *c; c++)
		buf_addc(b, *c == '-' ? '_' : *c);
}

static void words(struct buf *b, const struct cli_program *p)
{
	struct cli_slot slot;
	for (size_t at = 0; cli_each(p, &at, &slot);) {
		const struct cli_option *o = slot.option;
		if (o->flags & CLI_HIDDEN)
			continue;
		if (o->letter)
			buf_addf(b, "-%c ", o->letter);
		if (o->name)
			buf_addf(b, "--%s ", o->name);
	}
}

/* After an option that takes a value: its words, or nothing, so that bash offers files. */
static void values(struct buf *b, const struct cli_program *p)
{
	struct cli_slot slot;
	for (size_t at = 0; cli_each(p, &at, &slot);) {
		const struct cli_option *o = slot.option;
		if (!o->value || !o->name || (o->flags & CLI_HIDDEN))
			continue;
		bool separate = !(o->flags & CLI_OPTIONAL);
		if (!o->choices && !separate)
			continue;
		buf_addf(b, "\t--%s", o->name);
		if (o->letter)
			buf_addf(b, "|-%c", o->letter);
		buf_adds(b, ") words=\"");
		for (size_t i = 0; o->choices && o->choices[i]; i++)
			buf_addf(b, "%s%s", i ? " " : "", o->choices[i]);
		buf_addf(b, "\"%s ;;\n", separate ? "" : "; [ \"$joined\" ] || words=$all");
	}
}

int cli_completion_text(
    const struct cli_program *p, const char *shell, struct buf *b, struct err *e)
{
	if (strcmp(shell, "bash") != 0)
		return err_set(e, EX_USAGE, _("--completion: \"%.60s\" is none of bash"), shell);
	function_name(b, p->name);
	/* bash splits --tls=may into three words */
	buf_adds(b,
	    "() {\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} joined= "
	    "words all\n"
	    "\tif [ \"$cur\" = = ]; then cur= joined=1\n"
	    "\telif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD - 2]} joined=1; fi\n"
	    "\tall=\"");
	words(b, p);
	buf_adds(b, "\"\n\tcase $cur in -*) ;; *) all=\"");
	for (size_t i = 0; i < p->command_count; i++)
		buf_addf(b, "%s%s", i ? " " : "", p->commands[i].name);
	buf_adds(b, "\"; [ \"$COMP_CWORD\" = 1 ] || all= ;; esac\n\twords=$all\n\tcase $prev in\n");
	values(b, p);
	buf_adds(b, "\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o "
		    "default -F ");
	function_name(b, p->name);
	buf_addf(b, " %s\n", p->name);
	return 0;
}
