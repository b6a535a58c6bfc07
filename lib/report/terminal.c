/* What standard output is; here, so that a program that asks only this loads no JSON library. */
#include "report/report.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int report_terminal_width(void)
{
	struct winsize w;
	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col ? w.ws_col : 80;
}

bool report_color(int color, int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	if (color)
		return color == 1;
	return !(no && *no) && !(term && strcmp(term, "dumb") == 0) && isatty(fd);
}
