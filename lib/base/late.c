#include "base/late.h"

#include <dlfcn.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

static void give_up(const char *soname, const char *why) __attribute__((noreturn));
static void give_up(const char *soname, const char *why)
{
	fprintf(stderr, "%s cannot be loaded: %s\n", soname, why ? why : "?");
	_exit(EX_OSERR);
}

void *late_symbol(void **kept, const char *soname, const char *symbol)
{
	void *found = __atomic_load_n(kept, __ATOMIC_ACQUIRE);
	if (found)
		return found;
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		give_up(soname, dlerror());
	found = dlsym(library, symbol);
	if (!found)
		give_up(soname, dlerror());
	__atomic_store_n(kept, found, __ATOMIC_RELEASE);
	return found;
}
