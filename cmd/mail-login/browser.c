/* browser.c - the person's browser: what $BROWSER names, else the desktop's. Always by an argument list, never through a shell. */
#include "login.h"

#include "base/alloc.h"
#include "io/child.h"

#include <stdlib.h>

/* One of $BROWSER's: words, "%s" being the page; without it the page is the last word. */
static bool start(struct span command, const char *url)
{
	struct strv argv = {0};
	struct span word;
	struct child c;
	bool placed = false;
	while (span_word(&command, &word)) {
		bool here = span_is(word, "%s");
		placed = placed || here;
		strv_add_span(&argv, here ? span_of(url) : word);
	}
	if (!argv.n)
		return false;
	if (!placed)
		strv_add(&argv, url);
	/* not waited for: it may stay open for days, in a group of its own so that ^C here is not meant for it */
	bool started = child_start(&c, argv.v, NULL,
			   CHILD_STDOUT_NULL | CHILD_STDERR_NULL | CHILD_GROUP, NULL) == 0;
	strv_release(&argv);
	return started;
}

bool login_open_browser(const char *url)
{
	const char *wanted = getenv("BROWSER"), *x = getenv("DISPLAY"),
		   *w = getenv("WAYLAND_DISPLAY");
	struct span rest = span_of(wanted), one;
	if (wanted && *wanted) {
		for (bool more = true; more;) {
			more = span_cut(&rest, ':', &one);
			if (start(one, url))
				return true;
		}
		return false;
	}
	return ((x && *x) || (w && *w)) && start(SPAN("xdg-open"), url);
}
