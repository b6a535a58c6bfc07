#include "codec/charset_iconv.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { KEPT = 8 };

/* For the whole process; a thread that finds it in use opens a converter of its own. */
static struct {
	atomic_flag busy;
	struct {
		char name[CHARSET_NAME];
		iconv_t cd;
	} v[KEPT];
	unsigned n, oldest;
} kept = {.busy = ATOMIC_FLAG_INIT};

static iconv_t find(const char *name)
{
	for (unsigned i = 0; i < kept.n; i++) {
		if (strcmp(kept.v[i].name, name) != 0)
			continue;
		iconv_t cd = kept.v[i].cd;
		kept.v[i] = kept.v[--kept.n];
		return cd;
	}
	return (iconv_t)-1;
}

iconv_t charset_iconv_take(const char *name)
{
	iconv_t cd = (iconv_t)-1;
	if (!atomic_flag_test_and_set(&kept.busy)) {
		cd = find(name);
		atomic_flag_clear(&kept.busy);
	}
	if (cd == (iconv_t)-1)
		return iconv_open("UTF-8", name);
	iconv(cd, NULL, NULL, NULL, NULL);
	return cd;
}

void charset_iconv_give(const char *name, iconv_t cd)
{
	if (!atomic_flag_test_and_set(&kept.busy)) {
		iconv_t before = (iconv_t)-1;
		unsigned at = kept.n;
		if (at < KEPT) {
			kept.n++;
		} else {
			at = kept.oldest++ % KEPT;
			before = kept.v[at].cd;
		}
		snprintf(kept.v[at].name, CHARSET_NAME, "%s", name);
		kept.v[at].cd = cd;
		cd = before;
		atomic_flag_clear(&kept.busy);
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
}
