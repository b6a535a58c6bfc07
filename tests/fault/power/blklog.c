/*
 * blklog FOLDER MEGABYTES LOG: a FUSE file system with one file, FOLDER/disk, kept in memory; each write and each flush is appended to LOG. Under a loop device it
 * is a disk whose every state a power failure could have left can be made again. A record: order, offset, length, kind (0 write, 1 flush), each eight octets of
 * this machine; a write's octets follow.
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct record {
	uint64_t order, offset, length, kind;
};
static struct {
	char *octets;
	off_t size;
	FILE *log;
	uint64_t order;
} disk;

static int is_disk(const char *path)
{
	return strcmp(path, "/disk") == 0;
}

static int get_attributes(const char *path, struct stat *st, struct fuse_file_info *f)
{
	(void)f;
	memset(st, 0, sizeof(*st));
	st->st_nlink = 1;
	st->st_mode = is_disk(path) ? S_IFREG | 0600 : S_IFDIR | 0755;
	st->st_size = is_disk(path) ? disk.size : 0;
	return is_disk(path) || strcmp(path, "/") == 0 ? 0 : -ENOENT;
}

static int open_disk(const char *path, struct fuse_file_info *f)
{
	f->direct_io = 1;
	return is_disk(path) ? 0 : -ENOENT;
}

static int read_disk(const char *path, char *to, size_t n, off_t at, struct fuse_file_info *f)
{
	(void)path;
	(void)f;
	if (at >= disk.size)
		return 0;
	n = at + (off_t)n > disk.size ? (size_t)(disk.size - at) : n;
	memcpy(to, disk.octets + at, n);
	return (int)n;
}

static int write_disk(
    const char *path, const char *from, size_t n, off_t at, struct fuse_file_info *f)
{
	struct record r = {disk.order++, (uint64_t)at, n, 0};
	(void)path;
	(void)f;
	if (at + (off_t)n > disk.size)
		return -ENOSPC;
	fwrite(&r, sizeof(r), 1, disk.log);
	fwrite(from, 1, n, disk.log);
	memcpy(disk.octets + at, from, n);
	return (int)n;
}

static int flush_disk(const char *path, int data_only, struct fuse_file_info *f)
{
	struct record r = {disk.order++, 0, 0, 1};
	(void)path;
	(void)data_only;
	(void)f;
	fwrite(&r, sizeof(r), 1, disk.log);
	return fflush(disk.log) == 0 ? 0 : -EIO;
}

static int no_holes(const char *path, int mode, off_t at, off_t n, struct fuse_file_info *f)
{
	(void)path;
	(void)mode;
	(void)at;
	(void)n;
	(void)f;
	return -EOPNOTSUPP;
}

static int same_size(const char *path, off_t n, struct fuse_file_info *f)
{
	(void)path;
	(void)n;
	(void)f;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct fuse_operations operations = {.getattr = get_attributes,
	    .open = open_disk,
	    .read = read_disk,
	    .write = write_disk,
	    .fsync = flush_disk,
	    .fallocate = no_holes,
	    .truncate = same_size};
	char foreground[] = "-f", single[] = "-s";
	if (argc != 4)
		return 64;
	disk.size = (off_t)strtol(argv[2], NULL, 10) << 20;
	disk.log = fopen(argv[3], "wb");
	disk.octets = mmap(
	    NULL, (size_t)disk.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!disk.log || disk.octets == MAP_FAILED)
		return 71;
	char *args[] = {argv[0], foreground, single, argv[1], NULL};
	return fuse_main(4, args, &operations, NULL);
}
