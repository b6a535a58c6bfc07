#include "secure/names.h"

#include "base/intl.h"
#include "io/sys.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

enum { NAMES_MAX = 100000 };

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int folder_names(int fd, struct strv *out, struct err *e)
{
	/* a descriptor of its own: readdir keeps its place in it */
	int own = sys_openat(fd, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = own < 0 ? NULL : fdopendir(own);
	if (!dir) {
		if (own >= 0)
			sys_close(own);
		return err_sys(e, EX_IOERR, _("cannot read the folder"));
	}
	errno = 0;
	for (struct dirent *d; out->n < NAMES_MAX && (d = readdir(dir));)
		if (d->d_name[0] != '.')
			strv_add(out, d->d_name);
	int failed = errno;
	closedir(dir);
	errno = failed;
	if (failed)
		return err_sys(e, EX_IOERR, _("cannot read the folder"));
	if (out->n)
		qsort(out->v, out->n, sizeof(char *), compare);
	return 0;
}
