/*
 * surat-html: the helper that knows HTML, so that no other program loads libxml2 or is exposed to it. UTF-8 HTML on standard input, text on
 * standard output; 65 when it gives up.
 */
#include "base/alloc.h"
#include "base/intl.h"
#include "cli/cli.h"
#include "codec/charset.h"
#include "io/confine.h"
#include "text.h"

#include <stdlib.h>
#include <unistd.h>

enum {
	CPU_SECONDS = 10,
	WALL_SECONDS = 30,
	MEMORY_MAX = 512 << 20,
	INPUT_MAX = 32 << 20,
	OUTPUT_MAX = 64 << 20
};

struct options {
	struct cli_common common;
	int64_t width;
	bool legacy;
};
static const struct cli_option own[] = {
    CLI_NUMBER(0, "width", "N", struct options, width, 20, 10000, N_("of lines; 76")),
    CLI_FLAG(0, "legacy-display", struct options, legacy,
	N_("leave out what repeats the header of an encrypted message")),
};
static const struct cli_group groups[] = {{NULL, own, ARRAY_LEN(own), 0, 0}};
static const struct cli_program program = {.name = "surat-html",
    .synopsis = N_("[options] < HTML > text"),
    .summary = N_("makes text of HTML, for the other programs"),
    .groups = groups,
    .group_count = ARRAY_LEN(groups),
    .common_offset = offsetof(struct options, common)};

/* All of standard input, valid UTF-8. */
static int read_html(struct buf *html, struct err *e)
{
	struct source_fd in;
	struct sink_buf to;
	struct charset_filter utf8;
	source_fd_init(&in, STDIN_FILENO);
	sink_buf_init(&to, html);
	charset_filter_init(&utf8, &to.sink, SPAN("utf-8"));
	int r = sink_pump(&utf8.sink, &in.source, e);
	if (r == 0)
		r = sink_end(&utf8.sink, e);
	charset_filter_release(&utf8);
	for (size_t i = 0; i < html->len; i++)
		if (!html->ptr[i])
			html->ptr[i] = ' '; /* libxml2 would stop there */
	return r;
}

static int run(void *opts, struct cli_args *args, struct err *e)
{
	const struct options *o = opts;
	struct buf html = BUF_INIT(INPUT_MAX);
	struct sink_fd out;
	struct filter_limit limited;
	if (args->operands.n)
		return err_set(e, EX_USAGE, _("no operand is taken"));
	confine_time_and_memory(CPU_SECONDS, WALL_SECONDS, MEMORY_MAX);
	confine(0);
	sink_fd_init(&out, STDOUT_FILENO);
	filter_limit_init(&limited, &out.sink, OUTPUT_MAX);
	int r = read_html(&html, e);
	if (r == 0)
		r = html_to_text(buf_span(&html), (int)o->width, o->legacy, &limited.sink, e);
	if (r == 0)
		r = sink_end(&limited.sink, e);
	buf_release(&html);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = {.width = 76};
	return cli_main(&program, argc, argv, &o, run);
}
