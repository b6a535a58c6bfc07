#include "io/confine.h"

#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

void confine(unsigned needs)
{
	struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
#ifdef PR_SET_NO_NEW_PRIVS
	/* what we start may well need its privileges: a mail system's set-group-id program, a password store */
	if (!(needs & CONFINE_SPAWN))
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#else
	(void)needs;
#endif
}
