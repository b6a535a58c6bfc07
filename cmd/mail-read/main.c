#include "base/intl.h"
#include "io/confine.h"
#include "read.h"

/* Without a command: a message on standard input is shown, else there is a list; and when something was said about a list. */
static enum command default_command(const struct options *o, const struct strv *operands)
{
	if (operands->n || o->where || o->format || o->limit || o->sort || o->reverse)
		return LIST;
	return o->names || stdin_is_offered() ? SHOW : LIST;
}

static int dispatch(struct read *r, enum command command, struct strv *operands, struct err *e)
{
	switch (command) {
	case LIST: return run_list(r, operands, e);
	case SEARCH: return run_search(r, operands, e);
	case THREAD: return run_thread(r, operands, e);
	case COUNT: return run_count(r, operands, e);
	case FOLDERS: return run_folders(r, operands, e);
	case SHOW: return run_show(r, operands, e);
	case HEADERS: return run_headers(r, operands, e);
	case PARTS: return run_parts(r, operands, e);
	case EXTRACT: return run_extract(r, operands, e);
	case RAW: return run_raw(r, operands, e);
	case FLAG: return run_flag(r, operands, e);
	case MOVE: return run_transfer(r, operands, false, e);
	case COPY: return run_transfer(r, operands, true, e);
	case DELETE: return run_delete(r, operands, e);
	case EXPUNGE: return run_expunge(r, operands, e);
	}
	return err_set(e, EX_SOFTWARE, "no such command");
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	struct read r = {.o = opts};
	confine(CONFINE_FILES | CONFINE_SPAWN);
	if (account_load(&r.account, &read_program, r.o, &r.o->common, NULL, e) < 0)
		return -1;
	enum command command =
	    args->command < 0 ? default_command(r.o, &args->operands) : (enum command)args->command;
	int code = r.o->where ? query_set(&r, span_of(r.o->where), e) : 0;
	if (code == 0)
		code = dispatch(&r, command, &args->operands, e);
	query_run_free(r.run);
	query_free(r.query);
	account_release(&r.account);
	return code == 0 && r.code ? r.code : code;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	return cli_main(&read_program, argc, argv, &o, run);
}
