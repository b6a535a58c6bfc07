#include "../tap.h"

#include "io/spool.h"
#include "io/sys.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

enum { BIG = 900 * 1000 };
static char in[BIG];

static void write_all(struct spool *sp, size_t n, size_t step, struct err *e)
{
	for (size_t at = 0; at < n; at += step)
		if (sink_put(&sp->sink, span_make(in + at, n - at < step ? n - at : step), e) < 0)
			return;
}

static bool reads_back(struct spool *sp, size_t from, size_t len)
{
	struct source_spool src;
	struct sink_buf to;
	struct buf got = BUF_INIT(BIG);
	struct err e = ERR_INIT;
	sink_buf_init(&to, &got);
	source_spool_range(&src, sp, from, len);
	bool good = sink_pump(&to.sink, &src.source, &e) == 0 && got.len == len &&
		    (!len || !memcmp(got.ptr, in + from, len));
	buf_release(&got);
	return good;
}

/* Around the place where memory ends and around what is gathered before a write. */
static void sizes(void)
{
	static const size_t size[] = {0, 1, 262143, 262144, 262145, 327679, 327680, 327681, BIG};
	static const size_t step[] = {1013, 65536, BIG};
	for (size_t i = 0; i < sizeof(size) / sizeof(*size); i++) {
		bool good = true;
		for (size_t k = 0; k < 3; k++) {
			struct spool sp;
			struct err e = ERR_INIT;
			spool_init(&sp);
			write_all(&sp, size[i], step[k], &e);
			good = good && sp.size == size[i] && reads_back(&sp, 0, size[i]) &&
			       reads_back(&sp, size[i] / 3, size[i] / 2);
			good = good && reads_back(&sp, 0, size[i]);
			spool_release(&sp);
		}
		ok(good, "%zu bytes come back, whole and in part, again and again", size[i]);
	}
}

static void reset(void)
{
	struct spool sp;
	struct err e = ERR_INIT;
	spool_init(&sp);
	write_all(&sp, BIG, 4096, &e);
	is_int(spool_reset(&sp, &e), 0, "reset");
	is_int((long long)sp.size, 0, "reset: empty");
	write_all(&sp, 10, 10, &e);
	ok(reads_back(&sp, 0, 10), "reset: usable again");
	spool_release(&sp);
}

static int entries(const char *path)
{
	int n = 0;
	DIR *d = opendir(path);
	while (d && readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void no_name(void)
{
	char dir[] = "/tmp/surat-unit.XXXXXX";
	struct spool sp;
	struct err e = ERR_INIT;
	if (!mkdtemp(dir))
		return;
	setenv("TMPDIR", dir, 1);
	spool_init(&sp);
	write_all(&sp, BIG, 4096, &e);
	ok(sp.fd >= 0, "a file is used");
	is_int(entries(dir), 0, "it has no name");
	spool_release(&sp);
	sys_fault_set("open:1:EOPNOTSUPP");
	spool_init(&sp);
	write_all(&sp, BIG, 4096, &e);
	ok(sp.fd >= 0 && reads_back(&sp, 0, BIG),
	    "where the file system has none without names: made and unlinked");
	is_int(entries(dir), 0, "it has no name either");
	spool_release(&sp);
	sys_fault_set("pwrite:2:ENOSPC");
	spool_init(&sp);
	write_all(&sp, BIG, 4096, &e);
	is_int(e.code, EX_IOERR, "a full disk is an error");
	ok(strstr(e.text, dir) && strstr(e.text, "No space left"), "it names the folder: %s",
	    e.text);
	sys_fault_set(NULL);
	ok(reads_back(&sp, 0, sp.size) && sp.size > 300000, "what was taken before is still there");
	spool_release(&sp);
	rmdir(dir);
	spool_init(&sp);
	write_all(&sp, BIG, 4096, &e);
	is_int(e.code, EX_CANTCREAT, "no folder for it: cannot create");
	spool_release(&sp);
	unsetenv("TMPDIR");
}

int main(void)
{
	for (size_t i = 0; i < BIG; i++)
		in[i] = (char)(i * 7 + i / 251);
	sizes();
	reset();
	no_name();
	return tap_done();
}
