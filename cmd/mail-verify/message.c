/* message.c - each message once through all checks, and through what shows or passes it on. */
#include "account/message.h"
#include "base/alloc.h"
#include "base/intl.h"
#include "io/file.h"
#include "io/sys.h"
#include "store/store.h"
#include "verify.h"

#include <stdlib.h>
#include <unistd.h>

bool verify_wants_spool(const struct verify_options *o)
{
	return o->add_header || verify_wants_secure(o) || verify_scans(o);
}

bool verify_wants_secure(const struct verify_options *o)
{
	return o->all || secure_named(&o->secure);
}

bool verify_wants_auth(const struct verify_options *o)
{
	return o->all || o->add_header || o->spf || o->spf_only || o->dkim || o->dmarc || o->arc ||
	       verify_for_person(o);
}

/* --- one message --- */

enum { FIELDS_MAX = 64 << 10 };

/* Also where something failed: what is known is shown. */
static int judge(struct verify *v, struct verify_message *m, struct err *e)
{
	if (verify_wants_auth(v->o))
		verify_add_auth(&m->records, &m->auth.results);
	if (verify_wants_secure(v->o) && secure_check(v, m, e) < 0)
		return -1;
	if (verify_scan(v, m, e) < 0)
		return -1;
	for (size_t i = 0; i < m->records.n; i++) {
		v->bad |= m->records.v[i].bad;
		v->later |= m->records.v[i].later;
	}
	/* with --add-header and --decrypt the output is a message */
	return v->o->add_header || v->o->secure.decrypt ? 0 : verify_show(v, m, e);
}

static int no_message(struct err *e)
{
	return err_set(e, EX_DATAERR, _("there is no message"));
}

static int to_both(struct verify_message *m, struct source *in, struct err *e)
{
	struct filter_tee tee;
	struct sink *to = &m->auth.message.sink;
	if (m->spool) {
		filter_tee_init(&tee, to, &m->spool->sink);
		to = &tee.sink;
	}
	int r = sink_pump(to, in, e);
	if (r == 0 && !m->auth.message.size)
		r = no_message(e);
	return r == 0 ? auth_check_end(&m->auth, e) : r;
}

/* What is only scanned, from a file, is read there. */
static int read_message(
    struct verify *v, struct verify_message *m, struct source *in, struct err *e)
{
	if (verify_wants_auth(v->o))
		return to_both(m, in, e);
	if (!m->spool)
		return m->again.len ? 0 : no_message(e);
	int r = sink_pump(&m->spool->sink, in, e);
	return r == 0 && !m->spool->size ? no_message(e) : r;
}

int verify_client(struct verify *v, struct err *e)
{
	struct verify_message m = {0};
	auth_check_init(&m.auth, v->ask, &v->auth);
	int r = auth_check_client(&m.auth, e);
	if (r == 0)
		r = judge(v, &m, e);
	verify_records_release(&m.records);
	auth_check_release(&m.auth);
	return r;
}

int verify_read(struct verify *v, struct verify_message *m, struct source *in, struct err *e)
{
	buf_init(&m->fields, FIELDS_MAX);
	if (verify_wants_auth(v->o))
		auth_check_init(&m->auth, v->ask, &v->auth);
	if (verify_wants_spool(v->o) && !m->has_file) {
		spool_init(&m->kept);
		m->spool = &m->kept;
		scan_input_spool(&m->again, m->spool);
	}
	return read_message(v, m, in, e);
}

int verify_judge(struct verify *v, struct verify_message *m, struct sink *out, struct err *e)
{
	if (verify_wants_auth(v->o) && auth_check_judge(&m->auth, e) < 0)
		return -1;
	if (judge(v, m, e) < 0)
		return -1;
	return v->o->add_header ? verify_pass_on(v, m, out, e) : 0;
}

