#include "compose/rows.h"

#include "base/alloc.h"
#include "base/intl.h"
#include "codec/utf8.h"
#include "io/sys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 65536, ROW_MAX = 16 << 20 };

struct rows {
	struct rows_input in;
	bool json, begun;
	struct rows_csv csv;
	struct row row;
};

/* --- bytes ---------------------------------------------------------------------- */

static bool refill(struct rows_input *in)
{
	ssize_t n = spool_pread(&in->spool, in->bytes, CHUNK, in->offset, &in->err);
	in->failed |= n < 0;
	in->at = 0;
	in->end = n > 0 ? (size_t)n : 0;
	in->offset += in->end;
	return in->end > 0;
}

int rows_peek(struct rows_input *in)
{
	if (in->at == in->end && !refill(in))
		return -1;
	return (unsigned char)in->bytes[in->at];
}

int rows_byte(struct rows_input *in)
{
	int c = rows_peek(in);
	in->at += c >= 0;
	in->line += c == '\n';
	return c;
}

int rows_fail(const struct rows_input *in, struct err *e, const char *fmt, ...)
{
	struct buf b = BUF_INIT(4096);
	va_list ap;
	if (in->failed)
		return err_copy(e, &in->err);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	err_set(e, EX_DATAERR, "%s:%llu: %s", in->path, (unsigned long long)in->line, buf_cstr(&b));
	buf_release(&b);
	return -1;
}

/* --- rows ----------------------------------------------------------------------- */

void rows_add(struct row *row, struct span name, struct span value)
{
	if (row->n == row->cap) {
		row->cap = row->cap ? 2 * row->cap : 16;
		row->v = mem_resize(row->v, row->cap, sizeof(*row->v));
	}
	row->v[row->n++] = (struct row_field){name, value};
}

bool rows_get(const struct row *row, struct span name, struct span *value)
{
	for (size_t i = 0; i < row->n; i++)
		if (span_eq_nocase(row->v[i].name, name)) {
			*value = row->v[i].value;
			return true;
		}
	return false;
}

static int read_spool(struct spool *sp, const char *path, struct err *e)
{
	struct source_fd in;
	int fd = STDIN_FILENO;
	if (strcmp(path, "-") != 0 && (fd = sys_openat(AT_FDCWD, path, O_RDONLY, 0)) < 0)
		return err_sys(e, EX_NOINPUT, "%s", path);
	source_fd_init(&in, fd);
	int r = sink_pump(&sp->sink, &in.source, e);
	if (fd != STDIN_FILENO)
		sys_close(fd);
	return r < 0 ? err_prefix(e, "%s: ", path) : 0;
}

/* By its name, else by its first byte: no name of a field begins with a bracket. */
static bool is_json(struct rows *r)
{
	while (rows_peek(&r->in) >= 0 && is_space((char)rows_peek(&r->in)))
		rows_byte(&r->in);
	int c = rows_peek(&r->in);
	return span_ends_nocase(span_of(r->in.path), ".json") || c == '[' || c == '{';
}

struct rows *rows_open(const char *path, struct err *e)
{
	struct rows *r = mem_new(1, sizeof(*r));
	spool_init(&r->in.spool);
	r->in.path = path;
	r->in.bytes = mem_resize(NULL, CHUNK, 1);
	buf_init(&r->row.text, ROW_MAX);
	if (read_spool(&r->in.spool, path, e) < 0) {
		rows_free(r);
		return NULL;
	}
	r->json = is_json(r);
	if (rows_rewind(r, e) < 0) {
		rows_free(r);
		return NULL;
	}
	return r;
}

void rows_free(struct rows *r)
{
	if (!r)
		return;
	spool_release(&r->in.spool);
	free(r->in.bytes);
	rows_csv_release(&r->csv);
	buf_release(&r->row.text);
	free(r->row.v);
	free(r);
}

int rows_rewind(struct rows *r, struct err *e)
{
	r->in.offset = r->in.at = r->in.end = 0;
	r->in.line = 1;
	r->row.number = 0;
	r->begun = false;
	if (r->json)
		return 0;
	rows_csv_release(&r->csv);
	return rows_csv_names(&r->csv, &r->in, e);
}

int rows_next(struct rows *r, const struct row **row, struct err *e)
{
	r->row.n = 0;
	buf_reset(&r->row.text);
	int more = r->json ? rows_json_next(&r->in, &r->begun, &r->row, e)
			   : rows_csv_next(&r->csv, &r->in, &r->row, e);
	if (more < 0)
		return -1;
	if (r->in.failed)
		return err_copy(e, &r->in.err);
	if (more == 0)
		return 0;
	for (size_t i = 0; i < r->row.n; i++)
		if (!utf8_valid(r->row.v[i].value))
			return rows_fail(
			    &r->in, e, _("%.*s: not UTF-8"), SPAN_ARG(r->row.v[i].name));
	r->row.number++;
	*row = &r->row;
	return 1;
}
