#include "io/confine.h"

#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static void limit(int what, rlim_t most)
{
	struct rlimit l = {most, most};
	setrlimit(what, &l);
}

void confine_time_and_memory(unsigned cpu_s, unsigned wall_s, unsigned long memory_bytes)
{
	limit(RLIMIT_CPU, cpu_s);
#ifdef __SANITIZE_ADDRESS__
	(void)memory_bytes; /* the sanitizer reserves terabytes of addresses */
#else
	limit(RLIMIT_AS, memory_bytes);
#endif
	alarm(wall_s);
}

void confine_data(unsigned long bytes)
{
#ifdef __SANITIZE_ADDRESS__
	(void)bytes;
#else
	limit(RLIMIT_DATA, bytes);
#endif
}

void confine(unsigned needs)
{
	limit(RLIMIT_CORE, 0);
#ifdef PR_SET_NO_NEW_PRIVS
	/* what we start may well need its privileges: a mail system's set-group-id program, a password store */
	if (!(needs & CONFINE_SPAWN))
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#else
	(void)needs;
#endif
}
