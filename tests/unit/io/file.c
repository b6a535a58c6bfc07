#include "../tap.h"

#include "base/alloc.h"
#include "io/file.h"
#include "io/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[] = "/tmp/surat-unit.XXXXXX";

static const char *at(const char *name, char path[256])
{
	snprintf(path, 256, "%s/%s", root, name);
	return path;
}

static void contents_are(const char *name, const char *want, const char *what)
{
	char path[256];
	struct buf b = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	is_str(file_read(at(name, path), &b, &e) == 0 ? buf_cstr(&b) : e.text, want, what);
	buf_release(&b);
}

/* How many names are in the folder, and which of them is not "keep" (NULL: none). */
static bool only(const char *name)
{
	DIR *d = opendir(root);
	bool good = true;
	for (struct dirent *de; (de = readdir(d));)
		good = good && (de->d_name[0] == '.' ? strlen(de->d_name) < 3
						     : !name || strcmp(de->d_name, name) == 0);
	closedir(d);
	return good;
}

static void writing(void)
{
	char path[256];
	struct err e = ERR_INIT;
	is_int(file_write(at("a", path), SPAN("old"), 0600, 0, &e), 0, "write: a new file");
	contents_are("a", "old", "write: is there");
	is_int(file_write(path, SPAN("new"), 0600, 0, &e), -1, "write: not over a file");
	ok(e.code == EX_CANTCREAT && e.sys == EEXIST, "write: says so: %s", e.text);
	contents_are("a", "old", "write: which stays");
	is_int(file_write(path, SPAN("new"), 0640, FILE_REPLACE, &e), 0, "write: unless asked");
	contents_are("a", "new", "write: whole");
	struct stat st;
	stat(path, &st);
	is_int(st.st_mode & 07777, 0640, "write: its mode");
	is_int(file_write(at("no/such", path), SPAN("x"), 0600, 0, &e), -1, "write: no folder");
	is_int(e.code, EX_CANTCREAT, "write: cannot create");
	sys_fault_set("rename:1:EINVAL");
	is_int(file_write(at("b", path), SPAN("linked"), 0600, 0, &e), 0,
	    "write: where there is no exclusive rename");
	contents_are("b", "linked", "write: link does it");
	sys_fault_set("rename:1:EINVAL");
	is_int(file_write(path, SPAN("linked"), 0600, 0, &e), -1, "write: and does not replace");
	is_int(e.sys, EEXIST, "write: it exists");
	sys_fault_set("fsync:99:EIO");
	is_int(file_write(path, SPAN("x"), 0600, FILE_REPLACE, &e), 0, "write: durable");
	is_int((long long)sys_fault_count(), 2, "write: the file and its folder are synced");
	sys_fault_set("fsync:99:EIO");
	is_int(file_write(path, SPAN("y"), 0600, FILE_REPLACE | FILE_NO_SYNC, &e), 0,
	    "write: not durable");
	is_int((long long)sys_fault_count(), 0, "write: neither then");
	sys_fault_set(NULL);
	unlink(path);
	unlink(at("a", path));
	ok(only(NULL), "write: nothing is left behind");
}