void verify_message_release(const struct verify *v, struct verify_message *m)
{
	verify_records_release(&m->records);
	if (verify_wants_auth(v->o))
		auth_check_release(&m->auth);
	if (m->spool)
		spool_release(m->spool);
	buf_release(&m->fields);
}

/* --- where they come from --- */

static int one(struct verify *v, struct verify_message *m, struct source *in, struct err *e)
{
	int r = verify_read(v, m, in, e);
	if (r == 0)
		r = verify_judge(v, m, v->out, e);
	verify_message_release(v, m);
	return r;
}

/* A file need not be kept: from where it stands to its end it can be read again. */
static void find_file(struct verify_message *m, int fd)
{
	struct stat st;
	off_t at = lseek(fd, 0, SEEK_CUR);
	if (at < 0 || sys_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || at > st.st_size)
		return;
	scan_input_file(&m->again, fd, at, st.st_size - at);
	m->has_file = true;
}

/* fd: of the source, where it is one; else -1 */
static int from_source(struct verify *v, struct source *in, int fd, const char *name, struct err *e)
{
	if (v->o->mbox)
		return verify_box(v, in, name, e);
	struct verify_message *m = mem_new(1, sizeof(*m)); /* large for a stack */
	m->name = name;
	if (fd >= 0 && !v->o->add_header && !verify_wants_secure(v->o) && verify_scans(v->o))
		find_file(m, fd);
	int r = one(v, m, in, e);
	free(m);
	return r;
}

static int from_stdin(struct verify *v, struct err *e)
{
	struct source_fd in;
	source_fd_init(&in, STDIN_FILENO);
	return from_source(v, &in.source, STDIN_FILENO, NULL, e);
}

/* What cannot be opened is named already. */
static int name_it(const char *name, int r, struct err *e)
{
	return r < 0 && e->code != EX_TEMPFAIL ? err_prefix(e, "%s: ", name) : r;
}

/* An mbox is a file; a message has any name that store/ knows. */
static int from_name(
    struct verify *v, const struct account *account, const char *name, struct err *e)
{
	struct store_message message;
	struct source_fd in;
	if (v->o->mbox) {
		int fd = file_open(name, e);
		if (fd < 0)
			return -1;
		source_fd_init(&in, fd);
		int r = from_source(v, &in.source, fd, name, e);
		sys_close(fd);
		return name_it(name, r, e);
	}
	if (account_message_open(account, name, &message, e) < 0)
		return -1;
	int r = from_source(v, message.source, -1, name, e);
	store_message_free(&message);
	return name_it(name, r, e);
}

/* The others can be looked at all the same. */
static bool is_of_one(const struct err *e)
{
	return e->code == EX_NOINPUT || e->code == EX_DATAERR;
}

/* Each that fails is named; the exit code is the first one's. */
static int all(
    struct verify *v, const struct account *account, const struct strv *operands, struct err *e)
{
	struct err failed = ERR_INIT, one;
	if (!operands->n)
		return from_stdin(v, e);
	for (size_t i = 0; i < operands->n; i++) {
		const char *name = operands->v[i];
		one = (struct err)ERR_INIT;
		int r = strcmp(name, "-") == 0 ? name_it(name, from_stdin(v, &one), &one)
					       : from_name(v, account, name, &one);
		if (r == 0)
			continue;
		bool stop = !is_of_one(&one);
		if (failed.code)
			cli_warn(v->o->program, &v->o->common, "%s", failed.text);
		one.code = failed.code ? failed.code : one.code;
		failed = one;
		if (stop)
			break;
	}
	return failed.code ? err_copy(e, &failed) : 0;
}

int verify_messages(
    struct verify *v, const struct account *account, const struct strv *operands, struct err *e)
{
	struct sink_fd *out = sink_fd_new(STDOUT_FILENO);
	v->out = &out->sink;
	int r = all(v, account, operands, e);
	if (r == 0 && v->o->add_header)
		r = sink_end(&out->sink, e);
	free(out);
	return r;
}
