#include "base/intl.h"
#include "full.h"
#include "io/child.h"
#include "io/confine.h"

/* Without a command: a message on standard input is shown, else there is a list; and when something was said about a list. */
static enum command default_command(const struct options *o, const struct strv *operands)
{
	if (operands->n || o->where || o->format || o->limit || o->sort || o->reverse)
		return LIST;
	return o->names || stdin_is_offered() ? SHOW : LIST;
}

static bool needs_full(const struct options *o, enum command command, const struct strv *operands)
{
	static const bool light[] = {[SHOW] = true,
	    [HEADERS] = true,
	    [EXTRACT] = true,
	    [RAW] = true,
	    [FLAG] = true,
	    [MOVE] = true,
	    [COPY] = true,
	    [DELETE] = true,
	    [EXPUNGE] = false};
	bool all_paths = true;
	/* the parts of a message to be extracted look like numbers */
	for (size_t i = 0; i < operands->n && (i == 0 || command != EXTRACT); i++)
		all_paths = all_paths && !is_person_operand(operands->v[i]);
	return o->common.json || o->common.show_config || !light[command] || !all_paths;
}

static int run_light(struct read *r, enum command command, struct strv *operands, struct err *e)
{
	switch (command) {
	case SHOW: return run_show(r, operands, e);
	case HEADERS: return run_headers(r, operands, e);
	case EXTRACT: return run_extract(r, operands, e);
	case RAW: return run_raw(r, operands, e);
	case FLAG: return run_flag(r, operands, e);
	case MOVE: return run_transfer(r, operands, false, e);
	case COPY: return run_transfer(r, operands, true, e);
	case DELETE: return run_delete(r, operands, e);
	default: return full_run(r, command, operands, e);
	}
}

static char **arguments;

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct read r = {.o = opts};
	enum command command =
	    args->command < 0 ? default_command(r.o, &args->operands) : (enum command)args->command;
	if (needs_full(r.o, command, &args->operands) && !full_is_here())
		return child_become("surat-read", arguments, e);
	confine(CONFINE_FILES | CONFINE_SPAWN);
	if (account_load(&r.account, &read_program, r.o, &r.o->common, NULL, e) < 0)
		return -1;
	int code = run_light(&r, command, &args->operands, e);
	account_release(&r.account);
	return code == 0 && r.code ? r.code : code;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	arguments = argv;
	return cli_main(&read_program, argc, argv, &o, run);
}