/* The k-th call of any kind fails: what is at the name is the old or the new file, whole; success is not claimed without it. */
static void walk(int flags, const char *old)
{
	char path[256], spec[32], big[100001];
	at("keep", path);
	memset(big, 'n', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	bool whole = true, clean = true, honest = true;
	unsigned long calls, k = 0;
	do {
		struct err e = ERR_INIT;
		struct buf b = BUF_INIT(1 << 20);
		sys_fault_set(NULL);
		unlink(path);
		if (old)
			file_write(path, span_of(old), 0600, FILE_NO_SYNC, &e);
		snprintf(spec, sizeof(spec), "any:%lu:EIO", ++k);
		sys_fault_set(spec);
		int r = file_write(path, span_of(big), 0600, flags, &e);
		calls = sys_fault_count();
		sys_fault_set(NULL);
		bool there = access(path, F_OK) == 0 && file_read(path, &b, &e) == 0;
		bool is_new = there && strcmp(buf_cstr(&b), big) == 0;
		whole =
		    whole && (is_new || (old ? there && strcmp(buf_cstr(&b), old) == 0 : !there));
		honest = honest && (r < 0 || is_new) && (r == 0 || e.code != 0);
		clean = clean && only("keep");
		buf_release(&b);
	} while (calls >= k);
	ok(calls >= 7, "faults: %lu calls, each failed once", calls);
	ok(whole, "faults: the file is old or new, and whole");
	ok(honest, "faults: success is only said with the new one there");
	ok(clean, "faults: no temporary name is left");
	unlink(path);
}

/* Killed before the k-th call: the same, but for a temporary name. */
static void killed(void)
{
	char path[256], spec[32];
	at("keep", path);
	bool whole = true, died = true;
	int k = 1;
	for (; died; k++) {
		struct err e = ERR_INIT;
		file_write(path, SPAN("old"), 0600, FILE_REPLACE | FILE_NO_SYNC, &e);
		pid_t pid = fork();
		if (pid == 0) {
			snprintf(spec, sizeof(spec), "any:%d:KILL", k);
			sys_fault_set(spec);
			_exit(file_write(path, SPAN("new"), 0600, FILE_REPLACE, &e) < 0);
		}
		int status = 0;
		waitpid(pid, &status, 0);
		died = WIFSIGNALED(status);
		struct buf b = BUF_INIT(100);
		whole = whole && file_read(path, &b, &e) == 0 &&
			(!strcmp(buf_cstr(&b), "old") || !strcmp(buf_cstr(&b), "new"));
		buf_release(&b);
	}
	ok(k > 7, "killed: before each of %d calls", k - 2);
	ok(whole, "killed: the file is old or new");
}

static void reading(void)
{
	char path[256];
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT(3);
	file_write(at("f", path), SPAN("1234"), 0600, 0, &e);
	is_int(file_read(path, &b, &e), -1, "read: more than the buffer's maximum");
	is_int(e.code, EX_DATAERR, "read: is bad data");
	buf_release(&b);
	int dir = dir_open(AT_FDCWD, root, &e);
	int fd = file_open_strict(dir, "f", &e);
	ok(fd >= 0, "strict: a regular file");
	close(fd);
	if (symlinkat("f", dir, "link") == 0)
		is_int(file_open_strict(dir, "link", &e), -1, "strict: not through a link");
	if (mkfifoat(dir, "fifo", 0600) == 0)
		is_int(file_open_strict(dir, "fifo", &e), -1,
		    "strict: not a FIFO, and no waiting for its writer");
	is_int(e.code, EX_NOINPUT, "strict: no input");
	is_int(file_open(root, &e), -1, "open: not a folder");
	fd = file_open(at("link", path), &e);
	ok(fd >= 0, "open: through a person's own link");
	close(fd);
	unlinkat(dir, "f", 0);
	unlinkat(dir, "link", 0);
	unlinkat(dir, "fifo", 0);
	close(dir);
}

static void folders(void)
{
	char path[256];
	struct err e = ERR_INIT;
	is_int(dir_make(at("x/y//z/", path), 0700, &e), 0, "make: with parents");
	int fd = dir_open(AT_FDCWD, at("x/y/z", path), &e);
	ok(fd >= 0, "make: they are there");
	close(fd);
	is_int(dir_make(path, 0700, &e), 0, "make: once more is fine");
	file_write(at("x/file", path), SPAN(""), 0600, 0, &e);
	is_int(dir_make(at("x/file/z", path), 0700, &e), -1, "make: a file is in the way");
	ok(e.code == EX_CANTCREAT && e.sys == ENOTDIR, "make: says so: %s", e.text);
	sys_fault_set("fsync:1:EIO");
	is_int(dir_make(at("q", path), 0700, &e), -1,
	    "make: a folder that is not durable is an error");
	sys_fault_set(NULL);
	rmdir(path);
	unlink(at("x/file", path));
	rmdir(at("x/y/z", path));
	rmdir(at("x/y", path));
	rmdir(at("x", path));
}

static void locks(void)
{
	char path[256], byte;
	struct err e = ERR_INIT;
	int ready[2], one = open(at("lock", path), O_RDWR | O_CREAT, 0600),
		      two = open(path, O_RDWR);
	is_int(file_lock(one, true, false, &e), 1, "lock: taken");
	is_int(file_lock(two, false, false, &e), 0, "lock: held, within one process too");
	is_int(file_unlock(one, &e), 0, "lock: given back");
	is_int(file_lock(two, false, false, &e), 1, "lock: shared");
	is_int(file_lock(one, false, false, &e), 1, "lock: shared twice");
	is_int(file_lock(one, true, false, &e), 0, "lock: not exclusive meanwhile");
	close(two);
	close(one);
	if (pipe(ready) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		int mine = open(path, O_RDWR);
		byte = file_lock(mine, true, true, &e) == 1 ? 'y' : 'n';
		if (write(ready[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	one = open(path, O_RDWR);
	ok(read(ready[0], &byte, 1) == 1 && byte == 'y', "lock: another process has it");
	is_int(file_lock(one, true, false, &e), 0, "lock: it is held");
	kill(pid, SIGKILL);
	is_int(file_lock(one, true, true, &e), 1, "lock: freed by its holder's death");
	waitpid(pid, NULL, 0);
	sys_fault_set("lock:1:EINVAL");
	is_int(file_unlock(one, &e), 0, "lock: without locks of open files, those of the process");
	sys_fault_set("lock:1+:EIO");
	is_int(file_lock(one, true, false, &e), -1, "lock: an error is one");
	sys_fault_set(NULL);
	close(one);
	unlink(path);
}

int main(void)
{
	if (!mkdtemp(root))
		return 99;
	writing();
	walk(FILE_REPLACE, "old");
	walk(0, NULL);
	killed();
	reading();
	folders();
	locks();
	DIR *d = opendir(root);
	for (struct dirent *de; (de = readdir(d));)
		unlinkat(dirfd(d), de->d_name, 0);
	closedir(d);
	rmdir(root);
	return tap_done();
}
