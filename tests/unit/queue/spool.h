/*
 * spool.h - what the tests of the queue share: a spool in a temporary folder, and looks into it.
 */
#ifndef SURAT_TESTS_QUEUE_SPOOL_H
#define SURAT_TESTS_QUEUE_SPOOL_H

#include "../tap.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "io/file.h"
#include "io/sys.h"
#include "queue/queue.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char spool_path[64];

__attribute__((unused)) static void spool_make(struct queue *q)
{
	struct err e = ERR_INIT;
	char base[] = "/tmp/surat-queue-XXXXXX";
	if (!mkdtemp(base))
		BUG("no temporary folder");
	snprintf(spool_path, sizeof(spool_path), "%s", base);
	char *path = str_printf("%s/queue", base);
	if (!ok(queue_open(q, path, QUEUE_CREATE, &e) == 0, "a spool: %s", e.text))
		exit(1);
	free(path);
}

__attribute__((unused)) static void remove_all(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *f;
	while (d && (f = readdir(d))) {
		if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0)
			continue;
		char *inside = str_printf("%s/%s", path, f->d_name);
		if (unlink(inside) < 0)
			remove_all(inside);
		free(inside);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

__attribute__((unused)) static void spool_gone(struct queue *q)
{
	queue_close(q);
	remove_all(spool_path);
}

/* How many names there are that contain this. */
__attribute__((unused)) static int spool_count(struct queue *q, const char *part)
{
	DIR *d = opendir(q->path);
	struct dirent *f;
	int n = 0;
	while (d && (f = readdir(d)))
		n += strcmp(f->d_name, ".") != 0 && strcmp(f->d_name, "..") != 0 &&
		     strstr(f->d_name, part);
	if (d)
		closedir(d);
	return n;
}

/* The first such name, malloc'ed, or NULL. */
__attribute__((unused)) static char *spool_find(struct queue *q, const char *part)
{
	DIR *d = opendir(q->path);
	struct dirent *f;
	char *found = NULL;
	while (d && !found && (f = readdir(d)))
		if (f->d_name[0] != '.' && strstr(f->d_name, part))
			found = str_dup(f->d_name);
	if (d)
		closedir(d);
	return found;
}

__attribute__((unused)) static char *spool_text(struct queue *q, const char *name)
{
	struct buf b = BUF_INIT(1 << 20);
	char *path = str_printf("%s/%s", q->path, name);
	struct err e = ERR_INIT;
	if (file_read(path, &b, &e) < 0)
		printf("# %s\n", e.text);
	free(path);
	char *text = b.ptr ? buf_detach(&b) : str_dup("");
	return text;
}

/* Accepts a small message for these recipients (NULL-terminated). */
__attribute__((unused)) static int spool_add(
    struct queue *q, const char *sender, const char *const to[], char id[QUEUE_ID_SIZE])
{
	struct queue_envelope env = {0};
	struct source_mem body;
	struct err e = ERR_INIT;
	struct queue_recipient r[64] = {{0}};
	char *owned = str_dup(sender);
	for (; to[env.recipient_count]; env.recipient_count++)
		r[env.recipient_count].address = str_dup(to[env.recipient_count]);
	env.sender = owned;
	env.recipients = r;
	source_mem_init(&body, SPAN("Subject: Salam\nFrom: ana@example.org\n\nHalo.\n"));
	int result = queue_add(q, &env, &body.source, id, &e);
	if (result < 0)
		printf("# %s\n", e.text);
	for (size_t i = 0; i < env.recipient_count; i++)
		free(r[i].address);
	free(owned);
	return result;
}

#endif
