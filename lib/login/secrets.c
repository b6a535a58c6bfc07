#include "login/secrets.h"

#include "base/alloc.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>

static void *take(size_t n)
{
	return mem_new(n, 1);
}

static void give_back(void *p)
{
	if (p)
		mem_wipe(p, malloc_usable_size(p));
	free(p);
}

void login_wipe_json(void)
{
	json_set_alloc_funcs(take, give_back);
}
