/*
 * folder.h - a fresh folder for a test, and short ways to put files there and read them back.
 */
#ifndef SURAT_TESTS_FOLDER_H
#define SURAT_TESTS_FOLDER_H

#include "base/alloc.h"
#include "io/file.h"
#include "io/sys.h"
#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Goes there: names are relative from here on. */
__attribute__((unused)) static char *folder_enter(void)
{
	char *path =
	    str_printf("%s/surat-unit.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(path) || chdir(path) < 0)
		BUG("no temporary folder");
	return path;
}

__attribute__((unused)) static int folder_remove_one(
    const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st;
	(void)kind;
	(void)f;
	return remove(path);
}

__attribute__((unused)) static void folder_empty(const char *path)
{
	nftw(path, folder_remove_one, 20, FTW_DEPTH | FTW_PHYS);
}

__attribute__((unused)) static void folder_leave(char *path)
{
	if (chdir("/") == 0)
		folder_empty(path);
	free(path);
}

__attribute__((unused)) static void put_file(const char *path, struct span bytes)
{
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(bytes.ptr, 1, bytes.len, f) != bytes.len)
		BUG("cannot write a test's file");
	fclose(f);
}

/* malloc'ed; "(none)" when it cannot be read. */
__attribute__((unused)) static char *get_file(const char *path)
{
	struct buf b = BUF_INIT(64 << 20);
	struct err e;
	if (file_read(path, &b, &e) < 0) {
		buf_release(&b);
		return str_dup("(none)");
	}
	buf_addc(&b, '\0');
	return buf_detach(&b);
}

__attribute__((unused)) static size_t count_files(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;
	for (struct dirent *de; d && (de = readdir(d));)
		n += de->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* Delivers text; the name, malloc'ed, or NULL with *e. */
__attribute__((unused)) static char *deliver_text(
    struct store *st, struct span text, struct store_delivery d, struct err *e)
{
	struct source_mem src;
	struct store_receipt r = {0};
	source_mem_init(&src, text);
	return store_deliver(st, &src.source, &d, &r, e) < 0 ? NULL : r.name;
}

/* The text of a message by its name, malloc'ed. */
__attribute__((unused)) static char *message_text(const char *name)
{
	struct store_message m;
	struct buf b = BUF_INIT(64 << 20);
	struct sink_buf to;
	struct err e = ERR_INIT;
	sink_buf_init(&to, &b);
	if (!name || store_message_open(&m, span_of(name), &e) < 0)
		return str_dup(name ? e.text : "(no name)");
	int r = sink_pump(&to.sink, m.source, &e);
	store_message_free(&m);
	if (r < 0) {
		buf_release(&b);
		return str_dup(e.text);
	}
	buf_addc(&b, '\0');
	return buf_detach(&b);
}

/* The number of messages, -1 when it cannot be listed. */
__attribute__((unused)) static int count_messages(const char *mailbox)
{
	struct store *st;
	struct store_scan *sc;
	struct store_entry entry;
	struct err e = ERR_INIT;
	int n = 0;
	if (store_open(&st, span_of(mailbox), STORE_READ_ONLY, &e) < 0)
		return -1;
	if (store_scan_open(st, &sc, &e) < 0) {
		store_free(st);
		return -1;
	}
	while (store_scan_next(sc, &entry, &e) > 0)
		n++;
	store_scan_free(sc);
	store_free(st);
	return n;
}

#endif
