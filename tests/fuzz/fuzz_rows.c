/* A table (first byte even: CSV, odd: JSON) and, behind the first NUL, a template: no crash; the same rows and texts a second time. */
#include "base/alloc.h"
#include "compose/rows.h"
#include "compose/template.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 1 << 20, ROWS_MAX = 1000 };

static bool lookup(void *ctx, struct span name, struct span *value)
{
	return rows_get(ctx, name, value);
}

static int write_all(struct buf *out, struct rows *rows, struct span template, struct err *e)
{
	const struct row *row;
	int more = 0;
	for (int i = 0; i < ROWS_MAX && (more = rows_next(rows, &row, e)) > 0; i++) {
		buf_addf(out, "%llu:", (unsigned long long)row->number);
		for (size_t k = 0; k < row->n; k++) {
			buf_add(out, row->v[k].name);
			buf_add(out, row->v[k].value);
		}
		if (template_expand(
			out, template, lookup, (void *)(uintptr_t)row, TEMPLATE_HTML, e) < 0)
			buf_adds(out, e->text);
		err_clear(e);
	}
	return more;
}

static void read_twice(const char *path, struct span template)
{
	struct err e = ERR_INIT, other = ERR_INIT;
	struct buf one = BUF_INIT(TEXT_MAX), two = BUF_INIT(TEXT_MAX);
	struct rows *rows = rows_open(path, &e);
	if (!rows)
		return;
	int first = write_all(&one, rows, template, &e);
	if (rows_rewind(rows, &other) == 0) {
		ENSURE(write_all(&two, rows, template, &other) == first);
		ENSURE(span_eq(buf_span(&one), buf_span(&two)));
	}
	rows_free(rows);
	buf_release(&one);
	buf_release(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	struct span table = span_make((const char *)data, size), template;
	if (!size)
		return 0;
	table = span_skip(table, 1);
	ptrdiff_t nul = span_index(table, '\0');
	template = nul < 0 ? SPAN("{{a}} {{b|c}}") : span_skip(table, (size_t)nul + 1);
	if (nul >= 0)
		table = span_take(table, (size_t)nul);
	int fd = memfd_create(*data & 1 ? "rows.json" : "rows.csv", 0);
	if (fd < 0 || write(fd, table.ptr, table.len) != (ssize_t)table.len)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	lseek(fd, 0, SEEK_SET);
	read_twice(path, template);
	close(fd);
	return 0;
}
