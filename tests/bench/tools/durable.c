/* durable FOLDER COUNT SIZE: so many files, one after the other, as a queue that makes each durable for itself must write them: create, write, fsync, rename, fsync the folder. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc != 4)
		return 64;
	int dir = open(argv[1], O_RDONLY | O_DIRECTORY);
	size_t size = strtoul(argv[3], NULL, 10);
	char *octets = malloc(size), name[32];
	if (dir < 0 || !octets)
		return 71;
	memset(octets, 'x', size);
	for (unsigned long i = 0; i < strtoul(argv[2], NULL, 10); i++) {
		int fd = openat(dir, "new", O_WRONLY | O_CREAT | O_EXCL, 0600);
		snprintf(name, sizeof(name), "%lu", i);
		if (fd < 0 || write(fd, octets, size) != (ssize_t)size || fsync(fd) < 0 ||
		    close(fd) < 0 || renameat(dir, "new", dir, name) < 0 || fsync(dir) < 0)
			return 74;
	}
	printf("%s\n", argv[2]);
	return 0;
}
