/*
 * each [-j JOBS] [-n COUNT] FOLDER COMMAND [ARG...]: runs a command once a file, the file as its standard input, its output to /dev/null; "{}" in
 * an argument is the file's name. posix_spawn, no shell. Exit 0 when all succeeded.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 64 };
extern char **environ;

static int is_visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int start(char *const *command, char *file)
{
	char *args[ARGS_MAX];
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int k = 0;
	for (; command[k] && k < ARGS_MAX - 1; k++)
		args[k] = strcmp(command[k], "{}") == 0 ? file : command[k];
	args[k] = NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, file, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	int r = posix_spawnp(&pid, args[0], &actions, NULL, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

static int reap(void)
{
	int status;
	return wait(&status) < 0 || status != 0;
}

int main(int argc, char **argv)
{
	int jobs = 1, running = 0, option;
	long most = -1, failed = 0;
	struct dirent **names;
	while ((option = getopt(argc, argv, "+j:n:")) != -1) {
		if (option == 'j')
			jobs = atoi(optarg);
		else if (option == 'n')
			most = atol(optarg);
		else
			return 64;
	}
	if (argc - optind < 2)
		return 64;
	long n = scandir(argv[optind], &names, is_visible, alphasort);
	if (n < 0) {
		perror(argv[optind]);
		return 66;
	}
	for (long i = 0; i < n && i != most; i++) {
		char *file;
		if (asprintf(&file, "%s/%s", argv[optind], names[i]->d_name) < 0)
			return 71;
		if (start(argv + optind + 1, file)) {
			perror(argv[optind + 1]);
			return 71;
		}
		free(file);
		if (++running >= jobs) {
			failed += reap();
			running--;
		}
	}
	while (running-- > 0)
		failed += reap();
	if (failed)
		fprintf(stderr, "each: %ld failed\n", failed);
	return failed != 0;
}
