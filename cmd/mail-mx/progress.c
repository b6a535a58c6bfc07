/* progress.c - how far many domains have come, for who waits at a terminal while the results go elsewhere. */
#include "base/clock.h"
#include "base/intl.h"
#include "mx.h"

#include <stdio.h>
#include <unistd.h>

enum { FIRST_MS = 1000, EVERY_MS = 200 };

/* Where the results are seen themselves, nobody needs to be told. */
static bool is_shown(const struct mx *m)
{
	return !m->o->common.quiet && !m->o->plan && isatty(STDERR_FILENO) &&
	       !isatty(STDOUT_FILENO);
}

void mx_progress(struct mx *m, size_t done, size_t active)
{
	int64_t now = clock_mono_ms(), took = now - m->started_ms;
	if (took < FIRST_MS || now - m->progress_ms < EVERY_MS || !is_shown(m))
		return;
	m->progress_ms = now;
	fprintf(stderr, _("\r%s: %zu done, %zu under way, %lld a second\033[K"),
	    m->o->program->name, done, active, (long long)((int64_t)done * 1000 / took));
	fflush(stderr);
	m->progress_shown = true;
}

void mx_progress_end(struct mx *m)
{
	if (m->progress_shown)
		fputs("\r\033[K", stderr);
	m->progress_shown = false;
}
