/*
 * --edit: the draft as a file, fields first, in a person's editor. The file is made before the editor starts and stays until its message is written: a crash of the
 * editor, a full disk or ^C loses nothing.
 */
#include "account/account.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/intl.h"
#include "base/random.h"
#include "compose/text.h"
#include "io/child.h"
#include "io/file.h"
#include "io/spool.h"
#include "io/sys.h"
#include "make.h"
#include "mime/header.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DRAFT_MAX = 64 << 20 };

/* --- the file --------------------------------------------------------------------- */

static int read_spool(struct buf *to, const struct spool *sp, struct err *e)
{
	struct source_spool in;
	struct sink_buf sink;
	source_spool_init(&in, sp);
	sink_buf_init(&sink, to);
	return sink_pump(&sink.sink, &in.source, e);
}

/* Text as a person reads it: UTF-8 in the fields, the text below. */
static int write_draft(struct buf *b, struct draft *d, struct err *e)
{
	static const char *const names[DRAFT_ADDRESS_FIELDS] = {
	    "From", "Sender", "Reply-To", "To", "Cc", "Bcc"};
	struct header_out h = HEADER_OUT_INIT;
	h.utf8 = true;
	for (int f = 0; f < DRAFT_ADDRESS_FIELDS; f++)
		if (d->addresses[f].n)
			header_add_addresses(&h, names[f], d->addresses[f].v, d->addresses[f].n);
		else if (f == DRAFT_TO || f == DRAFT_CC)
			buf_addf(&h.b, "%s:\n", names[f]);
	header_add_text(&h, "Subject", d->subject.ptr ? d->subject : SPAN(""));
	buf_add(b, buf_span(&h.b));
	buf_addc(b, '\n');
	header_out_release(&h);
	return d->has_text ? read_spool(b, &d->text, e) : 0;
}

/* A new file with the draft in it: its path, malloc'ed, or NULL. With a fixed clock and seed the first name may be taken by an earlier draft. */
static char *keep_draft(struct span draft, struct err *e)
{
	enum { TRIES = 100 };
	char *folder, *path = NULL, chance[9];
	if (account_state_path("drafts", &folder, e) < 0)
		return NULL;
	int r = dir_make(folder, 0700, e);
	for (int i = 0; r == 0 && !path && i < TRIES; i++) {
		random_name(chance, sizeof(chance) - 1);
		path = str_printf("%s/%lld-%s.eml", folder, (long long)clock_real_s(), chance);
		err_clear(e);
		if (file_write(path, draft, 0600, 0, e) == 0)
			break;
		free(path);
		path = NULL;
		r = e->sys == EEXIST ? 0 : -1;
	}
	free(folder);
	return path;
}

/* --- the editor -------------------------------------------------------------------- */

/* On the terminal, whatever our standard input and output are; the path comes in the environment, so that no shell sees it as code. */
static int run_editor(const char *path, int *status, struct err *e)
{
	const char *editor = getenv("VISUAL");
	if (!editor || !*editor)
		editor = getenv("EDITOR");
	if (!editor || !*editor)
		editor = "vi";
	bool terminal = access("/dev/tty", R_OK | W_OK) == 0;
	int fd = terminal ? sys_openat(AT_FDCWD, "/dev/tty", O_RDWR | O_NOCTTY, 0) : -1;
	if (fd >= 0)
		sys_close(fd);
	char *command = str_printf("%s%s \"$SURAT_DRAFT\"",
	    fd >= 0 ? "exec </dev/tty >/dev/tty; " : "exec >/dev/null; ", editor);
	char *variable = str_printf("SURAT_DRAFT=%s", path);
	char *env[] = {variable, NULL};
	struct child c;
	int r = child_shell(&c, command, env, 0, e);
	if (r == 0)
		r = child_wait(&c, -1, status, e);
	free(command);
	free(variable);
	return r;
}

/* ^C belongs to the editor while it runs. */
static int edit_file(const char *path, struct err *e)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
	int status = 0;
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	int r = run_editor(path, &status, e);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	if (r == 0 && status)
		return err_set(e, EX_UNAVAILABLE, _("the editor ended with %d"), status);
	return r;
}

/* --- reading it back ---------------------------------------------------------------- */

static void forget_fields(struct draft *d)
{
	draft_forget_addresses(d);
	d->subject = span_make(NULL, 0);
}

static int take_field(struct draft *d, const struct header_field *f, struct err *e)
{
	struct buf flat = BUF_INIT(4 << 20);
	header_unfold(&flat, f->value);
	int r = 0;
	if (span_trim(buf_span(&flat)).len) {
		char *line = str_printf("%.*s:%.*s", SPAN_ARG(f->name), SPAN_ARG(buf_span(&flat)));
		r = draft_add_header(d, line, e);
		free(line);
	}
	buf_release(&flat);
	return r;
}

static int take_text(struct draft *d, struct span text, struct err *e)
{
	struct source_mem in;
	bool guessed;
	source_mem_init(&in, text);
	if (spool_reset(&d->text, e) < 0)
		return -1;
	d->has_text = true;
	return text_read(&d->text, &in.source, &guessed, e);
}

static int read_back(struct draft *d, struct span file, struct err *e)
{
	struct header h = HEADER_INIT;
	struct source_mem in;
	source_mem_init(&in, file);
	if (header_read(&h, &in.source, NULL, e) < 0)
		return -1;
	forget_fields(d);
	int r = 0;
	for (size_t i = 0; r == 0 && i < h.n; i++)
		r = take_field(d, &h.v[i], e);
	if (r == 0)
		r = take_text(d, span_skip(file, (size_t)h.end), e);
	header_release(&h);
	return r;
}

static int edit_and_read(struct draft *d, const char *path, struct span before, struct err *e)
{
	struct buf after = BUF_INIT(DRAFT_MAX);
	int r = edit_file(path, e);
	if (r == 0)
		r = file_read(path, &after, e);
	if (r == 0 && span_eq(before, buf_span(&after)))
		r = err_set(e, EX_DATAERR, _("nothing was changed: no message is made"));
	if (r == 0)
		r = read_back(d, buf_span(&after), e);
	buf_release(&after);
	return r;
}

int full_edit(struct draft *d, const struct options *o, struct err *e)
{
	struct buf before = BUF_INIT(DRAFT_MAX);
	struct err why = ERR_INIT;
	(void)o;
	int r = write_draft(&before, d, e);
	char *path = r == 0 ? keep_draft(buf_span(&before), e) : NULL;
	if (path && edit_and_read(d, path, buf_span(&before), &why) < 0)
		r = err_set(e, why.code, _("%s; the draft is %s"), why.text, path);
	if (path && r == 0)
		d->draft_path = arena_str(&d->arena, span_of(path));
	buf_release(&before);
	r = path ? r : -1;
	free(path);
	return r;
}
