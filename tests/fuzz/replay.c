/*
 * replay.c - runs a fuzz target over the files and folders given: the corpus is a test in every build, without libFuzzer. TAP.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count;

static void one_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	if (!f || fstat(fileno(f), &st) < 0) {
		printf("not ok %d - %s cannot be read\n", ++count, path);
		exit(1);
	}
	uint8_t *p = malloc((size_t)st.st_size + 1);
	size_t n = fread(p, 1, (size_t)st.st_size, f);
	fclose(f);
	/* an exact allocation, so that one byte too far is seen */
	uint8_t *exact = malloc(n ? n : 1);
	memcpy(exact, p, n);
	free(p);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	printf("ok %d - %s\n", ++count, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
}

static void each(const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
		one_file(path);
		return;
	}
	struct dirent **names;
	int n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char full[4096];
		snprintf(full, sizeof(full), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			one_file(full);
		free(names[i]);
	}
	free(names);
}

/* Named fuzz_X: replays tests/fuzz/corpus/X of $SURAT_SRC unless told other files. */
int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	const char *src = getenv("SURAT_SRC"), *name = strstr(argv[0], "fuzz_");
	char folder[4096];
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", src ? src : ".",
	    name ? name + 5 : "");
	if (argc < 2)
		each(folder);
	for (int i = 1; i < argc; i++)
		each(argv[i]);
	if (!count) {
		printf("not ok 1 - no corpus in %s\n1..1\n", folder);
		return 1;
	}
	printf("1..%d\n", count);
	return 0;
}
